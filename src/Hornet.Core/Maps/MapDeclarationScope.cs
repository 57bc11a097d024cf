namespace Hornet.Maps;

/// <summary>
/// While one is open on a thread, maps that are created there are only described: they have a specification and no
/// descriptor, so neither the kernel nor any privilege is needed. That is how a compiler looks at a program's maps without
/// making them. What would reach for the map in the kernel throws <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class MapDeclarationScope : IDisposable
{
    [ThreadStatic]
    private static int s_open;

    private bool _closed;

    /// <summary>Begins the scope on this thread.</summary>
    public MapDeclarationScope() => s_open++;

    /// <summary>Whether maps that this thread creates are only described.</summary>
    public static bool IsOpen => s_open > 0;

    /// <summary>Ends the scope; on the thread that began it.</summary>
    public void Dispose()
    {
        if (_closed) return;
        _closed = true;
        s_open--;
    }
}
