using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

/// <summary>Turns the kernel's error numbers for map commands into sentences: which map, which key, why, what to do.</summary>
internal static class MapErrors
{
    public const string Lookup = "look up";
    public const string Update = "update";
    public const string Delete = "delete from";
    public const string LookupAndDelete = "look up and delete from";
    public const string NextKey = "iterate over";
    public const string Freeze = "freeze";
    public const string Batch = "run a batch on";

    /// <summary>The exception for a refused operation on a live map.</summary>
    public static BpfSyscallException Refused(BpfMap map, string operation, ReadOnlySpan<byte> key, Errno errno, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        string what = key.IsEmpty ? $"{operation} {map}" : $"{operation} {map}, key {Format(map, key)}";
        return new BpfSyscallException(what, errno, Hint(map, operation, key, errno, flags));
    }

    private static string? Hint(BpfMap map, string operation, ReadOnlySpan<byte> key, Errno errno, MapUpdateFlags flags) => errno switch
    {
        Errno.E2BIG when MapKind.IsArray(map.Type) => $"The index is not below max_entries, {map.MaxEntries}",
        Errno.E2BIG when map.Type is MapType.Queue or MapType.Stack => $"It is full: max_entries is {map.MaxEntries}. Pop something, or push with replacement of the oldest",
        Errno.E2BIG => $"The map is full: max_entries is {map.MaxEntries}. Create it larger, remove elements, or use an LRU kind, which evicts",
        Errno.ENOSPC when map.Type is MapType.LpmTrie => $"The trie is full: max_entries is {map.MaxEntries}",
        Errno.ENOENT when operation == Lookup && MapKind.IsArray(map.Type) => $"The index is not below max_entries, {map.MaxEntries}, or the slot is empty",
        Errno.ENOENT when (flags & MapUpdateFlags.Exist) != 0 => "No element has this key, and the update was to replace one",
        Errno.EEXIST when (flags & MapUpdateFlags.NoExist) != 0 && MapKind.IsArray(map.Type) => "Elements of an array exist from the start, so an update that must create one is always refused",
        Errno.EEXIST => "An element with this key exists, and the update was to create one",
        Errno.EPERM when (map.Flags & MapFlags.ReadOnly) != 0 && IsWrite(operation) => "The map was created read-only for user space (BPF_F_RDONLY)",
        Errno.EPERM when (map.Flags & MapFlags.WriteOnly) != 0 && !IsWrite(operation) => "The map was created write-only for user space (BPF_F_WRONLY)",
        Errno.EPERM when IsWrite(operation) => "The map is frozen, was opened read-only, or the process lacks CAP_BPF",
        Errno.EPERM => "The map was opened write-only, or the process lacks CAP_BPF",
        Errno.EBUSY when operation == Freeze => "The map is mapped writable or frozen already; unmap it first",
        Errno.EBUSY when map.Type is MapType.HashOfMaps or MapType.ArrayOfMaps => "The kernel is busy with this element on the same CPU; try again",
        Errno.EBUSY => "The element is being changed on this CPU at this moment; try again",
        Errno.ENOMEM => "The kernel has no memory for the element; a map that is not preallocated can run into that under load, or the cgroup's memory limit is reached",
        Errno.EINVAL when operation == Delete && MapKind.IsArray(map.Type) => "Elements of an array cannot be removed; write zeros instead",
        Errno.EINVAL when operation == Delete => "This kind has no removal by key",
        Errno.EINVAL when (flags & MapUpdateFlags.Lock) != 0
            => "A locked access needs a value with a bpf_spin_lock, declared in the map's BTF",
        Errno.EINVAL when operation == Update && map.Type is MapType.ArrayOfMaps or MapType.HashOfMaps
            => "The inner map must have the kind, key size, value size and flags of the declared inner map (and before 5.10, or for kinds other than arrays with BPF_F_INNER_MAP, its max_entries)",
        Errno.EINVAL when operation == Update && map.Type is MapType.ProgramArray
            => "All programs of a program array must agree in type, JIT state and, for XDP, in multi-buffer support with its first program",
        Errno.EINVAL when operation == Update && map.Type is MapType.LpmTrie => "The prefix is longer than the key has bits",
        Errno.EINVAL => $"The {MapKind.Name(map.Type)} does not take this key, value or flag",
        Errno.ENOTSUPP or Errno.EOPNOTSUPP when operation == NextKey => $"A {MapKind.Name(map.Type)} cannot be iterated",
        Errno.ENOTSUPP or Errno.EOPNOTSUPP when operation == LookupAndDelete
            => $"A {MapKind.Name(map.Type)} has no lookup-and-delete on this kernel; hash kinds have it since 5.14, queues and stacks since 4.20",
        Errno.ENOTSUPP or Errno.EOPNOTSUPP => $"User space cannot do that with a {MapKind.Name(map.Type)}{Socket(map)}",
        Errno.EBADF => "The descriptor given as key or value is not open, or not one of the kind the map takes",
        Errno.EFAULT => "The kernel could not read or write the buffer",
        _ => null,
    };

