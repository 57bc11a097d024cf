using Hornet.Links;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

public class TaskDescriptorTests
{
    [KernelFact]
    public void An_attachment_is_found_through_the_process_that_holds_it()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.RawTracepoint));
        uint id = program.GetInfo().Id;
        using var link = RawTracepointLink.Attach(program, "sched_switch");
        var found = Assert.Single(TaskDescriptor.QueryAll(), d => d.ProgramId == id);
        Assert.Equal(Environment.ProcessId, found.Pid);
        Assert.Equal(TaskDescriptorKind.RawTracepoint, found.Kind);
        Assert.Equal("sched_switch", found.Name);
    }

    [KernelFact]
    public void A_descriptor_that_is_no_attachment_is_nothing()
    {
        Assert.Null(TaskDescriptor.Query(Environment.ProcessId, 0));
        Assert.Null(TaskDescriptor.Query(Environment.ProcessId, 100_000));
    }
}
