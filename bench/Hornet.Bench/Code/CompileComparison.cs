using System.Diagnostics;
using System.Globalization;
using Hornet.IL;
using Hornet.Maps;

namespace Hornet.Bench.Code;

/// <summary>How long compilation takes: the first in a process, the following ones, and five hundred attachments.</summary>
internal static class CompileComparison
{
    private const int Attachments = 500, Processes = 15;

    // One event takes 64 programs.
    private static readonly string[] s_events = ["getsid", "getpgid", "getpriority", "setpriority", "sched_getparam", "getrusage", "sysinfo", "times", "getcpu", "personality"];

    public static int Run(string[] options)
    {
        if (options.Length > 0) throw new ArgumentException($"'{options[0]}' is no option of compile");
        using Kernels kernels = new();
        var all = kernels.All().ToList();
        List<(string Name, double Microseconds, double Kilobytes)> warm = [];
        // Until the just-in-time compiler's last tier is reached.
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < 4;)
        {
            foreach (var (name, kernel) in all) KernelCode.Xdp(name, kernel).Compile();
        }
        foreach (var (name, kernel) in all)
        {
            double best = double.MaxValue;
            long bytes = long.MaxValue;
            for (int round = 0; round < 30; round++)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread(), begin = Stopwatch.GetTimestamp();
                KernelCode.Xdp(name, kernel).Compile();
                best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
                bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - allocated);
            }
            warm.Add((name, best, bytes / 1024.0));
        }
        Console.WriteLine("| what | figure | bar |\n|---|---|---|");
        Write($"warm, mean of {all.Count} kernels", $"{warm.Average(w => w.Microseconds):F0} µs, {warm.Average(w => w.Kilobytes):F0} KiB allocated", "≤ 1000 µs, ≤ 1024 KiB");
        var slow = warm.MaxBy(w => w.Microseconds);
        var large = warm.MaxBy(w => w.Kilobytes);
        Write("warm, slowest", $"{slow.Name}: {slow.Microseconds:F0} µs", "≤ 1000 µs");
        Write("warm, most allocated", $"{large.Name}: {large.Kilobytes:F0} KiB", "≤ 1024 KiB");
        var first = Enumerable.Range(0, Processes).Select(_ => InFreshProcess()).OfType<(double ToAttached, double Processor)>().ToList();
        if (first.Count == 0) Console.Error.WriteLine("artifacts/publish/first-kernel is not there: start without HORNET_BENCH_BUILT once");
        else
        {
            Write($"first in a fresh process, Main to attached, best and median of {Processes}", $"{first.Min(f => f.ToAttached):F0} ms, {first.Order().ElementAt(Processes / 2).ToAttached:F0} ms", "≤ 150 ms");
            Write("the same, processor time, the runtime's start included", $"{first.Min(f => f.Processor):F0} ms, {first.OrderBy(f => f.Processor).ElementAt(Processes / 2).Processor:F0} ms", "");
        }
        Write($"attach of {Attachments} kernels", $"{Attach():F2} s", "≤ 2 s");
        return 0;

        static void Write(string what, string figure, string bar) => Console.WriteLine($"| {what} | {figure} | {bar} |");
    }

    // Main to attached, and the process's processor time until then, in milliseconds; null when it was not published.
    private static (double ToAttached, double Processor)? InFreshProcess()
    {
        string program = Path.Combine("artifacts", "publish", "first-kernel", "Hornet.FirstKernel");
        if (!File.Exists(program)) return null;
        using var process = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })!;
        string[] figures = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return (double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[1], CultureInfo.InvariantCulture));
    }

    private static double Attach()
    {
        using var counts = BpfHashMap<uint, ulong>.Create("counts", 1024);
        using BpfSession session = new();
        long begin = Stopwatch.GetTimestamp();
        for (uint i = 0; i < Attachments; i++)
        {
            uint key = i;
            session.AttachTracepoint($"syscalls:sys_enter_{s_events[i % s_events.Length]}", () => { counts[key]++; });
        }
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
