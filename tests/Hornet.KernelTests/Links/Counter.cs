using System.Buffers.Binary;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Links;

/// <summary>What a counting program does beside counting.</summary>
internal sealed record CounterOptions
{
    public AttachType AttachType { get; init; }
    public ProgramFlags Flags { get; init; }
    /// <summary>Count only for the thread that loads the program: tests run side by side and provoke the same events.</summary>
    public bool OnlyThisThread { get; init; } = true;
    /// <summary>Count only when the 64-bit word of the context at the offset has the value.</summary>
    public (short Offset, int Value)? Where { get; init; }
    /// <summary>Remember bpf_get_attach_cookie.</summary>
    public bool Cookie { get; init; }
    /// <summary>Store a 64-bit word of the context.</summary>
    public short? Remember { get; init; }
    /// <summary>More to do before counting; the context is in R6.</summary>
    public Action<Assembler>? Then { get; init; }
    /// <summary>What the program returns when it counted.</summary>
    public int Result { get; init; }
    /// <summary>What the program returns when it did not.</summary>
    public int Otherwise { get; init; }
    public ProgramLoadOptions? Load { get; init; }
}

/// <summary>A program that counts its runs in a map: what attach tests are made of.</summary>
internal sealed class Counter : IDisposable
{
    private const string MapName = "counts";

    private Counter(BpfMap map, BpfProgram program)
    {
        Map = map;
        Program = program;
    }

    public BpfMap Map { get; }

    public BpfProgram Program { get; }

    /// <summary>How often the program ran and its conditions held.</summary>
    public ulong Count => Read(0);

    /// <summary>The cookie of the last run that was counted.</summary>
    public ulong Cookie => Read(1);

    /// <summary>The word of the context at the last run that was counted.</summary>
    public ulong Remembered => Read(2);

    public ulong Read(int index)
    {
        Span<byte> key = stackalloc byte[4], value = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(key, index);
        Assert.True(Map.TryLookup(key, value));
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    public static Counter Load(ProgramType type, CounterOptions? options = null)
    {
        options ??= new();
        var map = BpfMap.Create(new MapSpec { Name = MapName, Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 16 });
        try
        {
            var load = (options.Load ?? new()) with { Maps = new Dictionary<string, BpfMap> { [MapName] = map } };
            return new Counter(map, BpfProgram.Load(Spec(type, options), load));
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    public static ProgramSpec Spec(ProgramType type, CounterOptions options)
    {
        Assembler code = new();
        code.Mov(R6, R1);
        if (options.OnlyThisThread)
        {
            // The thread is the lower half.
            code.Call(BpfHelper.GetCurrentPidTgid).Mov32(R0, R0).JumpIf(R0, JumpOp.NotEqual, Provoke.ThreadId, "out");
        }
        if (options.Where is { } where) code.Load(R0, R6, where.Offset).JumpIf(R0, JumpOp.NotEqual, where.Value, "out");
        if (options.Cookie) Element(code.Mov(R1, R6).Call(BpfHelper.GetAttachCookie).Mov(R7, R0), 1).Store(R0, 0, R7);
        if (options.Remember is { } offset) Element(code.Load(R7, R6, offset), 2).Store(R0, 0, R7);
        if (options.Then is { } then) then(code);
        Element(code, 0).Mov(R1, 1).AtomicAdd(R0, 0, R1).Mov(R0, options.Result).Exit();
        code.Label("out").Mov(R0, options.Otherwise).Exit();
        return new ProgramSpec { Name = "hornet_count", Type = type, AttachType = options.AttachType, Flags = options.Flags, Instructions = code.Build() };
    }

    /// <summary>The address of an element in R0; leaves the program when there is none.</summary>
    public static Assembler Element(Assembler code, int index) =>
        code.Store(R10, -4, index, MemorySize.U32).LoadMap(R1, MapName).Mov(R2, R10).Add(R2, -4).Call(BpfHelper.MapLookupElem).JumpIfZero(R0, "out");

    public void Dispose()
    {
        Program.Dispose();
        Map.Dispose();
    }
}
