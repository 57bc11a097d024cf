using System.Diagnostics;
using System.Text.RegularExpressions;
using Hornet.KernelTests.Links;

namespace Hornet.KernelTests.Script;

/// <summary>Stacks of programs without frame pointers, walked in the kernel by tables of their binaries.</summary>
public partial class ScriptUnwindTests
{
    // Frames of several shapes: without anything, with room, aligned (which takes rbp), through a signal, through a library of the C
    // library, through a library loaded late.
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        volatile int count;
        __attribute__((noinline)) void leaf(int x) { count += x; asm volatile(""); }
        __attribute__((noinline)) void middle(int x) { char room[1000]; memset(room, x, sizeof room); asm volatile("" : : "r"(room) : "memory"); leaf(room[1]); count++; }
        __attribute__((noinline)) void aligned(int x) { char room[64] __attribute__((aligned(64))); memset(room, x, sizeof room); asm volatile("" : : "r"(room) : "memory"); middle(room[1]); count++; }
        __attribute__((noinline)) void outer(int x) { aligned(x + 1); count++; }
        __attribute__((noinline)) int compare(const void *a, const void *b) { leaf(3); return *(const int *)a - *(const int *)b; }
        __attribute__((noinline)) void sorting(void) { int all[2] = { 2, 1 }; qsort(all, 2, sizeof *all, compare); count++; }
        __attribute__((noinline)) void handler(int number) { leaf(number); count++; }
        __attribute__((noinline)) void raising(void) { raise(SIGUSR1); count++; }
        void called_back(int x) { leaf(x); count++; }

