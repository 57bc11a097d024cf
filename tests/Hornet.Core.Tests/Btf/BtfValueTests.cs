using System.Text.Json;
using Hornet.Btf;

namespace Hornet.Core.Tests.Btf;

public class BtfValueTests
{
    private const string Source = """
        enum color { RED = 1, GREEN = 5 };
        struct event {
          unsigned long long time; union { unsigned pid; struct { short lo, hi; }; };
          enum color color; char comm[8]; signed char sc; _Bool ok; unsigned f1 : 3; int f2 : 5; int matrix[2][2]; struct { int x; } named; void *p; double d; int tail[];
        } e;
        """;

    private static byte[] Record(BtfSpec spec)
    {
        var type = spec.Find("event", BtfKind.Struct);
        byte[] data = new byte[type.ByteSize];
        void Put(string field, ReadOnlySpan<byte> bytes)
        {
            Assert.True(type.TryFindField(field, out var f));
            Span<byte> target = data.AsSpan((int)f.ByteOffset, bytes.Length);
            bytes.CopyTo(target);
            if (spec.IsBigEndian) target.Reverse();
        }
        Put("time", BitConverter.GetBytes(ulong.MaxValue));
        Put("pid", BitConverter.GetBytes(0x0001ffff));
        Put("color", BitConverter.GetBytes(5));
        Put("sc", [0xfe]);
        Put("ok", [1]);
        Put("p", BitConverter.GetBytes(0xffff8880deadbeef));
        Put("d", BitConverter.GetBytes(1.5));
        Put("x", BitConverter.GetBytes(-7));
        return data;
    }

    [Theory]
    [InlineData(false, "lo = -1, .hi = 1")]
    [InlineData(true, "lo = 1, .hi = -1")]
    public void A_value_reads_as_C_in_either_byte_order(bool bigEndian, string halves)
    {
        var (spec, _) = Clang.Compile(Source.Replace("struct { int x; } named;", "int x;"), bigEndian);
        byte[] data = Record(spec);
        var type = spec.Find("event", BtfKind.Struct);
        type.TryFindField("comm", out var comm);
        "a\"\n\u001b\0z"u8.CopyTo(data.AsSpan((int)comm.ByteOffset));
        type.TryFindField("f1", out var f1);
        data[(int)f1.ByteOffset] = bigEndian ? (byte)(5 << 5 | 0x1d) : (byte)(5 | 0x1d << 3);
        Assert.Equal("{ .time = 18446744073709551615, .pid = 131071, ." + halves + """
            , .color = GREEN, .comm = "a\"\012\033", .sc = -2, .ok = true, .f1 = 5, .f2 = -3, .matrix = { { 0, 0 }, { 0, 0 } }, .x = -7, .p = 0xffff8880deadbeef, .d = 1.5, .tail = {} }
            """, BtfValue.Format(type, data));
    }

    [Fact]
    public void A_value_is_valid_JSON_whatever_its_text()
    {
        var (spec, _) = Clang.Compile(Source.Replace("struct { int x; } named;", "int x;"));
        byte[] data = Record(spec);
        var type = spec.Find("event", BtfKind.Struct);
        type.TryFindField("comm", out var comm);
        data.AsSpan((int)comm.ByteOffset, 3).Fill(0xff);
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) BtfValue.WriteJson(type, data, writer);
        var json = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal(ulong.MaxValue, json.GetProperty("time").GetUInt64());
        Assert.Equal("GREEN", json.GetProperty("color").GetString());
        Assert.Equal("\ufffd\ufffd\ufffd", json.GetProperty("comm").GetString());
        Assert.Equal(-7, json.GetProperty("x").GetInt32());
        Assert.Equal(4, json.GetProperty("matrix").EnumerateArray().Sum(r => r.GetArrayLength()));
    }

    [Fact]
    public void Wide_numbers_and_unknown_enumerators_are_numbers()
    {
        BtfBuilder b = new();
        uint wide = b.AddInt("__int128", 16, BtfIntEncoding.Signed);
        uint e = b.AddEnum("e", 4, true, ("A", -1));
        uint u = b.AddEnum64("u", 8, false, ("B", -1));
        var spec = b.Build();
        byte[] ones = [.. Enumerable.Repeat((byte)0xff, 16)];
        Assert.Equal("-1", BtfValue.Format(spec[wide], ones));
        Assert.Equal("A", BtfValue.Format(spec[e], ones));
        Assert.Equal("2", BtfValue.Format(spec[e], [2, 0, 0, 0]));
        Assert.Equal("B", BtfValue.Format(spec[u], ones));
        Assert.Equal("18446744073709551614", BtfValue.Format(spec[u], [0xfe, .. ones[1..8]]));
    }

    [Fact]
    public void Too_few_bytes_are_refused()
    {
        var (spec, _) = Clang.Compile(Source);
        var e = Assert.Throws<BpfFormatException>(() => BtfValue.Format(spec.Find("event", BtfKind.Struct), new byte[10]));
        Assert.Contains("only 10", e.Message);
    }

    [Fact]
    public void Damaged_types_end_in_an_error_or_in_text()
    {
        var (spec, _) = Clang.Compile(Source);
        byte[] good = spec.RawData.ToArray(), data = new byte[256];
        var random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[random.Next(24, good.Length)] = (byte)random.Next(256);
            try
            {
                foreach (var type in BtfSpec.Parse(bad).Types) _ = BtfValue.Format(type, data);
            }
            catch (BpfFormatException) { refused++; }
        }
        Assert.InRange(refused, 100, 3000);
    }
}
