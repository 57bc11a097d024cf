using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Vm.Tests;

/// <summary>Maps, as the caller and as programs see them.</summary>
public class MapTests
{
    private static MapSpec Spec(MapType type, uint key, uint value, uint entries, MapFlags flags = MapFlags.None) =>
        new() { Name = "m", Type = type, KeySize = key, ValueSize = value, MaxEntries = entries, Flags = flags };

    private static VmMap Map(MapType type, uint key, uint value, uint entries, MapFlags flags = MapFlags.None, VmOptions? options = null) =>
        new BpfMachine(options).AddMap(Spec(type, key, value, entries, flags));

    [Fact]
    public void A_hash_holds_what_was_put_in_until_it_is_full()
    {
        var map = Map(MapType.Hash, 4, 8, 3);
        for (int i = 0; i < 3; i++) map.Set(i, (long)i * 10);
        Assert.Contains("room for 3", Assert.Throws<BpfException>(() => map.Set(3, 30L)).Message, StringComparison.Ordinal);
        map.Set(1, 11L);
        Assert.Equal((3, 11L), (map.Count, map.Get<int, long>(1)));
        Assert.True(map.Delete(BitConverter.GetBytes(0)));
        Assert.False(map.Delete(BitConverter.GetBytes(0)));
        Assert.False(map.TryGet<int, long>(0, out _));
        map.Set(3, 30L);
        Assert.Equal([1, 2, 3], map.Keys.Select(k => BitConverter.ToInt32(k)).Order());
        Assert.Throws<BpfException>(() => map.Set(1, 1L, MapUpdateFlags.NoExist));
        Assert.Throws<BpfException>(() => map.Set(9, 1L, MapUpdateFlags.Exist));
        Assert.Throws<BpfException>(() => map.Set(9L, 1L));
    }

