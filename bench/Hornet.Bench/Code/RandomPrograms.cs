using System.Diagnostics;
using Hornet.Compiler;
using Hornet.Compiler.Tests.Execution;
using Hornet.Isa;
using Hornet.Programs;
using Hornet.Vm;

namespace Hornet.Bench.Code;

/// <summary>
/// Random programs, each as its IR is interpreted, as its code is interpreted, as it is compiled to .NET and as the kernel
/// runs it: all results and all that was written must agree. <c>bench/run random 1000000</c>; a second number is the first seed,
/// <c>no-kernel</c> leaves the kernel out.
/// </summary>
internal static class RandomPrograms
{
    private static readonly IsaLevel[] s_levels = [IsaLevel.V1, IsaLevel.V2, IsaLevel.V3, IsaLevel.V4];

    private static readonly byte[] s_packet = new byte[64];

    public static int Run(string[] options)
    {
        bool kernel = !options.Contains("no-kernel");
        var numbers = options.Where(o => o != "no-kernel").Select(int.Parse).ToArray();
        int count = numbers.Length > 0 ? numbers[0] : 1000, first = numbers.Length > 1 ? numbers[1] : 1_000_000;
        int inKernel = 0, tooMuch = 0, failures = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            int seed = first + i;
            try
            {
                if (!Compare(seed, kernel)) tooMuch++;
                else if (kernel) inKernel++;
            }
            catch (Exception e)
            {
                Console.WriteLine($"seed {seed}: {e.Message}");
                if (++failures >= 10) break;
            }
            if ((i + 1) % 1_000 == 0) Console.WriteLine($"{i + 1} programs, {failures} failures, {Stopwatch.GetElapsedTime(begin).TotalMinutes:F1} minutes");
        }
        Console.WriteLine($"{count} programs by the IR's interpreter and both engines of the machine, {inKernel} of them in the kernel too, {tooMuch} too much for the verifier; {failures} failures; {Stopwatch.GetElapsedTime(begin).TotalSeconds:F0} s");
        return failures;
    }

    private static bool Compare(int seed, bool kernel)
    {
        Random random = new(seed);
        var options = new CompilerOptions { IsaLevel = s_levels[seed & 3] };
        int statements = random.Next(8) == 0 ? 200 : 20 + random.Next(60);
        var input = new byte[RandomIr.IoSize];
        random.NextBytes(input.AsSpan(0, RandomIr.InputSize));
        for (int i = 0; i < RandomIr.InputSize; i += 8)
        {
            if (random.Next(3) == 0) BitConverter.TryWriteBytes(input.AsSpan(i), random.NextInt64(-3, 8));
        }
        IrInterpreter interpreter = new() { Packet = s_packet };
        var expected = (byte[])input.Clone();
        interpreter.SetMap("io", expected);
        uint result = (uint)interpreter.Run(RandomIr.Make(seed, statements).EntryFunction);
        var compiled = BpfCompiler.Compile(RandomIr.Make(seed, statements), options);
        foreach (var engine in (VmEngine[])[VmEngine.Interpreter, VmEngine.Jit])
        {
            BpfMachine machine = new(new VmOptions { Engine = engine });
            var loaded = machine.Load(compiled.Object);
            bool hasIo = loaded.Maps.TryGetValue("io", out var io);
            if (hasIo) io!.Update(new byte[4], input);
            var ran = loaded.Program(compiled.Program.Name).Run(VmContext.Skb(s_packet));
            if (ran.Fault is { } fault) throw new InvalidOperationException($"{engine} ends in a fault: {fault}");
            Check($"{engine}, level {options.IsaLevel}", (uint)ran.ReturnValue, hasIo ? io!.Lookup(new byte[4])! : expected);
        }
        if (!kernel) return true;
        try
        {
            using var loaded = compiled.Load();
            bool hasIo = loaded.Maps.TryGetValue("io", out var io);
            if (hasIo) io!.Update(new byte[4], input);
            var ran = loaded.Program(compiled.Program.Name).TestRun(new TestRunOptions { Data = s_packet });
            var output = new byte[RandomIr.IoSize];
            if (hasIo) io!.TryLookup(new byte[4], output);
            Check($"the kernel, level {options.IsaLevel}", ran.ReturnValue, hasIo ? output : expected);
            return true;
        }
        catch (VerifierException e) when (e.Errno == Interop.Errno.E2BIG)
        {
            return false;
        }

        void Check(string where, uint actual, byte[] io)
        {
            if (actual != result || !io.AsSpan().SequenceEqual(expected))
                throw new InvalidOperationException($"{where}: returned 0x{actual:x}, not 0x{result:x}; memory differs at {io.AsSpan().CommonPrefixLength(expected)}");
        }
    }
}
