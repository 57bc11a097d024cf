using System.Globalization;
using Hornet.Isa;
using Hornet.Objects;
using Hornet.Vm;

namespace Hornet.Bench.SideBySide;

/// <summary>
/// Compute programs in both engines of the user-space machine and in ubpf's, whose JIT checks no memory access and counts no
/// instructions. What is measured is the processor time of the thread. ubpf comes from the tree that UBPF names; without one only Hornet's times are printed.
/// </summary>
internal static unsafe class VmComparison
{
    private const int Rounds = 25, MemoryBytes = 64 << 10;

    public static int Run()
    {
        var spec = BpfObject.Open(Path.Combine(AppContext.BaseDirectory, "../../../vm-programs.bpf.o"));
        bool peer = Peer.HasUbpf;
        Console.WriteLine("| program | Hornet JIT | ubpf JIT | ratio | Hornet interpreter | ubpf interpreter | ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        double logJit = 0, logInterpreter = 0;
        int wrong = 0;
        foreach (var program in spec.Programs)
        {
            ulong[] results = new ulong[4];
            double[] times = [double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue];
            byte[] code = InstructionCodec.Encode([.. program.Instructions.Select((i, n) => Local(program.Instructions, i, n))]);
            var machines = ((VmEngine[])[VmEngine.Jit, VmEngine.Interpreter]).Select(e => new BpfMachine(new VmOptions { Engine = e, InstructionBudget = 1L << 50 }).Load(program)).ToArray();
            fixed (byte* start = code)
            {
                nint[] peers = peer ? [Peer.UbpfLoad(start, (uint)code.Length, 1), Peer.UbpfLoad(start, (uint)code.Length, 0)] : [0, 0];
                // In turns, so that the machine's other work meets all of them.
                for (int round = 0; round < Rounds; round++)
                {
                    for (int engine = 0; engine < 2; engine++)
                    {
                        times[engine] = Math.Min(times[engine], Ours(machines[engine], out results[engine]));
                        if (peers[engine] != 0) times[engine + 2] = Math.Min(times[engine + 2], Theirs(peers[engine], engine == 0, out results[engine + 2]));
                        else results[engine + 2] = results[engine];
                    }
                }
            }
            if (results.Distinct().Count() > 1)
            {
                Console.WriteLine($"{program.Name}: results differ: {string.Join(", ", results.Select(r => r.ToString("x", CultureInfo.InvariantCulture)))}");
                wrong++;
            }
            logJit += Math.Log(times[0] / times[2]);
            logInterpreter += Math.Log(times[1] / times[3]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {program.Name} | {times[0] / 1e6:F2} ms | {times[2] / 1e6:F2} ms | {times[0] / times[2]:F2} | {times[1] / 1e6:F1} ms | {times[3] / 1e6:F1} ms | {times[1] / times[3]:F2} |"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| geometric mean | | | {Math.Exp(logJit / spec.Programs.Count):F2} | | | {Math.Exp(logInterpreter / spec.Programs.Count):F2} |"));
        return wrong;
    }

    // Calls of functions by name become distances.
    private static Instruction Local(IList<Instruction> all, Instruction instruction, int index)
    {
        if (instruction.Metadata is not { ReferenceKind: ReferenceKind.Function, Reference: { } name }) return instruction;
        int slot = 0, from = 0, target = 0;
        for (int i = 0; i < all.Count; i++)
        {
            if (i == index) from = slot;
            if (all[i].Metadata?.Symbol == name) target = slot;
            slot += all[i].Slots;
        }
        return instruction with { Src = (Register)CallKind.Function, Constant = target - from - 1 };
    }

    private static byte[] Memory()
    {
        byte[] memory = GC.AllocateArray<byte>(MemoryBytes, pinned: true);
        new Random(1).NextBytes(memory);
        return memory;
    }

    private static double Ours(VmProgram program, out ulong result)
    {
        byte[] memory = Memory();
        long begin = Peer.ThreadTime();
        result = program.Run(memory.AsSpan()).EnsureSucceeded().ReturnValue;
        return Peer.ThreadTime() - begin;
    }

    private static double Theirs(nint vm, bool jit, out ulong result)
    {
        byte[] memory = Memory();
        fixed (byte* start = memory) return Peer.UbpfRun(vm, start, (ulong)memory.Length, jit ? 1 : 0, out result);
    }
}
