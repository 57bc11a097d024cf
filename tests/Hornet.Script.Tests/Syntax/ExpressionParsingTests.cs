namespace Hornet.Script.Tests.Syntax;

public class ExpressionParsingTests
{
    [Theory]
    // How strongly operators bind, from || up to *.
    [InlineData("1 || 2 && 3", "(|| 1 (&& 2 3))")]
    [InlineData("1 && 2 | 3", "(&& 1 (| 2 3))")]
    [InlineData("1 | 2 ^ 3", "(| 1 (^ 2 3))")]
    [InlineData("1 ^ 2 & 3", "(^ 1 (& 2 3))")]
    [InlineData("1 & 2 == 3", "(& 1 (== 2 3))")]
    [InlineData("1 == 2 < 3", "(== 1 (< 2 3))")]
    [InlineData("1 != 2 >= 3", "(!= 1 (>= 2 3))")]
    [InlineData("1 < 2 << 3", "(< 1 (<< 2 3))")]
    [InlineData("1 >> 2 + 3", "(>> 1 (+ 2 3))")]
    [InlineData("1 + 2 * 3", "(+ 1 (* 2 3))")]
    [InlineData("1 * 2 + 3", "(+ (* 1 2) 3)")]
    [InlineData("1 - 2 - 3", "(- (- 1 2) 3)")]
    [InlineData("8 / 4 / 2", "(/ (/ 8 4) 2)")]
    [InlineData("8 % 4 * 2", "(* (% 8 4) 2)")]
    [InlineData("1 << 2 << 3", "(<< (<< 1 2) 3)")]
    [InlineData("(1 + 2) * 3", "(* (+ 1 2) 3)")]
    [InlineData("a<b", "(< a b)")]
    [InlineData("a<=b", "(<= a b)")]
    [InlineData("a>b>=c", "(>= (> a b) c)")]
    // Prefixes bind stronger than all of them, what stands behind stronger still.
    [InlineData("-1 + 2", "(+ (negate 1) 2)")]
    [InlineData("!a == b", "(== (! a) b)")]
    [InlineData("~a & b", "(& (~ a) b)")]
    [InlineData("*$p + 1", "(+ (deref $p) 1)")]
    [InlineData("*@p + 1", "(+ (deref @p) 1)")]
    [InlineData("*$p.x", "(deref (. x $p))")]
    [InlineData("**$p", "(deref (deref $p))")]
    [InlineData("-$x[1]", "(negate (index $x 1))")]
    [InlineData("- -1", "(negate (negate 1))")]
    [InlineData("a - -1", "(- a (negate 1))")]
    [InlineData("&$x", "(address $x)")]
    [InlineData("&@m", "(address @m)")]
    [InlineData("1 + &$x", "(+ 1 (address $x))")]
    [InlineData("a && &$x == b", "(&& a (== (address $x) b))")]
    [InlineData("++$x", "(++_ $x)")]
    [InlineData("--@m[1]", "(--_ (@m 1))")]
    [InlineData("$x++ + ++$y", "(+ (_++ $x) (++_ $y))")]
    [InlineData("@[1]--", "(_-- (@ 1))")]
    // ?: goes to the right.
    [InlineData("a ? 1 : 2", "(? a 1 2)")]
    [InlineData("a ? 1 : b ? 2 : 3", "(? a 1 (? b 2 3))")]
    [InlineData("a ? b ? 1 : 2 : 3", "(? a (? b 1 2) 3)")]
    [InlineData("a ?: b", "(?: a b)")]
    [InlineData("a ? : b", "(?: a b)")]
    [InlineData("a + 1 ? b | 1 : c", "(? (+ a 1) (| b 1) c)")]
    [InlineData("$x ? 1 : 2", "(? $x 1 2)")]
    [InlineData("$x == 1 ? @a : @b", "(? (== $x 1) @a @b)")]
    // Fields, elements, calls.
    [InlineData("curtask->mm.owner", "(. owner (-> mm curtask))")]
    [InlineData("args.a.b[3].c", "(. c (index (. b (. a args)) 3))")]
    [InlineData("$t.0.1", "(. 1 (. 0 $t))")]
    [InlineData("(1, 2).1", "(. 1 (tuple 1 2))")]
    [InlineData("@t[1].0", "(. 0 (@t 1))")]
    [InlineData("f()", "(call f)")]
    [InlineData("f(1, g(2), \"x\")", "(call f 1 (call g 2) \"x\")")]
    [InlineData("f (1)", "(call f 1)")]
    [InlineData("f(x).y", "(. y (call f x))")]
    [InlineData("@", "@")]
    [InlineData("@x[1, \"a\"]", "(@x (tuple 1 \"a\"))")]
    [InlineData("@x[(1, 2)]", "(@x (tuple 1 2))")]
    [InlineData("@x [1]", "(@x 1)")]
    [InlineData("@[1][2]", "(index (@ 1) 2)")]
    [InlineData("$1 + $#", "(+ $1 $#)")]
    [InlineData("arg0 + sarg1", "(+ arg0 sarg1)")]
    // Parentheses: tuples, records, casts.
    [InlineData("()", "(tuple)")]
    [InlineData("(1,)", "(tuple 1)")]
    [InlineData("(1, 2,)", "(tuple 1 2)")]
    [InlineData("(1, (2, 3))", "(tuple 1 (tuple 2 3))")]
    [InlineData("((1))", "1")]
    [InlineData("(a = 1, b = \"x\")", "(record (a= 1) (b= \"x\"))")]
    [InlineData("(a=1).a", "(. a (record (a= 1)))")]
    [InlineData("(a == 1)", "(== a 1)")]
    [InlineData("(pid == 1, 2)", "(tuple (== pid 1) 2)")]
    [InlineData("(uint8)1", "(cast (type uint8) 1)")]
    [InlineData("(uint8) -1", "(cast (type uint8) (negate 1))")]
    [InlineData("(uint64_t)-1", "(cast (type uint64_t) (negate 1))")]
    [InlineData("(pid) - 1", "(- pid 1)")]
    [InlineData("(arg0) * 2", "(* arg0 2)")]
    [InlineData("(cpu) - 1", "(- cpu 1)")]
    [InlineData("($x) - 1", "(- $x 1)")]
    [InlineData("(a) + 1", "(+ a 1)")]
    [InlineData("(a)", "a")]
    [InlineData("(uint8)$x + 1", "(+ (cast (type uint8) $x) 1)")]
    [InlineData("(uint8)$x.y", "(cast (type uint8) (. y $x))")]
    [InlineData("(struct foo *)arg0", "(cast (type struct foo *) arg0)")]
    [InlineData("((struct foo*)arg0)->x", "(-> x (cast (type struct foo *) arg0))")]
    [InlineData("*(uint8 *)$p", "(deref (cast (type uint8 *) $p))")]
    [InlineData("(int32*[4])$p", "(cast (type int32 * ([] 4)) $p)")]
    [InlineData("(int32[2][3])$p", "(cast (type int32 ([] 2) ([] 3)) $p)")]
    [InlineData("(int8[])$p", "(cast (type int8 []) $p)")]
    [InlineData("(string[16])$p", "(cast (type string (size 16)) $p)")]
    [InlineData("(string[16][2])$p", "(cast (type string (size 16) ([] 2)) $p)")]
    [InlineData("(int8[0x10])$p", "(cast (type int8 ([] 0x10)) $p)")]
    [InlineData("(enum e)1", "(cast (type enum e) 1)")]
    [InlineData("(union u *) arg0", "(cast (type union u *) arg0)")]
    [InlineData("(typeof($x))1", "(cast (type typeof $x) 1)")]
    [InlineData("(typeof(int8))1", "(cast (type typeof (type int8)) 1)")]
    [InlineData("(uint8)(uint16)1", "(cast (type uint8) (cast (type uint16) 1))")]
    [InlineData("(a[$i])", "(index a $i)")]
    [InlineData("(a[$i] + 1) * 2", "(* (+ (index a $i) 1) 2)")]
    // What takes types.
    [InlineData("sizeof(int8)", "(sizeof (type int8))")]
    [InlineData("sizeof(struct foo)", "(sizeof (type struct foo))")]
    [InlineData("sizeof(size_t)", "(sizeof size_t)")]
    [InlineData("sizeof(size_t*)", "(sizeof (type size_t *))")]
    [InlineData("sizeof($x + 1)", "(sizeof (+ $x 1))")]
    [InlineData("sizeof(pid)", "(sizeof pid)")]
    [InlineData("sizeof(a[$i])", "(sizeof (index a $i))")]
    [InlineData("sizeof(typeof($x))", "(sizeof (type typeof $x))")]
    [InlineData("offsetof(struct foo, a.b)", "(offsetof a.b (type struct foo))")]
    [InlineData("offsetof(*$p, x)", "(offsetof x (deref $p))")]
    [InlineData("typeinfo($x).0", "(. 0 (typeinfo $x))")]
    [InlineData("container_of($p, typeof(struct foo), x)", "(call container_of $p (type typeof (type struct foo)) x)")]
    [InlineData("comptime 1 + 2", "(+ (comptime 1) 2)")]
    [InlineData("comptime (1 + 2)", "(comptime (+ 1 2))")]
    // Values of blocks.
    [InlineData("f({ 1 })", "(call f (block (value 1)))")]
    [InlineData("f({ $a = 1; $a + 1 })", "(call f (block (= $a 1) (value (+ $a 1))))")]
    [InlineData("f(if a { 1 } else { 2 })", "(call f (if a (block (value 1)) (block (value 2))))")]
    [InlineData("f(if (a == 1) { 1 } else if b { 2 } else { 3 })", "(call f (if (== a 1) (block (value 1)) (if b (block (value 2)) (block (value 3)))))")]
    [InlineData("f(if comptime a { 1 } else { 2 })", "(call f (if-comptime a (block (value 1)) (block (value 2))))")]
    // Comments and line breaks may stand anywhere.
    [InlineData("1 /* one */ + // plus\n 2", "(+ 1 2)")]
    [InlineData("a\n.\nb", "(. b a)")]
    public void Expressions_are_read_as_they_bind(string expression, string tree) => Assert.Equal(tree, Parsed.Body(expression));

