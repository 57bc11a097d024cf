using System.Reflection;
using Hornet.Kernel;

namespace Hornet.KernelTests.CSharp;

/// <summary>Methods of C# that give the same results in the kernel as on .NET, compiled with and without optimization.</summary>
public class CorpusTests
{
    public static TheoryData<string, string> Kernels()
    {
        TheoryData<string, string> all = [];
        foreach (string configuration in (string[])["Debug", "Release"])
        {
            foreach (string type in Corpus(configuration).Select(method => method.DeclaringType!.Name).Distinct()) all.Add(configuration, type);
        }
        return all;
    }

    [KernelTheory]
    [MemberData(nameof(Kernels))]
    public void Methods_give_the_same_results_here_and_in_the_kernel(string configuration, string type)
    {
        // Before 5.12 the stack is reached at constant offsets only, so not by a computed index.
        Assert.SkipWhen(type is "Memory" or "Generics" or "Idioms" or "Library" or "Protocols" or "State" && KernelVersion.Running < new KernelVersion(5, 12), "needs Linux 5.12: indices into the stack");
        List<string> failures = [];
        foreach (var method in Corpus(configuration).Where(method => method.DeclaringType!.Name == type))
        {
            try
            {
                if (CorpusRunner.Run(method, randomInputs: (int)(60 / ChildProcess.TimeScale)) is { } difference) failures.Add(difference);
            }
            catch (BpfException error)
            {
                failures.Add($"{method.Name}: {error.Message}");
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [Fact]
    public void The_corpus_is_as_large_as_it_should_be()
    {
        Assert.Equal(Corpus("Debug").Select(method => method.Name).Order(), Corpus("Release").Select(method => method.Name).Order());
        Assert.InRange(Corpus("Debug").Count(), 400, 10_000);
    }

    private static IEnumerable<MethodInfo> Corpus(string configuration) =>
        from type in Assembly.Load($"Hornet.Corpus.{configuration}").GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
        where method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "KernelAttribute")
        select method;
}
