using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Hornet.Script.Output;
using Hornet.Script.Runtime;

namespace Hornet.Script.Tests.Runtime;

public class LiveSymbolsTests
{
    // Where an instruction of the inlined function is.
    private const string Program = """
        #include <stdio.h>
        static inline __attribute__((always_inline)) void *here(void) {
            void *p;
            __asm__ volatile("lea 0(%%rip), %0" : "=r"(p));
            return (char *)p - 1;
        }
        __attribute__((noinline)) void *worker(void) {
            return here();
        }
        int main(void) {
            printf("%p\n", worker());
            fflush(stdout);
            return getchar() == 'x';
        }
        """;

    [Fact]
    public void Frames_of_a_process_have_their_inlined_functions_and_lines()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the program is written for x86-64");
        string folder = Directory.CreateTempSubdirectory("hornet-symbols").FullName;
        try
        {
            string source = Path.Combine(folder, "program.c"), program = Path.Combine(folder, "program");
            File.WriteAllText(source, Program);
            if (!Compile(source, program)) Assert.Skip("gcc is not installed");
            using var process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            try
            {
                ulong address = ulong.Parse(process.StandardOutput.ReadLine()![2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                using LiveSymbols symbols = new([], [], static _ => null);
                List<SymbolFrame> frames = [];
                symbols.User(address, process.Id, -1, true, frames);
                Assert.Equal([("here", true, source, 4), ("worker", false, source, 8)], frames.Select(f => (f.Name, f.IsInlined, f.File!, f.Line)));
                Assert.Equal(program, frames[1].Module);
                frames.Clear();
                symbols.User(address, process.Id, -1, false, frames);
                var only = Assert.Single(frames);
                Assert.Equal(("worker", null), (only.Name, only.File));
                frames.Clear();
                symbols.User(16, process.Id, -1, true, frames);
                Assert.Empty(frames);
            }
            finally
            {
                process.StandardInput.Close();
                process.WaitForExit();
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static bool Compile(string source, string program)
    {
        try
        {
            using var compiler = Process.Start("gcc", ["-g", "-O2", "-o", program, source]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
