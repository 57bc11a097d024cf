namespace Hornet.Script.Tests.Syntax;

public class ScriptParsingTests
{
    [Theory]
    [InlineData("$x = 1; $x = 2", "(= $x 1) (= $x 2)")]
    [InlineData("@ = count();", "(= @ (call count))")]
    [InlineData("@a[1] = 2", "(= (@a 1) 2)")]
    [InlineData("$x += 1; $x -= 1; $x *= 1; $x /= 1; $x %= 1", "(+= $x 1) (-= $x 1) (*= $x 1) (/= $x 1) (%= $x 1)")]
    [InlineData("@ <<= 1; @ >>= 1; @ &= 1; @ |= 1; @ ^= 1", "(<<= @ 1) (>>= @ 1) (&= @ 1) (|= @ 1) (^= @ 1)")]
    [InlineData("_ = f(1); _=2", "(= _ (call f 1)) (= _ 2)")]
    [InlineData("_", "_")]
    [InlineData("let $x; let $y : int8; let $z = 1; let $w: struct foo * = 0", "(let $x) (let $y (type int8)) (let $z 1) (let $w (type struct foo *) 0)")]
    [InlineData("let $x : string[64] = \"\"; let $y : typeof($x); let $z : (int8, string)", "(let $x (type string (size 64)) \"\") (let $y (type typeof $x)) (let $z (type (type int8) (type string)))")]
    [InlineData("$x++; ++$x; @a--; --@a[1]", "(_++ $x) (++_ $x) (_-- @a) (--_ (@a 1))")]
    [InlineData("if (pid == 1) { exit(); }", "(if (== pid 1) (block (call exit)))")]
    [InlineData("if pid { f() } g();", "(if pid (block (call f))) (call g)")]
    [InlineData("if a { f() } else if b { g() } else { h() } i()", "(if a (block (call f)) (if b (block (call g)) (block (call h)))) (call i)")]
    [InlineData("if comptime a { f() } else { g() }", "(if-comptime a (block (call f)) (block (call g)))")]
    [InlineData("if a { } *$p; if a { } -1; if a { } (1, 2); if a { } ++$x", "(if a (block)) (deref $p) (if a (block)) (negate 1) (if a (block)) (tuple 1 2) (if a (block)) (++_ $x)")]
    [InlineData("if a { 1 } else { 2 };", "(if a (block 1) (block 2))")]
    [InlineData("{ f(); { g() } }", "(block (call f) (block (call g)))")]
    [InlineData("$x = { f(); 2 }; $y = if a { 1 } else { 2 }", "(= $x (block (call f) (value 2))) (= $y (if a (block (value 1)) (block (value 2))))")]
    [InlineData("$x = { if a { 1 } else { 2 } }", "(= $x (block (value (if a (block (value 1)) (block (value 2))))))")]
    [InlineData("$x = { if a { 1 } }", "(= $x (block (if a (block 1))))")]
    [InlineData("while (a < 10) { a(); } while a { break; continue }", "(while (< a 10) (block (call a))) (while a (block (break) (continue)))")]
    [InlineData("unroll(5) { f() } unroll 5 { f(); }", "(unroll 5 (block (call f))) (unroll 5 (block (call f)))")]
    [InlineData("for ($i : 0..10) { f() } for $i : 0 .. $x { }", "(for $i 0 10 (block (call f))) (for $i 0 $x (block))")]
    [InlineData("for ($i : (1+2)..f(3)) { }", "(for $i (+ 1 2) (call f 3) (block))")]
    [InlineData("for ($kv : @m) { print($kv.0); } for $kv : @ { }", "(for $kv @m (block (call print (. 0 $kv)))) (for $kv @ (block))")]
    [InlineData("return; return 1; return", "(return) (return 1) (return)")]
    [InlineData("import \"a.bt\"; f()", "(import \"a.bt\") (call f)")]
    [InlineData("$x == 1", "(== $x 1)")]
    [InlineData("$x.y; $x[0]; @m[1].0 + 1", "(. y $x) (index $x 0) (+ (. 0 (@m 1)) 1)")]
    [InlineData("letter(1); format(); iffy(); fortune; breaker", "(call letter 1) (call format) (call iffy) fortune breaker")]
    [InlineData("", "")]
    public void Statements(string statements, string tree) => Assert.Equal(tree, Parsed.Body(statements));

