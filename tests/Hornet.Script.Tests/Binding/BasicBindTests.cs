namespace Hornet.Script.Tests.Binding;

public class BasicBindTests : BindTests
{
    [Fact]
    public void A_script_that_only_exits_sends_that_and_ends() => Assert.Equal("""
        send 0(0:uint8) and end
        """, Body("begin { exit(); }"));

    [Theory]
    [InlineData("begin { @x = 1; }", "int8")]
    [InlineData("begin { @x = 1; @x = 1000; }", "int16")]
    [InlineData("begin { @x = 1; } end { @x = -70000; }", "int32")]
    [InlineData("begin { @x = (uint64)1; }", "uint64")]
    [InlineData("begin { @x = (uint32)1; @x = (int32)1; }", "int64")]
    [InlineData("begin { @x = 1; @x = (uint64)2; }", "uint64")]
    [InlineData("begin { @x = 18446744073709551615; }", "uint64")]
    [InlineData("begin { @x = \"abc\"; @x = \"abcdef\"; }", "string[7]")]
    [InlineData("begin { @x = (1, \"a\"); @x = (300, \"bcd\"); }", "(int16,string[4])")]
    [InlineData("begin { @x = count(); }", "count_t")]
    [InlineData("begin { @x = sum(-1); }", "sum_t")]
    [InlineData("begin { @x = max(nsecs); }", "umax_t")]
    [InlineData("begin { @x = hist(5); }", "hist_t")]
    [InlineData("begin { @x = lhist(5, 0, 100, 10); }", "lhist_t")]
    [InlineData("begin { @x++; }", "int64")]
    [InlineData("begin { @x = @y; } end { @y = 70000; }", "int32")]
    [InlineData("begin { @x = @y; } end { @y = @z; } interval:s:1 { @z = \"text\"; }", "string[5]")]
    [InlineData("begin { @x = @c; @x = 1; @c = count(); }", "uint64")]
    [InlineData("begin { @x = comm; }", "string[16]")]
    [InlineData("begin { @x = kstack; }", "kstack_bpftrace_127")]
    [InlineData("begin { @x = (a = 1, b = \"x\"); }", "record { .a = int8, .b = string[2] }")]
    [InlineData("begin { @x = curtask; }", "struct task_struct *")]
    [InlineData("begin { @x = curtask.pid; }", "int32")]
    [InlineData("begin { @x = pid + 1; }", "uint64")]
    [InlineData("begin { @x = 5 - 3; }", "int8")]
    [InlineData("begin { @x = nsecs - 3; }", "int64")]
    [InlineData("begin { @x = true; }", "bool")]
    [InlineData("begin { @x = 1 == 2; }", "bool")]
    public void Maps_get_the_type_of_all_that_is_assigned_to_them(string script, string type) => Assert.Equal(type, TypeOfMap(script));

    [Theory]
    [InlineData("begin { $x = 1; }", "int8")]
    [InlineData("begin { $x = 1; $x = 300; }", "int16")]
    [InlineData("begin { $x = 0; $x++; }", "int64")]
    [InlineData("begin { let $x: uint8 = 5; }", "uint8")]
    [InlineData("begin { let $x: string[20] = \"a\"; }", "string[20]")]
    [InlineData("begin { let $x: string = \"abc\"; }", "string[4]")]
    [InlineData("begin { let $x; $x = (uint16)5; }", "uint16")]
    [InlineData("begin { $x = @a; } end { @a = 5 }", "int8")]
    [InlineData("begin { $x = \"a\"; if (pid) { $x = \"bcd\"; } }", "string[4]")]
    [InlineData("begin { $x = pid ? 5 : 70000; }", "int32")]
    [InlineData("begin { $x = if pid { \"a\" } else { \"bcd\" }; }", "string[4]")]
    [InlineData("begin { $x = { $y = 5; $y + 1 }; }", "int64")]
    [InlineData("begin { for ($x : 0..300) { print($x); } }", "int16")]
    public void Variables_too(string script, string type)
    {
        if (script.Contains("for (", StringComparison.Ordinal)) Assert.Contains($"for $x: {type}", Hornet.Script.Binding.BoundPrinter.Print(Bind(script)), StringComparison.Ordinal);
        else Assert.Equal(type, LocalType(script));
    }

