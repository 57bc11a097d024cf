using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Hornet.Elf;
using Hornet.Tracing.Dwarf;
using Hornet.Tracing.Symbols;

namespace Hornet.Tracing.Tests.Dwarf;

public partial class UnwindTests
{
    private const string Deep = """
        #include <stdio.h>
        #include <signal.h>
        #include <unistd.h>
        #include <string.h>
        #include <alloca.h>
        int total;
        __attribute__((noinline)) int third(int x)
        {
            unsigned long frame = 0;
        #ifdef __x86_64__
            __asm__ volatile("mov %%rbp, %0" : "=r"(frame));
        #else
            __asm__ volatile("mov %0, x29" : "=r"(frame));
        #endif
            printf("%lx\n", frame);
            fflush(stdout);
            pause();
            return total + x;
        }
        static void handler(int number) { total += third(number); }
        __attribute__((noinline)) int second(int x) { char *text = alloca(x * 16 + 1); memset(text, x, x * 16); total += text[x]; raise(SIGUSR1); return text[1] + total; }
        __attribute__((noinline)) int first(int x) { char room[1000]; memset(room, x, sizeof room); total += second(x + 1); return room[x] + total; }
        int main(int argc, char **argv) { signal(SIGUSR1, handler); total = first(argc + 1); return total; }
        """;

    [Fact]
    public void A_row_is_sixteen_bytes() => Assert.Equal(16, Marshal.SizeOf<UnwindRow>());

