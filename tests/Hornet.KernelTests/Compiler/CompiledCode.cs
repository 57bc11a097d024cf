using Hornet.Compiler;
using Hornet.Compiler.IR;
using Hornet.Compiler.Tests.Execution;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.KernelTests.Compiler;

/// <summary>Runs compiled programs in the kernel, and the same IR in the interpreter.</summary>
internal static class CompiledCode
{
    private static readonly byte[] s_packet = new byte[64];

    /// <summary>What the running kernel takes.</summary>
    public static CompilerOptions Options { get; } = new()
    {
        IsaLevel = KernelVersion.Running >= new KernelVersion(6, 6) ? IsaLevel.V4 : IsaLevel.V3,
        FetchingAtomics = KernelVersion.Running >= new KernelVersion(5, 12),
        VerifyPasses = true,
    };

    /// <summary>
    /// Runs a program whose map <c>io</c> holds its inputs first and its outputs afterwards, in the kernel and in the
    /// interpreter, and compares everything.
    /// </summary>
    public static void Compare(Func<IrModule> make, byte[] input, CompilerOptions options)
    {
        var (expected, expectedIo) = Interpret(make(), input);
        var module = make();
        string text = module.ToString();
        var result = BpfCompiler.Compile(module, options);
        uint actual;
        byte[] io;
        try
        {
            (actual, io) = Run(result, input);
        }
        catch (VerifierException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{text}\n{Disassembler.Format([.. result.Program.Instructions])}", e);
        }
        if ((uint)expected != actual || !io.AsSpan().SequenceEqual(expectedIo))
        {
            int at = io.AsSpan().CommonPrefixLength(expectedIo);
            Assert.Fail($"returned 0x{actual:x}, not 0x{(uint)expected:x}; io differs at {at}\n{text}\n{Disassembler.Format([.. result.Program.Instructions])}");
        }
    }

    public static (long Result, byte[] Io) Interpret(IrModule module, byte[] input, byte[]? packet = null)
    {
        IrInterpreter interpreter = new() { Packet = packet ?? s_packet };
        var io = (byte[])input.Clone();
        interpreter.SetMap("io", io);
        long result = interpreter.Run(module.EntryFunction);
        return (result, io);
    }

    public static (uint Result, byte[] Io) Run(CompilationResult result, byte[] input, byte[]? packet = null)
    {
        using var loaded = result.Load();
        bool hasIo = loaded.Maps.TryGetValue("io", out var io);
        if (hasIo) io!.Update(new byte[4], input);
        var run = loaded.Program(result.Program.Name).TestRun(new TestRunOptions { Data = packet ?? s_packet });
        byte[] output = [];
        if (hasIo)
        {
            output = new byte[io!.ValueSize];
            Assert.True(io.TryLookup(new byte[4], output));
        }
        return (run.ReturnValue, output);
    }
}
