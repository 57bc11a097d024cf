namespace Hornet.Maps;

/// <summary>
/// A map seen by its kind and types. A view shares the descriptor of its <see cref="Map"/>: disposing either closes it.
/// Several views of one map are fine.
/// </summary>
public abstract class MapView : IDisposable
{
    private protected MapView(BpfMap map, ReadOnlySpan<MapType> kinds)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (!kinds.Contains(map.Type)) throw new BpfException($"The {map} is no {MapKind.Name(kinds[0])}.");
        Map = map;
    }

    /// <summary>The map by its bytes: pins, info, freezing.</summary>
    public BpfMap Map { get; }

    /// <summary>Closes the map's descriptor.</summary>
    public void Dispose()
    {
        Release();
        Map.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what a kind holds beside the descriptor.</summary>
    private protected virtual void Release()
    {
    }

    /// <inheritdoc/>
    public override string ToString() => Map.ToString();

    private protected unsafe void CheckKeySize<T>() where T : unmanaged
    {
        if (sizeof(T) != Map.KeySize) throw new BpfException($"The {Map} has keys of {Map.KeySize} bytes; {typeof(T).Name} has {sizeof(T)}.");
    }

    private protected unsafe void CheckValueSize<T>() where T : unmanaged
    {
        if (sizeof(T) != Map.ValueSize) throw new BpfException($"The {Map} has values of {Map.ValueSize} bytes; {typeof(T).Name} has {sizeof(T)}.");
    }

    /// <summary>Makes a view of a map just created; closes the map when it cannot.</summary>
    private protected static TView Own<TView>(BpfMap map, Func<BpfMap, TView> view)
    {
        try
        {
            return view(map);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }
}
