using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hornet.Script.Output;

/// <summary>
/// Gives maps to whoever collects metrics, over HTTP (option --metrics). One request is worked on at a time: maps are read from the kernel
/// for each, and nobody may keep the others waiting for long.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    private const int MostHeader = 16 << 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly TcpListener _listener;
    private readonly Func<ByteWriter, bool> _page;
    private readonly Thread _thread;
    private readonly ByteWriter _body = new(64 * 1024);
    private volatile bool _ends;

    /// <param name="address"><c>:9435</c>, then on all of the machine's addresses, or <c>127.0.0.1:9435</c>; port 0 is a free one.</param>
    /// <param name="page">Writes the page; false when there is nothing to be read any more. Called on a thread of the server.</param>
    /// <exception cref="FormatException">The address has no port, or no machine's name.</exception>
    /// <exception cref="SocketException">The port is taken, or may not be listened at.</exception>
    public MetricsServer(string address, Func<ByteWriter, bool> page)
    {
        int colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new FormatException($"\"{address}\" is no address to listen at: give :PORT or ADDRESS:PORT.");
        var host = Host(address[..colon].Trim('[', ']'));
        _page = page;
        _listener = new TcpListener(host, port);
        // All addresses are those of both versions of the protocol.
        if (host.Equals(IPAddress.IPv6Any)) _listener.Server.DualMode = true;
        _listener.Start(16);
        _thread = new Thread(Serve) { IsBackground = true, Name = "metrics" };
        _thread.Start();
    }

    /// <summary>Where it listens, as a collector is told.</summary>
    public string Url
    {
        get
        {
            var end = (IPEndPoint)_listener.LocalEndpoint;
            return $"http://{(end.Address.Equals(IPAddress.IPv6Any) || end.Address.Equals(IPAddress.Any) ? "localhost" : end.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{end.Address}]" : end.Address)}:{end.Port.ToString(CultureInfo.InvariantCulture)}/metrics";
        }
    }

    public void Dispose()
    {
        _ends = true;
        _listener.Stop();
        _thread.Join();
        _listener.Dispose();
    }

    private static IPAddress Host(string name)
    {
        if (name.Length == 0) return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        if (IPAddress.TryParse(name, out var address)) return address;
        try
        {
            return Dns.GetHostAddresses(name) is [var first, ..] ? first : throw new FormatException($"\"{name}\" has no address to listen at.");
        }
        catch (SocketException e)
        {
            throw new FormatException($"\"{name}\" is no address of this machine: {e.Message}.", e);
        }
    }

    private void Serve()
    {
        while (!_ends)
        {
            try
            {
                using var client = _listener.AcceptSocket();
                client.NoDelay = true;
                Answer(client);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // A client that went away, or the end.
            }
        }
    }

    private void Answer(Socket client)
    {
        if (ReadRequest(client) is not { } request) return;
        string[] words = request.Split(' ');
        if (words.Length != 3 || !words[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            Send(client, "400 Bad Request", false);
            return;
        }
        bool isHead = words[0] == "HEAD";
        if (words[0] is not ("GET" or "HEAD"))
        {
            Send(client, "405 Method Not Allowed\r\nAllow: GET, HEAD", false);
            return;
        }
        string path = words[1].Split('?')[0];
        if (path is not ("/metrics" or "/"))
        {
            Send(client, "404 Not Found", false);
            return;
        }
        _body.Clear();
        bool isThere;
        try
        {
            isThere = _page(_body);
        }
        catch (BpfException)
        {
            isThere = false;
        }
        // Maps go with the end of the run.
        Send(client, isThere ? "200 OK" : "503 Service Unavailable", isThere, isHead);
    }

    // The first line of a request, once its whole head has come.
    private static string? ReadRequest(Socket client)
    {
        byte[] head = new byte[MostHeader];
        int length = 0;
        long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (length < head.Length)
        {
            int left = (int)(deadline - Environment.TickCount64);
            if (left <= 0) return null;
            client.ReceiveTimeout = left;
            int read = client.Receive(head, length, head.Length - length, SocketFlags.None);
            if (read <= 0) return null;
            length += read;
            var seen = head.AsSpan(0, length);
            if (seen.IndexOf("\r\n\r\n"u8) >= 0) return Encoding.ASCII.GetString(seen[..seen.IndexOf("\r\n"u8)]);
        }
        return null;
    }

    private void Send(Socket client, string status, bool withPage, bool isHead = false)
    {
        string type = withPage ? $"Content-Type: {MetricsText.ContentType}\r\n" : "";
        client.SendTimeout = (int)s_patience.TotalMilliseconds;
        SendAll(client, Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{type}Content-Length: {(withPage ? _body.Length : 0)}\r\nConnection: close\r\n\r\n"));
        if (withPage && !isHead) SendAll(client, _body.Written);
        client.Shutdown(SocketShutdown.Send);
    }

    private static void SendAll(Socket client, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[client.Send(bytes)..];
    }
}
