using System.Diagnostics;

namespace Hornet.KernelTests.Links;

/// <summary>
/// A small C program, compiled when it is first needed, that calls its functions on command: what uprobe and USDT tests
/// probe. Every instance is a process of its own.
/// </summary>
internal sealed class TargetProcess : IDisposable
{
    // The notes of systemtap's probes, written by hand: no header of theirs is needed.
    private const string Probes = """
        #define NOTE(provider, name, semaphore, arguments) \
            "990: nop\n" \
            ".pushsection .note.stapsdt,\"\",\"note\"\n" \
            ".balign 4\n.4byte 992f-991f, 994f-993f, 3\n" \
            "991: .asciz \"stapsdt\"\n992: .balign 4\n" \
            "993: .8byte 990b\n.8byte _.stapsdt.base\n.8byte " semaphore "\n" \
            ".asciz \"" provider "\"\n.asciz \"" name "\"\n.asciz \"" arguments "\"\n" \
            "994: .balign 4\n.popsection\n"
        asm(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
            ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n.popsection\n");
        """;

    private const string Source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>

        PROBES

        unsigned short hornet_semaphore __attribute__((section(".probes"), used));
        int hornet_global = -77;
        struct { int before; short values[8]; long after; } hornet_memory = { 11, { 100, 101, 102, 103, -104, 105, 106, 107 }, 0x1122334455667788 };

        __attribute__((noinline)) long hornet_one(long a) { asm volatile(""); return a + 1; }
        __attribute__((noinline)) long hornet_two(long a, long b) { asm volatile(""); return a * b; }
        __attribute__((noinline)) long hornet_nested(long a) { asm volatile(""); return hornet_one(a) + hornet_two(a, 2); }

        __attribute__((noinline)) void hornet_usdt(long number)
        {
            // a constant; registers of four widths, signed and not; memory by register, with an offset, indexed; a global
            register long r8 asm("r8") = (long)&hornet_memory;
            register long r9 asm("r9") = 4;
            asm volatile(NOTE("hornet", "everything", "0", "-4@$-9 8@%%rdi -4@%%esi 2@%%dx -1@%%cl 4@(%%r8) 8@24(%%r8) -2@4(%%r8,%%r9,2) -4@hornet_global(%%rip) -8@%%rdi 1@%%cl")
                : : "D"(number), "S"(-5L), "d"(0xabcd1234L), "c"(-3L), "r"(r8), "r"(r9) : );
        }

        __attribute__((noinline)) void hornet_sites(long number)
        {
            // Two sites of one probe with different arguments, and one behind a semaphore.
            asm volatile(NOTE("hornet", "sites", "0", "8@%%rdi") : : "D"(number));
            asm volatile(NOTE("hornet", "sites", "0", "8@%%rax 8@$3") : : "a"(number + 1000));
            if (hornet_semaphore)
                asm volatile(NOTE("hornet", "guarded", "hornet_semaphore", "8@%%rdi") : : "D"(number));
        }

        int main(void)
        {
            char line[128], name[64];
            long times;
            setvbuf(stdout, NULL, _IOLBF, 0);
            puts("ready");
            while (fgets(line, sizeof line, stdin))
            {
                if (sscanf(line, "%63s %ld", name, &times) != 2) continue;
                for (long i = 0; i < times; i++)
                {
                    if (!strcmp(name, "one")) hornet_one(40 + i);
                    else if (!strcmp(name, "two")) hornet_two(i, 3);
                    else if (!strcmp(name, "nested")) hornet_nested(i);
                    else if (!strcmp(name, "usdt")) hornet_usdt(i);
                    else if (!strcmp(name, "sites")) hornet_sites(i);
                }
                if (!strcmp(name, "semaphore")) printf("%d\n", hornet_semaphore);
                else puts("done");
            }
            return 0;
        }
        """;

    private const string LibrarySource = """
        PROBES
        __attribute__((noinline)) void hornet_lib_work(long number)
        {
            asm volatile(NOTE("hornet_lib", "work", "0", "8@%%rdi") : : "D"(number));
        }
        """;

    private const string LibraryUserSource = """
        #include <stdio.h>
        void hornet_lib_work(long number);
        int main(void)
        {
            char line[128], name[64];
            long times;
            setvbuf(stdout, NULL, _IOLBF, 0);
            puts("ready");
            while (fgets(line, sizeof line, stdin) && sscanf(line, "%63s %ld", name, &times) == 2)
            {
                for (long i = 0; i < times; i++) hornet_lib_work(i);
                puts("done");
            }
            return 0;
        }
        """;

    private static readonly Lazy<string> s_folder = new(MakeFolder);
    private static readonly Lazy<string> s_executable = new(() => Compile("target", Source, "-O1", "-fno-omit-frame-pointer", "-fcf-protection=none"));

    private static readonly Lazy<string> s_fixed = new(() => Compile("fixed-target", Source, "-O1", "-fno-omit-frame-pointer", "-fcf-protection=none", "-no-pie", "-fno-pie"));

    private static readonly Lazy<string> s_libraryUser = new(() =>
    {
        string library = Compile("libhornet_probe.so", LibrarySource, "-O1", "-shared", "-fPIC");
        return Compile("library-user", LibraryUserSource, "-O1", "-Wl,-rpath," + Path.GetDirectoryName(library), "-Wl,--no-as-needed", library);
    });

    private readonly Process _process;

    private TargetProcess(Process process)
    {
        _process = process;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
    }

    /// <summary>The compiled program.</summary>
    public static string Executable => s_executable.Value;

    /// <summary>The same program, linked to run at fixed addresses.</summary>
    public static string FixedExecutable => s_fixed.Value;

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    public static TargetProcess Start() => new(Launch(Executable));

    /// <summary>Starts a program whose only function, <c>work</c>, is in a library with a USDT probe.</summary>
    public static TargetProcess StartWithLibrary() => new(Launch(s_libraryUser.Value));

    /// <summary>Runs the program through another one that execs it (<c>unshare</c>, <c>sh -c</c>).</summary>
    public static TargetProcess StartThrough(string command, params string[] arguments) => new(Launch(command, arguments));

    /// <summary>Calls a function so many times and returns when it is done.</summary>
    public void Call(string function, int times) => Assert.Equal("done", Ask($"{function} {times}"));

    /// <summary>What the semaphore of the guarded probe reads in the process.</summary>
    public int Semaphore => int.Parse(Ask("semaphore 0"));

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the target ended");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }

    /// <summary>Compiles C source in a folder of this test run, which goes away with the run.</summary>
    public static string Compile(string name, string source, params string[] options)
    {
        string file = Path.Combine(s_folder.Value, name), c = $"{file}.c";
        File.WriteAllText(c, source.Replace("PROBES", Probes, StringComparison.Ordinal));
        using var gcc = Process.Start(new ProcessStartInfo("gcc", [.. options, "-o", file, c]) { RedirectStandardError = true })!;
        string errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        Assert.True(gcc.ExitCode == 0, errors);
        return file;
    }

    private static string MakeFolder()
    {
        string folder = Directory.CreateTempSubdirectory("hornet-links-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static Process Launch(string command, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
