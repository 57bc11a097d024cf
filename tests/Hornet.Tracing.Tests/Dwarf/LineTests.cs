using Hornet.Tracing.Dwarf;

namespace Hornet.Tracing.Tests.Dwarf;

public class LineTests
{
    // Lines are counted from the first one of the text.
    private const string Source = """
        #include "part.h"
        int total;
        static inline __attribute__((always_inline)) int inner(int x)
        {
            return x * total + 7;
        }
        __attribute__((noinline)) int outer(int x)
        {
            int y = x + 1;
            total += y;
            return inner(y) + from_header(y);
        }
        int main(int argc, char **argv) { int a = outer(argc); total = a; return a; }
        """;

    private const string Header = """
        static inline __attribute__((always_inline)) int from_header(int x)
        {
            return x / 3;
        }
        """;

    public static TheoryData<string, string> Compilers => new()
    {
        { "gcc", "-g -O0 -gdwarf-5" },
        { "gcc", "-g -O0 -gdwarf-4" },
        { "gcc", "-g -O0 -gdwarf-2" },
        { "clang", "-g -O0 -gdwarf-5" },
        { "clang", "-g -O0 -gdwarf-4" },
        { "clang", "-g -O0 -gdwarf-5 -gdwarf64 -gsplit-dwarf" },
    };

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Lines_are_found_by_file_and_files_by_address(string compiler, string arguments)
    {
        using var program = Compile(compiler, arguments);
        using var info = DebugInfo.Open(program.Path);
        var outer = Assert.Single(info.FindFunctions("outer"));
        // A function's opening brace is where it begins.
        Assert.Equal(outer.Addresses[0], info.FindLine("program.c", 8)[0].Address);
        var body = info.FindLine("program.c", 9)[0];
        Assert.Equal("outer", info.FindFunctionAt(body.Address)!.Name);
        Assert.Equal(Path.Combine(program.Folder, "program.c"), body.Path);
        Assert.Equal(body.Address, info.FindLine(Path.Combine(program.Folder, "program.c"), 9)[0].Address);
        Assert.Equal(body with { Column = 0 }, info.FindSource(body.Address)!.Value with { Column = 0 });
        Assert.Empty(info.FindLine("other.c", 9));
        Assert.Empty(info.FindLine("gram.c", 9));
        Assert.Empty(info.FindLine("program.c", 2));
        Assert.Contains(10, info.LinesOf("program.c"));
        Assert.DoesNotContain(2, info.LinesOf("program.c"));
        Assert.Contains(info.SourceFiles, f => f.EndsWith("/parts/part.h", StringComparison.Ordinal));
        Assert.Equal("outer", info.FindFunctionAt(info.FindLine("parts/part.h", 3)[0].Address)!.Name);
        Assert.Null(info.FindSource(1));
    }

    [Fact]
    public void A_column_says_which_statement()
    {
        using var program = Compile("clang", "-g -O0");
        using var info = DebugInfo.Open(program.Path);
        // Where "outer(argc)" begins, and the sign of equality behind it.
        var call = info.FindLine("program.c", 13, 43)[0];
        var store = info.FindLine("program.c", 13, 62)[0];
        Assert.True(info.FindLine("program.c", 13)[0].Address < call.Address && call.Address < store.Address);
        Assert.Equal(43, call.Column);
        Assert.Empty(info.FindLine("program.c", 13, 99));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Inlined_frames_are_named_from_the_inside(string compiler, string arguments)
    {
        using var program = Compile(compiler, arguments);
        using var info = DebugInfo.Open(program.Path);
        var frames = info.FindFrames(info.FindLine("program.c", 5)[0].Address);
        Assert.Equal([("inner", 5, true), ("outer", 11, false)], frames.Select(f => (f.Function, f.Location.Line, f.IsInlined)));
        Assert.EndsWith("/program.c", frames[1].Location.Path);
        Assert.Empty(info.FindFrames(1));
    }

    [Fact]
    public void Every_line_agrees_with_binutils()
    {
        using var program = Compile("gcc", "-g -O2");
        using var info = DebugInfo.Open(program.Path);
        int compared = 0;
        foreach (var function in info.Functions)
        {
            foreach (ulong start in function.Addresses)
            {
                var ours = info.FindSource(start)!.Value;
                string theirs = program.Tool("addr2line", $"-e program 0x{start:x}").Trim();
                // It adds remarks such as (discriminator 2).
                Assert.Equal(theirs.Split(' ')[0], $"{ours.Path}:{ours.Line}");
                compared++;
            }
        }
        Assert.True(compared >= 2);
    }

    [Theory]
    [InlineData("", "/a/./b/../c.c", "/a/c.c")]
    [InlineData("/x", "c.c", "/x/c.c")]
    [InlineData("/x/", "../c.c", "/c.c")]
    [InlineData("rel", "../../c.c", "../c.c")]
    [InlineData("/x", "/abs.c", "/abs.c")]
    [InlineData("/", "../../c.c", "/c.c")]
    public void Paths_are_joined_without_detours(string folder, string path, string expected) => Assert.Equal(expected, LineTable.Join(folder, path));

    private static TestProgram Compile(string compiler, string arguments)
    {
        string folder = Directory.CreateTempSubdirectory("hornet-header-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "parts"));
            File.WriteAllText(Path.Combine(folder, "parts", "part.h"), Header);
            return TestProgram.Compile(compiler, Source, $"{arguments} -I{folder}/parts");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
