using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>A frame of a user stack by the binary's build id (<c>BPF_F_STACK_BUILD_ID</c>, 4.17).</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
public unsafe struct BuildIdFrame
{
    /// <summary>Whether there is a build id: 0 end of the stack, 1 a build id and an offset, 2 only an address.</summary>
    public int Status;
    private fixed byte _buildId[20];
    private ulong _offset;

    /// <summary>The build id's 20 bytes; shorter ones are filled up with zeros.</summary>
    public readonly byte[] BuildId
    {
        get
        {
            fixed (byte* id = _buildId) return new ReadOnlySpan<byte>(id, 20).ToArray();
        }
    }

    /// <summary>The offset in the binary's file or, with status 2, the address.</summary>
    public readonly ulong OffsetOrAddress => _offset;
}

/// <summary>Stack traces by the id that <c>bpf_get_stackid</c> returned (4.6).</summary>
public sealed unsafe class BpfStackTraceMap : MapView
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfStackTraceMap(BpfMap map) : base(map, [MapType.StackTrace])
    {
        CheckKeySize<uint>();
        HasBuildIds = (map.Flags & MapFlags.StackBuildId) != 0;
        Depth = map.ValueSize / FrameSize;
    }

    /// <summary>Creates a map for stacks.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="maxEntries">How many stacks; the kernel rounds it up to a power of two.</param>
    /// <param name="depth">The most frames of a stack, up to the sysctl kernel.perf_event_max_stack (127).</param>
    /// <param name="buildIds">Whether user frames come as build id and offset.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfStackTraceMap Create(string name, uint maxEntries, int depth = 127, bool buildIds = false, MapOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        return Own(MapOptions.Create(options, new()
        {
            Name = name,
            Type = MapType.StackTrace,
            KeySize = sizeof(uint),
            ValueSize = (uint)(depth * (buildIds ? sizeof(BuildIdFrame) : sizeof(ulong))),
            MaxEntries = maxEntries,
            Flags = buildIds ? MapFlags.StackBuildId : MapFlags.None,
        }), static map => new BpfStackTraceMap(map));
    }

    /// <summary>Whether the frames are <see cref="BuildIdFrame"/>.</summary>
    public bool HasBuildIds { get; }

    /// <summary>The most frames a stack has.</summary>
    public int Depth { get; }

    private int FrameSize => HasBuildIds ? sizeof(BuildIdFrame) : sizeof(ulong);

    /// <summary>Copies a stack's addresses, the innermost first.</summary>
    /// <param name="id">What <c>bpf_get_stackid</c> returned.</param>
    /// <param name="frames">Where they go: room for <see cref="Depth"/>.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>False when there is no such stack (any more).</returns>
    public bool TryGetStack(int id, Span<ulong> frames, out int count)
    {
        if (HasBuildIds) throw new InvalidOperationException($"The frames of the {Map} are build ids; use TryGetBuildIds.");
        if (!TryRead(id, MemoryMarshal.AsBytes(frames))) return (count = 0) != 0;
        int end = frames[..Depth].IndexOf(0ul);
        count = end < 0 ? Depth : end;
        return true;
    }

    /// <summary>Copies a stack's frames by build id, the innermost first.</summary>
    /// <inheritdoc cref="TryGetStack"/>
    public bool TryGetBuildIds(int id, Span<BuildIdFrame> frames, out int count)
    {
        if (!HasBuildIds) throw new InvalidOperationException($"The frames of the {Map} are addresses; use TryGetStack.");
        count = 0;
        if (!TryRead(id, MemoryMarshal.AsBytes(frames))) return false;
        while (count < Depth && frames[count].Status != 0) count++;
        return true;
    }

    /// <summary>Removes a stack, so that its id can be given anew; false when there is none.</summary>
    public bool Remove(int id) => Map.Remove(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in id)));

    /// <summary>Removes all stacks.</summary>
    public long Clear()
    {
        Span<byte> id = stackalloc byte[4];
        long removed = 0;
        while (Map.TryGetNextKey(default, id))
        {
            if (Map.Remove(id)) removed++;
        }
        return removed;
    }

    /// <summary>The ids of all stacks.</summary>
    public IReadOnlyList<int> Ids()
    {
        List<int> ids = [];
        byte[] key = new byte[4];
        for (bool more = Map.TryGetNextKey(default, key); more && ids.Count <= Map.MaxEntries * 2; more = Map.TryGetNextKey(key, key))
            ids.Add(BitConverter.ToInt32(key));
        return ids;
    }

    private bool TryRead(int id, Span<byte> frames)
    {
        if (frames.Length < Map.ValueSize) throw new ArgumentException($"A stack of the {Map} may have {Depth} frames; there is room for {frames.Length / FrameSize}.", nameof(frames));
        fixed (byte* v = frames)
        {
            var errno = Map.LookupRaw(&id, v, 0);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(Map, MapErrors.Lookup, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in id)), errno);
        }
    }
}
