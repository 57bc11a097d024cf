using Hornet.Interop;

namespace Hornet.Links;

/// <summary>Where in the path of a packet an XDP program runs.</summary>
public enum XdpMode
{
    /// <summary>In the driver when it can, otherwise in the generic hook: the kernel chooses.</summary>
    Any = 0,
    /// <summary>In the generic hook, after the socket buffer was allocated (<c>XDP_FLAGS_SKB_MODE</c>): works with every driver, slower.</summary>
    Generic = 1 << 1,
    /// <summary>In the driver (<c>XDP_FLAGS_DRV_MODE</c>).</summary>
    Native = 1 << 2,
    /// <summary>On the network card (<c>XDP_FLAGS_HW_MODE</c>): few cards, and the program must be loaded for the interface.</summary>
    Hardware = 1 << 3,
}

/// <summary>The XDP programs of one interface, by where they run (<c>IFLA_XDP</c>). An id of 0 means none.</summary>
/// <param name="GenericProgramId">The program in the generic hook.</param>
/// <param name="NativeProgramId">The program in the driver.</param>
/// <param name="HardwareProgramId">The program on the card.</param>
public sealed record XdpStatus(uint GenericProgramId, uint NativeProgramId, uint HardwareProgramId)
{
    /// <summary>No program.</summary>
    public static XdpStatus None { get; } = new(0, 0, 0);

    /// <summary>Whether any program is attached.</summary>
    public bool IsAttached => (GenericProgramId | NativeProgramId | HardwareProgramId) != 0;

    /// <summary>The program attached in a mode; for <see cref="XdpMode.Any"/> whichever there is, the fastest first.</summary>
    public uint ProgramId(XdpMode mode) => mode switch
    {
        XdpMode.Generic => GenericProgramId,
        XdpMode.Native => NativeProgramId,
        XdpMode.Hardware => HardwareProgramId,
        _ => HardwareProgramId != 0 ? HardwareProgramId : NativeProgramId != 0 ? NativeProgramId : GenericProgramId,
    };

    internal static XdpStatus Parse(NetlinkAttributes xdp)
    {
        const ushort attached = 2, programId = 4, nativeId = 5, genericId = 6, hardwareId = 7;
        const byte none = 0, native = 1, generic = 2, hardware = 3;
        byte where = xdp.Byte(attached) ?? none;
        if (where == none) return None;
        // The ids by mode came with 4.19; the one id before that says its mode beside it.
        uint one = xdp.UInt32(programId) ?? 0;
        return new XdpStatus(
            xdp.UInt32(genericId) ?? (where == generic ? one : 0),
            xdp.UInt32(nativeId) ?? (where == native ? one : 0),
            xdp.UInt32(hardwareId) ?? (where == hardware ? one : 0));
    }
}
