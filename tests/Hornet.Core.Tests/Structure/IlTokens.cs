using System.Buffers.Binary;
using System.Reflection.Emit;

namespace Hornet.Core.Tests.Structure;

/// <summary>Walks a method's IL, instruction by instruction, for the members and types it names.</summary>
internal static class IlTokens
{
    private static readonly Dictionary<int, OperandType> s_operands = typeof(OpCodes).GetFields()
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => (int)(ushort)o.Value, o => o.OperandType);

    public static IEnumerable<int> Of(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            int opcode = code[at++];
            if (opcode == 0xfe) opcode = 0xfe00 | code[at++];
            OperandType operand = s_operands[opcode];
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at));
            }
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at))),
                _ => 4,
            };
        }
    }
}
