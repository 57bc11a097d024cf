using System.Runtime.InteropServices;
using Hornet.Kernel;
using Hornet.Script.Binding;
using Hornet.Script.Runtime;
using Hornet.Script.Tests.Lowering;
using Hornet.Script.Types;
using static Hornet.Script.Tests.Lowering.Bound;

namespace Hornet.KernelTests.Script;

public class ScriptIntrinsicTests
{
    private static long[] Evaluate(params BoundExpression[] values)
    {
        Bound script = new();
        script.Program(new BeginTarget(), script.Print(values));
        return ScriptRun.Numbers(script.Script);
    }

    [KernelFact(MinKernel = "5.10")]
    public void The_process_and_the_machine_are_told()
    {
        long before = System.Diagnostics.Stopwatch.GetTimestamp();
        var found = Evaluate(
            Call(BoundIntrinsic.Pid, U32), Call(BoundIntrinsic.PidInNamespace, U32), Call(BoundIntrinsic.Uid, U32), Call(BoundIntrinsic.Gid, U32),
            Call(BoundIntrinsic.NsecsMonotonic, U64), Call(BoundIntrinsic.Elapsed, U64), Call(BoundIntrinsic.CpuCount, U64), Call(BoundIntrinsic.Cpu, U32),
            Call(BoundIntrinsic.ByteSwap, U32, Int(0x01020304, U32)), Call(BoundIntrinsic.NsecsSoftwareTai, U64));
        Assert.Equal(Environment.ProcessId, found[1]);
        Assert.Equal([0, 0], found[2..4]);
        Assert.InRange(found[4], before, System.Diagnostics.Stopwatch.GetTimestamp());
        Assert.InRange(found[5], 0, System.Diagnostics.Stopwatch.GetTimestamp() - before + 1_000_000_000);
        Assert.Equal(CpuList.PossibleCount, found[6]);
        Assert.InRange(found[7], 0, CpuList.PossibleCount - 1);
        Assert.Equal(0x04030201, found[8]);
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        // International Atomic Time is some seconds ahead where the machine knows of it.
        Assert.InRange(found[9] - now, -10_000_000_000, 60_000_000_000);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Buffers_addresses_and_texts_are_made_in_the_record()
    {
        unsafe
        {
            byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
            fixed (byte* there = bytes)
            {
                var pointer = Int((long)there, new PointerType(U8, AddressSpace.User));
                var array = new BoundDereference(Span, new ArrayType(U8, 16), pointer, AddressSpace.User);
                Bound script = new();
                script.Program(new BeginTarget(), script.Print(
                    Call(BoundIntrinsic.ReadBuffer, new BufferType(10), pointer, BeginTarget.Argument(0)),
                    Call(BoundIntrinsic.InetAddress, InetType.Instance, array),
                    Call(BoundIntrinsic.InetAddress, InetType.Instance, Int(0x0100007f, U32)),
                    Call(BoundIntrinsic.MacAddress, MacAddressType.Instance, array),
                    Call(BoundIntrinsic.TextConcat, new StringType(32), Comm, Text("+more")),
                    Call(BoundIntrinsic.TableText, new StringType(8), BeginTarget.Argument(1)) with { Table = new Dictionary<long, string> { [3] = "three", [5] = "five" } },
                    Call(BoundIntrinsic.UserSymbol, UserSymbolType.Instance, Int(0x1234, U64)),
                    new BoundElement(Span, U8, array, BeginTarget.Argument(0, I64)),
                    new BoundElement(Span, U8, Text("abc"), Int(1))));
                using ScriptRun run = new(script.Script);
                run.Run(0, 4, 5);
                run.Run(0, 4000, 4);
                var records = run.Records();
                var (action, payload) = records[0];
                int At(int index) => action.Payload.Offset(index);
                Assert.Equal([4, 0, 0, 0, 1, 2, 3, 4], payload[..8]);
                Assert.Equal([10, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], records[1].Payload[..14]);
                Assert.Equal([10, 0, 0, 0, .. bytes], payload[At(1)..(At(1) + 20)]);
                Assert.Equal([2, 0, 0, 0, 127, 0, 0, 1], payload[At(2)..(At(2) + 8)]);
                Assert.Equal(bytes[..6], payload[At(3)..(At(3) + 6)]);
                Assert.Equal(File.ReadAllText("/proc/thread-self/comm").TrimEnd() + "+more", ScriptRun.Text(action, payload, 4));
                Assert.Equal("five", ScriptRun.Text(action, payload, 5));
                Assert.Equal("", ScriptRun.Text(records[1].Action, records[1].Payload, 5));
                Assert.Equal(0x1234, BitConverter.ToInt64(payload, At(6)));
                Assert.Equal(5, ScriptRun.Number(action, payload, 7));
                Assert.Equal(0, ScriptRun.Number(action, records[1].Payload, 7));
                Assert.Equal('b', ScriptRun.Number(action, payload, 8));
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Sample
    {
        public uint First;
        public uint Bits;
        public long Second;
    }

    [KernelFact(MinKernel = "5.10")]
    public unsafe void Fields_and_bitfields_are_read_alone()
    {
        Sample sample = new() { First = 7, Bits = 0b1101_10110_011, Second = -9 };
        CompositeField first = new("first", U32, 0), low = new("low", U32, 4, 0, 3), middle = new("middle", I32, 4, 3, 5), second = new("second", I64, 8);
        CompositeType type = new(new CompositeTypeInfo("struct sample", false, 16, () => [first, low, middle, second]));
        var pointer = Int((long)&sample, new PointerType(type, AddressSpace.User));
        var there = new BoundDereference(Span, type, pointer, AddressSpace.User);
        Bound script = new();
        var map = script.Map("m", U64, type);
        BoundLocal copy = Local("copy", type);
        BoundExpression Field(BoundExpression target, CompositeField field) => new BoundField(Span, field.Type, target, field);
        script.Program(new BeginTarget(), [copy],
            Set(copy, there), Set(map, Int(1, U64), Read(copy)),
            script.Print(Field(there, first), Field(there, low), Field(there, middle), Field(there, second), Field(Read(copy), second), Field(Read(map, Int(1, U64)), middle), Field(Read(map, Int(2, U64)), second),
                Compare(BoundComparisonOperator.Equal, Read(copy), Read(map, Int(1, U64))), Compare(BoundComparisonOperator.Equal, Read(copy), Read(map, Int(2, U64)))));
        Assert.Equal([7, 3, -10, -9, -9, -10, 0, 1, 0], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Stacks_are_keys()
    {
        Bound script = new();
        StackType kernel = new(false, StackMode.Bpftrace, 127), user = new(true, StackMode.Bpftrace, 5);
        var map = script.Map("s", new TupleType([kernel, user]), new AggregateType(AggregateKind.Count, false));
        script.Program(new BeginTarget(), Gather(map, Tuple(Call(BoundIntrinsic.Stack, kernel), Call(BoundIntrinsic.Stack, user))),
            script.Print(Call(BoundIntrinsic.StackLength, U64, Call(BoundIntrinsic.Stack, kernel))));
        using ScriptRun run = new(script.Script);
        run.Run();
        run.Run();
        var records = run.Records();
        foreach (var (key, _) in run.Contents(map))
        {
            long id = BitConverter.ToInt64(key);
            Assert.True(id >= 0, $"there is no kernel stack: {id}");
            Assert.Equal(Environment.ProcessId, BitConverter.ToInt32(key, 16));
            Assert.Equal(0, BitConverter.ToInt32(key, 20));
            var frames = run.Loaded.Map(run.Compiled.StackMaps[kernel]).Lookup(BitConverter.GetBytes((uint)id))!;
            int count = Enumerable.Range(0, 127).TakeWhile(i => BitConverter.ToUInt64(frames, i * 8) != 0).Count();
            Assert.InRange(count, 3, 127);
            Assert.Equal(count, ScriptRun.Number(records[0].Action, records[0].Payload, 0));
        }
        Assert.NotEmpty(run.Contents(map));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Stacks_whose_place_is_taken_are_kept_by_their_contents()
    {
        Bound script = new();
        StackType kernel = new(false, StackMode.Bpftrace, 127), user = new(true, StackMode.Bpftrace, 127);
        script.Program(new BeginTarget(), script.Print(Call(BoundIntrinsic.Stack, kernel), Call(BoundIntrinsic.Stack, user), Call(BoundIntrinsic.Stack, user)));
        using ScriptRun run = new(script.Script, new Hornet.Script.Lowering.LoweringOptions { StackEntries = 1 });
        run.Run();
        var (action, payload) = Assert.Single(run.Records());
        Assert.Equal(0, BitConverter.ToInt64(payload));
        long id = BitConverter.ToInt64(payload, action.Payload.Offset(1));
        Assert.True(id > uint.MaxValue, $"{id}");
        Assert.Equal(id, BitConverter.ToInt64(payload, action.Payload.Offset(2)));
        var frames = run.Loaded.Map(run.Compiled.StackMaps[user] + "_more").Lookup(BitConverter.GetBytes(id))!;
        Assert.NotEqual(0ul, BitConverter.ToUInt64(frames));
    }

    [KernelFact(MinKernel = "5.10")]
    public void What_controls_the_run_is_not_lost_in_a_flood()
    {
        Bound script = new() { Config = new ScriptConfig { RingBufferPages = 1 } };
        script.Program(new BeginTarget(), script.Print(Comm, Int(1)), script.Print(Comm, Int(1)));
        var map = script.Map("m", null, new AggregateType(AggregateKind.Count, false));
        script.Program(new BeginTarget(), new BoundAsync(Span, script.Action(new AsyncAction.Clear(Span, map.Number)), []), script.Exit());
        using ScriptRun run = new(script.Script);
        int runs = Environment.SystemPageSize / 40 + 10;
        for (int i = 0; i < runs; i++) run.Run();
        run.Run(1);
        using var lost = new Hornet.Buffers.LossCounter(run.Loaded.Map(CompiledScript.LostMap));
        var values = run.Loaded.Map(CompiledScript.LostMap).Lookup(new byte[4])!;
        var records = run.Records();
        Assert.IsType<AsyncAction.Clear>(records[^2].Action);
        Assert.IsType<AsyncAction.Exit>(records[^1].Action);
        Assert.Equal(2 * runs, records.Count - 2 + ScriptRun.Sum(values, 8));
        Assert.True(ScriptRun.Sum(values, 8) > 0);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Failures_of_helpers_are_told_when_asked_for()
    {
        Bound script = new() { HelperErrors = 1 };
        var map = script.Map("m", U64, I64, entries: 1);
        // Old kernels have an element more for every processor.
        script.Program(new BeginTarget(), [.. Enumerable.Range(1, Environment.ProcessorCount + 2).Select(i => Set(map, Int(i, U64), Int(1)))]);
        using ScriptRun run = new(script.Script);
        run.Run();
        var records = run.Records();
        Assert.NotEmpty(records);
        var (action, payload) = records[^1];
        var error = Assert.IsType<AsyncAction.HelperError>(action);
        Assert.Equal("map_update_elem", error.Helper);
        Assert.Equal(-7, BitConverter.ToInt32(payload));
        Assert.Equal(Span, error.Span);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Functions_take_and_give_values_of_any_type()
    {
        Bound script = new();
        BoundLocal n = Local("n", I64), t = Local("t", new StringType(8));
        BoundFunction twice = new("twice", [n], I64) { Body = Block(If(Compare(BoundComparisonOperator.Less, Read(n), Int(0)), new BoundReturn(Span, Int(0))), new BoundReturn(Span, Add(Read(n), Read(n)))) };
        BoundFunction same = new("same", [t], new StringType(8)) { Body = Block(new BoundReturn(Span, Read(t))) };
        script.Program(new BeginTarget(), script.Print(
            new BoundFunctionCall(Span, twice, [new BoundFunctionCall(Span, twice, [Int(5)])]),
            new BoundFunctionCall(Span, twice, [Int(-5)]),
            Compare(BoundComparisonOperator.Equal, new BoundFunctionCall(Span, same, [Text("abc", 8)]), Text("abc"))));
        Assert.Equal([20, 0, 1], ScriptRun.Numbers(script.Script));
    }
}
