using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.KernelTests.Links;

/// <summary>Asks the kernel for both names of a socket; <see cref="Socket"/> itself remembers what it was told.</summary>
internal static partial class Names
{
    public static unsafe void Ask(Socket socket)
    {
        byte* address = stackalloc byte[128];
        uint length = 128;
        _ = GetSocketName((int)socket.Handle, address, &length);
        length = 128;
        _ = GetPeerName((int)socket.Handle, address, &length);
    }

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static unsafe partial int GetSocketName(int fd, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "getpeername")]
    private static unsafe partial int GetPeerName(int fd, byte* address, uint* length);
}
