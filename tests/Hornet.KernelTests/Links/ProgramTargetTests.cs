using Hornet.Links;

namespace Hornet.KernelTests.Links;

/// <summary>Programs attached to functions of other BPF programs: freplace, fentry.</summary>
public class ProgramTargetTests
{
    [KernelFact(Needs.Freplace)]
    public void A_function_is_replaced_while_the_link_lives()
    {
        using TargetProgram target = new();
        Assert.Equal(7u, target.Run());
        using var function = TracingTarget.FunctionOf(target.Program, TargetProgram.Callee);
        using var replacement = target.LoadReplacement(42, function);
        using (FreplaceLink.Attach(replacement)) Assert.Equal(42u, target.Run());
        Assert.Equal(7u, target.Run());
    }

    [KernelFact(Needs.Freplace, MinKernel = "5.10")]
    public void A_replacement_moves_to_another_program()
    {
        using TargetProgram first = new(), second = new();
        using var function = TracingTarget.FunctionOf(first.Program, TargetProgram.Callee);
        using var replacement = first.LoadReplacement(42, function);
        using var link = FreplaceLink.Attach(replacement, second.Program, TargetProgram.Callee);
        Assert.Equal((7u, 42u), (first.Run(), second.Run()));
        Assert.Contains("'callee'", Assert.Throws<BpfSyscallException>(() => FreplaceLink.Attach(replacement, second.Program, "calee")).Hint);
    }

    [KernelFact(Needs.Fentry)]
    public void A_function_of_a_program_is_traced()
    {
        using TargetProgram target = new();
        using var function = TracingTarget.FunctionOf(target.Program, TargetProgram.Callee);
        using var counter = Counter.Load(ProgramType.Tracing, new() { AttachType = AttachType.TraceFentry, OnlyThisThread = false, Load = function.For() });
        using (TracingLink.Attach(counter.Program))
        {
            target.Run();
            target.Run();
            Assert.Equal(2ul, counter.Count);
        }
        target.Run();
        Assert.Equal(2ul, counter.Count);
    }
}
