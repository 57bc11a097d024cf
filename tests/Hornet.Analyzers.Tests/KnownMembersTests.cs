using Hornet.IL.Intrinsics;

namespace Hornet.Analyzers.Tests;

public class KnownMembersTests
{
    [Fact]
    public void The_analyzers_know_the_members_that_the_compiler_knows()
    {
        string path = Path.Combine(Sources.Repository, "src", "Hornet.Analyzers", "KnownMembers.txt");
        string expected = string.Concat(IntrinsicTable.KnownNames.Where(name => name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Hornet.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => $"{name}\n"));
        if (Environment.GetEnvironmentVariable("HORNET_ACCEPT") == "1") File.WriteAllText(path, expected);
        else Assert.Equal(expected, File.ReadAllText(path));
    }
}
