using System.Collections.Concurrent;
using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// An attachment: as long as it lives, the program runs when its event happens. <see cref="Dispose()"/> detaches.
/// </summary>
/// <remarks>
/// Garbage collection never detaches. What a link holds in the kernel is rooted until it is disposed or the process ends,
/// so a probe does not stop because a local variable went out of use (the classic trap of managed loaders). A link that
/// is dropped without being disposed can no longer be detached by the program: that is a bug in the program, and it is
/// reported through <see cref="DescriptorRegistry.LinkDropped"/>.
/// </remarks>
public abstract partial class BpfLink : IDisposable
{
    // Descriptors by owner would keep the owner alive and hide the leak; the set holds only what must not be finalised.
    // Objects for values too: the runtime has this kind of dictionary precompiled, and a tool's start counts in milliseconds.
    private static readonly ConcurrentDictionary<object, object?> s_rooted = new(ReferenceEqualityComparer.Instance);

    private static readonly ConcurrentQueue<IDisposable> s_dropped = new();

    private readonly List<IDisposable> _owned = [];
    private int _disposed;

    /// <summary>What is attached where, for messages: <c>tracepoint sched/sched_switch</c>.</summary>
    public abstract string Description { get; }

    /// <summary>
    /// Whether the kernel keeps the attachment when the process dies without disposing (<c>kill -9</c>). True only for
    /// the few kinds that cannot be held by a descriptor (netlink filters, legacy cgroup attachment) and for pinned links.
    /// </summary>
    public virtual bool SurvivesProcess => PinnedPath is not null || Survivor is not null;

    /// <summary>
    /// What to tell the user when the attachment survives its process although nobody asked for that, and how it will be
    /// removed; null for links the kernel drops with the process, and for pins, which are meant to stay.
    /// </summary>
    public string? SurvivalNotice => Survivor?.Notice;

    private protected Survivor? Survivor { get; init; }

    /// <summary>
    /// The descriptor of the kernel's link object. Null where the running kernel has none for this kind of attachment
    /// (perf events before 5.15, netlink filters, legacy cgroup attachment): such a link cannot be pinned or updated.
    /// </summary>
    public virtual FileDescriptor? Descriptor => null;

    /// <summary>Where the link was pinned through this object; null when it was not.</summary>
    public string? PinnedPath { get; private protected set; }

    /// <summary>Whether <see cref="Dispose()"/> was called.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>
    /// Gives the link a name in the BPF file system, so that it outlives the process (<c>BPF_OBJ_PIN</c>, 5.7).
    /// <see cref="Dispose()"/> then only lets go of the descriptor; <see cref="Unpin"/> removes the name.
    /// </summary>
    /// <param name="path">A free name in a BPF file system. Folders that are missing there are made (mode 0700) and stay.</param>
    /// <exception cref="BpfNotSupportedException">The attachment has no link object (<see cref="Descriptor"/> is null).</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; the hint says why.</exception>
    public void Pin(string path)
    {
        Pinning.Pin(RequireDescriptor("be pinned"), path, $"link '{Description}'");
        PinnedPath = path;
    }

    /// <summary>
    /// Removes the name given by <see cref="Pin"/>. The link stays attached until it is disposed; older kernels (seen on
    /// 5.10) let go of what was pinned a moment after the name is gone.
    /// </summary>
    public void Unpin()
    {
        if (PinnedPath is null) throw new InvalidOperationException($"The link '{Description}' is not pinned.");
        Pinning.Unpin(PinnedPath);
        PinnedPath = null;
    }

    /// <summary>
    /// Puts another program in place of the attached one, without a moment in between (<c>BPF_LINK_UPDATE</c>, 5.7).
    /// Possible for iterators, XDP, tcx, netkit, netns, cgroup and sockmap links, not for probes.
    /// </summary>
    /// <param name="program">The new program, of the same type.</param>
    /// <param name="expectedOld">When given, the update happens only if this program is the attached one.</param>
    public virtual void Update(BpfProgram program, BpfProgram? expectedOld = null) =>
        LinkOperations.Update(RequireDescriptor("be updated"), Description, program.Descriptor, expectedOld?.Descriptor);

    /// <summary>
    /// Detaches while the link object lives on, even when it is pinned or others hold it (<c>BPF_LINK_DETACH</c>, 5.9).
    /// Possible for XDP, tcx, netkit, netns, cgroup, sockmap and struct_ops links; others are detached by
    /// <see cref="Dispose()"/>.
    /// </summary>
    public virtual void Detach() => LinkOperations.Detach(RequireDescriptor("be detached by force"), Description);

    /// <summary>What the kernel says about the link (5.8; details by kind, see <see cref="LinkInfo"/>).</summary>
    public LinkInfo GetInfo() => LinkInfo.Of(RequireDescriptor("be asked for information"));

    /// <summary>Detaches and releases what the link holds. Idempotent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        GC.SuppressFinalize(this);
        try
        {
            Dispose(true);
            // Only now: if detaching failed, it stays recorded for `hornet cleanup`.
            Survivor?.Forget();
        }
        finally
        {
            for (int i = _owned.Count - 1; i >= 0; i--)
            {
                s_rooted.TryRemove(_owned[i], out _);
                _owned[i].Dispose();
            }
            _owned.Clear();
        }
    }

    /// <summary>Detaches what closing the owned descriptors does not. Called once; descriptors are still open.</summary>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>
    /// Hands a resource to the link: it is safe from garbage collection, and closed when the link is disposed, after
    /// everything that was handed over later.
    /// </summary>
    private protected T Own<T>(T resource) where T : IDisposable
    {
        s_rooted[resource] = null;
        _owned.Add(resource);
        return resource;
    }

    /// <inheritdoc/>
    public override string ToString() => Description;

    private protected FileDescriptor RequireDescriptor(string what)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return Descriptor ?? throw new BpfNotSupportedException("bpf_link", UnsupportedCause.Version,
            $"The attachment '{Description}' cannot {what}: on this kernel it is not a BPF link object.");
    }

    /// <summary>Reports a link that was dropped. What it owns is rooted and stays as it is.</summary>
    ~BpfLink()
    {
        // A constructor that threw leaves an object that never held anything.
        if (_owned is not { Count: > 0 } || IsDisposed) return;
        for (int i = _owned.Count - 1; i >= 0; i--) s_dropped.Enqueue(_owned[i]);
        DescriptorRegistry.ReportDroppedLink(Description);
    }

    /// <summary>Detaches what was dropped. For test runs, which go on after a bug; a program disposes its links.</summary>
    internal static void CloseDropped()
    {
        while (s_dropped.TryDequeue(out var resource))
        {
            s_rooted.TryRemove(resource, out _);
            resource.Dispose();
        }
    }
}