    [Theory]
    [InlineData("0", 0, 0, false)]
    [InlineData("1_000_000", 1_000_000, 0, false)]
    [InlineData("0x1F", 31, 0, false)]
    [InlineData("0xffff_ffff_ffff_ffff", ulong.MaxValue, 0, false)]
    [InlineData("0x10UL", 16, 64, true)]
    [InlineData("017", 15, 0, false)]
    [InlineData("0b101", 5, 0, false)]
    [InlineData("1e6", 1_000_000, 0, false)]
    [InlineData("9e3s", 9_000_000_000_000, 0, false)]
    [InlineData("18446744073709551615", ulong.MaxValue, 0, false)]
    [InlineData("4294967295u", uint.MaxValue, 32, true)]
    [InlineData("5U", 5, 32, true)]
    [InlineData("5ul", 5, 64, true)]
    [InlineData("5ull", 5, 64, true)]
    [InlineData("5l", 5, 64, false)]
    [InlineData("5LL", 5, 64, false)]
    [InlineData("5ns", 5, 0, false)]
    [InlineData("5us", 5_000, 0, false)]
    [InlineData("5ms", 5_000_000, 0, false)]
    [InlineData("5s", 5_000_000_000, 0, false)]
    [InlineData("5m", 300_000_000_000, 0, false)]
    [InlineData("5h", 18_000_000_000_000, 0, false)]
    [InlineData("5d", 432_000_000_000_000, 0, false)]
    public void Numbers_have_their_values(string literal, ulong value, int bits, bool isUnsigned)
    {
        Parsed parsed = new($"begin {{ f({literal}); }}");
        Assert.Equal("", parsed.Errors);
        var call = (Hornet.Script.Syntax.CallSyntax)((Hornet.Script.Syntax.ExpressionStatementSyntax)parsed.Script.Probes[0].Body.Statements[0]).Expression;
        var number = (Hornet.Script.Syntax.IntegerSyntax)call.Arguments[0];
        Assert.Equal((value, bits, isUnsigned, literal), (number.Value, number.SuffixBits, number.IsUnsignedSuffix, number.Text));
    }

