using Hornet.Script.Output;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class ValueTextTests
{
    private static readonly EnumTypeInfo s_color = new("enum color", 32, false, [("RED", 1), ("GREEN", 2), ("ALIAS", 2), ("LAST", -1)]);

    private static readonly CompositeTypeInfo s_inner = new("struct inner", false, 8, () => [new("n", IntegerType.Int32, 0), new("b", BooleanType.Instance, 4)]);

    // A byte, a bitfield of 3 bits from bit 1, one that goes over a byte's end, an anonymous union, a nested struct, an array.
    private static readonly CompositeTypeInfo s_outer = new("struct outer", false, 32, () =>
    [
        new("a", IntegerType.UInt8, 0),
        new("low", IntegerType.UInt32, 4, 1, 3),
        new("high", IntegerType.Int32, 4, 6, 5),
        new("", new CompositeType(new("union <anonymous>", true, 4, () => [new("i", IntegerType.Int32, 0), new("u", IntegerType.UInt16, 0)])), 8),
        new("inner", new CompositeType(s_inner), 12),
        new("list", new ArrayType(IntegerType.UInt16, 3), 20),
        new("real", VoidType.Instance, 28),
    ]);

    private static readonly byte[] s_outerBytes =
    [
        7, 0, 0, 0,
        0b0100_1010, 0b0000_0101, 0, 0,
        0xfe, 0xff, 0xff, 0xff,
        5, 0, 0, 0, 1, 0, 0, 0,
        1, 0, 2, 0, 0xff, 0xff, 0, 0,
        0, 0, 0, 0,
    ];

    public static TheoryData<string, string, string> Values()
    {
        TheoryData<string, string, string> data = [];
        foreach (var (name, _, _, text, json) in All()) data.Add(name, text, json);
        return data;
    }

    [Theory, MemberData(nameof(Values))]
    public void A_value_has_its_text_and_its_json(string name, string text, string json)
    {
        var (_, type, bytes, _, _) = All().Single(v => v.Name == name);
        Assert.Equal(text, Build.AsText(type, bytes, Context));
        Assert.Equal(json, Build.AsJson(type, bytes, Context));
    }

    private static ValueContext Context => new()
    {
        System = new FakeNames(),
        Clock = Build.Utc,
        Symbols = new FakeSymbols(),
        Names = ["", "tracepoint:a:b"],
        TimeFormats = ["%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%l|%k|%%"],
        CgroupFilters = ["uni*"],
    };

    private static IEnumerable<(string Name, ScriptType Type, byte[] Bytes, string Text, string Json)> All()
    {
        yield return ("int8", IntegerType.Int8, [0x80], "-128", "-128");
        yield return ("uint8", IntegerType.UInt8, [0x80], "128", "128");
        yield return ("int16", IntegerType.Int16, [0xff, 0xff], "-1", "-1");
        yield return ("uint16", IntegerType.UInt16, [0xff, 0xff], "65535", "65535");
        yield return ("int32", IntegerType.Int32, Build.Int(-7, 4), "-7", "-7");
        yield return ("uint32", IntegerType.UInt32, Build.Int(-7, 4), "4294967289", "4294967289");
        yield return ("int64 smallest", IntegerType.Int64, Build.Int(long.MinValue), "-9223372036854775808", "-9223372036854775808");
        yield return ("int64 largest", IntegerType.Int64, Build.Int(long.MaxValue), "9223372036854775807", "\"9223372036854775807\"");
        yield return ("uint64 largest", IntegerType.UInt64, Build.Int(ulong.MaxValue), "18446744073709551615", "\"18446744073709551615\"");
        yield return ("2^53", IntegerType.UInt64, Build.Int(1ul << 53), "9007199254740992", "9007199254740992");
        yield return ("2^53 + 1", IntegerType.UInt64, Build.Int((1ul << 53) + 1), "9007199254740993", "\"9007199254740993\"");
        yield return ("2^53 + 2", IntegerType.Int64, Build.Int((1ul << 53) + 2), "9007199254740994", "9007199254740994");
        yield return ("-2^53 - 1", IntegerType.Int64, Build.Int(-(1L << 53) - 1), "-9007199254740993", "\"-9007199254740993\"");
        yield return ("too few bytes", IntegerType.UInt32, [1, 2], "513", "513");
        yield return ("true", BooleanType.Instance, [1], "true", "true");
        yield return ("false", BooleanType.Instance, [0], "false", "false");
        yield return ("nothing", VoidType.Instance, [], "null", "null");
        yield return ("pointer", new PointerType(VoidType.Instance), Build.Int(0xffffffff81000000), "0xffffffff81000000", "\"18446744071578845184\"".Replace("\"", "", StringComparison.Ordinal));
        yield return ("null pointer", new PointerType(VoidType.Instance), Build.Int(0L), "0x0", "0");

        yield return ("enum", new EnumType(s_color), Build.Int(1, 4), "RED", "1");
        yield return ("enum with two names", new EnumType(s_color), Build.Int(2, 4), "ALIAS", "2");
        yield return ("enum without a name", new EnumType(s_color), Build.Int(3, 4), "3", "3");
        yield return ("enum below zero", new EnumType(s_color), Build.Int(-1, 4), "LAST", "4294967295");

        yield return ("string", new StringType(8), Build.Text("hey", 8), "hey", "\"hey\"");
        yield return ("empty string", new StringType(8), Build.Text("", 8), "", "\"\"");
        yield return ("string that fills", new StringType(4), Build.Text("abcd", 4), "abcd..", "\"abcd..\"");
        yield return ("string with one byte left", new StringType(4), Build.Text("abc", 4), "abc", "\"abc\"");
        yield return ("bytes behind the end", new StringType(6), Build.Text("ab\0cd", 6), "ab", "\"ab\"");
        yield return ("string that was sent short", new StringType(64), Build.Text("ab", 3), "ab", "\"ab\"");
        yield return ("string with controls", new StringType(16), Build.Text("a\n\t\r\"\\\u0001\u001b", 16), "a\n\t\r\"\\\u0001\u001b", "\"a\\n\\t\\r\\\"\\\\\\u0001\\u001b\"");
        yield return ("string that is no utf-8", new StringType(8), Build.Text("a\u00ffb", 8), "a\u00ffb", "\"a\uFFFDb\"");
        yield return ("string in utf-8", new StringType(8), Build.Text("\u00c3\u00a9", 8), "\u00c3\u00a9", "\"é\"");

        yield return ("buffer", new BufferType(8), Build.Buffer(8, (byte)'h', (byte)'i', 0, 255), "hi\\x00\\xff", "[104,105,0,-1]");
        yield return ("empty buffer", new BufferType(8), Build.Buffer(8), "", "[]");
        yield return ("buffer that says too much", new BufferType(4), [200, 0, 0, 0, 65, 66, 67, 68], "ABCD", "[65,66,67,68]");

        yield return ("array", new ArrayType(IntegerType.Int32, 3), [.. Build.Int(1, 4), .. Build.Int(-2, 4), .. Build.Int(3, 4)], "[1,-2,3]", "[1,-2,3]");
        yield return ("array of arrays", new ArrayType(new ArrayType(IntegerType.UInt8, 2), 2), [1, 2, 3, 4], "[[1,2],[3,4]]", "[[1,2],[3,4]]");

        TupleType pair = new([IntegerType.Int64, new StringType(4)]), nested = new([IntegerType.UInt8, pair]);
        yield return ("tuple", pair, Build.Tuple(pair, Build.Int(1L), Build.Text("x", 4)), "(1, x)", "[1,\"x\"]");
        yield return ("tuple in a tuple", nested, Build.Tuple(nested, [2], Build.Tuple(pair, Build.Int(3L), Build.Text("y", 4))), "(2, (3, y))", "[2,[3,\"y\"]]");
        yield return ("tuple of one", new TupleType([IntegerType.UInt8]), [9], "(9)", "[9]");
        yield return ("tuple of none", new TupleType([]), [], "()", "[]");
        TupleType record = new([IntegerType.UInt8, pair], ["id", "rest"]);
        yield return ("record", record, Build.Tuple(record, [2], Build.Tuple(pair, Build.Int(3L), Build.Text("y", 4))), "{ .id = 2, .rest = (3, y) }", "{\"id\": 2, \"rest\": [3,\"y\"]}");
        yield return ("record of none", new TupleType([], []), [], "{}", "{}");

        yield return ("struct", new CompositeType(s_outer), s_outerBytes,
            "{ .a = 7, .low = 5, .high = 21, .i = -2, .u = 65534, .inner = { .n = 5, .b = true }, .list = [1,2,65535], .real = null }",
            "{\"a\": 7, \"low\": 5, \"high\": 21, \"i\": -2, \"u\": 65534, \"inner\": {\"n\": 5, \"b\": true}, \"list\": [1,2,65535], \"real\": null}");
        yield return ("struct of none", new CompositeType(new("struct e", false, 0, () => [])), [], "{}", "{}");

        yield return ("ipv4", InetType.Instance, [.. Build.Int(2, 4), 192, 168, 0, 1, .. new byte[12]], "192.168.0.1", "\"192.168.0.1\"");
        yield return ("ipv6", InetType.Instance, [.. Build.Int(10, 4), 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "2001:db8::1", "\"2001:db8::1\"");
        yield return ("ipv6 none", InetType.Instance, [.. Build.Int(10, 4), .. new byte[16]], "::", "\"::\"");
        yield return ("ipv6 loopback", InetType.Instance, [.. Build.Int(10, 4), .. new byte[15], 1], "::1", "\"::1\"");
        yield return ("ipv6 that ends in zeros", InetType.Instance, [.. Build.Int(10, 4), 0xfe, 0x80, .. new byte[14]], "fe80::", "\"fe80::\"");
        yield return ("ipv6 with one zero", InetType.Instance, [.. Build.Int(10, 4), 0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7], "1:0:2:3:4:5:6:7", "\"1:0:2:3:4:5:6:7\"");
        yield return ("ipv4 in ipv6", InetType.Instance, [.. Build.Int(10, 4), .. new byte[10], 0xff, 0xff, 1, 2, 3, 4], "::ffff:1.2.3.4", "\"::ffff:1.2.3.4\"");
        yield return ("other family", InetType.Instance, [.. Build.Int(1, 4), .. new byte[16]], "", "\"\"");
        yield return ("mac", MacAddressType.Instance, [0xfe, 1, 2, 3, 4, 0xab], "FE:01:02:03:04:AB", "\"FE:01:02:03:04:AB\"");

        yield return ("ksym", KernelSymbolType.Instance, Build.Int(0x1004), "do_work", "\"do_work\"");
        yield return ("unknown ksym", KernelSymbolType.Instance, Build.Int(0x9004), "0x9004", "\"0x9004\"");
        yield return ("usym", UserSymbolType.Instance, [.. Build.Int(0x510), .. Build.Int(42, 4), .. Build.Int(0, 4)], "main", "\"main\"");
        yield return ("usym of another process", UserSymbolType.Instance, [.. Build.Int(0x510), .. Build.Int(41, 4), .. Build.Int(0, 4)], "0x510", "\"0x510\"");
        yield return ("username", UserNameType.Instance, Build.Int(0L), "root", "\"root\"");
        yield return ("unknown username", UserNameType.Instance, Build.Int(12L), "", "\"\"");
        yield return ("time since boot", TimestampType.Instance, [.. Build.Int(61_000_000_000L), .. Build.Int(0, 4), .. Build.Int(0, 4)], "22:14:21", "\"22:14:21\"");
        yield return ("time with microseconds", TimestampType.Instance, [.. Build.Int(1_700_000_000_123_456_789L), .. Build.Int(2, 4), .. Build.Int(1, 4)], "2023-11-14 22:13:20.123456", "\"2023-11-14 22:13:20.123456\"");
        yield return ("time with extensions", TimestampType.Instance, [.. Build.Int(1_700_000_000_123_456_789L), .. Build.Int(3, 4), .. Build.Int(2, 4)], "123|123456789|%", "\"123|123456789|%\"");
        yield return ("no time", TimestampType.Instance, [.. Build.Int(5L), .. Build.Int(1, 4), .. Build.Int(1, 4)], "(?)", "\"(?)\"");
        yield return ("cgroup", CgroupPathType.Instance, [.. Build.Int(77L), .. Build.Int(0L)], "uni*:/slice/77", "\"uni*:/slice/77\"");
        yield return ("strerror", ErrorTextType.Instance, Build.Int(7L), "Argument list too long", "\"Argument list too long\"");
        yield return ("name", NameType.Instance, Build.Int(1L), "tracepoint:a:b", "\"tracepoint:a:b\"");
        yield return ("name that is not there", NameType.Instance, Build.Int(9L), "", "\"\"");

        yield return ("count of two CPUs", new AggregateType(AggregateKind.Count, true), Build.Words(2, 5), "7", "7");
        yield return ("sum below zero", new AggregateType(AggregateKind.Sum, true), Build.Words(2, -5), "-3", "-3");
        yield return ("sum without sign", new AggregateType(AggregateKind.Sum, false), Build.Words(-1), "18446744073709551615", "\"18446744073709551615\"");
        yield return ("min", new AggregateType(AggregateKind.Min, true), Build.Words(0, 0, -3, 1, 4, 1), "-3", "-3");
        yield return ("min without sign", new AggregateType(AggregateKind.Min, false), Build.Words(-3, 1, 4, 1), "4", "4");
        yield return ("min of nothing", new AggregateType(AggregateKind.Min, true), Build.Words(0, 0), "0", "0");
        yield return ("max", new AggregateType(AggregateKind.Max, true), Build.Words(-9, 1, -4, 1, 0, 0), "-4", "-4");
        yield return ("max without sign", new AggregateType(AggregateKind.Max, false), Build.Words(9, 1, 100, 0), "9", "9");
        yield return ("avg", new AggregateType(AggregateKind.Avg, true), Build.Words(-10, 3, 0, 1), "-2", "-2");
        yield return ("avg of nothing", new AggregateType(AggregateKind.Avg, true), Build.Words(0, 0), "0", "0");
        yield return ("stats", new AggregateType(AggregateKind.Stats, true), Build.Words(2, 1, 10, 1), "{ .count = 2, .average = 6, .total = 12 }", "{\"count\": 2, \"average\": 6, \"total\": 12}");
    }

    [Fact]
    public void Numbers_in_a_value_are_divided_but_texts_and_pointers_are_not()
    {
        TupleType type = new([IntegerType.Int32, new StringType(4), new ArrayType(IntegerType.UInt8, 2), new PointerType(VoidType.Instance)]);
        var bytes = Build.Tuple(type, Build.Int(-25, 4), Build.Text("9", 4), [30, 9], Build.Int(0x30));
        Assert.Equal("(-2, 9, [3,0], 0x30)", Build.AsText(type, bytes, divisor: 10));
        Assert.Equal("[-2,\"9\",[3,0],48]", Build.AsJson(type, bytes, divisor: 10));
        Assert.Equal("{ .count = 2, .average = 3, .total = 12 }", Build.AsText(new AggregateType(AggregateKind.Stats, true), Build.Words(12, 2), divisor: 2));
    }

    [Fact]
    public void The_trailer_of_a_text_that_was_cut_off_is_the_configured_one()
    {
        ValueContext context = new() { TruncationTrailer = "…"u8.ToArray() };
        Assert.Equal("abcd\u00e2\u0080\u00a6", Build.AsText(new StringType(4), Build.Text("abcd", 4), context));
        Assert.Equal("abc", Build.AsText(new StringType(4), Build.Text("abc", 4), context));
    }

    [Theory]
    [InlineData("plain \\ text\n\tnext", "plain \\ text\n\tnext")]
    [InlineData("\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m")]
    [InlineData("a\rb\bc\u007f", "a\\rb\\x08c\\x7f")]
    [InlineData("\u00c2\u009b31m", "\\u{9b}31m")]
    [InlineData("\u00ff", "\\xff")]
    [InlineData("\u00e2\u0080\u00ae", "\\u{202e}")]
    [InlineData("\u00c3\u00a9", "\u00c3\u00a9")]
    public void On_a_terminal_text_of_others_has_no_control_characters(string text, string expected)
    {
        Assert.Equal(expected, Build.AsText(new StringType(64), Build.Text(text, 64), new() { IsTerminal = true }));
        Assert.Equal(text, Build.AsText(new StringType(64), Build.Text(text, 64)));
    }
}
