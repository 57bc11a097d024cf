using System.Buffers.Binary;
using System.Text;
using Hornet.Buffers;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using Hornet.Script.Binding;
using Hornet.Script.Lowering;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.KernelTests.Script;

/// <summary>A script that was compiled and loaded, whose programs are run by hand.</summary>
internal sealed class ScriptRun : IDisposable
{
    private readonly RingBufferReader _reader;
    private readonly RingBufferSleepFlag _flag = RingBufferSleepFlag.Create(CompiledScript.AsleepMap);

    public ScriptRun(BoundScript script, LoweringOptions? options = null) : this(ScriptLowering.Lower(script, options))
    {
    }

    public ScriptRun(CompiledScript script)
    {
        Compiled = script;
        try
        {
            Loaded = Compiled.Compilation.Load(new LoadOptions { MapReplacements = new Dictionary<string, BpfMap> { [CompiledScript.AsleepMap] = _flag.Map } });
        }
        catch
        {
            _flag.Dispose();
            throw;
        }
        _reader = new RingBufferReader([Loaded.Map("events"), Loaded.Map("control")], new RingBufferOptions { Wakeup = RingBufferWakeup.WhenAsleep, SleepFlag = _flag });
    }

    public CompiledScript Compiled { get; }

    public LoadedObject Loaded { get; }

    /// <summary>Runs a program with the words of its context.</summary>
    public uint Run(int program = 0, params ulong[] words)
    {
        var context = new byte[words.Length * 8];
        Buffer.BlockCopy(words, 0, context, 0, context.Length);
        return Loaded.Program(Compiled.Programs[program].ProgramName).TestRun(new TestRunOptions { Context = context }).ReturnValue;
    }

    /// <summary>What arrived: the action, and the bytes behind the head.</summary>
    public List<(AsyncAction Action, byte[] Payload)> Records()
    {
        List<(AsyncAction, byte[])> records = [];
        _reader.Drain(record => records.Add((Compiled.Actions[BinaryPrimitives.ReadInt32LittleEndian(record)], record[8..].ToArray())));
        return records;
    }

    /// <summary>The value of a number of one record's payload.</summary>
    public static long Number(AsyncAction action, byte[] payload, int index)
    {
        var bytes = payload.AsSpan(action.Payload.Offset(index));
        return Number(bytes, action.Payload.Elements[index]);
    }

    public static string Text(AsyncAction action, byte[] payload, int index) => Text(payload.AsSpan(action.Payload.Offset(index), action.Payload.Elements[index].Size));

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static long Number(ReadOnlySpan<byte> bytes, ScriptType type) => type switch
    {
        IntegerType { Bits: 8, IsSigned: true } => (sbyte)bytes[0],
        IntegerType { Bits: 16, IsSigned: true } => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        IntegerType { Bits: 32, IsSigned: true } => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        _ => type.Size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        },
    };

    /// <summary>Runs the only program and gives the numbers of the one record it sends.</summary>
    public static long[] Numbers(BoundScript script, params ulong[] words)
    {
        using ScriptRun run = new(script);
        run.Run(0, words);
        var (action, payload) = Assert.Single(run.Records());
        return [.. action.Payload.Elements.Select((e, i) => Number(action, payload, i))];
    }

    /// <summary>A map's contents: key bytes and value bytes (of a per-CPU map, all CPUs').</summary>
    public List<(byte[] Key, byte[] Value)> Contents(BoundMap map)
    {
        var live = Loaded.Map(Compiled.Maps[map.Number].ObjectName);
        List<(byte[], byte[])> contents = [];
        byte[] key = new byte[live.KeySize], next = new byte[live.KeySize];
        for (bool more = live.TryGetNextKey([], next); more; more = live.TryGetNextKey(key, next))
        {
            contents.Add(((byte[])next.Clone(), live.Lookup(next)!));
            next.CopyTo(key, 0);
        }
        return contents;
    }

    /// <summary>The sum of a number over all CPUs.</summary>
    public static long Sum(ReadOnlySpan<byte> value, int size, int offset = 0)
    {
        long sum = 0;
        int stride = (size + 7) & ~7;
        for (int at = offset; at < value.Length; at += stride) sum += BinaryPrimitives.ReadInt64LittleEndian(value[at..]);
        return sum;
    }

    public void Dispose()
    {
        _reader.Dispose();
        Loaded.Dispose();
        _flag.Dispose();
    }
}
