using System.Diagnostics;
using System.Globalization;
using Hornet.Compiler;
using Hornet.Compiler.Tests.Execution;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using Hornet.Vm;

namespace Hornet.Bench.Code;

/// <summary>
/// Random programs, each as its IR is interpreted, as its code is interpreted, as it is compiled to .NET and as the kernel
/// runs it: all results and all that was written must agree, for several inputs each.
/// <c>bench/run random COUNT [FIRST SEED] [jit=N] [inputs=N] [workers=N] [no-kernel]</c>.
/// </summary>
/// <remarks>
/// A program is compiled and loaded once and run with every input; the kernel's map is the worker's. Most of the time goes where
/// it must: into compiling and into the kernel's verifier. .NET's own compiler takes four times as long as all the rest, so only
/// one program in <c>jit</c> goes through it.
/// </remarks>
internal static class RandomPrograms
{
    private static readonly IsaLevel[] s_levels = [IsaLevel.V1, IsaLevel.V2, IsaLevel.V3, IsaLevel.V4];
    private static readonly byte[] s_packet = new byte[64], s_key = new byte[4];
    private static readonly Lock s_console = new();

    private static long s_inKernel, s_jitted, s_tooMuch, s_runs;

    public static int Run(string[] options)
    {
        bool kernel = !options.Contains("no-kernel");
        int Named(string name, int otherwise)
        {
            string? text = options.FirstOrDefault(o => o.StartsWith(name + "=", StringComparison.Ordinal));
            return text is null ? otherwise : int.Parse(text.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
        }
        int jit = Named("jit", 16), inputs = Named("inputs", 4), workers = Named("workers", Environment.ProcessorCount);
        var numbers = options.Where(o => char.IsAsciiDigit(o[0])).Select(o => int.Parse(o, CultureInfo.InvariantCulture)).ToArray();
        int count = numbers.Length > 0 ? numbers[0] : 1000, first = numbers.Length > 1 ? numbers[1] : 1_000_000;
        int next = 0, done = 0, failures = 0;
        long begin = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(Work, 16 << 20)).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Report("ended");
        return failures;

        void Work()
        {
            using var io = kernel ? BpfMap.Create(new MapSpec { Name = "io", Type = MapType.Array, KeySize = 4, ValueSize = RandomIr.IoSize, MaxEntries = 1 }) : null;
            for (int i; failures < 10 && (i = Interlocked.Increment(ref next) - 1) < count;)
            {
                try
                {
                    new Comparison(first + i, inputs).Run(withJit: jit > 0 && i % jit == 0, io);
                }
                catch (Exception e)
                {
                    Interlocked.Increment(ref failures);
                    lock (s_console) Console.WriteLine($"seed {first + i}: {e.Message}");
                }
                if (Interlocked.Increment(ref done) % 10_000 == 0) Report("so far");
            }
        }

        void Report(string when)
        {
            lock (s_console)
            {
                var time = Stopwatch.GetElapsedTime(begin);
                Console.WriteLine(FormattableString.Invariant(
                    $"{when}: {done} programs from seed {first}, {s_runs} runs, {s_inKernel} programs in the kernel, {s_tooMuch} too much for the verifier, {s_jitted} as .NET code; {failures} failures; {time.TotalMinutes:F1} min, {done / time.TotalMinutes:F0} programs/min, {Environment.CpuUsage.TotalTime.TotalMilliseconds / done:F2} ms of processor time each"));
            }
        }
    }

    /// <summary>One program with its inputs and what must come out.</summary>
    private sealed class Comparison(int seed, int inputs)
    {
        private readonly IsaLevel _level = s_levels[seed & 3];
        private readonly byte[][] _inputs = new byte[inputs][], _expected = new byte[inputs][];
        private readonly uint[] _results = new uint[inputs];

        public void Run(bool withJit, BpfMap? io)
        {
            Random random = new(seed);
            var module = RandomIr.Make(seed, random.Next(8) == 0 ? 200 : 20 + random.Next(60));
            for (int i = 0; i < inputs; i++)
            {
                _inputs[i] = Input(random);
                _expected[i] = (byte[])_inputs[i].Clone();
                IrInterpreter interpreter = new() { Packet = s_packet };
                interpreter.SetMap("io", _expected[i]);
                _results[i] = (uint)interpreter.Run(module.EntryFunction);
            }
            var compiled = BpfCompiler.Compile(module, new CompilerOptions { IsaLevel = _level });
            Machine(compiled, VmEngine.Interpreter);
            if (withJit)
            {
                Machine(compiled, VmEngine.Jit);
                Interlocked.Increment(ref s_jitted);
            }
            if (io is not null) Kernel(compiled, io);
            Interlocked.Add(ref s_runs, inputs);
        }

        private static byte[] Input(Random random)
        {
            var input = new byte[RandomIr.IoSize];
            random.NextBytes(input.AsSpan(0, RandomIr.InputSize));
            // Small numbers and zeros take other paths than random ones.
            for (int i = 0; i < RandomIr.InputSize; i += 8)
            {
                if (random.Next(3) == 0) BitConverter.TryWriteBytes(input.AsSpan(i), random.NextInt64(-3, 8));
            }
            return input;
        }

        private void Machine(CompilationResult compiled, VmEngine engine)
        {
            var loaded = new BpfMachine(new VmOptions { Engine = engine }).Load(compiled.Object);
            bool hasIo = loaded.Maps.TryGetValue("io", out var io);
            var program = loaded.Program(compiled.Program.Name);
            for (int i = 0; i < inputs; i++)
            {
                if (hasIo) io!.Update(s_key, _inputs[i]);
                var ran = program.Run(VmContext.Skb(s_packet));
                if (ran.Fault is { } fault) throw new InvalidOperationException($"{engine} ends in a fault: {fault}");
                Check(engine.ToString(), i, (uint)ran.ReturnValue, hasIo ? io!.Lookup(s_key)! : _expected[i]);
            }
        }

        private void Kernel(CompilationResult compiled, BpfMap io)
        {
            bool hasIo = compiled.Object.Maps.Contains("io");
            try
            {
                using var loaded = compiled.Load(hasIo ? new LoadOptions { MapReplacements = new Dictionary<string, BpfMap> { ["io"] = io } } : null);
                var program = loaded.Program(compiled.Program.Name);
                var output = new byte[RandomIr.IoSize];
                for (int i = 0; i < inputs; i++)
                {
                    if (hasIo) io.Update(s_key, _inputs[i]);
                    var ran = program.TestRun(new TestRunOptions { Data = s_packet });
                    if (hasIo) io.TryLookup(s_key, output);
                    Check("the kernel", i, ran.ReturnValue, hasIo ? output : _expected[i]);
                }
                Interlocked.Increment(ref s_inKernel);
            }
            catch (VerifierException e) when (e.Errno == Interop.Errno.E2BIG)
            {
                Interlocked.Increment(ref s_tooMuch);
            }
        }

        private void Check(string where, int input, uint actual, byte[] io)
        {
            if (actual != _results[input] || !io.AsSpan().SequenceEqual(_expected[input]))
                throw new InvalidOperationException($"{where}, level {_level}, input {input}: returned 0x{actual:x}, not 0x{_results[input]:x}; memory differs at {io.AsSpan().CommonPrefixLength(_expected[input])}");
        }
    }
}