    [Fact]
    public void Values_are_converted_where_they_meet() => Assert.Equal("""
        let $x: int32
        $x = 1:int32
        $x = 70000:int32
        @y = int64($x)
        @y = int64(70000:int64)
        """.Replace("int64(70000:int64)", "-5000000000:int64", StringComparison.Ordinal), Body("begin { $x = 1; $x = 70000; @y = $x; @y = -5000000000; }").Replace("{\n", "", StringComparison.Ordinal).Replace("\n}", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("begin { print(1 + 2 * 3); }", "7:int8")]
    [InlineData("begin { print(1 << 40); }", "1099511627776:int64")]
    [InlineData("begin { print(-(1 + 1)); }", "-2:int8")]
    [InlineData("begin { print(~0); }", "18446744073709551615:uint64")]
    [InlineData("begin { print(!5); }", "false:bool")]
    [InlineData("begin { print(2 > 1 && 1 != 1); }", "false:bool")]
    [InlineData("begin { print(\"a\" + \"b\"); }", "\"ab\":string[3]")]
    [InlineData("begin { print(\"abc\" == \"abc\"); }", "true:bool")]
    [InlineData("begin { print((1, 2) == (1, 2)); }", "true:bool")]
    [InlineData("begin { print(sizeof(struct Foo)); }", "40:int8")]
    [InlineData("begin { print(offsetof(struct Foo, y)); }", "32:int8")]
    [InlineData("begin { print(1 ? 2 : 3); }", "2:int8")]
    [InlineData("begin { print(0 - 1); }", "-1:int8")]
    [InlineData("begin { print(18446744073709551615 - 18446744073709551614); }", "1:int8")]
    public void Literals_are_computed(string script, string value) => Assert.Equal($"send 0({value})", Inner(Body(script)));

    [Theory]
    [InlineData("begin { print(18446744073709551615 + 1); }", "stdin:1:15-39: unable to fold literals due to overflow or underflow")]
    [InlineData("begin { print(1 / 0); }", "stdin:1:15-20: unable to fold literals due to overflow or underflow")]
    [InlineData("begin { print(1 << 64); }", "stdin:1:15-22: unable to fold literals due to overflow or underflow")]
    public void What_does_not_fit_is_an_error(string script, string error) => Assert.Equal(error, Errors(script));

    [Fact]
    public void Printf_carries_its_arguments()
    {
        var script = Bind("tracepoint:a { printf(\"%s %d\\n\", str(args.filename), args.dfd); }");
        Assert.Equal("""
            action 0: printf "%s %d\n" (string[1024],int32)
            tracepoint_1: tracepoint:a
            {
              send 0(ReadText(args.filename:int8 *, 1024:uint64):string[1024], args.dfd:int32)
            }

            """, Hornet.Script.Binding.BoundPrinter.Print(script));
    }

    [Theory]
    [InlineData("begin { $r = (a = 1, b = (x = 2, y = \"s\")); $r = (b = (y = \"tt\", x = 300), a = 5); @x = $r.b.x; }", "int16")]
    [InlineData("begin { $r = (1, (x = 2, y = \"s\")); $r = (2, (y = \"tt\", x = 300)); @x = $r.1.y; }", "string[3]")]
    public void Records_have_the_order_they_had_first(string script, string type)
    {
        Assert.Equal(type, TypeOfMap(script));
        // Nothing is converted in one piece whose fields are in another order.
        Assert.DoesNotContain("}(", Hornet.Script.Binding.BoundPrinter.Print(Bind(script)), StringComparison.Ordinal);
    }

    [Fact]
    public void Kinds_of_maps_follow_from_their_use()
    {
        const string Script = "let @d = lruhash(7); begin { @s = 1; @k[1] = 1; @a[1] = count(); @b = count(); @c = sum(0); @d[1] = 2; @h = 5; delete(@h); }";
        Assert.Equal((MapType.Hash, 1u), (Map(Script, "s").Type, Map(Script, "s").MaxEntries));
        Assert.Equal((MapType.Hash, 4096u), (Map(Script, "k").Type, Map(Script, "k").MaxEntries));
        Assert.Equal(MapType.PerCpuHash, Map(Script, "a").Type);
        Assert.Equal(MapType.PerCpuArray, Map(Script, "b").Type);
        Assert.Equal(MapType.PerCpuHash, Map(Script, "c").Type);
        Assert.Equal((MapType.LruHash, 7u), (Map(Script, "d").Type, Map(Script, "d").MaxEntries));
        Assert.Equal(MapType.Hash, Map(Script, "h").Type);
    }

    [Theory]
    [InlineData("begin { @x[1, \"a\"] = 1; @x[300, \"bc\"] = 1; }", "(int16,string[3])")]
    [InlineData("begin { @x[comm] = 1; }", "string[16]")]
    [InlineData("begin { @x[1] = 1; @x[(uint64)1] = 1; }", "uint64")]
    [InlineData("begin { @x[kstack, comm] = count(); }", "(kstack_bpftrace_127,string[16])")]
    public void Keys_grow_like_values(string script, string type) => Assert.Equal(type, Map(script).Key!.ToString());

    private static string Inner(string body) => body.Trim();
}
