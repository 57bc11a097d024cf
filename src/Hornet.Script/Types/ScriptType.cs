namespace Hornet.Script.Types;

/// <summary>Which memory a pointer goes to. Reading through it depends on that.</summary>
internal enum AddressSpace
{
    /// <summary>Not known: user memory in uprobes, USDT and system call arguments, kernel memory elsewhere, as bpftrace guesses.</summary>
    None,
    Kernel,
    User,
    /// <summary>What the program may read directly: the address of a variable or of a map's value (<c>&amp;$x</c>).</summary>
    Bpf,
}

/// <summary>
/// A type of the language. Each has one layout in memory, the same in variables, in map keys and values, and in records;
/// the code generator writes it and the output reads it. Equal types are equal values.
/// </summary>
internal abstract record ScriptType
{
    /// <summary>Bytes.</summary>
    public abstract int Size { get; }

    public virtual int Alignment => Size is 1 or 2 or 4 or 8 ? Size : Size == 0 ? 1 : 8;

    /// <summary>As messages and <c>typeof</c> write it: <c>uint64</c>, <c>string[16]</c>, <c>struct task_struct *</c>.</summary>
    public abstract override string ToString();
}

/// <summary>Nothing: of calls that give no value.</summary>
internal sealed record VoidType : ScriptType
{
    public static readonly VoidType Instance = new();
    public override int Size => 0;
    public override string ToString() => "void";
}

/// <summary>A number that no program can compute with, of floating point or of 128 bits: it has its room in a struct, and no value.</summary>
internal sealed record OpaqueType(int Bytes, int Boundary) : ScriptType
{
    public override int Size => Bytes;
    public override int Alignment => Boundary;
    public override string ToString() => "none";
}

internal sealed record IntegerType(int Bits, bool IsSigned) : ScriptType
{
    public static readonly IntegerType Int8 = new(8, true), Int16 = new(16, true), Int32 = new(32, true), Int64 = new(64, true);
    public static readonly IntegerType UInt8 = new(8, false), UInt16 = new(16, false), UInt32 = new(32, false), UInt64 = new(64, false);
    public override int Size => Bits / 8;

    /// <summary>Of a number that was written down and fits either way: its sign is not decided yet. For finding types only, not part of equality.</summary>
    public bool IsSignFlexible { get; init; }

    /// <summary>Of what <c>nsecs</c> gives: the clock it was read from, for <c>strftime</c>. Not part of equality.</summary>
    public TimestampClock Clock { get; init; }

    public bool Equals(IntegerType? other) => other is not null && Bits == other.Bits && IsSigned == other.IsSigned;

    public override int GetHashCode() => IsSigned ? -Bits : Bits;

    public override string ToString() => $"{(IsSigned ? "" : "u")}int{Bits}";
}

/// <summary>One byte, 0 or 1.</summary>
internal sealed record BooleanType : ScriptType
{
    public static readonly BooleanType Instance = new();
    public override int Size => 1;
    public override string ToString() => "bool";
}

/// <summary>Text in so many bytes with a zero at the end, zeros behind it where it is a map key or is compared.</summary>
/// <param name="Length">Bytes, the final zero included.</param>
internal sealed record StringType(int Length) : ScriptType
{
    public override int Size => Length;
    public override int Alignment => 1;
    public override string ToString() => $"string[{Length}]";
}

/// <summary>Bytes with their count: a 32-bit number, then <see cref="Capacity"/> bytes.</summary>
internal sealed record BufferType(int Capacity) : ScriptType
{
    public override int Size => Capacity + 4;
    public override int Alignment => 4;
    public override string ToString() => $"buffer[{Capacity}]";
}

/// <summary>A pointer; 8 bytes.</summary>
internal sealed record PointerType(ScriptType Target, AddressSpace Space = AddressSpace.None) : ScriptType
{
    public override int Size => 8;
    public override string ToString() => $"{Target} *";
}

internal sealed record ArrayType(ScriptType Element, int Count) : ScriptType
{
    public override int Size => Element.Size * Count;
    public override int Alignment => Element.Alignment;
    public override string ToString() => $"{Element}[{Count}]";
}

/// <summary>A field of a struct or union.</summary>
/// <param name="Name">Empty for an anonymous struct or union, whose members count as the outer type's.</param>
/// <param name="Type">The type; of a bitfield, the declared one.</param>
/// <param name="Offset">Bytes; of a bitfield, of the storage that <paramref name="BitOffset"/> counts from.</param>
/// <param name="BitOffset">Of a bitfield: the first bit (least significant first) from <paramref name="Offset"/>.</param>
/// <param name="BitSize">Of a bitfield: how many bits; 0 for all others.</param>
internal sealed record CompositeField(string Name, ScriptType Type, int Offset, int BitOffset = 0, int BitSize = 0)
{
    /// <summary>A text or array of a tracepoint whose place stands in the record itself (<c>__data_loc</c>): offset in the low 16 bits.</summary>
    public bool IsDataLocation { get; init; }

    /// <summary><c>__user</c>, or known to be one.</summary>
    public AddressSpace Space { get; init; }

