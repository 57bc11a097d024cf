using System.Diagnostics;
using System.Globalization;
using Hornet.IL;
using Hornet.Maps;

namespace Hornet.Bench.Code;

/// <summary>How long compilation takes: the first in a process, the following ones, and five hundred attachments.</summary>
internal static class CompileComparison
{
    private const int Attachments = 500, Processes = 7;

    // One event takes 64 programs.
    private static readonly string[] s_events = ["getsid", "getpgid", "getpriority", "setpriority", "sched_getparam", "getrusage", "sysinfo", "times", "getcpu", "personality"];

    public static int Run(string[] options)
    {
        if (options is ["first"]) return First();
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
        var first = Enumerable.Range(0, Processes).Select(_ => InFreshProcess()).ToList();
        Write($"first in a fresh process, best and median of {Processes}", $"{first.Min():F0} ms, {first.Order().ElementAt(Processes / 2):F0} ms", "≤ 150 ms");
        Write($"attach of {Attachments} kernels", $"{Attach():F2} s", "≤ 2 s");
        return 0;

        static void Write(string what, string figure, string bar) => Console.WriteLine($"| {what} | {figure} | {bar} |");
    }

    private static int First()
    {
        using var counts = BpfHashMap<uint, ulong>.Create("counts", 16);
        long begin = Stopwatch.GetTimestamp();
        KernelCode.Tracepoint("sched:sched_switch", () => { counts[Bpf.Tgid]++; }).Compile();
        Console.WriteLine(Stopwatch.GetElapsedTime(begin).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static double InFreshProcess()
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["compile", "first"]) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(text, CultureInfo.InvariantCulture);
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
