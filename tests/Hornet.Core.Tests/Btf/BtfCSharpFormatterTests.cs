using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Core.Tests.Btf.Sample;

namespace Hornet.Core.Tests.Btf;

/// <summary>
/// CSharpSample.g.cs was generated from CSharpSample.c and is compiled with these tests: that proves the text is C#, and the
/// tests below that its layout is C's.
/// </summary>
public class BtfCSharpFormatterTests
{
    private static readonly string s_folder = Folder();

    [Fact]
    public void The_sample_is_what_is_generated_today()
    {
        var (spec, _) = Clang.Compile(File.ReadAllText(Path.Combine(s_folder, "CSharpSample.c")));
        using StringWriter writer = new();
        BtfCSharpFormatter.Write([spec.Find("event", BtfKind.Struct), spec.Find("bits", BtfKind.Struct)], writer, new BtfCSharpOptions { Namespace = "Hornet.Core.Tests.Btf.Sample" });
        Assert.Equal(File.ReadAllText(Path.Combine(s_folder, "CSharpSample.g.cs")), writer.ToString());
    }

    [Fact]
    public void Every_struct_has_its_size_in_C_and_every_field_its_offset()
    {
        var (spec, _) = Clang.Compile(File.ReadAllText(Path.Combine(s_folder, "CSharpSample.c")));
        Assert.Equal(spec.Find("event", BtfKind.Struct).ByteSize, Unsafe.SizeOf<@event>());
        Assert.Equal(spec.Find("packed", BtfKind.Struct).ByteSize, Unsafe.SizeOf<packed>());
        Assert.Equal(spec.Find("either", BtfKind.Union).ByteSize, Unsafe.SizeOf<either>());
        Assert.Equal(spec.Find("bits", BtfKind.Struct).ByteSize, Unsafe.SizeOf<bits>());
        Assert.Equal(29, Unsafe.SizeOf<packed>());

        @event e = default;
        Assert.Equal(Offset(spec, "hi"), Distance(ref e, ref e.hi));
        Assert.Equal(Offset(spec, "pid"), Distance(ref e, ref e.pid));
        Assert.Equal(Offset(spec, "packed"), Distance(ref e, ref e.packed));
        Assert.Equal(Offset(spec, "ok"), Distance(ref e, ref e.ok));
        Assert.Equal(Offset(spec, "matrix"), Distance(ref e, ref e.matrix));
        Assert.Equal(Offset(spec, "lock"), Distance(ref e, ref e.@lock));
        Assert.Equal(@event.OffsetOf_data, (int)Offset(spec, "data"));
        Assert.Equal(Offset(spec, "event"), Distance(ref e, ref e.event_2));
    }

    [Fact]
    public void Bitfields_are_properties_over_the_same_bits()
    {
        bits b = new() { low = 5, mid = -3, high = 0xabcdef, wide = 0x12_3456_789a, flag = true };
        Assert.Equal((5u, -3, 0xabcdefu, 0x12_3456_789aul, true), (b.low, b.mid, b.high, b.wide, b.flag));
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<bits>(ref b));
        // low: bits 0–2, mid: 3–7, high: 8–31, wide: 64–103 (a 64-bit unit), flag: 104.
        Assert.Equal((byte)(5 | (-3 & 0x1f) << 3), bytes[0]);
        Assert.Equal([0xef, 0xcd, 0xab], bytes[1..4].ToArray());
        Assert.Equal([0x9a, 0x78, 0x56, 0x34, 0x12, 0x01], bytes[8..14].ToArray());
        b.mid = 7;
        Assert.Equal((5u, 7, 0xabcdefu), (b.low, b.mid, b.high));
    }

    [Fact]
    public void A_record_is_read_where_it_lies()
    {
        byte[] record = new byte[Unsafe.SizeOf<@event>()];
        "bash"u8.CopyTo(record.AsSpan(16));
        record[8] = 42;
        record[12] = 5;
        ref readonly @event e = ref MemoryMarshal.AsRef<@event>(record);
        Assert.Equal(42u, e.pid);
        Assert.Equal(color.GREEN, e.color);
        ReadOnlySpan<byte> comm = e.comm;
        Assert.True(comm.StartsWith("bash"u8));
    }

    [Fact]
    public void Damaged_types_end_in_an_error_or_in_text()
    {
        var (spec, _) = Clang.Compile(File.ReadAllText(Path.Combine(s_folder, "CSharpSample.c")));
        byte[] good = spec.RawData.ToArray();
        var random = new Random(4);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[random.Next(24, good.Length)] = (byte)random.Next(256);
            try
            {
                var damaged = BtfSpec.Parse(bad);
                BtfCSharpFormatter.Write(damaged.Types, TextWriter.Null);
            }
            catch (BpfFormatException) { refused++; }
        }
        Assert.InRange(refused, 50, 1000);
    }

    private static long Offset(BtfSpec spec, string member)
    {
        Assert.True(spec.Find("event", BtfKind.Struct).TryFindField(member, out var field));
        return field.ByteOffset;
    }

    private static long Distance<T>(ref @event start, ref T field) => Unsafe.ByteOffset(ref Unsafe.As<@event, byte>(ref start), ref Unsafe.As<T, byte>(ref field));

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
