using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Links;

/// <summary>
/// A table of BPF programs that implements a part of the kernel (a TCP congestion control, say), in use. The table is the
/// value of a map of type <see cref="MapType.StructOps"/>, written before.
/// </summary>
public sealed unsafe class StructOpsLink : BpfLink
{
    private static readonly AttachNeeds s_needs = new("struct_ops link", FirstKernel.StructOpsLink, "CONFIG_BPF_JIT", "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
    private static readonly AttachNeeds s_oldNeeds = new("struct_ops", FirstKernel.Of(MapType.StructOps)!, "CONFIG_BPF_JIT", "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
    private const uint FlagReplace = 1 << 2;
    internal const string JournalKind = "struct_ops";

    private readonly FileDescriptor? _map;

    private StructOpsLink(string name) => Description = $"struct_ops {name}";

    private StructOpsLink(string name, FileDescriptor link) : this(name) => Descriptor = Own(link);

    private StructOpsLink(string name, BpfMap map, Survivor survivor) : this(name)
    {
        _map = Own(map.Descriptor.Duplicate($"struct_ops map {name}"));
        Survivor = survivor;
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override FileDescriptor? Descriptor { get; }

    /// <summary>Puts a table in use through a link (6.4). The map was created with <see cref="MapFlags.Link"/>.</summary>
    public static StructOpsLink Attach(BpfMap map)
    {
        Check(map);
        LinkCreateAttr attr = new() { MapFd = (uint)map.Descriptor.Value, AttachType = (uint)AttachType.StructOps };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link struct_ops {map.Name}") is { } link) return new StructOpsLink(map.Name, link);
        var errno = Libc.LastError;
        throw AttachError.Create($"attach struct_ops '{map.Name}'", errno, s_needs, errno switch
        {
            Errno.EINVAL when KernelFacts.Version >= s_needs.Since => "The map was not created for a link (section .struct_ops.link), its value was not written, or the subsystem refused the table.",
            Errno.EEXIST => "A table of this name is in use already.",
            _ => null,
        });
    }

    /// <summary>
    /// Puts a table in use by writing it into its map, as kernels before 6.4 do (and later ones for maps without
    /// <see cref="MapFlags.Link"/>). The kernel keeps it when the process dies: the map must be opened and its element
    /// deleted, which <see cref="BpfLink.Dispose()"/> does.
    /// </summary>
    public static StructOpsLink AttachByValue(BpfMap map, ReadOnlySpan<byte> value)
    {
        Check(map);
        byte[] table = value.ToArray();
        var entry = new JournalEntry(JournalKind, $"struct_ops {map.Name}").With("map", map.Id).With("name", map.GetInfo().Name);
        var survivor = Survivor.Record(entry, _ => Write(map, table));
        var link = new StructOpsLink(map.Name, map, survivor);
        AttachmentJournal.Announce(link, survivor.Notice);
        return link;
    }

    /// <summary>Takes out of use what a dead process left; called by the journal.</summary>
    /// <returns>False when the map is gone, or is another's by now.</returns>
    internal static bool Remove(JournalEntry entry)
    {
        IdAttr attr = new() { MapId = (uint)entry.Number("map") };
        using var map = Bpf.TryOpen(BpfCommand.MapGetFdById, ref attr, "struct_ops map");
        MapInfoRaw info = default;
        if (map is null || !Bpf.TryGetInfo(map, ref info) || info.Type != (uint)MapType.StructOps || Bpf.ReadName(info.Name) != entry.Text("name")) return false;
        Delete(map, $"detach {entry.Description}");
        return true;
    }

    private static void Write(BpfMap map, byte[] table)
    {
        try
        {
            map.Update(stackalloc byte[sizeof(uint)], table);
        }
        catch (BpfSyscallException e)
        {
            throw AttachError.Create($"attach struct_ops '{map.Name}'", e.Errno, s_oldNeeds, e.Errno switch
            {
                Errno.EBUSY => "The table was in use before: a map can be used once.",
                Errno.EEXIST => "A table of this name is in use already.",
                _ => null,
            });
        }
    }

    /// <summary>Puts another table in place of this one, without a moment in between (6.4).</summary>
    /// <param name="map">The new table: same type and name.</param>
    /// <param name="expectedOld">When given, the update happens only if this is the table in use.</param>
    public void Update(BpfMap map, BpfMap? expectedOld = null)
    {
        Check(map);
        LinkUpdateAttr attr = new()
        {
            LinkFd = (uint)RequireDescriptor("be updated").Value,
            NewMapFd = (uint)map.Descriptor.Value,
            Flags = expectedOld is null ? 0 : FlagReplace,
            OldMapFd = expectedOld is null ? 0 : (uint)expectedOld.Descriptor.Value,
        };
        if (Bpf.Call(BpfCommand.LinkUpdate, ref attr) >= 0) return;
        var errno = Libc.LastError;
        throw AttachError.Create($"update {Description} with '{map.Name}'", errno, s_needs, errno switch
        {
            Errno.EPERM when expectedOld is not null => "The table in use is not the expected one.",
            Errno.EOPNOTSUPP => "This subsystem cannot change its table while it is in use.",
            Errno.EINVAL => "The new table must be of the same type and name, and its map made for a link.",
            _ => null,
        });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_map is not null) Delete(_map, $"detach {Description}");
    }

    private static void Delete(FileDescriptor map, string operation)
    {
        uint key = 0;
        MapElemAttr attr = new() { MapFd = (uint)map.Value, Key = Bpf.Pointer(&key) };
        if (Bpf.Call(BpfCommand.MapDeleteElem, ref attr) < 0 && Libc.LastError is not Errno.ENOENT and var errno)
            throw new BpfSyscallException(operation, errno);
    }

    private static void Check(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Type != MapType.StructOps) throw new BpfException($"Map '{map.Name}' is of type {map.Type}; struct_ops takes maps of type {MapType.StructOps}.");
    }
}
