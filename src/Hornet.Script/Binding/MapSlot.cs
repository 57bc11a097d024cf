using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>What is known of a map so far. Types only grow.</summary>
internal sealed class MapSlot(string name, int number)
{
    /// <summary>Without the at sign.</summary>
    public string Name { get; } = name;

    /// <summary>The map of the bound script; its types are set when all are known.</summary>
    public BoundMap Bound { get; } = new(name, number);

    /// <summary>Null until something says it.</summary>
    public ScriptType? Key { get; set; }
    public ScriptType? Value { get; set; }

    /// <summary>Whether an aggregate of another map was assigned when nothing was known: an error, and no zeros.</summary>
    public bool RefusedAggregate { get; set; }

    /// <summary>Whether it has no key; null until it is first used.</summary>
    public bool? IsScalar { get; set; }

    /// <summary>What the arguments of sum and its kin have been, which must go together.</summary>
    public ScriptType? AggregateArgument { get; set; }

    /// <summary>Whether an element of it is ever deleted or looked up, which needs a hash.</summary>
    public bool NeedsHash { get; set; }

    /// <summary>Whether a compile-time question was answered by its types: they stay as they are then.</summary>
    public bool IsLocked { get; set; }
    public MapDeclarationSyntax? Declaration { get; set; }
    public bool IsUsed { get; set; }
    public HashSet<Body> Users { get; } = [];

    public ScriptType KeyOrUnknown => IsScalar == true ? IntegerType.Int64 : Key ?? UnknownType.Instance;

    /// <summary>Tells the bound map what has been found.</summary>
    public void Settle(ScriptConfig config, DiagnosticBag diagnostics)
    {
        Bound.Value = Value ?? IntegerType.Int8;
        Bound.Key = IsScalar == true ? null : Key;
        Bound.KeyIsList = Bound.Key is TupleType { Names: null };
        bool perCpu = Bound.Value is AggregateType;
        Bound.MaxEntries = Declaration is { } declared ? checked((uint)Math.Min(declared.MaxEntries, uint.MaxValue)) : IsScalar == true ? 1 : config.MaxMapKeys;
        Bound.Grows = Declaration is null && IsScalar != true && !config.LimitsMaps;
        Bound.Type = Declaration is { } d && MapKinds.Find(d.Kind) is { } kind ? kind
            // Elements of an array are there from the beginning. Only where setting one leaves a trace can it be told from one that was never set, which is
            // not printed: a count is then at least 1, but a variable or a sum may be 0.
            : IsScalar == true && !NeedsHash && Bound.Value is AggregateType { Kind: not AggregateKind.Sum } ? MapType.PerCpuArray
            : perCpu ? MapType.PerCpuHash : MapType.Hash;
        if (Declaration is not null && !IsUsed) diagnostics.Warning(Declaration.Span, $"Unused map: @{Name}");
    }
}

/// <summary>The kinds of maps a script can declare.</summary>
internal static class MapKinds
{
    private static readonly (string Name, MapType Type)[] s_kinds =
        [("hash", MapType.Hash), ("lruhash", MapType.LruHash), ("percpuhash", MapType.PerCpuHash), ("percpulruhash", MapType.LruPerCpuHash)];

    public static MapType? Find(string name)
    {
        foreach (var kind in s_kinds)
        {
            if (kind.Name == name) return kind.Type;
        }
        return null;
    }

    /// <summary>What is wrong with a declared kind for a value; null when they go together.</summary>
    public static string? Mismatch(string declared, ScriptType value)
    {
        if (Find(declared) is not { } type) return null;
        bool perCpu = type is MapType.PerCpuHash or MapType.LruPerCpuHash;
        return perCpu == value is AggregateType ? null
            : $"Incompatible map types. Type from declaration: {declared}. Type from value/key type: {(value is AggregateType ? "percpuhash" : "hash")}";
    }

    public static string Names => string.Join(", ", s_kinds.Select(k => k.Name));
}
