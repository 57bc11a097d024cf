using System.Text;
using Hornet.Script.Syntax.C;

namespace Hornet.Script.Tests.Syntax.C;

public class CPreprocessorTests
{
    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("UNKNOWN", false)]
    [InlineData("defined(ONE) && defined TWO && !defined(THREE)", true)]
    [InlineData("ONE + TWO * 2 == 5", true)]
    [InlineData("(1 ? 2 : 3) == 2", true)]
    [InlineData("-1 > 0u", true)]
    [InlineData("-1 < 0", true)]
    [InlineData("1 || 1 / 0", true)]
    [InlineData("0 && 1 / 0", false)]
    [InlineData("'a' == 97 && '\\n' == 10 && '\\b' == 8 && '\\f' == 12 && '\\a' == 7 && '\\x41' == 0x41 && '\\101' == 'A'", true)]
    [InlineData("0x7fffffffffffffff + 1 < 0", true)]
    [InlineData("~0 == -1 && !0 && -(-3) == +3", true)]
    [InlineData("1 << 4 >> 2 == 4 && (6 & 3) == 2 && (6 | 1) == 7 && (6 ^ 3) == 5 && 7 % 4 == 3", true)]
    [InlineData("VERSION(5, 10, 0) <= VERSION(6, 1, 2)", true)]
    [InlineData("__has_include(<a.h>) && !__has_include(<b.h>) && defined(__has_include)", true)]
    [InlineData("__has_attribute(packed) && !__has_attribute(odd)", true)]
    [InlineData("__x86_64__ && __LP64__ && __SIZEOF_POINTER__ == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__", true)]
    [InlineData("defined BPFTRACE_HAVE_BTF", true)]
    [InlineData("DEFINED_ONE", true)]
    public void Conditions(string condition, bool expected)
    {
        var environment = ReadC.Own(("/nowhere/first/a.h", ""));
        environment.Defines.Add("BPFTRACE_HAVE_BTF");
        ReadC read = new($"#define ONE 1\n#define TWO 2\n#define VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))\n#define DEFINED_ONE defined(ONE)\n#if {condition}\n#define A 1\n#else\n#define A 0\n#endif", environment);
        Assert.Equal("", read.Errors);
        Assert.Equal(expected ? "1" : "0", read.Constant("A"));
    }

    [Theory]
    [InlineData("#ifdef X\n#define A 1\n#elif defined(Y)\n#define A 2\n#else\n#define A 3\n#endif", "3")]
    [InlineData("#define Y\n#ifdef X\n#define A 1\n#elif defined(Y)\n#define A 2\n#else\n#define A 3\n#endif", "2")]
    [InlineData("#ifndef X\n#define A 1\n#elif 1 / 0\n#define A 2\n#endif", "1")]
    [InlineData("#if 0\n# if 1\n# define A 1\n# else\n# define A 2\n# endif\n#else\n# define A 3\n#endif", "3")]
    [InlineData("#if 0\n don't \"stop here\n/* #endif */\n#endif\n#define A 4", "4")]
    [InlineData("#define Y\n#ifdef X\n#elifdef Y\n#define A 5\n#endif", "5")]
    [InlineData("#if 1 /* a\ncomment */\n#define A 6\n#endif", "6")]
    public void Branches(string c, string expected)
    {
        ReadC read = new(c.Contains("don't", StringComparison.Ordinal) ? "#include \"/x.h\"" : c, c.Contains("don't", StringComparison.Ordinal) ? ReadC.Own(("/x.h", c)) : null);
        Assert.Equal("", read.Errors);
        Assert.Equal(expected, read.Constant("A"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("#if defined(ARRAY)\n#endif\n")]
    [InlineData("#if 0\n#elif unknown\n#endif\n")]
    public void Outside_of_conditions_defined_is_a_name_like_any_other(string before)
    {
        // What stands in an argument is expanded in front of the macro around it, which is not expanded again afterwards.
        ReadC read = new($"#define ARRAY\n#define SAME(...) __VA_ARGS__\n{before}struct s {{ SAME(int defined SAME([4]);) }};");
        Assert.Equal("16/4 defined@0:int32[4]", read.Layout("struct s"));
    }

    [Fact]
    public void Headers_are_found_in_the_order_of_the_directories()
    {
        var environment = ReadC.Own(
            ("/nowhere/first/a.h", "#pragma once\n#include \"sub/b.h\"\n#define A 1\n"),
            ("/nowhere/first/sub/b.h", "#include \"c.h\"\n#define B 2\n"),
            ("/nowhere/first/sub/c.h", "#define C 3\n"),
            ("/nowhere/second/a.h", "#define A 4\n#define D 5\n"),
            ("/nowhere/first/n.h", "#define N 1\n#include_next <n.h>\n"),
            ("/nowhere/second/n.h", "#define M 2\n"));
        ReadC read = new("#define NAME <a.h>\n#include NAME\n#include <a.h>\n#include <n.h>\n#include <stddef.h>\nstruct s { size_t x; };", environment);
        Assert.Equal(["1", "2", "3", "none", "1", "2"], new[] { "A", "B", "C", "D", "N", "M" }.Select(read.Constant));
        Assert.Equal("8/8 x@0:uint64", read.Layout("struct s"));
    }

    [Fact]
    public void Headers_asked_for_come_first()
    {
        var environment = ReadC.Own(("/x/one.h", "#define ONE 1\n"), ("/x/two.h", "#define TWO ONE + 1\nstruct t { int x[TWO]; };\n"));
        environment.Includes.AddRange(["/x/one.h", "/x/two.h"]);
        Assert.Equal("12/4 t@0:struct t y@8:int32", new ReadC("struct s { struct t t; int y; };", environment).Layout("struct s"));
    }

    [Fact]
    public void Errors_in_headers_say_where_they_were_included()
    {
        ReadC read = new("\n#include <a.h>", ReadC.Own(("/nowhere/first/a.h", "#include <b.h>"), ("/nowhere/first/b.h", "\n#error stop\nstruct broken { what x; };")));
        var diagnostic = Assert.Single(read.Diagnostics.All);
        Assert.Equal("/nowhere/first/b.h:2:1-12 #error stop", diagnostic.Span + " " + diagnostic.Message);
        Assert.Equal("/nowhere/first/a.h:1:1-15", diagnostic.Context[0].Span.ToString());
    }

    [Fact]
    public void A_header_with_a_guard_is_read_once()
    {
        StringBuilder text = new();
        for (int i = 0; i < 100_000; i++) text.Append("int f").Append(i).Append("(void);\n");
        StringBuilder includes = new();
        for (int i = 0; i < 2_000; i++) includes.Append("#include <a.h>\n");
        ReadC read = new(includes.ToString(), ReadC.Own(("/nowhere/first/a.h", "// c\n#ifndef G\n#define G\n#define A 1\n" + text + "#endif\n")));
        Assert.Equal("1", read.Constant("A"));
    }

    [Theory]
    [InlineData("#include <self.h>", "#include nested too deeply")]
    [InlineData("#define A B B\n#define B C C\n#define C D D\n#define D E E\n#define E F F\n#define F G G\n#define G H H\n#define H I I\n#define I J J\n#define J K K\n#define K L L\n#define L M M\n#define M N N\n#define N O O\n#define O P P\n#define P Q Q\n#define Q R R\n#define R S S\n#define S T T\n#define T U U\n#define U V V\n#define V W W\n#define W X X\n#define X Y Y\n#define Y Z Z\n#define Z 1 1\n#if A\n#endif", "the C definitions are too large")]
    public void Work_without_end_is_an_error(string c, string error)
    {
        ReadC read = new(c, ReadC.Own(("/nowhere/first/self.h", "#include <self.h>\n")));
        Assert.Contains(error, read.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("struct s { ", "struct { ", 10_000)]
    [InlineData("struct s { int x[", "(", 10_000)]
    [InlineData("struct s { int ", "(*", 10_000)]
    [InlineData("#if ", "(", 10_000)]
    [InlineData("#if ", "-", 10_001)]
    [InlineData("#define F(x) x\n#if ", "F(", 10_000)]
    public void Nesting_without_end_is_an_error(string start, string piece, int times)
    {
        ReadC read = new(start + new StringBuilder().Insert(0, piece, times) + " }");
        Assert.NotEqual("", read.Errors);
    }

    [Theory]
    [InlineData("stdio.h", "FILE", "EOF")]
    [InlineData("sys/socket.h", "struct sockaddr", "AF_INET6")]
    [InlineData("netinet/tcp.h", "struct tcphdr", "TCP_NODELAY")]
    [InlineData("linux/tcp.h", "struct tcphdr", "TCP_MAXSEG")]
    [InlineData("linux/fs.h", "struct fstrim_range", "BLKGETSIZE")]
    [InlineData("linux/bpf.h", "union bpf_attr", "BPF_MAP_TYPE_HASH")]
    [InlineData("sys/stat.h", "struct stat", "S_IFREG")]
    [InlineData("pthread.h", "pthread_mutex_t", "PTHREAD_CREATE_DETACHED")]
    public void The_headers_of_this_machine_can_be_read(string header, string type, string constant)
    {
        if (!File.Exists("/usr/include/" + header) && !Directory.GetDirectories("/usr/include").Any(d => File.Exists(d + "/" + header))) Assert.Skip("not installed");
        ReadC read = new($"#include <{header}>", CEnvironment.ForSystem([], [], hasBtf: true));
        Assert.True(read.Type(type).Size > 0);
        Assert.NotEqual("none", read.Constant(constant));
    }
}
