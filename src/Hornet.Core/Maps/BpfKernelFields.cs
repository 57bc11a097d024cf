using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// A lock in a map's value (<c>struct bpf_spin_lock</c>, 5.1): kernel code enters it to change several fields as one, user
/// space reads and writes values under it with <see cref="MapLookupFlags"/> and <see cref="MapUpdateFlags.Lock"/>. At most
/// one in a value, of hashes, arrays and local storages. User space sees zeros.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 4)]
public struct BpfSpinLock
{
    private uint _value;
}

/// <summary>
/// A lock in a map's value that gives up instead of waiting for ever (<c>struct bpf_res_spin_lock</c>, 6.15), of hashes, arrays and local
/// storages. At most one in a value, and no <see cref="BpfSpinLock"/> beside it. User space sees zeros.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 4)]
public struct BpfResilientLock
{
    private uint _value;
}

/// <summary>
/// A timer in a map's value (<c>struct bpf_timer</c>, 5.15) of a hash, an LRU hash or an array; at most one in a value.
/// Kernel code starts it, and its callback runs with the value. User space sees zeros. It is cancelled with its element.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct BpfTimer
{
    private ulong _first, _second;
}

/// <summary>
/// Work in a map's value (<c>struct bpf_wq</c>, 6.10) of a hash, an LRU hash or an array; at most one in a value. Kernel code
/// starts it, and a lambda runs soon after, with the value, where it may sleep. User space sees zeros.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct BpfWork
{
    private ulong _first, _second;
}

/// <summary>
/// Work for a thread in a map's value (<c>struct bpf_task_work</c>, 6.18) of a hash, an LRU hash or an array; at most one in a value.
/// A lambda runs in the thread before it goes on in user space, where it may sleep. User space sees zeros.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
public struct BpfTaskWork
{
    private ulong _value;
}
