namespace Hornet.KernelTypes;

/// <summary>The state of an IPsec connection (<c>struct xfrm_state</c>).</summary>
[KernelType("xfrm_state")]
public interface XfrmState
{
    /// <summary>How often a packet came twice.</summary>
    [KernelField("stats.replay")]
    uint Replays { get; }

    /// <summary>The size of the window against packets that come twice.</summary>
    [KernelField("props.replay_window")]
    byte ReplayWindow { get; }
}