    [Theory]
    [InlineData("gcc", "-O2 -fomit-frame-pointer")]
    [InlineData("gcc", "-O0 -fno-omit-frame-pointer")]
    [InlineData("gcc", "-O2 -fomit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables -g")]
    [InlineData("clang", "-O1 -fomit-frame-pointer")]
    public void A_stack_is_walked_through_a_signal_and_the_c_library(string compiler, string arguments)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64, "the kernel tells the registers of this machine in another way");
        using var program = TestProgram.Compile(compiler, Deep, arguments);
        using var process = Process.Start(new ProcessStartInfo(program.Path) { RedirectStandardOutput = true })!;
        try
        {
            ulong frame = ulong.Parse(process.StandardOutput.ReadLine()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            string[] names = [.. Walk(process.Id, frame)];
            int at = Array.IndexOf(names, "third");
            Assert.True(at >= 0, string.Join(" < ", names));
            // Between the handler and what raised the signal are the kernel's return and the C library.
            Assert.Equal("handler", names[at + 1]);
            int second = Array.IndexOf(names, "second");
            Assert.True(second > at + 2, string.Join(" < ", names));
            Assert.Equal(["second", "first", "main"], names[second..(second + 3)]);
            // The outermost frame says itself that it is the last.
            Assert.Equal("_start", names[^1]);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    [Theory]
    [InlineData("gcc", "-O2")]
    [InlineData("gcc", "-O0")]
    [InlineData("clang", "-O2 -g -fno-asynchronous-unwind-tables")]
    public void Every_row_agrees_with_binutils(string compiler, string arguments)
    {
        using var program = TestProgram.Compile(compiler, Sources.C, arguments);
        Assert.InRange(Compare(program.Path, program.Tool("readelf", "--debug-dump=frames-interp program"), out string difference), 8, int.MaxValue);
        Assert.Equal("", difference);
    }

    [Fact]
    public void A_binary_of_another_machine_is_refused()
    {
        ElfWriter writer = new(ElfMachine.RiscV);
        using var file = ElfFile.Parse(writer.ToArray(), "other");
        Assert.Contains("cannot be walked", Assert.Throws<BpfException>(() => UnwindTable.Read(file, file)).Message);
    }

    [GeneratedRegex(@"pc=([0-9a-f]+)\.\.([0-9a-f]+)")]
    private static partial Regex FunctionLine();

    /// <summary>Compares with what readelf says of the same rows: their addresses, the CFA, where rbp is.</summary>
    /// <returns>The number of rows compared.</returns>
    internal static int Compare(string path, string readelf, out string difference)
    {
        var table = UnwindTable.Open(path);
        string[] columns = [];
        int compared = 0;
        difference = "";
        bool inFunction = false;
        ulong end = 0;
        foreach (string line in readelf.Split('\n'))
        {
            if (FunctionLine().Match(line) is { Success: true } function)
            {
                inFunction = true;
                end = ulong.Parse(function.Groups[2].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else if (line.Contains(" CIE", StringComparison.Ordinal)) inFunction = false;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            if (words[0] == "LOC") columns = words;
            else if (inFunction && words.Length == columns.Length && ulong.TryParse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address) && address < end)
            {
                // The linker describes its stubs also where there are none: behind the end.
                var row = table.Find(address);
                string cfa = row is not { } known ? "none" : known.Cfa switch
                {
                    CfaRule.StackPointer => $"rsp+{known.CfaOffset}",
                    CfaRule.FramePointer => $"rbp+{known.CfaOffset}",
                    CfaRule.EndOfStack => words[1],
                    _ => "exp",
                };
                int rbp = Array.IndexOf(columns, "rbp");
                string frame = row is not { } its ? "u" : its.Frame switch { RegisterRule.AtCfa => $"c{its.FrameOffset:+0;-0}", RegisterRule.Same => "u", _ => "exp" };
                string theirs = words[1] is var w && (w.StartsWith("rsp+", StringComparison.Ordinal) || w.StartsWith("rbp+", StringComparison.Ordinal)) ? w : w == "exp" ? "exp" : "none";
                if (theirs == "exp" && cfa == "none") cfa = "exp";
                compared++;
                if (cfa != theirs || (rbp > 0 && cfa is not "none" and not "exp" && words[rbp] is var r && r != frame && !(r is "vexp" or "exp" && frame is "exp" or "u")))
                    difference = $"{address:x}: {cfa} {frame} is not {theirs} {(rbp > 0 ? words[rbp] : "")}";
            }
        }
        return compared;
    }

    private static List<string> Walk(int process, ulong frame)
    {
        // "NUMBER ARGUMENTS… SP PC" while it waits in a system call.
        string[] waiting = [];
        for (int i = 0; i < 500 && waiting.Length < 9; i++)
        {
            waiting = File.ReadAllText($"/proc/{process}/syscall").Split(' ');
            if (waiting.Length < 9) Thread.Sleep(10);
        }
        Assert.Equal(9, waiting.Length);
        UnwindRegisters registers = new(Hex(waiting[8]), Hex(waiting[7]), frame);
        using var memory = File.OpenHandle($"/proc/{process}/mem");
        var maps = ProcessMaps.Read(process);
        using UserSymbolizer symbolizer = new();
        Dictionary<string, UnwindTable> tables = [];
        List<string> names = [];
        bool exact = true;
        for (int depth = 0; depth < 64; depth++)
        {
            // Where a call returns to may be another function already.
            ulong at = registers.InstructionPointer - (exact ? 0u : 1u);
            var symbol = symbolizer.Resolve(process, at);
            names.Add(symbol.Name ?? $"{at:x}");
            if (maps.Find(at) is not { IsFile: true } mapping) break;
            if (!tables.TryGetValue(mapping.Name, out var table)) tables.Add(mapping.Name, table = UnwindTable.Open(mapping.Name));
            exact = table.Find(symbol.FileAddress)?.IsSignalFrame ?? false;
            if (!table.TryStep(ref registers, symbol.FileAddress, Read)) break;
        }
        return names;

        static ulong Hex(string text) => ulong.Parse(text.Trim().AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        ulong? Read(ulong address)
        {
            Span<byte> bytes = stackalloc byte[8];
            try
            {
                return RandomAccess.Read(memory, bytes, (long)address) == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : null;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
