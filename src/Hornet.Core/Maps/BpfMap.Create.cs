using System.Numerics;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

public sealed unsafe partial class BpfMap
{
    /// <summary>
    /// Creates the map in the kernel, writes <see cref="MapSpec.Contents"/> and freezes it when asked to. What the kernel
    /// leaves no choice about is filled in: the sizes of ring buffers and of arrays of descriptors, a ring's size rounded
    /// up to a power of two of pages, one perf event per CPU, the flags local storage and LPM tries insist on.
    /// </summary>
    /// <remarks>In a <see cref="MapDeclarationScope"/> the map is only described.</remarks>
    /// <param name="spec">What to create; not changed.</param>
    /// <param name="options">The live objects it refers to; null for none.</param>
    /// <exception cref="BpfNotSupportedException">The running kernel is older than the kind or a flag.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static BpfMap Create(MapSpec spec, MapCreateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        options ??= new();
        var actual = Normalise(spec);
        if (MapDeclarationScope.Current is { } scope) return new BpfMap(null, actual, scope.Backend?.Invoke(actual));
        BpfMap? template = null;
        try
        {
            var inner = options.InnerMap;
            if (inner is null && actual.Type is MapType.ArrayOfMaps or MapType.HashOfMaps)
            {
                inner = template = Create(actual.InnerMap ?? throw new ArgumentException(
                    $"The {MapKind.Name(actual.Type)} map '{actual.Name}' says nothing about its inner maps: set MapSpec.InnerMap.", nameof(spec)),
                    new() { Token = options.Token, DeferContents = true });
            }
            var map = new BpfMap(Open(actual, options, inner), actual);
            try
            {
                if (!options.DeferContents) map.WriteContents();
                return map;
            }
            catch
            {
                map.Dispose();
                throw;
            }
        }
        finally
        {
            template?.Dispose();
        }
    }

    /// <summary>Writes the spec's first contents, then freezes the map when the spec says so.</summary>
    /// <param name="resolve">The descriptor of a map or program named in the contents; null when none is named.</param>
    /// <exception cref="BpfException">A name cannot be resolved, or the kernel refused an element.</exception>
    public void WriteContents(Func<string, FileDescriptor>? resolve = null)
    {
        byte[] padded = IsPerCpu ? new byte[ValueBufferSize] : [];
        foreach (var (key, value) in Spec.Contents)
        {
            switch (value)
            {
                case byte[] bytes when IsPerCpu:
                    // One value in the spec is every CPU's first value.
                    if (bytes.Length != ValueSize) throw new BpfException($"The first contents of {this} hold a value of {bytes.Length} bytes instead of {ValueSize}.");
                    for (int at = 0; at < padded.Length; at += PerCpuStride) bytes.CopyTo(padded.AsSpan(at));
                    Update(key, padded);
                    break;
                case byte[] bytes:
                    Update(key, bytes);
                    break;
                case string name:
                    var descriptor = resolve?.Invoke(name)
                        ?? throw new BpfException($"The first contents of {this} name '{name}', which nobody resolves.");
                    Update(key, BitConverter.GetBytes(descriptor.Value));
                    break;
                default:
                    throw new BpfException($"The first contents of {this} hold a {value?.GetType().Name ?? "null"}; a value is byte[] or the name of a map or program.");
            }
        }
        if (Spec.Freeze) Freeze();
    }

    private static FileDescriptor Open(MapSpec spec, MapCreateOptions options, BpfMap? inner)
    {
        MapCreateAttr attr = new()
        {
            MapType = (uint)spec.Type,
            KeySize = spec.KeySize,
            ValueSize = spec.ValueSize,
            MaxEntries = spec.MaxEntries,
            MapFlags = (uint)spec.Flags,
            InnerMapFd = inner is null ? 0 : (uint)inner.Descriptor.Value,
            NumaNode = spec.NumaNode,
            MapIfindex = spec.InterfaceIndex,
            MapExtra = spec.Extra,
            BtfVmlinuxValueTypeId = options.KernelValueTypeId,
        };
        Bpf.CopyName(spec.Name, attr.MapName);
        if (options.Token is { } token)
        {
            attr.MapTokenFd = token.Descriptor.Value;
            attr.MapFlags |= (uint)MapFlags.TokenFd;
        }
        if (options.KernelValueBtf is { } module)
        {
            attr.ValueTypeBtfObjFd = module.Value;
            attr.MapFlags |= (uint)MapFlags.ValueTypeBtfObjectFd;
        }
        bool withTypes = false;
        if (options.Btf is { } btf && (!MapKind.RefusesBtfTypes(spec.Type) || options.KernelValueTypeId != 0))
        {
            attr.BtfFd = (uint)btf.Value;
            attr.BtfKeyTypeId = spec.KeyTypeId;
            attr.BtfValueTypeId = spec.ValueTypeId;
            withTypes = options.KernelValueTypeId == 0 && (spec.KeyTypeId | spec.ValueTypeId) != 0;
        }

        string what = $"map {spec.Name}";
        var descriptor = Bpf.TryOpen(BpfCommand.MapCreate, ref attr, what);
        var errno = descriptor is null ? Libc.LastError : Errno.None;
        // Before 5.11 map memory counts against RLIMIT_MEMLOCK (commit 80ee81e0403c made it the cgroup's business).
        if (errno == Errno.EPERM && MemoryLockLimit.TryRaise())
        {
            descriptor = Bpf.TryOpen(BpfCommand.MapCreate, ref attr, what);
            errno = descriptor is null ? Libc.LastError : Errno.None;
        }
        if (errno is Errno.EINVAL or Errno.ENOTSUPP or Errno.EOPNOTSUPP && withTypes && !options.NeedsTypes && !MapKind.IsLocalStorage(spec.Type))
        {
            // BTF is how a map is shown, not what it does, except for local storage and for values with kernel fields
            // (locks, timers, kptrs). Without types those would be plain bytes and the program that uses them would be
            // refused with a message of its own, so nothing is hidden by going without.
            (attr.BtfFd, attr.BtfKeyTypeId, attr.BtfValueTypeId) = (0, 0, 0);
            descriptor = Bpf.TryOpen(BpfCommand.MapCreate, ref attr, what);
        }
        return descriptor ?? throw MapErrors.Creation(spec, errno, options.Token is not null, options.NeedsTypes);
    }

    private static MapSpec Normalise(MapSpec spec)
    {
        var actual = spec.Clone();
        switch (actual.Type)
        {
            case MapType.RingBuf or MapType.UserRingBuf:
                // Compilers are given __type(value, struct event) to keep the event's BTF; the kernel takes only zero.
                (actual.KeySize, actual.ValueSize) = (0, 0);
                actual.MaxEntries = RingSize(actual.MaxEntries);
                break;
            case MapType.Arena:
                (actual.KeySize, actual.ValueSize) = (0, 0);
                actual.Flags |= MapFlags.Mmapable;
                break;
            case MapType.PerfEventArray:
                (actual.KeySize, actual.ValueSize) = (4, 4);
                if (actual.MaxEntries == 0) actual.MaxEntries = (uint)(CpuList.Possible[^1] + 1);
                break;
            case MapType.ProgramArray or MapType.CgroupArray or MapType.ArrayOfMaps:
                (actual.KeySize, actual.ValueSize) = (4, 4);
                break;
            case MapType.HashOfMaps:
                actual.ValueSize = 4;
                break;
            case MapType.XskMap:
                (actual.KeySize, actual.ValueSize) = (4, 4);
                break;
            case MapType.DevMap or MapType.DevMapHash or MapType.CpuMap:
                actual.KeySize = 4;
                if (actual.ValueSize is not (4 or 8)) actual.ValueSize = 4;
                break;
            case MapType.Queue or MapType.Stack or MapType.BloomFilter:
                actual.KeySize = 0;
                break;
            case MapType.LpmTrie:
                actual.Flags |= MapFlags.NoPrealloc;
                break;
            case MapType.SkStorage or MapType.InodeStorage or MapType.TaskStorage or MapType.CgrpStorage:
                actual.Flags |= MapFlags.NoPrealloc;
                actual.MaxEntries = 0;
                break;
            case MapType.CgroupStorage or MapType.PerCpuCgroupStorage:
                actual.MaxEntries = 0;
                break;
            case MapType.StackTrace:
                actual.KeySize = 4;
                break;
        }
        return actual;
    }

    /// <summary>The size the kernel takes for a ring: a power of two, at least one page.</summary>
    private static uint RingSize(uint wanted)
    {
        uint page = (uint)Environment.SystemPageSize;
        return wanted <= page ? page : wanted > 1u << 31 ? wanted : BitOperations.RoundUpToPowerOf2(wanted);
    }
}
