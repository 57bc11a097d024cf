using System.Diagnostics;
using System.Text;

namespace Hornet.Script.Tests.Syntax;

public class SyntaxErrorTests
{
    [Theory]
    [InlineData("begin { $0 }", "1:9-11 param $0 is out of integer range [1, 9223372036854775807]")]
    [InlineData("begin { $ x = 1; }", "1:9-10 expected identifier after '$'\n1:9-10 unexpected input in block")]
    [InlineData("begin /pid == 1 { 0; }", "1:17-18 expected '/' to close predicate")]
    [InlineData("begin { \"\\777\" }", "1:10-14 octal escape sequence out of range '\\777'")]
    [InlineData("begin { \"\\q\" }", "1:11-12 invalid escape character '\\q'")]
    [InlineData("begin { \"\\xg\" }", "1:12-13 invalid hex escape sequence")]
    [InlineData("begin { < }", "1:9-10 expected expression\n1:11-12 expected expression")]
    [InlineData("i:s:1\t\t\t$a", "1:9-11 expected '{'")]
    [InlineData("begin { \"open }", "1:16-16 unterminated string\n1:16-16 expected ';'\n1:16-16 expected '}'")]
    [InlineData("begin", "1:6-6 expected '{'")]
    [InlineData("begin { 1", "1:10-10 expected ';'\n1:10-10 expected '}'")]
    [InlineData("begin { @=5++ }", "1:12-14 increment/decrement requires a variable or map")]
    [InlineData("begin { @=++5 }", "1:13-14 increment/decrement requires a variable or map")]
    [InlineData("begin { f(5e-9); }", "1:11-13 invalid trailing bytes: 5e")]
    [InlineData("begin { f(1e21); }", "1:11-15 overflow error, maximum value is 18446744073709551615: 1e21")]
    [InlineData("begin { f(4294967296u); }", "1:11-22 overflow error, maximum value is 4294967295: 4294967296u")]
    [InlineData("begin { f(12e4); }", "1:11-15 coefficient part of scientific literal must be 1-9: 12e4")]
    [InlineData("begin { f(1_1_); }", "1:14-15 trailing underscore in integer literal")]
    [InlineData("begin { f(1ulll); }", "1:15-16 invalid integer suffix 'l'")]
    [InlineData("begin { f(089); }", "1:11-14 invalid trailing bytes: 089")]
    [InlineData("begin { f(0x); }", "1:11-13 invalid integer: ")]
    [InlineData("begin { f((,)); }", "1:12-13 expected expression")]
    [InlineData("begin { f((a=1, 5)); }", "1:17-18 expected identifier")]
    [InlineData("begin { f((a=1,a=2)); }", "1:16-19 Named argument list already contains name: a")]
    [InlineData("begin { (1, 0) = 0 }", "1:16-17 expected ';'")]
    [InlineData("begin { $a.2 = 3; }", "1:9-17 Tuples and records are immutable once created. Consider creating a new value and assigning it instead.")]
    [InlineData("begin { $a[2] = 3; f(; }", "1:9-18 invalid assignment target\n1:22-23 expected expression\n1:22-23 expected ')'")]
    [InlineData("begin { f(); } config = { a=b }", "1:16-22 config must appear before probes and functions")]
    [InlineData("config = { a=1 } config = { b=1 } begin { }", "1:18-24 duplicate config block")]
    [InlineData("config = { exit(); } begin { }", "1:16-17 expected '='\n1:16-17 expected '}'")]
    [InlineData("config = { @a = 1; } begin { }", "1:12-14 expected config key\n1:12-14 expected '}'")]
    [InlineData("config = { a=1 b=2 } begin { }", "1:16-17 expected ';'")]
    [InlineData("config = { a=1x } begin { }", "1:15-16 invalid integer suffix 'x'")]
    [InlineData("config { a=1 } begin { }", "1:8-9 expected '='")]
    [InlineData("A=b; begin { }", "1:6-11 expected '{'")]
    [InlineData("config = { a=1 }\n#include <stdio.h>\nbegin {}", "2-3 C definitions must appear before probes and functions")]
    [InlineData("begin { } import \"x\"; end { }", "1:11-17 root imports must appear before probes and functions")]
    [InlineData("begin { break f(1); }", "1:15-16 expected ';'")]
    [InlineData("begin { return 1 f(1); }", "1:18-19 expected ';'")]
    [InlineData("begin { f(1) g(2); }", "1:14-15 expected ';'")]
    [InlineData("begin { let $x = 1 f(2); }", "1:20-21 expected ';'")]
    [InlineData("begin { let @x = 1; }", "1:13-15 expected variable after 'let'")]
    [InlineData("let $a = 1; begin { }", "1:1-4 root-level let statements need to be map declarations, e.g. let @a = hash(2);")]
    [InlineData("let @a = hash(); begin { }", "1:15-16 expected positive integer for map declaration max entries")]
    [InlineData("begin { for (@kv : @map) { } }", "1:14-17 expected variable in for loop")]
    [InlineData("begin { for ($i : 1+1..10) { f() } }", "1:20-21 expected ')'")]
    [InlineData("begin { for ($i : 0...10) { f() } }", "1:22-23 expected expression\n1:22-23 expected ')'")]
    [InlineData("begin { for ($kv : @m[1]) { } }", "1:27-28 expected map or range in for loop")]
    [InlineData("begin { for ($kv : @m) f(); }", "1:24-25 expected '{'")]
    [InlineData("begin { $x: int8; }", "1:11-12 expected ';'")]
    [InlineData("begin { &1; }", "1:10-11 address-of operator (&) can only be used on a map or variable")]
    [InlineData("begin { while(x=1, y=2) {} }", "1:16-17 expected ')'\n1:16-17 expected '{'")]
    [InlineData("begin { if(x=1) {} }", "1:13-14 expected ')'\n1:13-14 expected '{'")]
    [InlineData("begin { if a { } else f(); }", "1:23-24 expected '{' or 'if' after 'else'")]
    [InlineData("begin { $x = { 1 } f(); }", "1:20-21 expected ';'")]
    [InlineData("begin { f(struct foo*); }", "1:18-21 expected ')'\n1:18-21 expected ';'")]
    [InlineData("begin { import \"a\" f(1); }", "1:20-21 expected ';' after import")]
    [InlineData("import 0; begin { }", "1:8-9 expected string after 'import'")]
    [InlineData("struct foo {} __attribute__ begin {}", "1:29-34 __attribute__ syntax error, expected '(('")]
    [InlineData("struct foo {} __attribute__ ((packed) begin {}", "1:29-30 __attribute__ syntax error, mismatched '(' and ')'")]
    [InlineData("macro m(pid) { 1 }", "1:9-12 builtin 'pid' can't be used as a macro argument")]
    [InlineData("macro m(1) { 1 }", "1:9-10 expected macro argument ($var, @map, or identifier)\n1:9-10 expected ')'")]
    [InlineData("fn f(x) : int8 { }", "1:6-7 expected variable in function argument\n1:6-7 expected ')'")]
    [InlineData("begin { $t.; }", "1:12-13 expected field name after '.'")]
    [InlineData("begin { ü }", "1:9-11 expected expression\n1:9-11 expected ';'\n1:9-11 unexpected input in block")]
    public void Errors_have_their_place_and_text(string script, string errors) => Assert.Equal(errors, new Parsed(script).Errors);

