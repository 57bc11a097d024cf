using System.Reflection;
using Hornet.Kernel;
using Hornet.Tests.Corpus;

namespace Hornet.KernelTests.CSharp;

/// <summary>
/// Methods of C# that give the same results in the kernel as on .NET, compiled with and without optimization.
/// <c>HORNET_INPUTS</c> says how many random inputs each is given (60); the edge cases come on top.
/// </summary>
public class CorpusTests
{
    private static readonly int s_inputs = int.TryParse(Environment.GetEnvironmentVariable("HORNET_INPUTS"), out int given) ? given : (int)(60 / ChildProcess.TimeScale);

    public static TheoryData<string, string> Kernels()
    {
        TheoryData<string, string> all = [];
        foreach (string configuration in (string[])["Debug", "Release"])
        {
            foreach (string type in CorpusInputs.Methods(configuration).Select(method => method.DeclaringType!.Name).Distinct()) all.Add(configuration, type);
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
        foreach (var method in CorpusInputs.Methods(configuration).Where(method => method.DeclaringType!.Name == type && IsTaken(method)))
        {
            try
            {
                if (CorpusRunner.Run(method, s_inputs) is { } difference) failures.Add(difference);
            }
            catch (BpfException error)
            {
                failures.Add($"{method.Name}: {error.Message}");
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    // The attribute is of the one or the other configuration's assembly.
    private static bool IsTaken(MethodInfo method) =>
        method.GetCustomAttributesData().Select(data => data.NamedArguments.FirstOrDefault(argument => argument.MemberName == "MinKernel").TypedValue.Value as string)
            .All(first => first is null || KernelVersion.Running >= KernelVersion.Parse(first));

    [KernelTheory]
    [InlineData("Debug", "Arithmetic")]
    [InlineData("Release", "Structs")]
    public void A_method_gives_the_same_results_on_ten_thousand_inputs(string configuration, string type)
    {
        // Where the processor is emulated, fewer: each is a system call.
        var method = CorpusInputs.Methods(configuration).First(method => method.DeclaringType!.Name == type);
        Assert.Null(CorpusRunner.Run(method, (int)(10_000 / ChildProcess.TimeScale)));
    }

    [Fact]
    public void The_corpus_is_as_large_as_it_should_be()
    {
        Assert.Equal(CorpusInputs.Methods("Debug").Select(method => method.Name).Order(), CorpusInputs.Methods("Release").Select(method => method.Name).Order());
        Assert.InRange(CorpusInputs.Methods("Debug").Count(), 400, 10_000);
    }
}
