namespace Hornet.KernelTypes;

/// <summary>A connection of the kernel's table (<c>struct nf_conn</c>).</summary>
[KernelType("nf_conn")]
public interface NfConn
{
    /// <summary>The status (<c>IPS_*</c>).</summary>
    ulong Status { get; }

    /// <summary>When it goes, in jiffies.</summary>
    uint Timeout { get; }

    /// <summary>The mark.</summary>
    uint Mark { get; }
}

/// <summary>A connection that is not in the table yet (<c>struct nf_conn___init</c>).</summary>
[KernelType("nf_conn___init")]
public interface NewNfConn;
