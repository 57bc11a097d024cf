namespace Hornet.Maps;

/// <summary>
/// While one is open, maps that are created in the same flow of control (a thread, or what is awaited) are only described:
/// they have a specification and no descriptor, so neither the kernel nor any privilege is needed. That is how a compiler
/// looks at a program's maps without making them. What would reach for the map in the kernel throws
/// <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class MapDeclarationScope : IDisposable
{
    private static readonly AsyncLocal<MapDeclarationScope?> s_current = new();

    private readonly MapDeclarationScope? _outer;
    private volatile bool _closed;

    /// <summary>Begins the scope.</summary>
    public MapDeclarationScope()
    {
        _outer = s_current.Value;
        s_current.Value = this;
    }

    /// <summary>Begins a scope whose maps have something else than the kernel behind them.</summary>
    internal MapDeclarationScope(Func<MapSpec, IMapBackend> backend) : this() => Backend = backend;

    /// <summary>Whether maps that are created now are only described.</summary>
    public static bool IsOpen => Current is not null;

    /// <summary>The innermost scope that is open.</summary>
    internal static MapDeclarationScope? Current
    {
        get
        {
            // Who was started in a scope still has it when it is closed.
            var current = s_current.Value;
            while (current is { _closed: true }) current = current._outer;
            return current;
        }
    }

    /// <summary>Makes what stands behind the scope's maps; null when nothing does.</summary>
    internal Func<MapSpec, IMapBackend>? Backend { get; }

    /// <summary>Ends the scope.</summary>
    public void Dispose()
    {
        _closed = true;
        if (s_current.Value == this) s_current.Value = _outer;
    }
}
