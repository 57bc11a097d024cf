using System.Runtime.InteropServices;
using Hornet.Isa;
using static Hornet.Isa.Register;

namespace Hornet.Links;

/// <summary>Writes the instructions that fetch USDT arguments into a program under construction.</summary>
public static class UsdtCode
{
    /// <summary>
    /// Fetches an argument of a probe, at whichever of its places the program runs: by the cookie that
    /// <see cref="UsdtLink"/> gives each place, where the layouts differ.
    /// </summary>
    /// <param name="code">The program.</param>
    /// <param name="probe">The probe.</param>
    /// <param name="index">The argument, counted from 0.</param>
    /// <param name="context">The register with the program's context: R6 to R9. R0 to R5 are overwritten.</param>
    /// <param name="destination">Where the value goes, sign- or zero-extended to 64 bits; not <paramref name="context"/>.</param>
    /// <param name="slot">The offset from R10 of 8 bytes of stack to use: -8, -16…</param>
    /// <param name="failed">The label to go to when the value cannot be read (the memory is not there).</param>
    /// <param name="addresses">
    /// The name of a map in which to look the place up by address rather than by cookie, for kernels before 5.15: the map
    /// of the link's <see cref="UsdtOptions.Addresses"/>. Null for cookies.
    /// </param>
    /// <exception cref="BpfException">A place of the probe has no such argument, or one that programs cannot read.</exception>
    public static Assembler LoadUsdtArgument(this Assembler code, UsdtProbe probe, int index, Register context, Register destination, int slot, string failed, string? addresses = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(probe);
        if (context is < R6 or > R9) throw new ArgumentException("The context must be in R6 to R9, which calls leave alone.", nameof(context));
        if (destination == context || destination == R10) throw new ArgumentException("The value needs a register of its own.", nameof(destination));
        var distinct = probe.Layouts.Select((layout, number) => (Argument: Argument(probe, layout, index), Number: number)).ToList();
        if (distinct.Select(d => d.Argument with { Text = "" }).Distinct().Count() == 1) return Fetch(code, distinct[0].Argument, context, destination, slot, failed);

        string prefix = $"usdt_{code.Count}_", done = prefix + "done";
        if (addresses is null) code.Mov(R1, context).Call(BpfHelper.GetAttachCookie);
        else LookUpAddress(code, addresses, context, slot, failed);
        foreach (var (_, number) in distinct.SkipLast(1)) code.JumpIf(R0, JumpOp.Equal, number, prefix + number);
        Fetch(code, distinct[^1].Argument, context, destination, slot, failed);
        foreach (var (argument, number) in distinct.SkipLast(1))
        {
            code.Jump(done).Label(prefix + number);
            Fetch(code, argument, context, destination, slot, failed);
        }
        return code.Label(done);
    }

    private static void LookUpAddress(Assembler code, string map, Register context, int slot, string failed)
    {
        // struct pt_regs on x86-64, struct user_pt_regs on arm64.
        int instructionPointer = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 128,
            Architecture.Arm64 => 256,
            var other => throw new BpfException($"Where the instruction pointer is in the registers of {other} is not known."),
        };
        code.Load(R1, context, instructionPointer).Store(R10, slot, R1);
        code.LoadMap(R1, map).Mov(R2, R10).Add(R2, slot).Call(BpfHelper.MapLookupElem).JumpIfZero(R0, failed);
        code.Load(R0, R0, 0, MemorySize.U32);
    }

    private static UsdtArgument Argument(UsdtProbe probe, IReadOnlyList<UsdtArgument> layout, int index)
    {
        if (index < 0 || index >= layout.Count) throw new BpfException($"The USDT probe {probe} has {layout.Count} arguments{(probe.Layouts.Count > 1 ? " at one of its places" : "")}; there is no number {index} (counted from 0).");
        return layout[index].Kind == UsdtArgumentKind.Unreadable
            ? throw new BpfException($"Argument {index} of the USDT probe {probe} is '{layout[index].Text}', which BPF programs cannot read.")
            : layout[index];
    }

    private static Assembler Fetch(Assembler code, in UsdtArgument argument, Register context, Register destination, int slot, string failed)
    {
        if (argument.Kind == UsdtArgumentKind.Constant) return code.LoadImm64(destination, Constant(argument));
        if (argument.Kind == UsdtArgumentKind.Register)
        {
            LoadRegister(code, destination, context, argument.RegisterOffset);
            int unused = 64 - argument.Size * 8;
            if (unused == 0) return code;
            code.Lsh(destination, unused);
            return argument.IsSigned ? code.Arsh(destination, unused) : code.Rsh(destination, unused);
        }
        LoadRegister(code, R3, context, argument.RegisterOffset);
        if (argument.Kind == UsdtArgumentKind.IndexedMemory)
        {
            LoadRegister(code, R1, context, argument.IndexOffset);
            int shift = int.Log2(argument.Scale);
            if (shift > 0) code.Lsh(R1, shift);
            code.Add(R3, R1);
        }
        if (argument.Value is > int.MaxValue or < int.MinValue) code.LoadImm64(R1, argument.Value).Add(R3, R1);
        else if (argument.Value != 0) code.Add(R3, (int)argument.Value);
        code.Mov(R1, R10).Add(R1, slot).Mov(R2, argument.Size).Call(BpfHelper.ProbeReadUser).JumpIfNotZero(R0, failed);
        MemorySize size = argument.Size switch { 1 => MemorySize.U8, 2 => MemorySize.U16, 4 => MemorySize.U32, _ => MemorySize.U64 };
        code.Load(destination, R10, slot, size);
        // Shifts rather than a sign-extending load, which only kernels after 6.6 know.
        int bits = 64 - argument.Size * 8;
        return argument.IsSigned && bits > 0 ? code.Lsh(destination, bits).Arsh(destination, bits) : code;
    }

    /// <summary>Loads a register from the context; <c>%ah</c> and its like are the second byte of one.</summary>
    private static void LoadRegister(Assembler code, Register destination, Register context, int offset)
    {
        code.Load(destination, context, offset & ~7);
        if ((offset & 7) != 0) code.Rsh(destination, (offset & 7) * 8);
    }

    private static long Constant(in UsdtArgument argument)
    {
        int unused = 64 - argument.Size * 8;
        return argument.IsSigned ? argument.Value << unused >> unused : (long)((ulong)argument.Value << unused >> unused);
    }
}
