using Hornet.Isa;

namespace Hornet.Core.Tests.Isa;

/// <summary>Every form of every opcode with a spread of registers, offsets and constants: what the round-trip tests run over.</summary>
internal static class InstructionForms
{
    private static readonly short[] Offsets = [0, 1, -1, 8, 16, 32, short.MaxValue, short.MinValue];

    private static readonly long[] Constants =
    [
        0, 1, -1, 16, 32, 64, int.MaxValue, int.MinValue, 0x10001,
        0x40, 0x50, 0xa0, 0x41, 0x51, 0xa1, 0xe1, 0xf1, 0x100, 0x110,
    ];

    private static readonly long[] WideConstants = [0, 1, -1, long.MinValue, long.MaxValue, 0x1_0000_0000, 0x10_0000_0005, 0xffff_ffff, 5];

    public static IEnumerable<Instruction> WellFormed() => All().Where(i => InstructionRules.Defect(i) is null);

    private static IEnumerable<Instruction> All()
    {
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (!InstructionRules.IsKnownOpcode((byte)opcode)) continue;
            foreach (int dst in (int[])[0, 9, 10])
                foreach (int src in (int[])[0, 1, 2, 3, 4, 5, 6, 10])
                    foreach (short offset in Offsets)
                        foreach (long constant in opcode == 0x18 ? WideConstants : Constants)
                            yield return new Instruction { Opcode = (byte)opcode, Dst = (Register)dst, Src = (Register)src, Offset = offset, Constant = constant };
        }
    }
}
