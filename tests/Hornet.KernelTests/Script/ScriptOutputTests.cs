using System.Diagnostics;
using System.Text;
using Hornet.Maps;
using Hornet.Script.Binding;
using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Tests.Lowering;
using Hornet.Script.Types;
using static Hornet.Script.Tests.Lowering.Bound;

namespace Hornet.KernelTests.Script;

/// <summary>From what programs wrote in the kernel to what the user reads.</summary>
public class ScriptOutputTests
{
    private sealed class Run(BoundScript script) : IScriptRuntime, IDisposable
    {
        private readonly ScriptRun _run = new(script);
        private readonly MemoryStream _out = new();
        private readonly Dictionary<int, IMapContents> _contents = [];

        public bool IsUnsafeAllowed => false;

        public string Print(Action<RecordDispatcher>? also = null, params ulong[] words)
        {
            _run.Run(0, words);
            var compiled = _run.Compiled;
            Dictionary<StackType, BpfMap> stacks = compiled.StackMaps.ToDictionary(s => s.Key, s => _run.Loaded.Map(s.Value));
            var context = ValueContext.Of(compiled, NoSymbols.Instance, new LiveStacks(stacks), isTerminal: false);
            var sink = OutputSink.ToStream(_out, BufferingMode.Line);
            using RecordDispatcher dispatcher = new(compiled, OutputKinds.Create(OutputKind.Text, sink, sink, new(context), new()), this);
            foreach (var (action, payload) in _run.Records())
            {
                int number = compiled.Actions.ToList().IndexOf(action);
                dispatcher.Dispatch([.. BitConverter.GetBytes((long)number), .. payload]);
            }
            also?.Invoke(dispatcher);
            sink.Flush();
            string text = Encoding.UTF8.GetString(_out.ToArray());
            _out.SetLength(0);
            return text;
        }

        public IMapContents Contents(int map)
        {
            if (!_contents.TryGetValue(map, out var contents)) _contents[map] = contents = new LiveMapContents(_run.Loaded.Map(_run.Compiled.Maps[map].ObjectName), _run.Compiled.Maps[map]);
            return contents;
        }

        public void Exit(int code)
        {
        }

        public void TestResult(bool passed)
        {
        }

        public void Dispose() => _run.Dispose();
    }

    private static string Bar(int length) => "|" + new string('@', length) + new string(' ', 52 - length) + "|";

