using Hornet.Script.Output;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class PrintfTests
{
    private static readonly TupleType s_long = new([IntegerType.Int64]);
    private static readonly TupleType s_ulong = new([IntegerType.UInt64]);

    [Theory]
    // Without a length a number is an int.
    [InlineData("%d", 42, "42")]
    [InlineData("%d", -42, "-42")]
    [InlineData("%i", -42, "-42")]
    [InlineData("%d", 0x100000001, "1")]
    [InlineData("%d", 0xffffffff, "-1")]
    [InlineData("%u", -1, "4294967295")]
    [InlineData("%x", 0x12345678abcdef, "78abcdef")]
    [InlineData("%X", 0x12345678abcdef, "78ABCDEF")]
    [InlineData("%o", 8, "10")]
    [InlineData("%o", 0, "0")]
    // Lengths.
    [InlineData("%hhd", 0x1ff, "-1")]
    [InlineData("%hd", 0x1ffff, "-1")]
    [InlineData("%ld", 0x100000001, "4294967297")]
    [InlineData("%lld", -5, "-5")]
    [InlineData("%jd", long.MaxValue, "9223372036854775807")]
    [InlineData("%zd", long.MinValue, "-9223372036854775808")]
    [InlineData("%td", -5, "-5")]
    [InlineData("%hhx", 0x12345678abcdef, "ef")]
    [InlineData("%hx", 0x12345678abcdef, "cdef")]
    [InlineData("%jx", 0x12345678abcdef, "12345678abcdef")]
    [InlineData("%llu", -1, "18446744073709551615")]
    [InlineData("%lo", -1, "1777777777777777777777")]
    // A length that C does not know says nothing.
    [InlineData("%Ld", 0x100000001, "1")]
    [InlineData("%hhhd", 0x100000001, "1")]
    // Widths, blanks and zeros: as C++ streams, not as printf.
    [InlineData("[%5d]", 42, "[   42]")]
    [InlineData("[%-5d]", 42, "[42   ]")]
    [InlineData("[%05d]", 42, "[00042]")]
    [InlineData("[%05d]", -42, "[00-42]")]
    [InlineData("[%-05d]", 42, "[42000]")]
    [InlineData("[%2d]", 12345, "[12345]")]
    [InlineData("[%+d]", 42, "[+42]")]
    [InlineData("[%+d]", 0, "[+0]")]
    [InlineData("[%+d]", -42, "[-42]")]
    [InlineData("[%+u]", 42, "[42]")]
    [InlineData("[%+x]", 42, "[2a]")]
    [InlineData("[% d]", 42, "[42]")]
    [InlineData("[%#x]", 255, "[0xff]")]
    [InlineData("[%#X]", 255, "[0XFF]")]
    [InlineData("[%#x]", 0, "[0]")]
    [InlineData("[%#o]", 8, "[010]")]
    [InlineData("[%#08x]", 255, "[00000xff]")]
    [InlineData("[%-+8d]", 42, "[+42     ]")]
    [InlineData("[%.3d]", 42, "[42]")]
    [InlineData("[%8.3d]", 42, "[      42]")]
    [InlineData("[%*d]", 42, "[42]")]
    [InlineData("[%.*d]", 42, "[42]")]
    [InlineData("%04x", 2, "0002")]
    // Characters and pointers.
    [InlineData("%c", 0x41, "A")]
    [InlineData("[%3c]", 0x41, "[  A]")]
    [InlineData("%c", 0x141, "A")]
    [InlineData("%p", 0x1234, "0x1234")]
    [InlineData("%p", -1, "0xffffffffffffffff")]
    [InlineData("%p", 0, "0")]
    [InlineData("[%8p]", 0x12, "[    0x12]")]
    [InlineData("[%-8p]", 0x12, "[0x12    ]")]
    // As text, and flags of the kernel's allocator.
    [InlineData("%s", -42, "-42")]
    [InlineData("%s", 0x100000001, "4294967297")]
    [InlineData("[%+s]", 42, "[+42]")]
    [InlineData("[%6s]", 42, "[    42]")]
    [InlineData("%gr", 0, "0")]
    [InlineData("%gr", 0xcc0, "GFP_KERNEL")]
    [InlineData("%gr", 0xdc0, "GFP_KERNEL|__GFP_ZERO")]
    [InlineData("%gr", 0x820, "GFP_ATOMIC")]
    [InlineData("%gr", 0x1, "GFP_DMA")]
    [InlineData("%gr", 0x40000000, "0x40000000")]
    [InlineData("%gr", 0x40000001, "GFP_DMA|0x40000000")]
    // What is no conversion is text.
    [InlineData("100%% %d", 1, "100% 1")]
    [InlineData("%5% %d", 1, "% 1")]
    [InlineData("50%; %d% %", 1, "50%; 1%")]
    [InlineData("%0-5d %d", 1, "%0-5d 1")]
    [InlineData("%y %d", 1, "%y 1")]
    [InlineData("%d %", 1, "1 %")]
    [InlineData("%d%.", 1, "1%.")]
    [InlineData("%dx%%", 1, "1x%")]
    public void A_number_is_converted_as_bpftrace_does_it(string format, long value, string expected) =>
        Assert.Equal(expected, Build.Printf(format, s_long, Build.Int(value)));

    [Theory]
    [InlineData("%d", -2, "-2")]
    [InlineData("%ld", -2, "-2")]
    [InlineData("%lu", -2, "18446744073709551614")]
    [InlineData("%s", -2, "18446744073709551614")]
    [InlineData("[%+s]", 2, "[2]")]
    public void A_number_without_sign_takes_the_conversions_sign(string format, long value, string expected) =>
        Assert.Equal(expected, Build.Printf(format, s_ulong, Build.Int(value)));

    [Theory]
    [InlineData("%d", 1, true, "-1")]
    [InlineData("%d", 1, false, "255")]
    [InlineData("%lx", 1, true, "ffffffffffffffff")]
    [InlineData("%lx", 2, false, "ffff")]
    [InlineData("%x", 2, true, "ffffffff")]
    [InlineData("%ld", 4, true, "-1")]
    [InlineData("%ld", 4, false, "4294967295")]
    public void Small_numbers_are_extended_as_their_type_says(string format, int size, bool isSigned, string expected)
    {
        TupleType type = new([new IntegerType(size * 8, isSigned)]);
        Assert.Equal(expected, Build.Printf(format, type, Build.Int(-1, size)));
    }

    [Theory]
    [InlineData("%s", "abc", "abc")]
    [InlineData("[%5s]", "abc", "[  abc]")]
    [InlineData("[%-5s]", "abc", "[abc  ]")]
    [InlineData("[%2s]", "abc", "[abc]")]
    [InlineData("[%05s]", "abc", "[00abc]")]
    [InlineData("[%.2s]", "abc", "[abc]")]
    [InlineData("[%s]", "", "[]")]
    [InlineData("[%3s]", "", "[   ]")]
    [InlineData("%s", "abcdefgh", "abcdefgh..")]
    [InlineData("[%12s]", "abcdefgh", "[  abcdefgh..]")]
    public void A_text_is_padded(string format, string value, string expected) =>
        Assert.Equal(expected, Build.Printf(format, new([new StringType(8)]), Build.Text(value, 8)));

    [Theory]
    [InlineData("%r", "A\\x00\\xffz")]
    [InlineData("%rx", "\\x41\\x00\\xff\\x7a")]
    [InlineData("%rh", "41 00 ff 7a")]
    [InlineData("%rhello", "41 00 ff 7aello")]
    [InlineData("%s", "A\\x00\\xffz")]
    [InlineData("[%12rh]", "[ 41 00 ff 7a]")]
    public void Buffers_have_three_forms(string format, string expected) =>
        Assert.Equal(expected, Build.Printf(format, new([new BufferType(8)]), Build.Buffer(8, 0x41, 0, 0xff, 0x7a)));

    [Fact]
    public void Fields_of_several_pieces_are_padded_at_their_first_one()
    {
        TupleType pair = new([IntegerType.UInt8, IntegerType.UInt8]);
        Assert.Equal("[   (1, 2)]", Build.Printf("[%4s]", new([pair]), [1, 2]));
        Assert.Equal("[(   1, 2)]", Build.Printf("[%-4s]", new([pair]), [1, 2]));
        Assert.Equal("[   [1,2]]", Build.Printf("[%4s]", new([new ArrayType(IntegerType.UInt8, 2)]), [1, 2]));
        TupleType record = new([IntegerType.UInt8], ["x"]);
        Assert.Equal("[  { .x = 1 }]", Build.Printf("[%4s]", new([record]), [1]));
    }

    [Fact]
    public void Names_of_enumerations_booleans_and_the_like_are_texts_or_numbers_as_one_asks()
    {
        EnumType e = new(new("enum e", 32, false, [("ONE", 1)]));
        TupleType type = new([e, e, BooleanType.Instance, BooleanType.Instance, new PointerType(VoidType.Instance), NameType.Instance]);
        var bytes = Build.Tuple(type, Build.Int(1, 4), Build.Int(1, 4), [1], [1], Build.Int(0x10), Build.Int(0L));
        Assert.Equal("ONE  1 true 1 16 p", Build.Printf("%-4s %d %s %d %ld %s", type, bytes, new() { Names = ["p"] }));
    }

    [Fact]
    public void Several_arguments_stand_at_their_places()
    {
        TupleType type = new([IntegerType.UInt8, new StringType(5), IntegerType.Int64, IntegerType.Int16]);
        var bytes = Build.Tuple(type, [7], Build.Text("tom", 5), Build.Int(-1L), Build.Int(300, 2));
        Assert.Equal("7/tom/-1/300\n", Build.Printf("%d/%s/%ld/%d\n", type, bytes));
    }

    [Fact]
    public void A_record_may_end_where_its_last_text_ends()
    {
        TupleType type = new([IntegerType.Int64, new StringType(64)]);
        Assert.Equal("5 tom", Build.Printf("%d %s", type, [.. Build.Int(5L), .. "tom\0"u8]));
        Assert.Equal("5 ", Build.Printf("%d %s", type, Build.Int(5L)));
        Assert.Equal("0 ", Build.Printf("%d %s", type, []));
    }

    [Fact]
    public void Bytes_of_a_format_that_are_no_text_come_out_as_they_are() =>
        Assert.Equal("\u00ff\u00c3\u00a9 1", Build.Printf($"{Script.Source.ScriptBytes.Raw(0xff)}é %d", s_long, Build.Int(1L)));

    [Fact]
    public void On_a_terminal_arguments_are_escaped_and_the_format_is_not()
    {
        ValueContext terminal = new() { IsTerminal = true };
        TupleType type = new([new StringType(8), IntegerType.Int64]);
        var bytes = Build.Tuple(type, Build.Text("\u001b[2J", 8), Build.Int(0x1b));
        Assert.Equal("\u001b[1m\\x1b[2J\\x1b", Build.Printf("\u001b[1m%s%c", type, bytes, terminal));
        Assert.Equal("\u001b[1m\u001b[2J\u001b", Build.Printf("\u001b[1m%s%c", type, bytes));
    }

    public static TheoryData<string, int, string?> Checks() => new()
    {
        { "%d %s", 1, "not enough arguments for format string (1 supplied, 2 expected)" },
        { "hello", 1, "too many arguments for format string (1 supplied, 0 expected)" },
        { "%d", 1, null },
        { "%%", 0, null },
        { "%f", 1, "unsupported format specifier: f" },
        { "%n", 1, "unsupported format specifier: n" },
        { "%g", 1, "unsupported format specifier: g" },
        { "%r", 1, "unsupported format specifier for type 'int64': r" },
        { "%rx", 1, "unsupported format specifier for type 'int64': rx" },
        { "%gr", 1, null },
    };

    [Theory, MemberData(nameof(Checks))]
    public void A_format_is_checked_against_its_arguments(string format, int count, string? expected) =>
        Assert.Equal(expected, PrintfFormat.Check(format, [.. Enumerable.Repeat(IntegerType.Int64, count)]));

    [Fact]
    public void Types_that_do_not_fit_a_conversion_are_named()
    {
        Assert.Equal("unsupported format specifier for type 'string[16]': d", PrintfFormat.Check("%d", [new StringType(16)]));
        Assert.Equal("unsupported format specifier for type 'string[16]': p", PrintfFormat.Check("%p", [new StringType(16)]));
        Assert.Equal("unable to print none type for specifier: s", PrintfFormat.Check("%s", [VoidType.Instance]));
        Assert.Null(PrintfFormat.Check("%d%x%c%p%s%s%r", [BooleanType.Instance, new PointerType(VoidType.Instance), IntegerType.UInt8, IntegerType.UInt64, InetType.Instance, new ArrayType(IntegerType.Int8, 1), new BufferType(4)]));
        Assert.Throws<ArgumentException>(() => new PrintfPlan("%d", new([new StringType(4)])));
    }

    [Fact]
    public void What_the_kernel_prints_itself_takes_fewer_conversions()
    {
        var wrong = PrintfFormat.Parse("%d %s %c %x %p").CheckKernelPrint([IntegerType.Int64, IntegerType.Int64, IntegerType.Int64, new PointerType(VoidType.Instance), IntegerType.Int64]);
        Assert.Equal([(1, "Type does not match format specifier: s"), (-1, "Invalid format specifier for `debugf`: c"), (3, "Type does not match format specifier: x")], wrong);
    }

    [Fact]
    public void Lines_are_made_without_allocating()
    {
        TupleType type = new([IntegerType.Int32, new StringType(16), IntegerType.UInt64, new PointerType(VoidType.Instance)]);
        var bytes = Build.Tuple(type, Build.Int(5, 4), Build.Text("bash", 16), Build.Int(77L), Build.Int(0xff00));
        PrintfPlan plan = new("%-6d %-16s %8lu %p\n", type);
        var formatter = Build.Formatter();
        ByteWriter writer = new(4096);
        for (int i = 0; i < 100; i++)
        {
            writer.Clear();
            plan.Write(writer, bytes, formatter);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            writer.Clear();
            plan.Write(writer, bytes, formatter);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        const int Lines = 1_000_000;
        for (int i = 0; i < Lines; i++)
        {
            writer.Clear();
            plan.Write(writer, bytes, formatter);
        }
        TestContext.Current.SendDiagnosticMessage($"{Lines / clock.Elapsed.TotalSeconds / 1e6:F1} million lines a second");
        Assert.Equal("5      bash                   77 0xff00\n", writer.ToString());
    }
}