    /// <summary>An array of char that C declared: characters may fill it, with no zero at the end. As a value it has room for one.</summary>
    public bool MayLackZero { get; init; }
}

/// <summary>
/// A struct or union of C: of the kernel's BTF, of DWARF, or declared in the script. Compared by identity: sources intern
/// their types, and members are read when they are first wanted.
/// </summary>
internal sealed class CompositeTypeInfo(string name, bool isUnion, int size, Func<IReadOnlyList<CompositeField>> fields)
{
    private IReadOnlyList<CompositeField>? _fields;

    /// <summary>With the keyword: <c>struct task_struct</c>, <c>union x</c>; <c>struct &lt;anonymous&gt;</c> without a name; a typedef's or C++ class's name as it is.</summary>
    public string Name { get; } = name;
    public bool IsUnion { get; } = isUnion;
    public int Size { get; } = size;
    public int Alignment { get; init; } = 8;

    /// <summary>The kernel's own name without the keyword when it comes from the kernel's BTF; null for all others.</summary>
    public string? KernelName { get; init; }

    /// <summary>Whether only its name is known (<c>struct x;</c>): pointers to it are all right, values are not.</summary>
    public bool IsIncomplete { get; init; }

    public IReadOnlyList<CompositeField> Fields => _fields ??= fields();

    /// <summary>Finds a field, also in anonymous members; offsets are then from the beginning of this type.</summary>
    public CompositeField? FindField(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name) return field;
            if (field.Name.Length == 0 && field.Type is CompositeType inner && inner.Info.FindField(name) is { } found)
                return found with { Offset = found.Offset + field.Offset };
        }
        return null;
    }
}

internal sealed record CompositeType(CompositeTypeInfo Info) : ScriptType
{
    public override int Size => Info.Size;
    public override int Alignment => Info.Alignment;
    public override string ToString() => Info.Name;
}

/// <summary>An enumeration: printed by name where a value has one.</summary>
internal sealed class EnumTypeInfo(string name, int bits, bool isSigned, IReadOnlyList<(string Name, long Value)> values)
{
    /// <summary><c>enum e</c>.</summary>
    public string Name { get; } = name;
    public int Bits { get; } = bits;
    public bool IsSigned { get; } = isSigned;
    public IReadOnlyList<(string Name, long Value)> Values { get; } = values;
}

internal sealed record EnumType(EnumTypeInfo Info) : ScriptType
{
    public override int Size => Info.Bits / 8;
    public override string ToString() => Info.Name;
}

/// <summary>Values side by side, laid out as C does; <c>args</c> of printf are one too.</summary>
internal sealed record TupleType : ScriptType
{
    private readonly int[] _offsets;

    public TupleType(IReadOnlyList<ScriptType> elements, IReadOnlyList<string>? names = null)
    {
        Elements = elements;
        Names = names;
        _offsets = new int[elements.Count];
        int at = 0, align = 1;
        for (int i = 0; i < elements.Count; i++)
        {
            int a = Math.Max(1, elements[i].Alignment);
            at = (at + a - 1) / a * a;
            _offsets[i] = at;
            at += elements[i].Size;
            align = Math.Max(align, a);
        }
        Size = (at + align - 1) / align * align;
        Alignment = align;
    }

    public IReadOnlyList<ScriptType> Elements { get; }

    /// <summary>The names of a record's fields; null for a tuple.</summary>
    public IReadOnlyList<string>? Names { get; }
    public override int Size { get; }
    public override int Alignment { get; }

    public int Offset(int index) => _offsets[index];

    public bool Equals(TupleType? other) => other is not null && Elements.SequenceEqual(other.Elements) &&
        (Names is null ? other.Names is null : other.Names is not null && Names.SequenceEqual(other.Names));

    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (var element in Elements) hash.Add(element);
        return hash.ToHashCode();
    }

    public override string ToString() => Names is null
        ? $"({string.Join(',', Elements)})"
        : $"record {{ {string.Join(", ", Elements.Select((e, i) => $".{Names[i]} = {e}"))} }}";
}

/// <summary>An IP address: 4 bytes address family (AF_INET or AF_INET6) and 16 bytes of address, the first 4 of them for IPv4.</summary>
internal sealed record InetType : ScriptType
{
    public static readonly InetType Instance = new();
    public override int Size => 20;
    public override int Alignment => 4;
    public override string ToString() => "inet";
}

/// <summary>Six bytes.</summary>
internal sealed record MacAddressType : ScriptType
{
    public static readonly MacAddressType Instance = new();
    public override int Size => 6;
    public override int Alignment => 1;
    public override string ToString() => "mac_address";
}

internal enum StackMode { Bpftrace, Perf, Raw, BuildId }

/// <summary>
/// A stack: 64 bits of id in the map of stacks of this limit (negative: the error), and for a user's, the process id (32
/// bits) and the probe's number (32 bits) behind it. The map (see <c>CompiledScript.StackMaps</c>) holds the frames.
/// </summary>
internal sealed record StackType(bool IsUser, StackMode Mode, int Limit) : ScriptType
{
    public override int Size => IsUser ? 16 : 8;
    public override int Alignment => 8;
    public override string ToString() => $"{(IsUser ? 'u' : 'k')}stack_{(Mode == StackMode.BuildId ? "build_id" : Mode.ToString().ToLowerInvariant())}_{Limit}";
}

