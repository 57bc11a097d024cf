using System.Text;
using System.Text.Json;
using Hornet.Cli.Output;

namespace Hornet.Cli.Tests;

public class RowWriterTests
{
    private static readonly Column[] s_columns = [new("pid", "PID", -6), new("comm", "COMM", 8), new("path", "PATH")];

    private static string Write(OutputFormat format, RowLayout layout, Action<RowWriter> rows)
    {
        using var sink = new MemoryStream();
        using var writer = new RowWriter(sink, format, layout, headings: true, s_columns);
        writer.Start();
        rows(writer);
        writer.Finish();
        return Encoding.UTF8.GetString(sink.ToArray());
    }

    private static void Row(RowWriter w, long pid, ReadOnlySpan<byte> comm, ReadOnlySpan<byte> path)
    {
        w.BeginRow();
        w.Add(pid);
        w.Add(comm);
        w.Add(path);
        w.EndRow();
    }

    [Fact]
    public void A_stream_of_events_has_fixed_columns() =>
        Assert.Equal("   PID COMM     PATH\n    42 bash     /etc/passwd\n", Write(OutputFormat.Text, RowLayout.Events, w => Row(w, 42, "bash"u8, "/etc/passwd"u8)));

    [Fact]
    public void A_list_fits_its_columns_to_its_contents() =>
        Assert.Equal("   PID  COMM           PATH\n     1  a-longer-name  x\n    22  b              y\n",
            Write(OutputFormat.Text, RowLayout.List, w => { Row(w, 1, "a-longer-name"u8, "x"u8); Row(w, 22, "b"u8, "y"u8); }));

    [Fact]
    public void One_thing_in_detail_has_a_line_per_column_and_is_one_object()
    {
        Assert.Equal("PID   7\nCOMM  c\nPATH  p\n", Write(OutputFormat.Text, RowLayout.Detail, w => Row(w, 7, "c"u8, "p"u8)));
        Assert.Equal("{\"pid\":7,\"comm\":\"c\",\"path\":\"p\"}\n", Write(OutputFormat.Json, RowLayout.Detail, w => Row(w, 7, "c"u8, "p"u8)));
    }

    [Fact]
    public void An_empty_list_is_an_empty_array_and_an_empty_table()
    {
        Assert.Equal("[]\n", Write(OutputFormat.Json, RowLayout.List, _ => { }));
        Assert.Equal("", Write(OutputFormat.Text, RowLayout.List, _ => { }));
    }

    [Fact]
    public void Hostile_names_reach_no_format_raw()
    {
        byte[] comm = [0x1b, (byte)'[', (byte)'2', (byte)'J', 0xff, (byte)'"', (byte)','];
        byte[] path = Encoding.UTF8.GetBytes("=cmd()\n\u009b\u202e<script>");
        foreach (var format in Enum.GetValues<OutputFormat>())
        {
            string text = Write(format, RowLayout.Events, w => Row(w, 1, comm, path));
            string body = text.Replace("\n", "", StringComparison.Ordinal);
            Assert.DoesNotContain(body.EnumerateRunes(), r => Rune.IsControl(r) || r.Value == 0x202e);
            Assert.Equal(format == OutputFormat.Json ? 1 : 2, text.Count(c => c == '\n'));
        }
    }

    [Fact]
    public void Json_keeps_the_exact_bytes_of_what_is_not_utf8()
    {
        byte[] raw = [(byte)'a', 0xff];
        string line = Write(OutputFormat.Json, RowLayout.Events, w => Row(w, 1, raw, "ok"u8));
        using var document = JsonDocument.Parse(line);
        Assert.Equal("a\ufffd", document.RootElement.GetProperty("comm").GetString());
        Assert.Equal(raw, document.RootElement.GetProperty("comm_base64").GetBytesFromBase64());
        Assert.False(document.RootElement.TryGetProperty("path_base64", out _));
    }

    [Fact]
    public void Csv_quotes_and_disarms_formulas()
    {
        string text = Write(OutputFormat.Csv, RowLayout.Events, w => Row(w, -7, "a\"b,c"u8, "=cmd()"u8));
        Assert.Equal("pid,comm,path\n-7,\"a\"\"b,c\",\"'=cmd()\"\n", text);
    }

    [Fact]
    public void A_row_with_a_missing_cell_is_a_mistake_of_ours()
    {
        Assert.Throws<InvalidOperationException>(() => Write(OutputFormat.Text, RowLayout.Events, w => { w.BeginRow(); w.Add(1L); w.EndRow(); }));
    }
}
