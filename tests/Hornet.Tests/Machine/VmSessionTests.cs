using System.Globalization;
using Hornet.Compiler.Diagnostics;
using Hornet.Maps;
using Hornet.Vm;

namespace Hornet.Tests.Machine;

/// <summary>C# that runs in the machine in user space, with maps that both sides use: no kernel, no privileges.</summary>
public class VmSessionTests
{
    public static TheoryData<VmEngine> Engines => [VmEngine.Interpreter, VmEngine.Jit];

    private static readonly byte[] s_packet = new byte[64];

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_map_is_the_same_on_both_sides(VmEngine engine)
    {
        using VmSession vm = new(new VmOptions { Engine = engine });
        using var counts = BpfHashMap<uint, ulong>.Create("counts", 16);
        using var limits = BpfArray<int>.Create("limits", 4);
        limits[2] = 50;
        counts[9] = 5;
        var program = vm.LoadXdp(ctx =>
        {
            counts[(uint)ctx.Data.Length]++;
            counts.Remove(9);
            return ctx.Data.Length > limits[2] ? XdpAction.Drop : XdpAction.Pass;
        });
        Assert.Equal(XdpAction.Drop, (XdpAction)program.Run(VmContext.Xdp(s_packet)).EnsureSucceeded().ReturnCode);
        Assert.Equal(XdpAction.Pass, (XdpAction)program.Run(VmContext.Xdp(s_packet.AsSpan(0, 40))).EnsureSucceeded().ReturnCode);
        Assert.Equal(XdpAction.Pass, (XdpAction)program.Run(VmContext.Xdp(s_packet.AsSpan(0, 40))).EnsureSucceeded().ReturnCode);
        Assert.Equal([(40u, 2ul), (64u, 1ul)], counts.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.False(counts.Contains(9));
        Assert.Equal(4u, limits.Length);
        Assert.Equal(2, vm.Map(counts).Count);
        Assert.Equal(2, counts.Clear());
        Assert.Empty(counts);
    }

    [Fact]
    public void Kinds_of_maps_behave_as_the_kernels()
    {
        using VmSession vm = new();
        using var total = BpfGlobal<long>.Create("total", 7);
        using var cells = BpfGlobalArray<int>.Create("cells", 5);
        using var perCpu = BpfPerCpuArray<ulong>.Create("perCpu", 2);
        using var hash = BpfPerCpuHashMap<uint, ulong>.Create("hash", 8);
        using var queue = BpfQueue<int>.Create("queue", 8);
        using var routes = BpfLpmTrie<int>.Create("routes", 4, 8);
        queue.Push(3);
        var program = vm.LoadXdp(ctx =>
        {
            total.Value += ctx.Data.Length;
            cells[3] = 9;
            perCpu[1] += 2;
            hash[4]++;
            if (queue.TryPop(out int popped)) queue.Push(popped + 1);
            return XdpAction.Pass;
        });
        for (int i = 0; i < 3; i++) program.Run(VmContext.Xdp(s_packet)).EnsureSucceeded();
        Assert.Equal(7 + (3 * 64), total.Value);
        Assert.Equal([0, 0, 0, 9, 0], cells.Span.ToArray());
        Assert.Equal(6ul, perCpu[1].Sum());
        Assert.Equal(3ul, hash[4].Sum());
        Assert.True(queue.TryPop(out int last));
        Assert.Equal(6, last);
        Assert.False(queue.TryPop(out _));
        Assert.Equal(0, vm.Map(routes).Count);
    }

    [Fact]
    public void Full_maps_and_wrong_keys_are_refused_as_by_the_kernel()
    {
        using VmSession vm = new();
        using var small = BpfHashMap<uint, int>.Create("small", 1);
        small[1] = 1;
        Assert.False(small.TryAdd(1, 2));
        Assert.Equal(Interop.Errno.E2BIG, Assert.Throws<BpfSyscallException>(() => small[2] = 1).Errno);
        Assert.Throws<KeyNotFoundException>(() => small[3]);
        Assert.Throws<InvalidOperationException>(() => small.Map.Descriptor);
    }

    [Fact]
    public void Records_and_lines_are_taken_from_the_session()
    {
        using VmSession vm = new();
        using var events = BpfRingBuffer<long>.Create("events", 4096);
        var program = vm.LoadXdp(ctx =>
        {
            Bpf.Print($"packet of {ctx.Data.Length} bytes");
            return events.Submit(ctx.Data.Length) ? XdpAction.Pass : XdpAction.Drop;
        });
        program.Run(VmContext.Xdp(s_packet)).EnsureSucceeded();
        program.Run(VmContext.Xdp(s_packet.AsSpan(0, 20))).EnsureSucceeded();
        Assert.Equal([64L, 20L], vm.Take(events));
        Assert.Empty(vm.Take(events));
        Assert.Equal(["packet of 64 bytes", "packet of 20 bytes"], vm.Printed);
        Assert.Throws<InvalidOperationException>(() => events.Reader);
        for (int i = 0; i < 300; i++) program.Run(VmContext.Xdp(s_packet)).EnsureSucceeded();
        Assert.Equal(300, vm.Take(events).Count + events.Lost);
        Assert.NotEqual(0, events.Lost);
    }

    [Fact]
    public void Records_and_lines_come_in_the_order_in_which_they_were_made()
    {
        using VmSession vm = new();
        using var events = BpfRingBuffer<int>.Create("events", 4096);
        var program = vm.LoadXdp(ctx =>
        {
            Bpf.Print($"{ctx.Data.Length}");
            return events.Submit(ctx.Data.Length) ? XdpAction.Pass : XdpAction.Drop;
        });
        int[] lengths = [64, 20, 33, 60, 14, 47, 21, 18];
        foreach (int length in lengths) program.Run(VmContext.Xdp(s_packet.AsSpan(0, length))).EnsureSucceeded();
        Assert.Equal(lengths, vm.Take(events));
        Assert.Equal(lengths.Select(length => $"{length}"), vm.Printed);
    }

    [Fact]
    public void Lines_are_formatted_the_same_wherever_they_are_read()
    {
        using VmSession vm = new();
        var program = vm.LoadXdp(ctx =>
        {
            Bpf.Print($"{(sbyte)-ctx.Data.Length} {(sbyte)-ctx.Data.Length:x} {ctx.Data.Length * 100_000:N1}");
            return XdpAction.Pass;
        });
        program.Run(VmContext.Xdp(s_packet)).EnsureSucceeded();
        var before = CultureInfo.CurrentCulture;
        var own = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (own.NumberFormat.NumberGroupSeparator, own.NumberFormat.NumberDecimalSeparator, own.NumberFormat.NegativeSign) = (".", ",", "minus ");
        try
        {
            CultureInfo.CurrentCulture = own;
            Assert.Equal(["-64 c0 6,400,000.0"], vm.Printed);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Code_that_prints_may_be_loaded_elsewhere_than_where_the_session_was_opened()
    {
        using VmSession vm = new();
        List<string> printed = [];
        // A thread that knows nothing of the session's maps.
        Thread elsewhere;
        using (ExecutionContext.SuppressFlow())
        {
            elsewhere = new Thread(() =>
            {
                vm.LoadXdp(ctx => { Bpf.Print($"here too: {ctx.Data.Length}"); return XdpAction.Pass; }).Run(VmContext.Xdp(s_packet)).EnsureSucceeded();
                printed.AddRange(vm.Printed);
            });
            elsewhere.Start();
        }
        elsewhere.Join();
        Assert.Equal(["here too: 64"], printed);
    }

    [Fact]
    public void Every_kind_of_program_gets_its_context()
    {
        using VmSession vm = new(new VmOptions { Process = new VmProcess { ProcessId = 77 } });
        using var seen = BpfHashMap<uint, ulong>.Create("seen", 16);
        var skb = VmContext.Skb(s_packet);
        Assert.Equal(TcAction.Shot, (TcAction)vm.LoadTc(ctx => ctx.Data.Length == 64 ? TcAction.Shot : TcAction.Ok).Run(skb).EnsureSucceeded().ReturnCode);
        Assert.Equal(65, vm.LoadSocketFilter(ctx => (int)ctx.Length + 1).Run(skb).EnsureSucceeded().ReturnCode);
        Assert.Equal(1, vm.LoadCgroupIngress(_ => CgroupVerdict.Allow).Run(skb).EnsureSucceeded().ReturnCode);
        Assert.Equal(0, vm.LoadCgroupEgress(_ => CgroupVerdict.Deny).Run(skb).EnsureSucceeded().ReturnCode);
        vm.LoadTracepoint("sched:sched_switch", () => seen[Bpf.Tgid]++).Run().EnsureSucceeded();
        vm.LoadKprobe("no_such_function", (long a, int b) => seen[(uint)b] = (ulong)a).Run(VmContext.PtRegs(new VmRegisters { Arguments = [11, 5] })).EnsureSucceeded();
        vm.LoadKretprobe("no_such_function", (long result) => seen[6] = (ulong)result).Run(VmContext.PtRegs(new VmRegisters { ReturnValue = 13 })).EnsureSucceeded();
        Assert.Equal([(5u, 11ul), (6u, 13ul), (77u, 1ul)], seen.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public void Maps_of_one_name_and_constants_of_several_programs_stay_apart()
    {
        using VmSession vm = new();
        using var first = BpfArray<int>.Create("map", 1);
        using var second = BpfArray<int>.Create("map", 1);
        int[] table = [3, 1, 4, 1, 5, 9, 2, 6], other = [2, 7, 1, 8, 2, 8, 1, 8];
        var a = vm.LoadXdp(ctx => { first[0] = table[ctx.Data.Length & 7]; return XdpAction.Pass; });
        var b = vm.LoadXdp(ctx => { second[0] = other[ctx.Data.Length & 7]; return XdpAction.Pass; });
        a.Run(VmContext.Xdp(s_packet.AsSpan(0, 21))).EnsureSucceeded();
        b.Run(VmContext.Xdp(s_packet.AsSpan(0, 21))).EnsureSucceeded();
        Assert.Equal((9, 8), (first[0], second[0]));
    }

    [Fact]
    public async Task A_session_goes_along_with_what_is_awaited()
    {
        VmSession vm = new();
        await Task.Yield();
        using (var map = BpfArray<int>.Create("map", 1)) Assert.True(map.Map.IsDeclaration);
        await Task.Run(vm.Dispose, TestContext.Current.CancellationToken);
        Assert.False(MapDeclarationScope.IsOpen);
    }

    [Fact]
    public void What_cannot_run_in_the_kernel_is_refused_with_the_same_errors()
    {
        using VmSession vm = new();
        var error = Assert.Throws<CompilationException>(() => vm.LoadXdp(ctx => ctx.Data.Length * 1.5 > 3 ? XdpAction.Drop : XdpAction.Pass));
        Assert.Equal("HRN1003", Assert.Single(error.Diagnostics).Id);
        BpfHashMap<int, int> foreign;
        using (new VmSession()) foreign = BpfHashMap<int, int>.Create("foreign", 4);
        Assert.Contains("'foreign'", Assert.Throws<BpfException>(() => vm.LoadXdp(_ => foreign.Contains(1) ? XdpAction.Drop : XdpAction.Pass)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Programs_at_functions_see_objects_that_are_laid_out_as_the_kernels(VmEngine engine)
    {
        Assert.SkipUnless(Btf.KernelBtf.IsAvailable, "needs the kernel's types");
        using VmSession vm = new(new VmOptions { Engine = engine });
        using var seen = BpfArray<long>.Create("seen", 8);
        ulong task = MakeTask(vm, 4711);
        vm.LoadFentry("security_task_getsid", (KernelTypes.TaskStruct p) => seen[0] = p.Tgid).Run(VmContext.Arguments(task)).EnsureSucceeded();
        vm.LoadFexit("security_task_getsid", (KernelTypes.TaskStruct p, int result) => seen[1] = p.Tgid + result).Run(VmContext.Arguments(task, 5)).EnsureSucceeded();
        vm.LoadTypedTracepoint("sched_process_exit", (KernelTypes.TaskStruct p) => seen[2] = p.Tgid).Run(VmContext.Arguments(task)).EnsureSucceeded();
        vm.LoadRawTracepoint("sched_process_exit", (KernelTypes.TaskStruct p) => seen[3] = p.Tgid).Run(VmContext.Arguments(task)).EnsureSucceeded();
        var decides = vm.LoadLsm("task_kill", (KernelTypes.TaskStruct p) => p.Tgid == 4711 ? -1 : 0).Run(VmContext.Arguments(task, 0, 9, 0, 0)).EnsureSucceeded();
        Assert.Equal([4711L, 4716, 4711, 4711], seen.Take(4));
        Assert.Equal(-1, (int)decides.ReturnCode);
        Assert.Contains("no_such_function", Assert.ThrowsAny<BpfException>(() => vm.LoadFentry("no_such_function", () => { })).Message, StringComparison.Ordinal);
    }

    private static ulong MakeTask(VmSession vm, int tgid)
    {
        Assert.True(Btf.KernelBtf.Vmlinux.TryFind("task_struct", Btf.BtfKind.Struct, out var type));
        Assert.True(type.TryFindField("tgid", out var field));
        var bytes = new byte[(int)type.ByteSize];
        BitConverter.TryWriteBytes(bytes.AsSpan((int)field.BitOffset / 8), tgid);
        return vm.Machine.AddMemory("a task", bytes).Address;
    }

    [Fact]
    public void Maps_whose_elements_are_descriptors_are_refused()
    {
        using VmSession vm = new();
        Assert.Contains("descriptors of the kernel's", Assert.Throws<BpfException>(() => BpfProgramArray.Create("stages", 4)).Message, StringComparison.Ordinal);
        using var inner = BpfHashMap<uint, ulong>.Create("inner", 4);
        Assert.Contains("descriptors of the kernel's", Assert.Throws<BpfException>(() => BpfArrayOfMaps.Create("outer", 4, inner)).Message, StringComparison.Ordinal);
    }
}
