namespace Hornet.KernelTypes;

/// <summary>A buffer that devices share (<c>struct dma_buf</c>).</summary>
[KernelType("dma_buf")]
public interface DmaBuf
{
    /// <summary>Its size in bytes.</summary>
    ulong Size { get; }

    /// <summary>Who made it.</summary>
    [KernelField("exp_name")]
    KernelString Exporter { get; }

    /// <summary>What user space calls it; null where it has no name.</summary>
    KernelString Name { get; }
}
