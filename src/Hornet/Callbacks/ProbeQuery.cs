namespace Hornet;

/// <summary>Makes what receives the events of a group of probes whose records are alike.</summary>
internal delegate ProbeGroup GroupMaker(IReadOnlyDictionary<uint, ProbeSchema> schemas);

/// <summary>Attaches a query's probes.</summary>
internal delegate ProbeSubscription QueryAttach(IReadOnlyList<KernelStage> stages, GroupMaker make);

/// <summary>
/// Events that are not received yet: first say which, and what of them, with lambdas that run in the kernel. Nothing is
/// attached until <see cref="Subscribe"/>.
/// </summary>
public sealed class ProbeQuery
{
    private readonly QueryAttach _attach;
    private readonly IReadOnlyList<KernelStage> _stages;

    internal ProbeQuery(QueryAttach attach, IReadOnlyList<KernelStage>? stages = null)
    {
        _attach = attach;
        _stages = stages ?? [];
    }

    /// <summary>Only the events for which a lambda says true. It runs in the kernel: an event that it leaves out costs no reader anything.</summary>
    /// <param name="predicate">Fields by name, as in <c>e => e["fd"].ToInt64() > 2</c>; rules as for all kernel code.</param>
    public ProbeQuery Where([KernelCode] Func<ProbeEvent, bool> predicate) => new(_attach, [.. _stages, KernelStage.Where(predicate)]);

    /// <summary>Only what a lambda makes of each event. It runs in the kernel.</summary>
    /// <typeparam name="TResult">A struct.</typeparam>
    public ProbeQuery<TResult> Select<TResult>([KernelCode] Func<ProbeEvent, TResult> projection) where TResult : unmanaged => new(_attach, [.. _stages, KernelStage.Select(projection)]);

    /// <summary>Attaches, and calls back for every event that is left.</summary>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">A lambda cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ProbeSubscription Subscribe(ProbeHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _attach(_stages, schemas => new NamedGroup(schemas, handler));
    }
}

/// <summary>Events whose fields are a struct, and that are not received yet. See <see cref="ProbeQuery"/>.</summary>
/// <typeparam name="T">The fields.</typeparam>
public sealed class ProbeQuery<T> where T : unmanaged
{
    private readonly QueryAttach _attach;
    private readonly IReadOnlyList<KernelStage> _stages;

    internal ProbeQuery(QueryAttach attach, IReadOnlyList<KernelStage>? stages = null)
    {
        _attach = attach;
        _stages = stages ?? [];
    }

    /// <summary>Only the events for which a lambda says true. It runs in the kernel: an event that it leaves out costs no reader anything.</summary>
    /// <param name="predicate">As in <c>e => e.Args.Fd > 2 &amp;&amp; e.Result &lt; 0</c>; rules as for all kernel code.</param>
    public ProbeQuery<T> Where([KernelCode] Func<ProbeEvent<T>, bool> predicate) => new(_attach, [.. _stages, KernelStage.Where(predicate)]);

    /// <summary>Only what a lambda makes of each event. It runs in the kernel.</summary>
    /// <typeparam name="TResult">A struct.</typeparam>
    public ProbeQuery<TResult> Select<TResult>([KernelCode] Func<ProbeEvent<T>, TResult> projection) where TResult : unmanaged => new(_attach, [.. _stages, KernelStage.Select(projection)]);

    /// <summary>Attaches, and calls back for every event that is left. Allocates nothing per event.</summary>
    /// <inheritdoc cref="ProbeQuery.Subscribe(ProbeHandler)"/>
    public ProbeSubscription Subscribe(ProbeHandler<T> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _attach(_stages, schemas => new TypedGroup<T>(schemas, handler));
    }
}
