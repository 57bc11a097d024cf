namespace Hornet.KernelTypes;

/// <summary>A cache of objects of one size (<c>struct kmem_cache</c>).</summary>
[KernelType("kmem_cache")]
public interface KmemCache
{
    /// <summary>The name, as in <c>/proc/slabinfo</c>.</summary>
    KernelString Name { get; }

    /// <summary>Bytes of an object with what the cache keeps beside it.</summary>
    uint Size { get; }

    /// <summary>Bytes of an object.</summary>
    uint ObjectSize { get; }
}