    private static string Socket(BpfMap map) => map.Type is MapType.SockMap or MapType.SockHash
        ? ": the socket must be TCP (established or listening), UDP, UNIX or vsock, and reading needs a value size of 8 (cookies)" : "";

    private static bool IsWrite(string operation) => operation is Update or Delete or LookupAndDelete or Freeze;

    private static string Format(BpfMap map, ReadOnlySpan<byte> key)
    {
        if (key.Length == 4 && (MapKind.IsArray(map.Type) || map.Type is MapType.StackTrace or MapType.DevMapHash))
            return BitConverter.ToUInt32(key).ToString(System.Globalization.CultureInfo.InvariantCulture);
        const int Shown = 32;
        string hex = Convert.ToHexStringLower(key[..Math.Min(key.Length, Shown)]);
        return key.Length <= Shown ? $"0x{hex}" : $"0x{hex}… ({key.Length} bytes)";
    }

    /// <summary>The exception for a refused creation: not supported where the version or the configuration is the reason.</summary>
    public static BpfException Creation(MapSpec spec, Errno errno, bool byToken = false, bool kernelFields = false)
    {
        string kind = MapKind.Name(spec.Type);
        string what = $"create {kind} map '{spec.Name}' (key {spec.KeySize}, value {spec.ValueSize}, max_entries {spec.MaxEntries}, flags {spec.Flags})";
        var refused = new BpfSyscallException(what, errno, kernelFields && errno is Errno.EINVAL or Errno.ENOTSUPP or Errno.EOPNOTSUPP ? KernelFieldHint(spec) : CreationHint(spec, errno, byToken));
        var running = new Version(KernelVersion.Running.Major, KernelVersion.Running.Minor, KernelVersion.Running.Patch);
        var minimum = FirstKernel.Of(spec.Type);
        if (errno != Errno.EINVAL && errno != Errno.ENOTSUPP && errno != Errno.EOPNOTSUPP) return refused;
        if (minimum is not null && running < minimum)
            return new BpfNotSupportedException($"map type {kind}", UnsupportedCause.Version,
                $"{what}: a {kind} map needs Linux {minimum}; this is {running}", minimum, refused);
        foreach (var flag in Enum.GetValues<MapFlags>())
        {
            if ((spec.Flags & flag) == 0 || FirstKernel.OfMapFlag((uint)flag) is not { } version || running >= version) continue;
            return new BpfNotSupportedException($"map flag {flag}", UnsupportedCause.Version,
                $"{what}: the flag {flag} needs Linux {version}; this is {running}", version, refused);
        }
        return refused;
    }

    private static string KernelFieldHint(MapSpec spec) =>
        $"The kernel does not take this lock or timer in the values of a {MapKind.Name(spec.Type)}: locks need Linux 5.1 and a hash, array or local storage; timers 5.15 and a hash, LRU hash or array";

    private static string? CreationHint(MapSpec spec, Errno errno, bool byToken) => errno switch
    {
        Errno.EPERM when byToken => "The token does not allow this kind of map (see delegate_maps of its BPF file system's mount), or the process lacks CAP_BPF in its user namespace",
        Errno.EPERM => "The process lacks CAP_BPF (and CAP_NET_ADMIN for network maps, CAP_PERFMON for some), kernel.unprivileged_bpf_disabled forbids it, or before 5.11 RLIMIT_MEMLOCK is too small",
        Errno.ENOMEM or Errno.E2BIG => "The kernel cannot allocate a map of that size; lower max_entries or the value size, or use NoPrealloc",
        Errno.EINVAL when MapKind.IsLocalStorage(spec.Type) && (spec.KeyTypeId == 0 || spec.ValueTypeId == 0)
            => "A local storage needs BTF for its key (a 4-byte int) and its value",
        Errno.EINVAL when MapKind.Config(spec.Type) is { } config
            => $"The kernel does not take these sizes or flags for this kind, or was built without {config}",
        Errno.EINVAL => "The kernel does not take these sizes or flags for this kind",
        _ => null,
    };
}
