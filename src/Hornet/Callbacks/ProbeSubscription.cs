using Hornet.Programs;

namespace Hornet;

/// <summary>A callback's probes. Disposing detaches them; the session does it too.</summary>
public sealed class ProbeSubscription : IDisposable
{
    private readonly CallbackEngine _engine;
    private readonly List<int> _groups = [];
    private readonly List<IDisposable> _owned = [];
    private bool _disposed;

    internal ProbeSubscription(CallbackEngine engine) => _engine = engine;

    /// <summary>The probes: <c>syscall:bind</c>.</summary>
    public IReadOnlyList<string> Probes => ProbeNames;

    internal List<string> ProbeNames { get; } = [];

    internal int AddGroup(Func<int, ProbeGroup> make)
    {
        int number = _engine.AddGroup(make);
        _groups.Add(number);
        return number;
    }

    internal T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Detaches the probes. Events that are on their way are dropped.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            if (_owned[i] is BpfProgram program) _engine.Retire(program);
            _owned[i].Dispose();
        }
        foreach (int group in _groups) _engine.RemoveGroup(group);
    }
}
