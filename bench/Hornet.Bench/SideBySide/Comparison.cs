using System.Globalization;

namespace Hornet.Bench.SideBySide;

/// <summary>Runs the same work through Hornet and through libbpf, in turns, and prints the ratios.</summary>
public static class Comparison
{
    private static readonly List<Row> s_rows = [];
    private static int s_failures;

    private static readonly (string Name, Action Run)[] s_comparisons =
    [
        ("maps", MapComparison.Elements),
        ("batch", MapComparison.Batches),
        ("ring", RingComparison.Drain),
        ("live", RingComparison.Live),
        ("callbacks", CallbackComparison.Run),
        ("object", ObjectComparison.Load),
        ("btf", () => s_failures += BtfComparison.Run()),
        ("vm", () => s_failures += VmComparison.Run()),
    ];

    public static int Run(string[] only)
    {
        foreach (string name in only)
        {
            if (s_comparisons.Any(c => c.Name == name)) continue;
            Console.Error.WriteLine($"There is no comparison '{name}'. There are: {string.Join(", ", s_comparisons.Select(c => c.Name))}.");
            return 1;
        }
        foreach (var (name, run) in s_comparisons)
        {
            if (only.Length == 0 || only.Contains(name)) run();
        }
        if (s_rows.Count == 0) return s_failures;
        Console.WriteLine("| what | Hornet | libbpf | ratio | bar | bytes |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var row in s_rows) Console.WriteLine(row);
        return s_failures;
    }

    /// <summary>Nanoseconds per operation, smallest of the rounds: the machine's other work only ever adds.</summary>
    internal static void Add(string what, double hornet, double libbpf, string bar, double bytes) =>
        s_rows.Add(new(what, $"{hornet:F2} ns", $"{libbpf:F2} ns", hornet / libbpf, bar, bytes));

    internal static void AddMicroseconds(string what, double hornet, double libbpf, string bar) =>
        s_rows.Add(new(what, $"{hornet / 1000:F0} µs", $"{libbpf / 1000:F0} µs", hornet / libbpf, bar, 0));

    internal static void AddRate(string what, double hornet, long hornetLost, double libbpf, long libbpfLost, string bar, double bytes) =>
        s_rows.Add(new(what, $"{hornet:F2} M/s, {hornetLost} lost", $"{libbpf:F2} M/s, {libbpfLost} lost", hornet / libbpf, bar, bytes));

    private sealed record Row(string What, string Hornet, string Libbpf, double Ratio, string Bar, double Bytes)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"| {What} | {Hornet} | {Libbpf} | {Ratio:F2} | {Bar} | {Bytes:0.##} |");
    }
}
