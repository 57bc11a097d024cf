using System.Diagnostics.CodeAnalysis;

namespace Hornet.Maps;

/// <summary>A stack (4.20): the last in is the first out.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfStack<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : SequenceMap<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfStack(BpfMap map) : base(map, MapType.Stack)
    {
    }

    /// <summary>Creates a stack.</summary>
    public static BpfStack<T> Create(string name, uint capacity, MapOptions? options = null) =>
        Own(Create(MapType.Stack, name, capacity, options), static map => new BpfStack<T>(map));
}
