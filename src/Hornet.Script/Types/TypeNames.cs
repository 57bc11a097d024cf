namespace Hornet.Script.Types;

/// <summary>The language's own names of types.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<string, ScriptType> s_names = new(StringComparer.Ordinal)
    {
        ["bool"] = BooleanType.Instance,
        ["int8"] = IntegerType.Int8,
        ["int16"] = IntegerType.Int16,
        ["int32"] = IntegerType.Int32,
        ["int64"] = IntegerType.Int64,
        ["uint8"] = IntegerType.UInt8,
        ["uint16"] = IntegerType.UInt16,
        ["uint32"] = IntegerType.UInt32,
        ["uint64"] = IntegerType.UInt64,
        ["void"] = VoidType.Instance,
        ["count_t"] = new AggregateType(AggregateKind.Count, false),
        ["sum_t"] = new AggregateType(AggregateKind.Sum, true),
        ["min_t"] = new AggregateType(AggregateKind.Min, true),
        ["max_t"] = new AggregateType(AggregateKind.Max, true),
        ["avg_t"] = new AggregateType(AggregateKind.Avg, true),
        ["stats_t"] = new AggregateType(AggregateKind.Stats, true),
        ["usum_t"] = new AggregateType(AggregateKind.Sum, false),
        ["umin_t"] = new AggregateType(AggregateKind.Min, false),
        ["umax_t"] = new AggregateType(AggregateKind.Max, false),
        ["uavg_t"] = new AggregateType(AggregateKind.Avg, false),
        ["ustats_t"] = new AggregateType(AggregateKind.Stats, false),
        ["timestamp"] = TimestampType.Instance,
        ["macaddr_t"] = MacAddressType.Instance,
        ["cgroup_path_t"] = CgroupPathType.Instance,
        ["username_t"] = UserNameType.Instance,
        ["string"] = new StringType(0),
        ["buffer"] = new BufferType(0),
        ["inet"] = InetType.Instance,
    };

    // What C calls a type, in every order of its words, and what BTF calls it.
    private static readonly Dictionary<string, ScriptType> s_c = new(StringComparer.Ordinal)
    {
        ["void"] = VoidType.Instance,
        ["bool"] = BooleanType.Instance,
        ["_Bool"] = BooleanType.Instance,
        ["char"] = IntegerType.Int8,
        ["signed char"] = IntegerType.Int8,
        ["unsigned char"] = IntegerType.UInt8,
        ["short"] = IntegerType.Int16,
        ["short int"] = IntegerType.Int16,
        ["unsigned short"] = IntegerType.UInt16,
        ["short unsigned int"] = IntegerType.UInt16,
        ["unsigned short int"] = IntegerType.UInt16,
        ["int"] = IntegerType.Int32,
        ["signed"] = IntegerType.Int32,
        ["signed int"] = IntegerType.Int32,
        ["unsigned"] = IntegerType.UInt32,
        ["unsigned int"] = IntegerType.UInt32,
        ["long"] = IntegerType.Int64,
        ["long int"] = IntegerType.Int64,
        ["signed long"] = IntegerType.Int64,
        ["unsigned long"] = IntegerType.UInt64,
        ["long unsigned int"] = IntegerType.UInt64,
        ["unsigned long int"] = IntegerType.UInt64,
        ["long long"] = IntegerType.Int64,
        ["long long int"] = IntegerType.Int64,
        ["unsigned long long"] = IntegerType.UInt64,
        ["long long unsigned int"] = IntegerType.UInt64,
        ["unsigned long long int"] = IntegerType.UInt64,
        ["int8_t"] = IntegerType.Int8,
        ["int16_t"] = IntegerType.Int16,
        ["int32_t"] = IntegerType.Int32,
        ["int64_t"] = IntegerType.Int64,
        ["uint8_t"] = IntegerType.UInt8,
        ["uint16_t"] = IntegerType.UInt16,
        ["uint32_t"] = IntegerType.UInt32,
        ["uint64_t"] = IntegerType.UInt64,
        ["s8"] = IntegerType.Int8,
        ["s16"] = IntegerType.Int16,
        ["s32"] = IntegerType.Int32,
        ["s64"] = IntegerType.Int64,
        ["u8"] = IntegerType.UInt8,
        ["u16"] = IntegerType.UInt16,
        ["u32"] = IntegerType.UInt32,
        ["u64"] = IntegerType.UInt64,
        ["__u8"] = IntegerType.UInt8,
        ["__u16"] = IntegerType.UInt16,
        ["__u32"] = IntegerType.UInt32,
        ["__u64"] = IntegerType.UInt64,
        ["pid_t"] = IntegerType.Int32,
        ["uid_t"] = IntegerType.UInt32,
        ["gid_t"] = IntegerType.UInt32,
        ["dev_t"] = IntegerType.UInt32,
        ["uintptr_t"] = IntegerType.UInt64,
        ["intptr_t"] = IntegerType.Int64,
        ["size_t"] = IntegerType.UInt64,
        ["ssize_t"] = IntegerType.Int64,
        ["loff_t"] = IntegerType.Int64,
        ["sector_t"] = IntegerType.UInt64,
    };

    public static IEnumerable<string> All => s_names.Keys.Concat(s_c.Keys);

    public static ScriptType? Find(string name) => s_names.GetValueOrDefault(name);

    public static ScriptType? FindC(string name) => s_c.GetValueOrDefault(name);

    /// <summary>The kind of a type, without sizes, as messages and <c>typeinfo</c> name it.</summary>
    public static string Kind(ScriptType type) => type switch
    {
        VoidType => "void",
        IntegerType or EnumType => "int",
        BooleanType => "bool",
        StringType => "string",
        BufferType => "buffer",
        PointerType => "pointer",
        ArrayType => "array",
        CompositeType => "c_type",
        TupleType { Names: null } => "tuple",
        TupleType => "record",
        StackType stack => stack.IsUser ? "ustack" : "kstack",
        InetType => "inet",
        AggregateType { Kind: AggregateKind.LinearHist } => "lhist_t",
        AggregateType { Kind: AggregateKind.TimeSeries } => "tseries_t",
        AggregateType aggregate => aggregate.Kind.ToString().ToLowerInvariant() + "_t",
        ErrorTextType or NameType => "string",
        _ => type.ToString(),
    };
}
