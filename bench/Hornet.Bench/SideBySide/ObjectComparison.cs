using System.Diagnostics;
using Hornet.Btf;
using Hornet.Objects;

namespace Hornet.Bench.SideBySide;

/// <summary>
/// Object files of bench/objects opened and loaded, in turns. libbpf reads the kernel's types anew for each object that
/// needs them; Hornet keeps them, so it is measured both with the types read anew and with them at hand.
/// </summary>
internal static class ObjectComparison
{
    private const int Rounds = 60;

    public static void Load()
    {
        string folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../bench-objects"));
        foreach (string path in Directory.GetFiles(folder, "*.o").Order(StringComparer.Ordinal))
        {
            List<double> theirs = [], cold = [], warm = [];
            for (int round = -Rounds; round < Rounds; round++)
            {
                // The first half is for the just-in-time compiler's tiers, not timed.
                double peer = Peer.ObjectLoad(path);
                if (peer < 0) throw new InvalidOperationException($"libbpf refuses {path}");
                double one = Hornet(path, release: true), two = Hornet(path, release: false);
                if (round < 0) continue;
                theirs.Add(peer);
                cold.Add(one);
                warm.Add(two);
            }
            string name = Path.GetFileName(path).Replace(".bpf.o", "", StringComparison.Ordinal);
            Comparison.AddMicroseconds($"object load '{name}', best", cold.Min(), theirs.Min(), "≤ 1.0");
            Comparison.AddMicroseconds($"object load '{name}', median", Median(cold), Median(theirs), "≤ 1.0");
            Comparison.AddMicroseconds($"object load '{name}', kernel types at hand, best", warm.Min(), theirs.Min(), "");
        }
    }

    private static double Hornet(string path, bool release)
    {
        if (release) KernelBtf.Release();
        long begin = Stopwatch.GetTimestamp();
        using var loaded = BpfObject.Open(path).Load();
        return Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
    }

    private static double Median(List<double> samples) => samples.Order().ElementAt(samples.Count / 2);
}
