using System.Net;
using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class MetricsTests
{
    private static string Page(params (ScriptMap Map, (byte[] Key, byte[] Value)[] Elements)[] maps)
    {
        ByteWriter writer = new();
        new MetricsText(Build.Formatter()).Write(writer, maps.Select(m => new MapReport(m.Map, Build.Snapshot(m.Map, 1, m.Elements))));
        return writer.ToString();
    }

    [Fact]
    public void Without_maps_there_is_only_the_end() => Assert.Equal("# EOF\n", Page((Build.Map("@x", null, IntegerType.Int64), [])));

    [Fact]
    public void Counts_are_counters_with_the_parts_of_the_key_as_labels()
    {
        TupleType key = new([new StringType(16), IntegerType.Int32]);
        var map = Build.Map("@reads", key, new AggregateType(AggregateKind.Count, true));
        Assert.Equal("""
            # TYPE hornet_reads counter
            # HELP hornet_reads The map @reads of the script.
            hornet_reads_total{key1="cat",key2="1"} 5
            hornet_reads_total{key1="a \"b\"\\\nc",key2="-1"} 8
            # EOF

            """, Page((map, [(Build.Tuple(key, Build.Text("a \"b\"\\\nc", 16), Build.Int(-1, 4)), Build.Int(8L)), (Build.Tuple(key, Build.Text("cat", 16), Build.Int(1, 4)), Build.Int(5L))])));
    }

    [Fact]
    public void Other_numbers_are_gauges_and_texts_are_infos()
    {
        TupleType record = new([IntegerType.UInt8], ["disk"]);
        Assert.Equal("""
            # TYPE hornet_map gauge
            # HELP hornet_map The map @ of the script.
            hornet_map -5
            # TYPE hornet_map_2 info
            # HELP hornet_map_2 The map @map of the script.
            hornet_map_2_info{disk="3",value="x y"} 1
            # TYPE hornet_s counter
            # HELP hornet_s The map @s of the script.
            hornet_s_total 18446744073709551615
            # TYPE hornet_t gauge
            # HELP hornet_t The map @t of the script.
            hornet_t 7
            # EOF

            """, Page(
            (Build.Map("@", null, IntegerType.Int64), [(Build.Int(0L), Build.Int(-5L))]),
            (Build.Map("@map", record, new StringType(8)), [([3], Build.Text("x y", 8))]),
            (Build.Map("@s", null, new AggregateType(AggregateKind.Sum, false)), [(Build.Int(0L), Build.Int(-1L))]),
            (Build.Map("@t", null, new AggregateType(AggregateKind.TimeSeries, true) { Interval = 1000, SeriesCount = 2 }), [(Build.Int(0L), Build.Words(7, 1, 2, 6, 1, 1))])));
    }

    [Fact]
    public void Histograms_add_up_and_stats_are_summaries()
    {
        AggregateType type = new(AggregateKind.LinearHist, true) { Minimum = 0, Maximum = 20, Step = 10 };
        Assert.Equal("""
            # TYPE hornet_h histogram
            # HELP hornet_h The map @h of the script.
            hornet_h_bucket{key="4",le="-1.0"} 1
            hornet_h_bucket{key="4",le="9.0"} 1
            hornet_h_bucket{key="4",le="19.0"} 4
            hornet_h_bucket{key="4",le="+Inf"} 6
            # TYPE hornet_s summary
            # HELP hornet_s The map @s of the script.
            hornet_s_count 2
            hornet_s_sum -12
            # EOF

            """, Page(
            (Build.Map("@h", IntegerType.Int8, type), [([4], Build.Words(1, 0, 3, 2))]),
            (Build.Map("@s", null, new AggregateType(AggregateKind.Stats, true)), [(Build.Int(0L), Build.Words(-12, 2))])));
        var powers = Page((Build.Map("@p", null, new AggregateType(AggregateKind.Hist, true)), [(Build.Int(0L), Build.Words([0, 1, 0, 2, .. new long[62]]))]));
        Assert.Contains("hornet_p_bucket{le=\"0.0\"} 1\nhornet_p_bucket{le=\"1.0\"} 1\nhornet_p_bucket{le=\"3.0\"} 3\nhornet_p_bucket{le=\"+Inf\"} 3\n", powers, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_with_one_text_come_once()
    {
        var map = Build.Map("@k", UserNameType.Instance, IntegerType.Int64);
        string page = Page((map, [(Build.Int(7L), Build.Int(1L)), (Build.Int(8L), Build.Int(2L))]));
        Assert.Equal(4, page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task The_page_is_served()
    {
        int asked = 0;
        using HttpClient client = new();
        string url;
        using (MetricsServer server = new("127.0.0.1:0", w =>
        {
            w.Text($"page {++asked}\n# EOF\n");
            return true;
        }))
        {
            url = server.Url;
            using var first = await client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
            Assert.Equal("page 1\n# EOF\n", await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal("application/openmetrics-text", first.Content.Headers.ContentType?.MediaType);
            using var other = await client.GetAsync(new Uri(new Uri(url), "/secret"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
            using var post = await client.PostAsync(new Uri(url), null, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        }
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(url), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("9435")]
    [InlineData(":")]
    [InlineData(":70000")]
    [InlineData("host:port")]
    public void An_address_needs_a_port(string address) => Assert.Throws<FormatException>(() => new MetricsServer(address, _ => true));
}
