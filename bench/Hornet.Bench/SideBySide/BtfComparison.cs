using System.Diagnostics;
using System.Globalization;
using Hornet.Btf;

namespace Hornet.Bench.SideBySide;

/// <summary>
/// vmlinux's types made ready for lookups, by Hornet and by libbpf's <c>btf__parse</c> in turns: time, memory kept, lookups.
/// libbpf has no index of names: its parse is faster to begin with, and each lookup walks all types.
/// </summary>
public static class BtfComparison
{
    private const string Peer = """
        #include <bpf/btf.h>
        #include <malloc.h>
        #include <stdio.h>
        #include <time.h>
        static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
        int main(void)
        {
            for (int i = 0; i < 20; i++) {
                struct mallinfo2 m0 = mallinfo2();
                double t0 = now();
                struct btf *b = btf__parse("/sys/kernel/btf/vmlinux", NULL);
                double t1 = now();
                struct mallinfo2 m1 = mallinfo2();
                if (!b) return 1;
                int hit = 0, miss = 0;
                double t2 = now();
                for (int n = 0; n < 20; n++) hit += btf__find_by_name_kind(b, "sk_buff", BTF_KIND_STRUCT) > 0;
                double t3 = now();
                for (int n = 0; n < 20; n++) miss += btf__find_by_name_kind(b, "no_such_type_anywhere", BTF_KIND_STRUCT) > 0;
                double t4 = now();
                printf("%f %ld %f %f\n", t1 - t0, (long)(m1.uordblks + m1.hblkhd - m0.uordblks - m0.hblkhd), (t3 - t2) / 20 * 1e6, (t4 - t3) / 20 * 1e6);
                if (hit != 20 || miss) return 1;
                btf__free(b);
            }
            return 0;
        }
        """;

    private readonly record struct Sample(double Milliseconds, double Bytes, double HitNanoseconds, double MissNanoseconds);

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("hornet-bench-").FullName;
        try
        {
            string source = Path.Combine(folder, "peer.c"), program = Path.Combine(folder, "peer");
            File.WriteAllText(source, Peer);
            Execute("gcc", "-O2", source, "-o", program, "-lbpf");
            for (int i = 0; i < 30; i++) _ = Measure();
            List<Sample> ours = [], theirs = [];
            for (int round = 0; round < 3; round++)
            {
                theirs.AddRange(Execute(program).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse));
                for (int i = 0; i < 20; i++) ours.Add(Measure());
            }
            Console.WriteLine($"vmlinux BTF, {KernelBtf.Vmlinux.TypeCount} types             hornet      libbpf   ratio");
            Row("ready, best (ms)", ours.Min(s => s.Milliseconds), theirs.Min(s => s.Milliseconds));
            Row("ready, median (ms)", Median(ours, s => s.Milliseconds), Median(theirs, s => s.Milliseconds));
            Row("memory kept (KiB)", Median(ours, s => s.Bytes) / 1024, Median(theirs, s => s.Bytes) / 1024);
            Row("find a struct (ns)", Median(ours, s => s.HitNanoseconds), Median(theirs, s => s.HitNanoseconds));
            Row("find nothing (ns)", Median(ours, s => s.MissNanoseconds), Median(theirs, s => s.MissNanoseconds));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Sample Measure()
    {
        KernelBtf.Release();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        BtfSpec spec = KernelBtf.Vmlinux;
        spec.EnsureNameIndex();
        double ready = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        int found = 0;
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++) found += spec.TryFind("sk_buff", BtfKind.Struct, out _) ? 1 : 0;
        double hit = Stopwatch.GetElapsedTime(start).TotalNanoseconds / 1000;
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++) found += spec.TryFind("no_such_type_anywhere", BtfKind.Struct, out _) ? 1 : 0;
        double miss = Stopwatch.GetElapsedTime(start).TotalNanoseconds / 1000;
        return found == 1000 ? new Sample(ready, kept, hit, miss) : throw new InvalidOperationException("a lookup went wrong");
    }

    private static Sample Parse(string line)
    {
        double[] n = [.. line.Split(' ').Select(p => double.Parse(p, CultureInfo.InvariantCulture))];
        return new Sample(n[0], n[1], n[2], n[3]);
    }

    private static double Median(List<Sample> samples, Func<Sample, double> of) => samples.Select(of).Order().ElementAt(samples.Count / 2);

    private static void Row(string what, double ours, double theirs) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-32} {ours,12:f2} {theirs,11:f2} {ours / theirs,7:f3}"));

    private static string Execute(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{file} failed: {error.Result}");
    }
}
