namespace Hornet.Cli.Tests;

/// <summary><c>./hornet</c>, which builds the command where that is needed.</summary>
public class StarterTests
{
    [Fact]
    public void The_starter_builds_and_runs_the_command()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the command looks into the kernel, which needs root");
        DocumentationTests.Check(DocumentationTests.Blocks().Single(DocumentationTests.IsStarter), command => command);
    }
}