    [Theory]
    [InlineData("BEGIN{}", "(probe BEGIN (block))")]
    [InlineData("kprobe:f,kprobe:g { }", "(probe kprobe:f kprobe:g (block))")]
    [InlineData("kprobe:f, kprobe:g, { }", "(probe kprobe:f kprobe:g (block))")]
    [InlineData("kprobe:f\n,\nkprobe:g\n{ }", "(probe kprobe:f kprobe:g (block))")]
    [InlineData("kprobe:f /pid == 1/ { }", "(probe kprobe:f (predicate (== pid 1)) (block))")]
    [InlineData("kprobe:f, /pid/ { }", "(probe kprobe:f (predicate pid) (block))")]
    [InlineData("kprobe:f / @x / 2 == $y / 3 / { }", "(probe kprobe:f (predicate (== (/ @x 2) (/ $y 3))) (block))")]
    [InlineData("kprobe:f / 1 / // comment\n { }", "(probe kprobe:f (predicate 1) (block))")]
    [InlineData("begin/pid/{ }", "(probe begin (predicate pid) (block))")]
    [InlineData("begin // comment\n{ }", "(probe begin (block))")]
    [InlineData("begin//comment\n{ }", "(probe begin (block))")]
    [InlineData("uprobe:/bin/sh:readline { }", "(probe uprobe:/bin/sh:readline (block))")]
    [InlineData("uprobe:/bin/sh:f /1/ { }", "(probe uprobe:/bin/sh:f (predicate 1) (block))")]
    [InlineData("uprobe:\"/a b{,c\":cpp:\"ns::f(int, char)\" { }", "(probe uprobe:\"/a b{,c\":cpp:\"ns::f(int, char)\" (block))")]
    [InlineData("uprobe:/bin/$1:$2 { }", "(probe uprobe:/bin/$1:$2 (block))")]
    [InlineData("x=kprobe:f,y=begin { }", "(probe x=kprobe:f y=begin (block))")]
    [InlineData("kprobe:a || fentry:a { }", "(probe kprobe:a||fentry:a (block))")]
    [InlineData("x=kprobe:a||fentry:a || t:a:b , begin /1 || 2/ { }", "(probe x=kprobe:a||fentry:a||t:a:b begin (predicate (|| 1 2)) (block))")]
    [InlineData("interval:1s { }", "(probe interval:1s (block))")]
    [InlineData("watchpoint:0x1000:8:rw { }", "(probe watchpoint:0x1000:8:rw (block))")]
    [InlineData("struct:probe { }", "(probe struct:probe (block))")]
    public void Probes(string script, string tree) => Assert.Equal(tree, Parsed.Good(script));

    [Theory]
    [InlineData("#!/usr/bin/env bpftrace\nbegin { }", "(probe begin (block))")]
    [InlineData("#include <linux/fs.h>\n#define A 1 \\\n  + 2\nbegin { }", "(c \"#include <linux/fs.h>\")\n(c \"#define A 1 \\\\\\n  + 2\")\n(probe begin (block))")]
    [InlineData("struct foo { int x; // }\n }; begin { }", "(c \"struct foo { int x; // }\\n };\")\n(probe begin (block))")]
    [InlineData("struct foo { struct { int x; }; } begin { }", "(c \"struct foo { struct { int x; }; };\")\n(probe begin (block))")]
    [InlineData("struct __attribute__((packed)) foo { int x; } __attribute__((aligned(4))); enum e { A }", "(c \"struct __attribute__((packed)) foo { int x; } __attribute__((aligned(4)));\")\n(c \"enum e { A };\")")]
    [InlineData("typedef struct { int x; } foo; begin { }", "(c \"typedef struct { int x; } foo;\")\n(probe begin (block))")]
    [InlineData("config = { a = 1; b=\"x\"; c = word; d = true } begin { }", "(config a \"1\")\n(config b \"x\")\n(config c \"word\")\n(config d \"true\")\n(probe begin (block))")]
    [InlineData("import \"a.bt\"; config = { } import \"b\"; begin { }", "(import \"a.bt\")\n(import \"b\")\n(probe begin (block))")]
    [InlineData("let @m = hash(10); let @ = lruhash(0x10) begin { }", "(map @m hash 10)\n(map @ lruhash 16)\n(probe begin (block))")]
    [InlineData("macro m(a, $b, @c) { $b = 1; a + 1 }", "(macro m a $b @c (block (= $b 1) (value (+ a 1))))")]
    [InlineData("macro m() { f(); }", "(macro m (block (call f)))")]
    [InlineData("macro m(x) { if comptime is_str(x) { 1 } else { 2 } }", "(macro m x (block (value (if-comptime (call is_str x) (block (value 1)) (block (value 2))))))")]
    [InlineData("fn f($a : int8, $b : string) : int64 { return $a; }", "(fn f (parameter $a (type int8)) (parameter $b (type string)) (type int64) (block (return $a)))")]
    [InlineData("fn f() { }", "(fn f (block))")]
    [InlineData("", "")]
    [InlineData(" // nothing\n/* at all */", "")]
    public void Definitions(string script, string tree) => Assert.Equal(tree, Parsed.Good(script));

    [Fact]
    public void The_interpreter_line_is_kept() => Assert.Equal("#!/usr/bin/env -S bpftrace -q", new Parsed("#!/usr/bin/env -S bpftrace -q\r\nbegin { }").Script.Shebang);

    [Fact]
    public void Places_are_those_messages_show()
    {
        Parsed parsed = new("kprobe:f, kprobe:g / pid == 1 / { $x = (uint8) args.x + 1; @y[2] += 3; }\nmacro long_name (a) { a }");
        var probe = parsed.Script.Probes[0];
        Assert.Equal("kprobe:f, kprobe:g", probe.Span.Text.ToString());
        Assert.Equal("/ pid == 1 /", probe.PredicateSpan.Text.ToString());
        var assignment = (Hornet.Script.Syntax.AssignmentSyntax)probe.Body.Statements[0];
        Assert.Equal("$x = (uint8) args.x + 1", assignment.Span.Text.ToString());
        var sum = (Hornet.Script.Syntax.BinarySyntax)assignment.Value;
        Assert.Equal("(uint8) args.x + 1", sum.Span.Text.ToString());
        Assert.Equal("+", sum.OperatorSpan.Text.ToString());
        Assert.Equal("(uint8) ", sum.Left.Span.Text.ToString());
        Assert.Equal("+= 3", ((Hornet.Script.Syntax.AssignmentSyntax)probe.Body.Statements[1]).OperationSpan.Text.ToString());
        Assert.Equal("macro long_name", parsed.Script.Macros[0].Span.Text.ToString());
    }
}
