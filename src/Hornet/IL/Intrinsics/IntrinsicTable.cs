using System.Collections.Concurrent;
using System.Reflection;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// The methods of libraries that the compiler knows, by name: <c>System.Span`1.get_Item</c>. Each family registers its
/// own. What is not here is not compiled.
/// </summary>
internal static class IntrinsicTable
{
    private static readonly Dictionary<string, Intrinsic> s_byName = Build();
    private static readonly ConcurrentDictionary<MethodBase, Intrinsic?> s_cache = [];

    /// <summary>All names, for documentation and tests.</summary>
    public static IEnumerable<string> KnownNames => s_byName.Keys.Concat(PrimitiveOperators.KnownNames).Concat(Library.Substitutes.KnownMembers).Distinct();

    /// <summary>What a method becomes; null when it is none of these.</summary>
    public static Intrinsic? Find(MethodBase method) => s_cache.GetOrAdd(method, static m => DeclaredIntrinsics.Restricted(m, Lookup(m)));

    private static Intrinsic? Lookup(MethodBase method)
    {
        var type = method.DeclaringType;
        if (type is null) return null;
        if (type.Name == "<PrivateImplementationDetails>") return s_byName.GetValueOrDefault($"<PrivateImplementationDetails>.{method.Name}");
        if (IsCoverage(type)) return static _ => null;
        if (type.IsGenericType) type = type.GetGenericTypeDefinition();
        if (Library.Substitutes.Find(method) is { } substitute) return substitute;
        if (s_byName.TryGetValue($"{type.FullName}.{method.Name}", out var found)) return found;
        return DeclaredIntrinsics.Find(method) ?? PrimitiveOperators.Find(method);
    }

    // What a tool put into the assembly to see which blocks run: nothing that the program does.
    private static bool IsCoverage(Type type) =>
        type.FullName is { } name && (name.StartsWith("Coverlet.Core.Instrumentation.Tracker.", StringComparison.Ordinal) || name == "AltCover.Recorder.Instance");

    private static Dictionary<string, Intrinsic> Build()
    {
        IntrinsicRegistry registry = new();
        SpanIntrinsics.Register(registry);
        SearchIntrinsics.Register(registry);
        IndexIntrinsics.Register(registry);
        UnsafeIntrinsics.Register(registry);
        KernelMemoryIntrinsics.Register(registry);
        TracingIntrinsics.Register(registry);
        MarshalIntrinsics.Register(registry);
        BitIntrinsics.Register(registry);
        AtomicIntrinsics.Register(registry);
        ValueIntrinsics.Register(registry);
        KeyedMapIntrinsics.Register(registry);
        TrieIntrinsics.Register(registry);
        SequenceIntrinsics.Register(registry);
        ReferenceMapIntrinsics.Register(registry);
        StorageIntrinsics.Register(registry);
        KernelFieldIntrinsics.Register(registry);
        ObjectIntrinsics.Register(registry);
        WorkIntrinsics.Register(registry);
        UserRingIntrinsics.Register(registry);
        HelperIntrinsics.Register(registry);
        ProbeIntrinsics.Register(registry);
        EventIntrinsics.Register(registry);
        PrintIntrinsics.Register(registry);
        GlobalIntrinsics.Register(registry);
        LoopIntrinsics.Register(registry);
        ForEachIntrinsics.Register(registry);
        WalkIntrinsics.Register(registry);
        IteratorIntrinsics.Register(registry);
        DynptrIntrinsics.Register(registry);
        CastIntrinsics.Register(registry);
        PacketIntrinsics.Register(registry);
        NetfilterIntrinsics.Register(registry);
        return registry.Entries;
    }
}

/// <summary>Where families register their methods.</summary>
internal sealed class IntrinsicRegistry
{
    public Dictionary<string, Intrinsic> Entries { get; } = [];

    /// <summary>Registers methods of a type by their metadata names; overloads share one intrinsic.</summary>
    public void Add(Type type, Intrinsic intrinsic, params ReadOnlySpan<string> names)
    {
        foreach (string name in names) Entries.Add($"{type.FullName}.{name}", intrinsic);
    }

    /// <summary>Registers a method by its full name.</summary>
    public void Add(string name, Intrinsic intrinsic) => Entries.Add(name, intrinsic);
}
