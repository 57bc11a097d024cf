using System.Globalization;
using System.Text;
using Hornet.IL;
using Hornet.Isa;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Bench.Code;

/// <summary>
/// Our code against clang's: the same programs in C# and C, for the same level of the instruction set, run on the same
/// packet by the kernel. Results must be equal before anything is measured.
/// </summary>
internal static class CodeComparison
{
    private const int Repeat = 200_000, Rounds = 7;

    private sealed record Row(string Name, int Ours, int Theirs, double OurNs, double TheirNs)
    {
        public double Instructions => (double)Ours / Theirs;

        public double Time => OurNs / TheirNs;
    }

    public static int Run(string[] only)
    {
        bool show = only.Contains("--show");
        only = [.. only.Where(o => o != "--show")];
        using Kernels kernels = new();
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../code-programs.bpf.o"));
        var theirObject = BpfObject.Open(path);
        using var clang = theirObject.Load();
        List<Row> rows = [];
        int failures = 0;
        byte[] packet = MakePacket();
        double empty = double.MaxValue;
        foreach (var (name, kernel) in kernels.All())
        {
            if (only.Length > 0 && !only.Contains(name) && name != "pass") continue;
            var code = KernelCode.Xdp(name, kernel);
            Hornet.Compiler.CompilationResult compiled;
            try
            {
                compiled = code.Compile(RunningKernel.Options with { IsaLevel = IsaLevel.V3, KeepStages = show });
                using var trial = compiled.Load();
            }
            catch (BpfException e)
            {
                Console.WriteLine($"{name}: {e.Message}");
                failures++;
                continue;
            }
            using var ours = compiled.Load();
            BpfProgram mine = ours.Programs[code.Name], theirs = clang.Programs[name];
            // Twice: the first run makes elements of maps.
            for (int i = 0; i < 2; i++)
            {
                var (a, b) = (mine.TestRun(packet), theirs.TestRun(packet));
                if (a.ReturnValue == b.ReturnValue && a.Data.AsSpan().SequenceEqual(b.Data)) continue;
                Console.WriteLine($"{name}: ours returns {a.ReturnValue}, clang's {b.ReturnValue}");
                failures++;
            }
            double our = double.MaxValue, their = double.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                our = Math.Min(our, Measure(mine, packet));
                their = Math.Min(their, Measure(theirs, packet));
            }
            if (name == "pass") empty = Math.Min(our, their);
            int ourCount = Count(compiled.Program.Instructions), theirCount = Count(theirObject.Programs.First(p => p.Name == name).Instructions);
            rows.Add(new(name, ourCount, theirCount, our, their));
            if (show)
            {
                foreach (var stage in compiled.Stages) Console.WriteLine($"=== {stage.Name}\n{stage.Text}");
                Console.WriteLine($"--- {name}: ours\n{Disassembler.Format([.. compiled.Program.Instructions])}\n--- clang\n{Disassembler.Format([.. theirObject.Programs.First(p => p.Name == name).Instructions])}");
            }
        }
        string table = Format(rows);
        Console.WriteLine(table);
        if (only.Length == 0) WritePage(table);
        return failures;
    }

    private static int Count(IEnumerable<Instruction> code) => code.Sum(i => i.Slots);

    private static double Measure(BpfProgram program, byte[] packet) => program.TestRun(new TestRunOptions { Data = packet, Repeat = Repeat }).Nanoseconds;

    private static byte[] MakePacket()
    {
        byte[] packet = new byte[256];
        for (int i = 0; i < packet.Length; i++) packet[i] = (byte)(i * 7 + 'A');
        packet[12] = 8;
        packet[13] = 0;
        packet[14] = 0x45;
        packet[22] = 64;
        packet[23] = 17;
        Encoding.ASCII.GetBytes("1234567x").CopyTo(packet, 64);
        packet[120] = 0;
        return packet;
    }

    private static double Geomean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));

    private static string Format(List<Row> rows)
    {
        StringBuilder text = new();
        text.Append("| program | instructions, C# | clang | ratio | ns per run, C# | clang | ratio |\n|---|---|---|---|---|---|---|\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Ours} | {row.Theirs} | {row.Instructions:F2} | {row.OurNs:F0} | {row.TheirNs:F0} | {row.Time:F2} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| **geomean of {rows.Count}** | | | **{Geomean(rows.Select(r => r.Instructions)):F3}** | | | **{Geomean(rows.Select(r => r.Time)):F3}** |\n");
        return text.ToString();
    }

    private static void WritePage(string table)
    {
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../docs/performance.md"));
        File.WriteAllText(path,
            $"""
            # The code we generate

            This page is written by `bench/run code` (as root, with clang and libbpf-dev). It compiles each program twice: our compiler from
            C# (`bench/Hornet.Bench/Code/Kernels.cs`), clang -O2 from C (`bench/code/programs.bpf.c`), both for level 3 of the instruction
            set. Both must give the same result and the same packet. Instructions are slots of 8 bytes; time is the kernel's own
            measurement over {Repeat.ToString(CultureInfo.InvariantCulture)} runs (`BPF_PROG_TEST_RUN`), the smallest of {Rounds} rounds in turns; most of a short program's time is the call
            itself. Where C# checks an index, ours has the check too.

            {table}
            """);
    }
}