    [KernelFact(MinKernel = "5.10")]
    public void What_programs_gathered_is_printed_by_map()
    {
        Bound script = new();
        BoundMap counts = script.Map("counts", new TupleType([new StringType(8), I64]), new AggregateType(AggregateKind.Count, false)), sizes = script.Map("sizes", null, new AggregateType(AggregateKind.Hist, true)),
            stats = script.Map("stats", I64, new AggregateType(AggregateKind.Stats, true)), last = script.Map("last", null, I32);
        script.Program(new BeginTarget(),
            Gather(counts, Tuple(Text("cat", 8), Int(7))), Gather(counts, Tuple(Text("cat", 8), Int(7))), Gather(counts, Tuple(Text("ls", 8), Int(-1))),
            Gather(sizes, null, Int(5)), Gather(sizes, null, Int(6)), Gather(sizes, null, Int(1500)), Gather(sizes, null, Int(-3)),
            Gather(stats, Int(1), Int(10)), Gather(stats, Int(1), Int(-4)),
            Set(last, null, Bound.Convert(Int(-9), I32)));
        using Run run = new(script.Script);
        Assert.Equal($"""
            @counts[ls, -1]: 1
            @counts[cat, 7]: 2
            @last: -9
            @sizes:
            (..., 0)               1 {Bar(26)}
            [0]                    0 {Bar(0)}
            [1]                    0 {Bar(0)}
            [2, 4)                 0 {Bar(0)}
            [4, 8)                 2 {Bar(52)}
            [8, 16)                0 {Bar(0)}
            [16, 32)               0 {Bar(0)}
            [32, 64)               0 {Bar(0)}
            [64, 128)              0 {Bar(0)}
            [128, 256)             0 {Bar(0)}
            [256, 512)             0 {Bar(0)}
            [512, 1K)              0 {Bar(0)}
            [1K, 2K)               1 {Bar(26)}

            @stats[1]: {"{ .count = 2, .average = 3, .total = 6 }"}

            """, run.Print(d => d.PrintAllMaps()));
        // zero keeps keys, clear does not; a second run of the program counts anew.
        foreach (int map in new[] { counts.Number, sizes.Number }) ((IScriptRuntime)run).Contents(map).Zero();
        Assert.Equal(2, ((IScriptRuntime)run).Contents(counts.Number).Read().Count);
        Assert.Equal("@sizes:\n\n", run.Print(d =>
        {
            ((IScriptRuntime)run).Contents(sizes.Number).Zero();
            ((IScriptRuntime)run).Contents(counts.Number).Clear();
            d.PrintMap(counts.Number);
            d.PrintMap(sizes.Number);
        }));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Histograms_with_finer_buckets_and_in_steps_hold_each_number_where_it_belongs()
    {
        foreach (int bits in new[] { 0, 1, 3, 5 })
        {
            Bound script = new();
            var map = script.Map("h", null, new AggregateType(AggregateKind.Hist, true) { HistBits = bits });
            long[] numbers = [0, 1, 2, 15, 16, 17, 63, 64, 1023, 1024, 123_456_789, 1L << 40, long.MaxValue];
            script.Program(new BeginTarget(), [.. numbers.Select(n => Gather(map, null, Int(n)))]);
            using Run run = new(script.Script);
            run.Print();
            var table = HistogramTable.Read((AggregateType)map.Value, new MapReport(Shape(map), ((IScriptRuntime)run).Contents(0).Read()).Value(0).Bytes);
            foreach (long number in numbers)
            {
                int bucket = Enumerable.Range(0, table.Last + 1).Single(i => table.Lower(i) is { } low && low.Value <= number && number < table.Upper(i)!.Value.Value);
                Assert.True(table.Count(bucket) > 0, $"{number} of {bits} bits is not in bucket {bucket}");
            }
        }
    }

    [KernelFact(MinKernel = "5.10")]
    public void Two_hundred_thousand_keys_are_read_sorted_and_printed_in_a_moment()
    {
        ScriptMap shape = new("@big", "big", I64, false, new AggregateType(AggregateKind.Count, false), MapType.PerCpuHash, 200_000);
        using var map = BpfMap.Create(new MapSpec { Name = "big", Type = MapType.PerCpuHash, KeySize = 8, ValueSize = 8, MaxEntries = 200_000 });
        byte[] keys = new byte[8 * 1000], values = new byte[map.ValueBufferSize * 1000];
        for (int block = 0; block < 200; block++)
        {
            for (int i = 0; i < 1000; i++)
            {
                BitConverter.TryWriteBytes(keys.AsSpan(i * 8), block * 1000L + i);
                BitConverter.TryWriteBytes(values.AsSpan(i * map.ValueBufferSize), (long)(block * 1000 + i) * 7919 % 200_003);
            }
            map.UpdateBatch(keys, values);
        }
        LiveMapContents contents = new(map, shape);
        ByteWriter writer = new();
        MapText text = new(new(new()));
        var clock = Stopwatch.StartNew();
        text.Text(writer, new MapReport(shape, contents.Read()));
        TestContext.Current.SendDiagnosticMessage($"200 000 keys: {clock.ElapsedMilliseconds} ms");
        Assert.Equal(200_000, writer.Written.Count((byte)'\n'));
        // Far above what it takes; a virtual machine is ten times slower.
        Assert.StartsWith("@big[0]: 0\n", Encoding.ASCII.GetString(writer.Written[..40]), StringComparison.Ordinal);
    }

    private static ScriptMap Shape(BoundMap map) => new("@" + map.Name, map.Name, map.Key, false, map.Value, map.Type, map.MaxEntries);
}
