using System.Globalization;
using System.Net;

namespace Hornet.Script.Output;

/// <summary>
/// Gives maps to whoever collects metrics, over HTTP (option --metrics). One request is worked on at a time: maps are read from the kernel
/// for each.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Action<ByteWriter> _page;
    private readonly Thread _thread;
    private readonly ByteWriter _body = new(64 * 1024);
    private readonly TaskCompletionSource _ends = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="address"><c>:9435</c>, then on all of the machine's addresses, or <c>127.0.0.1:9435</c>.</param>
    /// <param name="page">Writes the page. Called on a thread of the server.</param>
    /// <exception cref="FormatException">The address has no port.</exception>
    /// <exception cref="HttpListenerException">The port is taken, or may not be listened at.</exception>
    public MetricsServer(string address, Action<ByteWriter> page)
    {
        int colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
            throw new FormatException($"\"{address}\" is no address to listen at: give :PORT or ADDRESS:PORT.");
        string host = colon == 0 ? "+" : address[..colon];
        _page = page;
        _listener.Prefixes.Add($"http://{host}:{port}/");
        _listener.Start();
        _thread = new Thread(Serve) { IsBackground = true, Name = "metrics" };
        _thread.Start();
    }

    public void Dispose()
    {
        // A listener that closes may leave somebody waiting for a request who came a moment late: he is told here.
        _ends.TrySetResult();
        _thread.Join();
        _listener.Close();
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                var request = _listener.GetContextAsync();
                if (Task.WaitAny(request, _ends.Task) == 1) return;
                Answer(request.GetAwaiter().GetResult());
            }
            catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException || (e is HttpListenerException && !_listener.IsListening))
            {
                return;
            }
            catch (Exception e) when (e is HttpListenerException or IOException)
            {
                // A client that went away.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        using var response = context.Response;
        if (context.Request.HttpMethod is not ("GET" or "HEAD") || context.Request.Url?.AbsolutePath is not ("/metrics" or "/"))
        {
            response.StatusCode = context.Request.HttpMethod is "GET" or "HEAD" ? 404 : 405;
            return;
        }
        _body.Clear();
        try
        {
            _page(_body);
        }
        catch (BpfException)
        {
            // Maps that go with the end of the run.
            response.StatusCode = 503;
            return;
        }
        response.ContentType = MetricsText.ContentType;
        response.ContentLength64 = _body.Length;
        if (context.Request.HttpMethod == "GET") response.OutputStream.Write(_body.Written);
    }
}