    [Fact]
    public void A_hash_is_a_dictionary()
    {
        var map = Map(MapType.Hash, 2, 2, 64);
        Dictionary<short, short> model = [];
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            short key = (short)random.Next(100), value = (short)i;
            if (random.Next(3) == 0)
            {
                Assert.Equal(model.Remove(key), map.Delete(BitConverter.GetBytes(key)));
            }
            else if (model.Count < 64 || model.ContainsKey(key))
            {
                map.Set(key, value);
                model[key] = value;
            }
            Assert.Equal(model.TryGetValue(key, out short wanted), map.TryGet(key, out short found));
            Assert.Equal((wanted, model.Count), (found, map.Count));
        }
        Assert.Equal(model.OrderBy(e => e.Key), map.Entries().Select(e => KeyValuePair.Create(BitConverter.ToInt16(e.Key), BitConverter.ToInt16(e.Value))).OrderBy(e => e.Key));
    }

    [Fact]
    public void An_LRU_hash_gives_up_what_was_not_used_for_longest()
    {
        var map = Map(MapType.LruHash, 4, 4, 3);
        for (int i = 0; i < 3; i++) map.Set(i, i);
        map.Set(0, 100);
        map.Set(3, 3);
        Assert.Equal([0, 2, 3], map.Keys.Select(k => BitConverter.ToInt32(k)).Order());
    }

    [Fact]
    public void Elements_of_an_array_are_always_there()
    {
        var map = Map(MapType.Array, 4, 4, 3);
        Assert.Equal((3, 0), (map.Count, map.Get<int, int>(2)));
        map.Set(2, 7);
        Assert.Equal(7, map.Get<int, int>(2));
        Assert.False(map.TryGet<int, int>(3, out _));
        Assert.Throws<BpfException>(() => map.Set(3, 1));
        Assert.Throws<BpfException>(() => map.Set(0, 1, MapUpdateFlags.NoExist));
        Assert.Throws<BpfException>(() => map.Delete(new byte[4]));
    }

    [Fact]
    public void Each_CPU_has_its_own_value()
    {
        foreach (var type in (MapType[])[MapType.PerCpuArray, MapType.PerCpuHash, MapType.LruPerCpuHash])
        {
            var map = Map(type, 4, 4, 2, options: new VmOptions { CpuCount = 3 });
            for (int cpu = 0; cpu < 3; cpu++) map.Set(1, 10 + cpu, cpu: cpu);
            Assert.Equal([10, 11, 12], Enumerable.Range(0, 3).Select(cpu => map.Get<int, int>(1, cpu)));
            Assert.Throws<BpfException>(() => map.Set(1, 1, cpu: 3));
        }
    }

    [Fact]
    public void An_LPM_trie_finds_the_longest_prefix()
    {
        var map = Map(MapType.LpmTrie, 8, 4, 4, MapFlags.NoPrealloc);
        static byte[] Key(int bits, params byte[] address) => [.. BitConverter.GetBytes(bits), .. address];
        map.Update(Key(0, 0, 0, 0, 0), BitConverter.GetBytes(1));
        map.Update(Key(8, 10, 9, 9, 9), BitConverter.GetBytes(2));
        map.Update(Key(17, 10, 1, 128, 0), BitConverter.GetBytes(3));
        int find(int bits, params byte[] address) => map.Lookup(Key(bits, address)) is { } value ? BitConverter.ToInt32(value) : 0;
        Assert.Equal((1, 2, 3, 2), (find(32, 11, 0, 0, 1), find(32, 10, 2, 3, 4), find(32, 10, 1, 129, 5), find(32, 10, 1, 127, 5)));
        // A shorter question is not answered by a longer prefix.
        Assert.Equal((2, 1), (find(16, 10, 1, 128, 0), find(7, 10, 1, 128, 0)));
        Assert.False(map.Delete(Key(9, 10, 0, 0, 0)));
        Assert.True(map.Delete(Key(8, 10, 0, 0, 0)));
        Assert.Equal(1, find(32, 10, 2, 3, 4));
        Assert.Throws<BpfException>(() => map.Update(Key(33, 1, 2, 3, 4), new byte[4]));
        Assert.Equal(2, map.Keys.Count);
        Assert.Throws<BpfException>(() => Map(MapType.LpmTrie, 8, 4, 4));
    }

    [Fact]
    public void Map_specifications_that_the_kernel_refuses_are_refused()
    {
        foreach (var spec in (MapSpec[])
        [
            Spec(MapType.Array, 8, 4, 1), Spec(MapType.Hash, 0, 4, 1), Spec(MapType.Hash, 4, 0, 1), Spec(MapType.Hash, 4, 4, 0),
            Spec(MapType.RingBuf, 0, 0, 5000), Spec(MapType.ProgramArray, 4, 8, 1), Spec(MapType.Queue, 4, 4, 1), Spec(MapType.XskMap, 4, 4, 1),
            Spec(MapType.Array, 4, 1 << 20, 1 << 20),
        ])
        {
            Assert.StartsWith("map 'm'", Assert.Throws<BpfException>(() => new BpfMachine().AddMap(spec)).Message, StringComparison.Ordinal);
        }
    }

    // What a program does with maps: code, and what must be in R0.
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Programs_count_in_a_hash(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var map = machine.AddMap(Spec(MapType.Hash, 4, 8, 10));
        var program = machine.Load(TextAssembler.Assemble("""
            *(u32 *)(r10 - 4) = 7
            r1 = map[m]
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto first
            r1 = 1
            lock *(u64 *)(r0 + 0) += r1
            r0 = *(u64 *)(r0 + 0)
            exit
            first:
            *(u64 *)(r10 - 16) = 1
            r1 = map[m]
            r2 = r10
            r2 += -4
            r3 = r10
            r3 += -16
            r4 = 0
            call bpf_map_update_elem
            r0 = 1
            exit
            """));
        for (ulong i = 1; i <= 100; i++) Assert.Equal(i, program.Run().EnsureSucceeded().ReturnValue);
        Assert.Equal(100UL, map.Get<int, ulong>(7));
        Assert.Equal(new VmStatistics(100, 0, 1, 101, 0), program.Statistics);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Queues_and_stacks_give_back_in_their_order(VmEngine engine)
    {
        foreach (var (type, expected) in ((MapType, int[])[])[(MapType.Queue, [2, 3, 4]), (MapType.Stack, [4, 2, 1])])
        {
            BpfMachine machine = new(new VmOptions { Engine = engine });
            machine.AddMap(Spec(type, 0, 4, 3));
            var push = machine.Load(TextAssembler.Assemble("""
                r3 = *(u32 *)(r1 + 4)
                r2 = r1
                r1 = map[m]
                call bpf_map_push_elem
                exit
                """));
            var pop = machine.Load(TextAssembler.Assemble("""
                r6 = r1
                r2 = r1
                r1 = map[m]
                call bpf_map_pop_elem
                exit
                """));
            long send(int value, int flags) => (long)push.Run([.. BitConverter.GetBytes(value), .. BitConverter.GetBytes(flags)]).EnsureSucceeded().ReturnValue;
            Assert.Equal((0, 0, 0), (send(1, 0), send(2, 0), send(type == MapType.Queue ? 3 : 9, 0)));
            Assert.Equal(-7, send(4, 0)); // E2BIG
            if (type == MapType.Stack) Assert.True(pop.Run(new byte[4]).Succeeded);
            Assert.Equal(0, send(4, type == MapType.Queue ? 2 : 0)); // BPF_EXIST makes room
            byte[] value = new byte[4];
            foreach (int wanted in expected)
            {
                Assert.Equal(0UL, pop.Run(value.AsSpan()).EnsureSucceeded().ReturnValue);
                Assert.Equal(wanted, BitConverter.ToInt32(value));
            }
            Assert.Equal(-2L, (long)pop.Run(value.AsSpan()).ReturnValue); // ENOENT
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void A_ring_buffer_record_is_submitted_or_else_it_is_a_fault(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var ring = (VmEventMap)machine.AddMap(Spec(MapType.RingBuf, 0, 0, 4096));
        string text(string end) => $"""
            r1 = map[m]
            r2 = 16
            r3 = 0
            call bpf_ringbuf_reserve
            if r0 == 0 goto out
            *(u64 *)(r0 + 8) = 5
            r6 = r0
            r7 = *(u64 *)(r6 + 8)
            {end}
            out:
            r0 = 0
            exit
            """;
        const string submit = "r1 = r6\nr2 = 0\ncall bpf_ringbuf_submit\n", discard = "r1 = r6\nr2 = 0\ncall bpf_ringbuf_discard\n";
        VmFault? run(string end) => machine.Load(TextAssembler.Assemble(text(end))).Run().Fault;
        Assert.Null(run(submit));
        Assert.Null(run(discard));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0], Assert.Single(ring.Drain()).Data);
        Assert.Equal(VmFaultKind.NotReleased, run("")?.Kind);
        Assert.Equal(VmFaultKind.BadArgument, run(submit + submit)?.Kind);
        Assert.Equal(VmFaultKind.Released, run(submit + "r7 = *(u64 *)(r6 + 8)")?.Kind);
        Assert.Equal(VmFaultKind.OutOfBounds, run("r7 = *(u64 *)(r6 + 16)")?.Kind);
        ring.Drain();
        // 24 bytes each, header included; the last byte of the ring stays free.
        var program = machine.Load(TextAssembler.Assemble(text(submit)));
        for (int i = 0; i < 200; i++) Assert.True(program.Run().Succeeded);
        Assert.Equal((170, 30L), (ring.Count, ring.Lost));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Perf_events_carry_the_CPU_and_the_packet(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine, CpuCount = 2 });
        var events = (VmEventMap)machine.AddMap(Spec(MapType.PerfEventArray, 4, 4, 2));
        var program = machine.Load(TextAssembler.Assemble("""
            *(u64 *)(r10 - 8) = 3
            r2 = map[m]
            r3 = 0x2ffffffff ll
            r4 = r10
            r4 += -8
            r5 = 8
            call bpf_perf_event_output
            exit
            """));
        Assert.Equal(0UL, program.Run(VmContext.Xdp([7, 8, 9]), new VmRunOptions { Cpu = 1 }).EnsureSucceeded().ReturnValue);
        var record = Assert.Single(events.Drain());
        Assert.Equal(1, record.Cpu);
        Assert.Equal([3, 0, 0, 0, 0, 0, 0, 0, 7, 8], record.Data);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Walking_a_map_calls_for_each_element(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var map = machine.AddMap(Spec(MapType.Hash, 4, 8, 10));
        for (int i = 1; i <= 5; i++) map.Set(i, (long)i);
        var program = machine.Load(TextAssembler.Assemble("""
            *(u64 *)(r10 - 8) = 0
            r1 = map[m]
            r2 = subprog[f]
            r3 = r10
            r3 += -8
            r4 = 0
            call bpf_for_each_map_elem
            r1 = *(u64 *)(r10 - 8)
            r1 *= 100
            r0 += r1
            exit
            f:
            r2 = *(u32 *)(r2 + 0)
            r3 = *(u64 *)(r3 + 0)
            r2 *= r3
            r1 = *(u64 *)(r4 + 0)
            r1 += r2
            *(u64 *)(r4 + 0) = r1
            r0 = 0
            exit
            """));
        Assert.Equal(5505UL, program.Run().EnsureSucceeded().ReturnValue);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Tail_calls_go_on_until_the_limit(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var programs = machine.AddMap(Spec(MapType.ProgramArray, 4, 4, 2));
        var counter = machine.AddMap(new MapSpec { Name = "count", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        var program = machine.Load(
        [
            Instruction.LoadImm64(Register.R6, 0).WithReference("count", ReferenceKind.MapValue),
            Instruction.Alu(AluOp.Mov, Register.R7, 1),
            Instruction.Atomic(AtomicOp.Add, MemorySize.U64, Register.R6, 0, Register.R7),
            Instruction.LoadImm64(Register.R2, 0).WithReference("m", ReferenceKind.Map),
            Instruction.Alu(AluOp.Mov, Register.R3, 0),
            Instruction.CallHelper(BpfHelper.TailCall),
            Instruction.Load(MemorySize.U64, Register.R0, Register.R6, 0),
            Instruction.Exit(),
        ]);
        // Nobody there: the program goes on.
        Assert.Equal(1UL, program.Run().EnsureSucceeded().ReturnValue);
        programs.Set(0, program.Id);
        Assert.Equal(35UL, program.Run().EnsureSucceeded().ReturnValue);
        Assert.Equal(33, program.Statistics.TailCalls);
        Assert.Equal(35UL, counter.Get<int, ulong>(0));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void A_map_of_maps_leads_to_the_inner_map(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var outer = machine.AddMap(Spec(MapType.HashOfMaps, 4, 4, 2));
        var inner = machine.AddMap(new MapSpec { Name = "inner", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        outer.Set(5, inner.Id);
        inner.Set(0, 77L);
        var program = machine.Load(TextAssembler.Assemble("""
            *(u32 *)(r10 - 4) = 5
            r1 = map[m]
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            *(u32 *)(r10 - 4) = 0
            r1 = r0
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r0 = *(u64 *)(r0 + 0)
            out:
            exit
            """));
        Assert.Equal(77UL, program.Run().EnsureSucceeded().ReturnValue);
        Assert.True(outer.Delete(BitConverter.GetBytes(5)));
        Assert.Equal(0UL, program.Run().EnsureSucceeded().ReturnValue);
    }

    [Fact]
    public void Many_threads_count_exactly()
    {
        BpfMachine machine = new(new VmOptions { Engine = VmEngine.Jit });
        var map = machine.AddMap(Spec(MapType.Hash, 4, 8, 10));
        map.Set(0, 0L);
        var program = machine.Load(TextAssembler.Assemble("""
            *(u32 *)(r10 - 4) = 0
            r1 = map[m]
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r1 = 1
            lock *(u64 *)(r0 + 0) += r1
            out:
            exit
            """));
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 10_000; i++) program.Run().EnsureSucceeded();
        });
        Assert.Equal(40_000L, map.Get<int, long>(0));
        Assert.Equal(40_000, program.Statistics.Runs);
    }
}
