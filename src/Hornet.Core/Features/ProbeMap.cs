using Hornet.Interop;

namespace Hornet.Features;

/// <summary>The smallest map that asks a question.</summary>
internal sealed record ProbeMap(MapType Type, uint KeySize = 4, uint ValueSize = 4, uint MaxEntries = 1)
{
    /// <summary><c>BPF_F_*</c> of BPF_MAP_CREATE.</summary>
    public uint Flags { get; init; }

    public ulong Extra { get; init; }

    public FileDescriptor? Inner { get; init; }

    /// <summary>BTF whose type 1 is the key and the value, unless the value is the kernel's own type.</summary>
    public FileDescriptor? Btf { get; init; }

    public uint VmlinuxValueTypeId { get; init; }

    public FileDescriptor? Create(out Errno errno)
    {
        MapCreateAttr attr = new()
        {
            MapType = (uint)Type,
            KeySize = KeySize,
            ValueSize = ValueSize,
            MaxEntries = MaxEntries,
            MapFlags = Flags,
            MapExtra = Extra,
            BtfVmlinuxValueTypeId = VmlinuxValueTypeId,
        };
        if (Inner is { } inner) attr.InnerMapFd = (uint)inner.Value;
        if (Btf is { } btf)
        {
            attr.BtfFd = (uint)btf.Value;
            if (VmlinuxValueTypeId == 0) attr.BtfKeyTypeId = attr.BtfValueTypeId = 1;
        }
        var descriptor = Bpf.TryOpen(BpfCommand.MapCreate, ref attr, "feature probe map");
        errno = descriptor is null ? Libc.LastError : Errno.None;
        if (errno == Errno.EPERM && MemoryLockLimit.TryRaise()) return Create(out errno);
        return descriptor;
    }

    public ProbeAnswer Ask()
    {
        using var descriptor = Create(out var errno);
        return ProbeAnswer.Of(errno);
    }
}
