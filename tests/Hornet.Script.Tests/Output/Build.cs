using System.Buffers.Binary;
using System.Text;
using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

/// <summary>Values as the kernel side writes them, for tests.</summary>
internal static class Build
{
    public static byte[] Int(ulong value, int size = 8)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes[..size];
    }

    public static byte[] Int(long value, int size = 8) => Int((ulong)value, size);

    public static byte[] Words(params long[] values) => [.. values.SelectMany(v => Int(v))];

    public static byte[] Text(string text, int size)
    {
        var bytes = new byte[size];
        Encoding.Latin1.GetBytes(text).CopyTo(bytes, 0);
        return bytes;
    }

    public static byte[] Buffer(int capacity, params byte[] content) => [.. Int(content.Length, 4), .. content, .. new byte[capacity - content.Length]];

    /// <summary>Values side by side as a tuple lays them out.</summary>
    public static byte[] Tuple(TupleType type, params byte[][] parts)
    {
        var bytes = new byte[type.Size];
        for (int i = 0; i < parts.Length; i++) parts[i].CopyTo(bytes, type.Offset(i));
        return bytes;
    }

    public static ValueFormatter Formatter(ValueContext? context = null) => new(context ?? new() { System = new FakeNames(), Clock = Utc });

    public static ScriptClock Utc { get; } = new() { IsUtc = true, BootTime = 1_700_000_000_000_000_000 };

    public static string AsText(ScriptType type, byte[] bytes, ValueContext? context = null, uint divisor = 1)
    {
        ByteWriter writer = new(1);
        Formatter(context).Text(writer, new(type, bytes), divisor);
        return Encoding.Latin1.GetString(writer.Written);
    }

    public static string AsJson(ScriptType type, byte[] bytes, ValueContext? context = null, uint divisor = 1)
    {
        ByteWriter writer = new(1);
        Formatter(context).Json(writer, new(type, bytes), divisor);
        return writer.ToString();
    }

    public static string Printf(string format, TupleType type, byte[] bytes, ValueContext? context = null)
    {
        ByteWriter writer = new(1);
        new PrintfPlan(format, type).Write(writer, bytes, Formatter(context));
        return Encoding.Latin1.GetString(writer.Written);
    }

    public static ScriptMap Map(string name, ScriptType? key, ScriptType value, bool perCpu = false) =>
        new(name, "AT_" + name[1..], key, key is TupleType, value, perCpu ? MapType.PerCpuHash : MapType.Hash, 4096);

    public static MapSnapshot Snapshot(ScriptMap map, int cpus, params (byte[] Key, byte[] Value)[] elements)
    {
        MapSnapshot snapshot = new(map.Key?.Size ?? 8, map.Value.Size, cpus);
        foreach (var (key, value) in elements) snapshot.Add(key, value, map.Value.Size);
        return snapshot;
    }

    public static string MapAsText(ScriptMap map, MapSnapshot snapshot, uint top = 0, uint divisor = 1, ValueContext? context = null)
    {
        ByteWriter writer = new(1);
        new MapText(Formatter(context)).Text(writer, new MapReport(map, snapshot, top, divisor));
        return writer.ToString();
    }

    public static string MapAsJson(ScriptMap map, MapSnapshot snapshot, uint top = 0, uint divisor = 1, ValueContext? context = null)
    {
        ByteWriter writer = new(1);
        new MapText(Formatter(context)).Json(writer, new MapReport(map, snapshot, top, divisor));
        return writer.ToString();
    }
}

internal sealed class FakeNames : ISystemNames
{
    public string User(ulong id) => id == 0 ? "root" : "";

    public string CgroupPaths(ulong id, string filter) => $"{filter}:/slice/{id}";
}

/// <summary>Two known addresses in the kernel, one in a process with a function inlined in it.</summary>
internal sealed class FakeSymbols : ISymbols, IStacks
{
    public Dictionary<long, byte[]> Stacks { get; } = [];

    public int Asked { get; private set; }

    public void Kernel(ulong address, bool withDebugInfo, List<SymbolFrame> into)
    {
        Asked++;
        if (address is >= 0x1000 and < 0x1100) into.Add(new("do_work", address - 0x1000));
        if (address is >= 0x2000 and < 0x2100) into.Add(new("schedule", address - 0x2000));
    }

    public void User(ulong address, int process, int probe, bool withDebugInfo, List<SymbolFrame> into)
    {
        Asked++;
        if (process != 42 || address is < 0x500 or >= 0x600) return;
        if (withDebugInfo) into.Add(new("helper", 0) { IsInlined = true, File = "/src/app.c", Line = 7 });
        into.Add(new("main", address - 0x500) { Module = "/bin/app", File = withDebugInfo ? "/src/app.c" : null, Line = 12 });
    }

    public ReadOnlySpan<byte> Frames(StackType type, long id) => Stacks.TryGetValue(id, out var frames) ? frames : default;
}
