namespace Hornet.Compiler.IR;

/// <summary>What a pointer points into. It decides how memory may be reached: directly, after a check, or through a helper.</summary>
public enum RegionKind
{
    /// <summary>Nothing is known. Such a pointer can be compared and passed on, not followed.</summary>
    Unknown,
    /// <summary>The program's context.</summary>
    Context,
    /// <summary>The stack, or scratch memory that stands in for it.</summary>
    Stack,
    /// <summary>A map itself, as helpers take it.</summary>
    MapHandle,
    /// <summary>The value of a map element.</summary>
    MapValue,
    /// <summary>The packet.</summary>
    Packet,
    /// <summary>The end of the packet: only good for comparisons.</summary>
    PacketEnd,
    /// <summary>A record that was reserved in a ring buffer and not given back yet.</summary>
    RingRecord,
    /// <summary>Kernel memory whose type the verifier knows: read directly.</summary>
    Kernel,
    /// <summary>Kernel memory by address: read with <c>bpf_probe_read_kernel</c>.</summary>
    KernelUntrusted,
    /// <summary>Memory of the current process: read with <c>bpf_probe_read_user</c>.</summary>
    User,
    /// <summary>An arena (kernel 6.9).</summary>
    Arena,
    /// <summary>A function of the program, as callbacks are handed to helpers.</summary>
    Function,
    /// <summary>Stack, a map's value or a record: where paths with different ones of them meet.</summary>
    Memory,
    /// <summary>An object that a program made (kernel 6.2): what lists and trees hold.</summary>
    Object,
}

/// <summary>What a pointer points into, with what is known of its size or type.</summary>
/// <param name="Kind">The kind of memory.</param>
/// <param name="Size">Bytes that can be reached from the pointer's origin; 0 when unknown.</param>
/// <param name="TypeName">The kernel's name of the type pointed to; null when there is none.</param>
public readonly record struct Region(RegionKind Kind, int Size = 0, string? TypeName = null)
{
    /// <summary>The program's context.</summary>
    public static Region Context => new(RegionKind.Context);
    /// <summary>The stack.</summary>
    public static Region Stack => new(RegionKind.Stack);
    /// <summary>A map as helpers take it.</summary>
    public static Region MapHandle => new(RegionKind.MapHandle);
    /// <summary>The packet.</summary>
    public static Region Packet => new(RegionKind.Packet);
    /// <summary>The end of the packet.</summary>
    public static Region PacketEnd => new(RegionKind.PacketEnd);
    /// <summary>Memory of the current process.</summary>
    public static Region User => new(RegionKind.User);
    /// <summary>An arena.</summary>
    public static Region Arena => new(RegionKind.Arena);
    /// <summary>A function of the program.</summary>
    public static Region Function => new(RegionKind.Function);
    /// <summary>Nothing is known.</summary>
    public static Region Unknown => new(RegionKind.Unknown);

    /// <summary>The value of a map element.</summary>
    public static Region MapValue(int size) => new(RegionKind.MapValue, size);

    /// <summary>An object that a program made.</summary>
    public static Region Object(int size) => new(RegionKind.Object, size);

    /// <summary>A reserved ring buffer record.</summary>
    public static Region RingRecord(int size) => new(RegionKind.RingRecord, size);

    /// <summary>Kernel memory of a type the verifier knows.</summary>
    public static Region Kernel(string typeName) => new(RegionKind.Kernel, 0, typeName);

    /// <summary>Kernel memory by address.</summary>
    public static Region KernelUntrusted(string? typeName = null) => new(RegionKind.KernelUntrusted, 0, typeName);

    /// <summary>Whether ordinary loads and stores reach it.</summary>
    public bool IsDirect => Kind is RegionKind.Context or RegionKind.Stack or RegionKind.MapValue or RegionKind.Packet
        or RegionKind.RingRecord or RegionKind.Kernel or RegionKind.Arena or RegionKind.Memory or RegionKind.Object;

    /// <summary>
    /// The region of a pointer that is one or the other; null where the verifier could not follow such a pointer. Memory
    /// that is accessed alike (stack, map values, records) mixes; contexts, packets and kernel types do not.
    /// </summary>
    public static Region? Join(Region a, Region b)
    {
        if (a == b) return a;
        if (a.Kind == b.Kind)
        {
            int size = a.Size == 0 || b.Size == 0 ? 0 : Math.Min(a.Size, b.Size);
            string? type = a.TypeName == b.TypeName ? a.TypeName : null;
            return a.Kind == RegionKind.Kernel && type is null ? null : new Region(a.Kind, size, type);
        }
        return IsPlain(a.Kind) && IsPlain(b.Kind) ? new Region(RegionKind.Memory, a.Size == 0 || b.Size == 0 ? 0 : Math.Min(a.Size, b.Size)) : null;

        static bool IsPlain(RegionKind kind) => kind is RegionKind.Stack or RegionKind.MapValue or RegionKind.RingRecord or RegionKind.Memory;
    }

    /// <summary>The name of a kind in printed IR.</summary>
    internal static string NameOf(RegionKind kind) => kind switch
    {
        RegionKind.Unknown => "unknown",
        RegionKind.Context => "ctx",
        RegionKind.Stack => "stack",
        RegionKind.MapHandle => "map",
        RegionKind.MapValue => "value",
        RegionKind.Packet => "packet",
        RegionKind.PacketEnd => "packet_end",
        RegionKind.RingRecord => "record",
        RegionKind.Kernel => "kernel",
        RegionKind.KernelUntrusted => "untrusted",
        RegionKind.User => "user",
        RegionKind.Arena => "arena",
        RegionKind.Function => "function",
        RegionKind.Memory => "memory",
        RegionKind.Object => "object",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Whether kind, size and type are the same.</summary>
    public bool Equals(Region other) => Kind == other.Kind && Size == other.Size && TypeName == other.TypeName;

    /// <inheritdoc/>
    public override int GetHashCode() => ((int)Kind << 16) ^ Size ^ (TypeName is null ? 0 : TypeName.GetHashCode(StringComparison.Ordinal));

    /// <summary>As printed IR has it: <c>ctx</c>, <c>value:16</c>, <c>kernel:task_struct</c>.</summary>
    public override string ToString() =>
        TypeName is not null ? $"{NameOf(Kind)}:{TypeName}" : Size != 0 ? $"{NameOf(Kind)}:{Size}" : NameOf(Kind);
}