        int main(int argc, char **argv)
        {
            signal(SIGUSR1, handler);
            char line[256];
            const char *how = argc > 1 ? argv[1] : "outer";
            do
            {
                if (argc == 1)
                {
                    puts("ready"); fflush(stdout);
                    if (!fgets(line, sizeof line, stdin)) return 0;
                    line[strcspn(line, "\n")] = 0;
                    how = line;
                }
                if (!strcmp(how, "outer")) outer(1);
                else if (!strcmp(how, "sorting")) sorting();
                else if (!strcmp(how, "raising")) raising();
                else
                {
                    void *library = dlopen(how, RTLD_NOW);
                    void (*late)(void (*)(int)) = dlsym(library, "late");
                    // Until the tables are there, which takes an emulated processor longer than a second.
                    for (int i = 0; i < 100; i++) { late(called_back); usleep(100000); }
                }
            } while (argc == 1);
            // Names are looked up while the process is there.
            sleep(3);
            return 0;
        }
        """;

    private const string Library = "__attribute__((noinline)) void late(void (*back)(int)) { volatile int n = 1; back(n); n++; }";

    private static readonly Lazy<string> s_program = new(() => TargetProcess.Compile("unwound", Source, "-O2", "-fomit-frame-pointer", "-fno-ipa-cp", "-fno-ipa-sra", "-ldl"));
    private static readonly Lazy<string> s_library = new(() => TargetProcess.Compile("liblate.so", Library, "-O2", "-fomit-frame-pointer", "-shared", "-fPIC"));

    private static string Script(string what, string rest = "exit();") => $"config = {{ unstable_dw_ustack=enable; show_debug_info=0 }} u:{s_program.Value}:leaf {{ printf(\"%s\\n\", {what}); {rest} }}";

    [KernelTheory(Needs.Uprobes, MinKernel = "5.17")]
    [InlineData("outer", "leaf middle aligned outer main")]
    [InlineData("sorting", "leaf compare .* sorting main")]
    [InlineData("raising", "leaf handler .* raising main")]
    public void A_stack_goes_from_the_probe_to_main(string how, string functions)
    {
        var (output, errors, status) = ScriptRunner.Run("-e", Script("dw_ustack"), "-c", $"{s_program.Value} {how}");
        Assert.Equal(0, status);
        Assert.Matches($"^{functions} ", Functions(output) + " ");
        Assert.DoesNotContain("WARNING", errors, StringComparison.Ordinal);
        // Frame pointers find nothing of it: they are not there.
        (output, _, _) = ScriptRunner.Run("-e", Script("ustack"), "-c", $"{s_program.Value} {how}");
        Assert.DoesNotContain("main", Functions(output), StringComparison.Ordinal);
    }

    [KernelFact(Needs.Uprobes, MinKernel = "5.17")]
    public void Functions_whose_return_is_probed_are_walked_through()
    {
        string returns = $"uretprobe:{s_program.Value}:aligned, uretprobe:{s_program.Value}:outer {{ @++; }}";
        var (output, _, status) = ScriptRunner.Run("-e", $"{Script("dw_ustack")} {returns}", "-c", $"{s_program.Value} outer");
        Assert.Equal(0, status);
        Assert.StartsWith("leaf middle aligned outer main", Functions(output), StringComparison.Ordinal);
        (output, _, status) = ScriptRunner.Run("-e", Script("dw_ustack").Replace(" u:", " uretprobe:", StringComparison.Ordinal), "-c", $"{s_program.Value} outer");
        Assert.Equal(0, status);
        Assert.StartsWith("middle aligned outer main", Functions(output), StringComparison.Ordinal);
    }

    [KernelFact(Needs.Uprobes, MinKernel = "5.17")]
    public void A_limit_a_mode_and_the_length_are_as_for_other_stacks()
    {
        var (output, _, status) = ScriptRunner.Run("-e", Script("dw_ustack(perf, 3)", "print(len(dw_ustack)); print(len(dw_ustack(2))); exit();"), "-c", $"{s_program.Value} outer");
        Assert.Equal(0, status);
        Assert.Matches(@"^\n\t[0-9a-f]+ leaf\+0 \(\S+unwound\)\n\t[0-9a-f]+ middle\+\d+ \(\S+unwound\)\n\t[0-9a-f]+ aligned\+\d+ \(\S+unwound\)\n\n([6-9]|1\d)\n2\n", output);
    }

    [KernelFact(Needs.Uprobes, MinKernel = "5.17")]
    public void A_running_process_is_walked_from_a_probe_of_the_kernel_and_counted_by_stack()
    {
        using Running target = new();
        string script = $"config = {{ unstable_dw_ustack=enable }} tracepoint:syscalls:sys_enter_write /pid == {target.Id}/ {{ @[dw_ustack] = count(); if (++@writes == 3) {{ exit(); }} }}";
        var (output, _, status) = target.While(["outer", "outer", "outer"], () => ScriptRunner.Run("-e", script, "-p", target.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(0, status);
        Assert.Matches(@"@\[\n(    \S.*\n)+    main\+\d+[^\n]*\n(    \S.*\n)+\]: 3\n", output.Replace("        ", "    ", StringComparison.Ordinal));
    }

    [KernelFact(Needs.Uprobes, MinKernel = "5.17")]
    public void A_library_that_is_loaded_later_is_walked_through()
    {
        // Its tables are asked for by the first stack, and there for a later one.
        var (output, _, status) = ScriptRunner.Run("-e", Script("dw_ustack", "if (len(dw_ustack) > 4 || ++@n == 100) { exit(); }"), "-c", $"{s_program.Value} {s_library.Value}");
        Assert.Equal(0, status);
        var stacks = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(s => s.Contains("leaf", StringComparison.Ordinal)).ToList();
        Assert.InRange(stacks.Count, 2, 99);
        Assert.Matches("^leaf called_back late", Functions(stacks[0]) + " ");
        Assert.Matches("^leaf called_back late main ", Functions(stacks[^1]) + " ");
    }

    [KernelFact(Needs.Uprobes, MinKernel = "5.17")]
    public void Only_processes_that_were_named_have_tables()
    {
        using Running other = new();
        var (output, errors, status) = ScriptRunner.Run("-e", Script("dw_ustack"), "-c", $"{s_program.Value} outer", "--dwarf-pid", other.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((0, ""), (status, string.Concat(errors.Split('\n').Where(l => l.Contains("WARNING", StringComparison.Ordinal)))));
        Assert.StartsWith("leaf middle", Functions(output), StringComparison.Ordinal);
        using Running walked = new();
        string script = Script("dw_ustack");
        (output, errors, status) = walked.While(["outer"], () => ScriptRunner.Run("-e", script, "--dwarf-pid", other.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(0, status);
        Assert.Contains("WARNING: No DWARF unwind data available for this process", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("leaf", output, StringComparison.Ordinal);
        (_, errors, status) = ScriptRunner.Run("-e", script);
        Assert.Equal(1, status);
        Assert.Contains("ERROR: dw_ustack requires a target process: use -p, -c or --dwarf-pid", errors, StringComparison.Ordinal);
    }

    private static string Functions(string stack) => string.Join(' ', FunctionName().Matches(stack).Select(m => m.Groups[1].Value));

    [GeneratedRegex(@"^\s+(\w+)\+\d+", RegexOptions.Multiline)]
    private static partial Regex FunctionName();

    // The program, taking commands.
    private sealed class Running : IDisposable
    {
        private readonly Process _process = Process.Start(new ProcessStartInfo(s_program.Value) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

        public Running() => Assert.Equal("ready", _process.StandardOutput.ReadLine());

        public int Id => _process.Id;

        /// <summary>Sends commands again and again while something runs: nobody says when its probes are attached.</summary>
        public T While<T>(string[] commands, Func<T> run)
        {
            using CancellationTokenSource done = new();
            Thread sender = new(() =>
            {
                while (!done.IsCancellationRequested)
                {
                    foreach (string command in commands)
                    {
                        _process.StandardInput.WriteLine(command);
                        _process.StandardInput.Flush();
                        _process.StandardOutput.ReadLine();
                    }
                    done.Token.WaitHandle.WaitOne(20);
                }
            });
            sender.Start();
            try
            {
                return run();
            }
            finally
            {
                done.Cancel();
                sender.Join();
            }
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
