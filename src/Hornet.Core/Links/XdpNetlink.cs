using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>XDP over rtnetlink: what there was before XDP links (5.9), and still the only way to the card's own program.</summary>
internal static class XdpNetlink
{
    private const uint UpdateIfNoExist = 1, Replace = 1 << 4;
    private const ushort Xdp = 43, XdpFd = 1, XdpFlags = 3, XdpExpectedFd = 8;

    /// <summary>Attaches where nothing is attached, or in place of <paramref name="expected"/> (5.7).</summary>
    public static NetlinkAnswer Attach(NetlinkSocket socket, int interfaceIndex, FileDescriptor program, XdpMode mode, FileDescriptor? expected, bool replace) =>
        expected is null
            ? Set(socket, interfaceIndex, program.Value, (uint)mode | (replace ? 0 : UpdateIfNoExist), null)
            : Set(socket, interfaceIndex, program.Value, (uint)mode | Replace, expected.Value);

    /// <summary>Detaches the given program and no other.</summary>
    /// <returns>False when it is not attached (any more): something else was put in its place, or the interface is gone.</returns>
    public static bool Detach(NetlinkSocket socket, int interfaceIndex, XdpMode mode, FileDescriptor program, string operation)
    {
        var answer = Set(socket, interfaceIndex, -1, (uint)mode | Replace, program.Value);
        if (answer.Error == Errno.EINVAL && KernelFacts.Version < new Version(5, 7))
        {
            // No expected program before 5.7: look, then clear, with a moment in between.
            var status = NetworkDevice.Find(socket, interfaceIndex).Xdp;
            if (status.ProgramId(mode) != ProgramIdentity.Of(program).Id) return false;
            answer = Set(socket, interfaceIndex, -1, (uint)mode, null);
        }
        if (answer.Error is Errno.EEXIST or Errno.ENODEV or Errno.ENOENT) return false;
        answer.Check(operation);
        return true;
    }

    private static NetlinkAnswer Set(NetlinkSocket socket, int interfaceIndex, int program, uint flags, int? expected) =>
        socket.Send(NetlinkWriter.Start(Netlink.SetLink, NetlinkFlags.Ack, new InterfaceMessage { Index = interfaceIndex }).Nest(Xdp, xdp =>
        {
            xdp.Add(XdpFd, program);
            if (flags != 0) xdp.Add(XdpFlags, flags);
            if (expected is { } fd) xdp.Add(XdpExpectedFd, fd);
        }));
}
