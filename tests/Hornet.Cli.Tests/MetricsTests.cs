using System.Net;
using System.Net.Sockets;

namespace Hornet.Cli.Tests;

/// <summary>Option --metrics of <c>hornet trace</c>, as a collector sees it.</summary>
public class MetricsTests
{
    [Fact]
    public async Task Maps_are_given_to_collectors_while_the_script_runs()
    {
        CommandLine.NeedsRoot();
        using var process = CommandLine.Start("trace", "--metrics", "127.0.0.1:0", "-e",
            """begin { @calls["a\"b\\", 3] = count(); @size = hist(5); @size = hist(300); @time["x"] = stats(4); @seen = 7; } interval:ms:10 { @ticks = count(); } end { printf("over\n"); }""");
        string url = (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1];
        using HttpClient client = new();
        string page = await client.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken);
        Assert.Contains("# TYPE hornet_calls counter\n", page, StringComparison.Ordinal);
        Assert.Contains("""hornet_calls_total{key1="a\"b\\",key2="3"} 1""", page, StringComparison.Ordinal);
        Assert.Contains("# TYPE hornet_size histogram\n", page, StringComparison.Ordinal);
        Assert.Contains("hornet_size_bucket{le=\"7.0\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("hornet_size_bucket{le=\"511.0\"} 2\nhornet_size_bucket{le=\"+Inf\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("hornet_time_count{key=\"x\"} 1\nhornet_time_sum{key=\"x\"} 4\n", page, StringComparison.Ordinal);
        Assert.Contains("hornet_seen 7\n", page, StringComparison.Ordinal);
        Assert.EndsWith("# EOF\n", page, StringComparison.Ordinal);
        // Each request reads the maps anew.
        long first = Ticks(page);
        while (Ticks(page = await client.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken)) <= first)
        {
        }
        CommandLine.Signal(process, CommandLine.Interrupt);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("over\n", output, StringComparison.Ordinal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public void A_port_that_is_taken_is_said_before_anything_is_attached()
    {
        CommandLine.NeedsRoot();
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string address = $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        var (output, errors, status) = CommandLine.Run("trace", "--metrics", address, "-e", "begin { printf(\"begun\"); exit(); }");
        Assert.Equal($"ERROR: --metrics: cannot listen at {address}: another program listens there; choose another port, or :0 for a free one.\n", errors);
        Assert.Equal(("", 1), (output, status));
    }

    [Theory]
    [InlineData("9435", "is no address to listen at: give :PORT or ADDRESS:PORT.")]
    [InlineData("192.0.2.1:9435", "that is no address of this machine.")]
    public void An_address_that_cannot_be_is_said(string address, string message)
    {
        CommandLine.NeedsRoot();
        var (_, errors, status) = CommandLine.Run("trace", "--metrics", address, "-e", "begin { exit(); }");
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Equal(1, status);
    }

    private static long Ticks(string page) =>
        page.Split('\n').FirstOrDefault(l => l.StartsWith("hornet_ticks_total ", StringComparison.Ordinal)) is { } line ? long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
}