    [Theory]
    [InlineData("""
        "a\n\t\r\"\\b"
        """, "a\n\t\r\"\\b")]
    [InlineData("""
        "\x41\x4a\101\0601\x4"
        """, "AJA01\x04")]
    [InlineData("""
        "grün // no comment } ;"
        """, "grün // no comment } ;")]
    [InlineData("""
        ""
        """, "")]
    public void Strings_have_their_bytes(string literal, string value)
    {
        Parsed parsed = new($"begin {{ f({literal}); }}");
        Assert.Equal("", parsed.Errors);
        var call = (Hornet.Script.Syntax.CallSyntax)((Hornet.Script.Syntax.ExpressionStatementSyntax)parsed.Script.Probes[0].Body.Statements[0]).Expression;
        Assert.Equal(value, ((Hornet.Script.Syntax.StringSyntax)call.Arguments[0]).Value);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_kept()
    {
        Parsed parsed = new("begin { f(\"\\xff\\377a\"); }");
        var call = (Hornet.Script.Syntax.CallSyntax)((Hornet.Script.Syntax.ExpressionStatementSyntax)parsed.Script.Probes[0].Body.Statements[0]).Expression;
        Assert.Equal([0xff, 0xff, (byte)'a'], ((Hornet.Script.Syntax.StringSyntax)call.Arguments[0]).Bytes);
    }
}