    [Fact]
    public void What_follows_a_broken_statement_is_read()
    {
        Parsed parsed = new("""
            begin { $x = ; f(1); if (g( { h(); } k(2); }
            kprobe:a /) { lost(); }
            end { $y = 1 + ; z(); }
            """);
        Assert.Equal("""
            1:14-15 expected expression
            1:38-39 expected ')'
            1:38-39 expected '{'
            2:11-12 expected expression
            2:11-12 expected '/' to close predicate
            2:11-12 expected '{'
            3:16-17 expected expression
            """, parsed.Errors);
        Assert.Contains("(call f 1)", parsed.Tree, StringComparison.Ordinal);
        Assert.Contains("(call z)", parsed.Tree, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", 100_000)]
    [InlineData("{", 100_000)]
    [InlineData("-", 100_001)]
    [InlineData("f(", 100_000)]
    [InlineData("@[", 100_000)]
    [InlineData("if a { ", 50_000)]
    [InlineData("if a { } else ", 50_000)]
    [InlineData("a ? ", 50_000)]
    [InlineData("a ? b : ", 50_000)]
    [InlineData("(uint8)", 50_000)]
    [InlineData("(typeof(", 50_000)]
    [InlineData("sizeof(", 50_000)]
    [InlineData("1 + ", 50_000)]
    [InlineData("a.", 50_000)]
    [InlineData("while (", 50_000)]
    [InlineData("for ($i : ", 50_000)]
    [InlineData("let $x : (", 50_000)]
    public void What_nests_too_deeply_is_an_error(string piece, int times)
    {
        var watch = Stopwatch.StartNew();
        Parsed parsed = new("begin { " + new StringBuilder().Insert(0, piece, times));
        Assert.True(parsed.Diagnostics.HasErrors);
    }

    [Fact]
    public void Errors_are_not_reported_without_end()
    {
        Parsed parsed = new(new StringBuilder().Insert(0, "begin { ) }\n", 10_000).ToString());
        Assert.InRange(parsed.Diagnostics.All.Count, 10, 100);
    }

    [Fact]
    public void Reading_takes_time_proportional_to_the_length()
    {
        StringBuilder script = new();
        for (int i = 0; i < 1_000; i++)
        {
            script.Append($$"""
                kprobe:vfs_{{i}} /pid == {{i}} && comm != "x"/ {
                  @start[tid, {{i}}] = nsecs; // when it began
                  $s = (struct file *)arg0; if ($s->f_inode->i_ino > {{i}}) { printf("%d %s\n", pid, str($s.f_path.dentry)); }
                  @h[comm] = hist((nsecs - @start[tid, {{i}}]) / 1000);
                }

                """);
        }
        string text = script.ToString();
        new Parsed(text[..(text.Length / 10)]);
        var watch = Stopwatch.StartNew();
        Parsed parsed = new(text);
        watch.Stop();
        Assert.Equal("", parsed.Errors);
        Assert.Equal(1_000, parsed.Script.Probes.Count);
        TestContext.Current.SendDiagnosticMessage($"5 000 lines in {watch.Elapsed.TotalMilliseconds:F1} ms");
    }
}
