namespace Hornet.Tracing;

/// <summary>
/// A place where a program can be attached. Names are read when probes are found, descriptions when they are asked for:
/// listing everything stays cheap.
/// </summary>
public abstract class Probe
{
    private protected Probe(ProbeKind kind, string name) => (Kind, Name) = (kind, name);

    /// <summary>The kind.</summary>
    public ProbeKind Kind { get; }

    /// <summary>The name without the kind, as in patterns: <c>sched:sched_switch</c>, <c>vfs_read</c>, <c>/bin/bash:readline</c>.</summary>
    public string Name { get; }

    /// <summary>The arguments, in their order; null when nothing describes them.</summary>
    /// <exception cref="BpfException">The description could not be read; the message says why.</exception>
    public abstract IReadOnlyList<ProbeArgument>? Arguments { get; }

    /// <summary>The type of the result as C writes it; null when there is none or nothing describes it.</summary>
    public virtual string? ReturnTypeName => null;

    /// <summary>The kernel module it belongs to; null for the kernel itself and for programs.</summary>
    public virtual string? Module => null;

    /// <summary>The whole name: <c>tracepoint:sched:sched_switch</c>.</summary>
    public override string ToString() => $"{ProbeKinds.NameOf(Kind)}:{Name}";
}
