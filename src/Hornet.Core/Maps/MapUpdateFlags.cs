namespace Hornet.Maps;

/// <summary>How an update treats an existing element (<c>BPF_ANY</c>, <c>BPF_NOEXIST</c>, <c>BPF_EXIST</c>, <c>BPF_F_LOCK</c>).</summary>
[Flags]
public enum MapUpdateFlags : ulong
{
    /// <summary>Create the element or replace it.</summary>
    Any = 0,
    /// <summary>Create the element; refused when it exists. Arrays refuse it always: their elements exist from the start.</summary>
    NoExist = 1,
    /// <summary>Replace the element; refused when it does not exist.</summary>
    Exist = 2,
    /// <summary>Copy under the value's <c>bpf_spin_lock</c> (5.1); the map's BTF must say where it is.</summary>
    Lock = 4,
}

/// <summary>How a lookup reads (<c>BPF_F_LOCK</c>).</summary>
[Flags]
public enum MapLookupFlags : ulong
{
    /// <summary>A plain copy. The kernel does not make it atomic: a program may be writing at the same time.</summary>
    None = 0,
    /// <summary>Copy under the value's <c>bpf_spin_lock</c> (5.1), and leave the lock field itself out.</summary>
    Lock = 4,
}
