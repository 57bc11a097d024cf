using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hornet.Script.Runtime;

/// <summary>systemd's protocol for services: a datagram to the socket that the environment names.</summary>
internal static class ServiceManager
{
    public static void Notify(string state, RunLog log)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 1 } path) Send(path, state, log);
    }

    // Apart, so that only who has such a socket loads the library of sockets.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Send(string path, string state, RunLog log)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // An at sign stands for the zero byte of abstract addresses.
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (SocketException e)
        {
            log.Warning($"Failed to send readiness notification, ignoring: {e.Message}");
        }
    }
}