/// <summary>A kernel address to be printed as a symbol; 8 bytes.</summary>
internal sealed record KernelSymbolType : ScriptType
{
    public static readonly KernelSymbolType Instance = new();
    public override int Size => 8;
    public override string ToString() => "ksym_t";
}

/// <summary>A user address to be printed as a symbol: 8 bytes address, 4 process id, 4 the probe's number.</summary>
internal sealed record UserSymbolType : ScriptType
{
    public static readonly UserSymbolType Instance = new();
    public override int Size => 16;
    public override int Alignment => 8;
    public override string ToString() => "usym_t";
}

/// <summary>A user id to be printed as a name; 8 bytes.</summary>
internal sealed record UserNameType : ScriptType
{
    public static readonly UserNameType Instance = new();
    public override int Size => 8;
    public override string ToString() => "username_t";
}

/// <summary>A time to be printed with <c>strftime</c>: 8 bytes nanoseconds, 4 the clock, 4 the format's number in <c>CompiledScript.TimeFormats</c>.</summary>
internal sealed record TimestampType : ScriptType
{
    public static readonly TimestampType Instance = new();
    public override int Size => 16;
    public override int Alignment => 8;
    public override string ToString() => "timestamp";
}

/// <summary>Clocks of <see cref="TimestampType"/>.</summary>
internal enum TimestampClock { Boot = 0, Monotonic = 1, Tai = 2, SoftwareTai = 3 }

/// <summary>A cgroup to be printed as a path: 8 bytes cgroup id, 8 the filter's number in <c>CompiledScript.CgroupFilters</c>.</summary>
internal sealed record CgroupPathType : ScriptType
{
    public static readonly CgroupPathType Instance = new();
    public override int Size => 16;
    public override int Alignment => 8;
    public override string ToString() => "cgroup_path_t";
}

/// <summary>An error number to be printed as text; 8 bytes.</summary>
internal sealed record ErrorTextType : ScriptType
{
    public static readonly ErrorTextType Instance = new();
    public override int Size => 8;
    public override string ToString() => "strerror_t";
}

/// <summary>The number of a name in <c>CompiledScript.Names</c>, printed as that: <c>probe</c>, <c>func</c> where it is constant per probe; 8 bytes.</summary>
internal sealed record NameType : ScriptType
{
    public static readonly NameType Instance = new();
    public override int Size => 8;
    public override string ToString() => "name";
}

/// <summary>GFP flags, signal numbers and the like never are types: they are format conversions (<c>%gr</c>).</summary>
internal enum AggregateKind { Count, Sum, Min, Max, Avg, Stats, Hist, LinearHist, TimeSeries }

/// <summary>
/// What a map's value gathers, per CPU. Layouts, all 8 bytes wide: count and sum, one number; min and max, the value and 1
/// when it is set; avg and stats, the total and the count; hist, <see cref="BucketCount"/> numbers; lhist, under, buckets,
/// over. tseries: <see cref="SeriesCount"/> entries of (value, meta, epoch): see TimeSeries.
/// </summary>
internal sealed record AggregateType(AggregateKind Kind, bool IsSigned) : ScriptType
{
    /// <summary>hist: log2 of the buckets per power of two (0..5).</summary>
    public int HistBits { get; init; }
    public long Minimum { get; init; }
    public long Maximum { get; init; }
    public long Step { get; init; }

    /// <summary>tseries: nanoseconds of an interval, how many of them, and what is done with several values in one.</summary>
    public ulong Interval { get; init; }
    public int SeriesCount { get; init; }
    public AggregateKind SeriesAggregate { get; init; }

    /// <summary>
    /// Buckets of hist: index 0 holds what is below 0, 1 holds 0, then each value below 2^k has its own, then 2^k buckets for each
    /// power of two, as in bpftrace. Of lhist: 0 below the minimum, last at or above the maximum.
    /// </summary>
    public int BucketCount => Kind switch
    {
        AggregateKind.Hist => 2 + (1 << HistBits) - 1 + (64 - HistBits) * (1 << HistBits),
        AggregateKind.LinearHist => checked((int)((Maximum - Minimum + Step - 1) / Step)) + 2,
        _ => 0,
    };

    public override int Size => Kind switch
    {
        AggregateKind.Count or AggregateKind.Sum => 8,
        AggregateKind.Min or AggregateKind.Max or AggregateKind.Avg or AggregateKind.Stats => 16,
        AggregateKind.TimeSeries => SeriesCount * 24,
        _ => BucketCount * 8,
    };

    public override int Alignment => 8;

    public override string ToString() => Kind switch
    {
        AggregateKind.LinearHist => "lhist_t",
        AggregateKind.TimeSeries => "tseries_t",
        _ => $"{(IsSigned || Kind is AggregateKind.Count or AggregateKind.Hist ? "" : "u")}{Kind.ToString().ToLowerInvariant()}_t",
    };
}
