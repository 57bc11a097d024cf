using Hornet.Compiler.Diagnostics;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;
using Hornet.Programs.Verifier;

namespace Hornet.KernelTests.CSharp;

/// <summary>
/// What the kernel's verifier would refuse is told at the user's own line: by the compiler where it can know, else by the
/// verifier's message explained.
/// </summary>
public class MistakeTests
{
    public static TheoryData<string> Names() => [.. InCSharp().Concat(IrMistakes.All()).Select(m => m.Name)];

    [KernelTheory]
    [MemberData(nameof(Names))]
    public void A_mistake_is_told_at_its_line(string name)
    {
        using var counts = BpfHashMap<uint, ulong>.Create("counts", 16);
        using var slots = BpfArray<ulong>.Create("slots", 16);
        var mistake = new CSharpMistakes(counts, slots).All().Concat(IrMistakes.All()).Single(m => m.Name == name);
        bool byVerifier = mistake.Expected.Split('|').All(e => !e.StartsWith("HRN", StringComparison.Ordinal));
        Assert.SkipWhen(byVerifier && KernelVersion.Running < KernelVersion.Parse(mistake.MinKernel), $"needs Linux {mistake.MinKernel}: older kernels refuse it in other words");
        try
        {
            using var loaded = mistake.Compile().Load();
            Assert.Fail("the kernel took it");
        }
        catch (CompilationException e)
        {
            var found = Assert.Single(e.Diagnostics);
            Assert.Contains(found.Id, mistake.Expected.Split('|'));
            Assert.Contains(mistake.Text, found.Message, StringComparison.Ordinal);
            Assert.True(found.Location is not null, found.ToString());
            if (mistake.Kernel is not null) Assert.Contains(mistake.At, found.Location.SourceText, StringComparison.Ordinal);
            else Assert.Equal(7, found.Location.Line);
            Assert.NotEmpty(found.Fix!);
        }
        catch (VerifierException e)
        {
            Assert.True(e.Explanation is not null, e.Message);
            Assert.True(mistake.Expected.Split('|').Contains(e.Explanation.Category.ToString()), $"{e.Explanation.Category}: {e.Message}");
            Assert.NotEqual(VerifierCategory.Unknown, e.Explanation.Category);
            Assert.Contains(mistake.Text, e.Message, StringComparison.Ordinal);
            // Where a whole program is too much there is no one line.
            if (e.Explanation.Category == VerifierCategory.Complexity) return;
            Assert.True(e.Explanation.Source is not null, e.Message);
            if (mistake.Kernel is not null) Assert.True(LineOf(e.Explanation.Source).Contains(mistake.At, StringComparison.Ordinal), e.Message);
            else Assert.True(e.Explanation.Source.Line == 7, e.Message);
        }
    }

    private static string LineOf(SourceLine source) => File.ReadAllLines(Path.Combine(SourceFolder(), Path.GetFileName(source.File)))[source.Line - 1];

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [Fact]
    public void There_are_at_least_forty() => Assert.InRange(Names().Count, 40, 1000);

    // The names only: no map is needed before a mistake is compiled.
    private static IEnumerable<Mistake> InCSharp() => new CSharpMistakes(null!, null!).All();
}
