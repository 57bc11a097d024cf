using System.Diagnostics.CodeAnalysis;

namespace Hornet.Maps;

/// <summary>Values kept with files' inodes (<c>BPF_MAP_TYPE_INODE_STORAGE</c>, 5.10; needs CONFIG_BPF_LSM and bpf in the lsm= list).</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfInodeStorage<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : LocalStorageMap<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfInodeStorage(BpfMap map) : base(map, MapType.InodeStorage)
    {
    }

    /// <summary>Creates a storage. A file is named by any open handle of it.</summary>
    public static BpfInodeStorage<T> Create(string name, MapOptions? options = null) =>
        Own(Create(MapType.InodeStorage, name, options), static map => new BpfInodeStorage<T>(map));
}
