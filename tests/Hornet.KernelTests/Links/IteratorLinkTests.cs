using System.Text;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Links;

public class IteratorLinkTests
{
    [KernelFact(Needs.Iterators)]
    public void Every_task_gives_a_line_each_time_it_is_read()
    {
        using var target = TracingTarget.Iterator("task");
        using var program = Load(target, objectOffset: 8);
        using var link = IteratorLink.Attach(program);
        string[] lines = [.. link.ReadLines()];
        Assert.True(lines.Length > 10, $"{lines.Length} tasks");
        Assert.All(lines, line => Assert.Equal("object", line));
        Assert.NotEmpty(link.ReadLines());
        Assert.Equal("task", Assert.IsType<IteratorLinkInfo>(link.GetInfo()).Target);
    }

    [KernelFact(Needs.Iterators)]
    public void The_stream_can_be_read_in_small_pieces()
    {
        using var target = TracingTarget.Iterator("bpf_map");
        using var program = Load(target, objectOffset: 8);
        using var map = BpfMap.Create(new MapSpec { Name = "one", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        using var link = IteratorLink.Attach(program);
        using var stream = link.OpenRead();
        byte[] three = new byte[3];
        StringBuilder text = new();
        while (stream.Read(three) is > 0 and var n) text.Append(Encoding.ASCII.GetString(three, 0, n));
        Assert.StartsWith("object\n", text.ToString());
        Assert.Equal(0, text.Length % "object\n".Length);
    }

    [KernelFact(Needs.Iterators)]
    public void The_elements_of_a_map_are_gone_over()
    {
        using var map = BpfMap.Create(new MapSpec { Name = "elements", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 10 });
        for (byte i = 0; i < 4; i++) map.Update([i, 0, 0, 0], new byte[8]);
        using var target = TracingTarget.Iterator("bpf_map_elem");
        using var program = Load(target, objectOffset: 16);
        using var link = IteratorLink.Attach(program, new() { Map = map });
        Assert.Equal(4, link.ReadLines().Count());
        map.Remove([2, 0, 0, 0]);
        Assert.Equal(3, link.ReadLines().Count());
        Assert.Equal("bpf_map_elem", Assert.IsType<IteratorLinkInfo>(link.GetInfo()).Target);
        Assert.Contains("IteratorOptions.Map", Assert.Throws<BpfSyscallException>(() => IteratorLink.Attach(program)).Hint);
    }

    [KernelFact(Needs.Iterators)]
    public void One_process_can_be_chosen_or_the_version_it_takes_is_named()
    {
        using var process = TargetProcess.Start();
        using var target = TracingTarget.Iterator("task");
        using var program = Load(target, objectOffset: 8);
        if (KernelFacts.Version < new Version(6, 1))
        {
            var e = Assert.Throws<BpfNotSupportedException>(() => IteratorLink.Attach(program, new() { Process = process.Id }));
            Assert.Equal(new Version(6, 1), e.MinimumVersion);
            return;
        }
        using var link = IteratorLink.Attach(program, new() { Process = process.Id });
        Assert.Single(link.ReadLines());
        using var thread = IteratorLink.Attach(program, new() { Thread = Provoke.ThreadId });
        Assert.Single(thread.ReadLines());
        Assert.Throws<ArgumentException>(() => IteratorLink.Attach(program, new() { Thread = 1, Process = 1 }));
    }

    [KernelFact(Needs.Iterators, Needs.Cgroup2, MinKernel = "6.1")]
    public void Control_groups_are_gone_over_from_one()
    {
        using TestCgroup parent = new();
        using TestCgroup child = new(parent);
        using var target = TracingTarget.Iterator("cgroup");
        using var program = Load(target, objectOffset: 8);
        using var all = IteratorLink.Attach(program, new() { Cgroup = parent.Path });
        Assert.Equal(2, all.ReadLines().Count());
        using var self = IteratorLink.Attach(program, new() { Cgroup = parent.Path, CgroupOrder = CgroupOrder.SelfOnly });
        Assert.Single(self.ReadLines());
    }

    /// <summary>A program that writes a line per object; the last call of an iteration comes without one.</summary>
    private static BpfProgram Load(TracingTarget target, short objectOffset)
    {
        var code = new Assembler()
            .Load(R2, R1, objectOffset).JumpIfZero(R2, "out")
            .Load(R1, R1).Load(R1, R1) // ctx->meta->seq
            .LoadImm64(R2, BitConverter.ToInt64("object\n\0"u8)).Store(R10, -8, R2)
            .Mov(R2, R10).Add(R2, -8).Mov(R3, 7).Call(BpfHelper.SeqWrite)
            .Label("out").Mov(R0, 0).Exit();
        return BpfProgram.Load(new ProgramSpec { Name = "hornet_iter", Type = ProgramType.Tracing, AttachType = AttachType.TraceIter, Instructions = code.Build() }, target.For());
    }
}
