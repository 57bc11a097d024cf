using System.Buffers.Binary;
using System.Reflection.Metadata;

namespace Hornet.IL.Decoding;

/// <summary>Reads the bytes of a method body (ECMA-335 partition III). Every byte is accounted for or the body is refused.</summary>
internal static class ILDecoder
{
    /// <summary>Decodes a body.</summary>
    /// <exception cref="BpfFormatException">An opcode that does not exist, an operand cut off, or a branch to nowhere.</exception>
    public static ILInstruction[] Decode(ReadOnlySpan<byte> code)
    {
        List<ILInstruction> instructions = new(code.Length / 2);
        int at = 0;
        while (at < code.Length)
        {
            var instruction = One(code, at);
            instructions.Add(instruction);
            at = instruction.Next;
        }
        var all = instructions.ToArray();
        CheckTargets(all);
        return all;
    }

    /// <summary>The index of the instruction at an offset; negative when none begins there.</summary>
    public static int IndexOf(ReadOnlySpan<ILInstruction> instructions, int offset)
    {
        int low = 0, high = instructions.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int found = instructions[middle].Offset;
            if (found == offset) return middle;
            if (found < offset) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }

    private static void CheckTargets(ILInstruction[] all)
    {
        foreach (ref readonly var instruction in all.AsSpan())
        {
            if (instruction.IsBranch && IndexOf(all, instruction.Index) < 0) throw Nowhere(instruction, instruction.Index);
            foreach (int target in instruction.Targets ?? [])
            {
                if (IndexOf(all, target) < 0) throw Nowhere(instruction, target);
            }
        }
    }

    private static BpfFormatException Nowhere(ILInstruction instruction, int target) =>
        new($"The instruction at IL_{instruction.Offset:x4} branches to IL_{target:x4}, where none begins.");

    private static ILInstruction One(ReadOnlySpan<byte> code, int offset)
    {
        int at = offset;
        int value = code[at++];
        if (value == 0xfe)
        {
            if (at == code.Length) throw CutOff(offset);
            value = 0xfe00 | code[at++];
        }
        if (!Exists(value)) throw new BpfFormatException($"There is no opcode 0x{value:x2} (at IL_{offset:x4}).");

        switch (value)
        {
            case <= 0x01: // nop, break
                return new(offset, at, (ILOpCode)value, 0);
            case <= 0x05: // ldarg.0 to ldarg.3
                return new(offset, at, ILOpCode.Ldarg, value - 0x02);
            case <= 0x09:
                return new(offset, at, ILOpCode.Ldloc, value - 0x06);
            case <= 0x0d:
                return new(offset, at, ILOpCode.Stloc, value - 0x0a);
            case <= 0x13: // ldarg.s to stloc.s are in the order of the long forms
                return new(offset, at + 1, (ILOpCode)(0xfe09 + value - 0x0e), Byte(code, at, offset));
            case 0x14:
                return new(offset, at, ILOpCode.Ldnull, 0);
            case <= 0x1e: // ldc.i4.m1 to ldc.i4.8
                return new(offset, at, ILOpCode.Ldc_i4, value - 0x16);
            case 0x1f:
                return new(offset, at + 1, ILOpCode.Ldc_i4, (sbyte)Byte(code, at, offset));
            case 0x20:
                return new(offset, at + 4, ILOpCode.Ldc_i4, Int32(code, at, offset));
            case 0x21:
            case 0x23:
                return new(offset, at + 8, (ILOpCode)value, BinaryPrimitives.ReadInt64LittleEndian(Bytes(code, at, 8, offset)));
            case 0x22:
                return new(offset, at + 4, ILOpCode.Ldc_r4, Int32(code, at, offset));
            case >= 0x2b and <= 0x37: // short branches, in the order of the long ones
                return new(offset, at + 1, (ILOpCode)(0x38 + value - 0x2b), at + 1 + (sbyte)Byte(code, at, offset));
            case >= 0x38 and <= 0x44:
            case 0xdd:
                return new(offset, at + 4, (ILOpCode)value, at + 4L + Int32(code, at, offset));
            case 0xde:
                return new(offset, at + 1, ILOpCode.Leave, at + 1 + (sbyte)Byte(code, at, offset));
            case 0x45:
                return Switch(code, at, offset);
            case >= 0xfe09 and <= 0xfe0e:
                return new(offset, at + 2, (ILOpCode)value, BinaryPrimitives.ReadUInt16LittleEndian(Bytes(code, at, 2, offset)));
            case 0xfe12: // unaligned.
            case 0xfe19: // no.
                return new(offset, at + 1, (ILOpCode)value, Byte(code, at, offset));
        }
        return HasToken(value)
            ? new(offset, at + 4, (ILOpCode)value, Int32(code, at, offset))
            : new(offset, at, (ILOpCode)value, 0);
    }

    private static ILInstruction Switch(ReadOnlySpan<byte> code, int at, int offset)
    {
        int count = Int32(code, at, offset);
        at += 4;
        if (count < 0 || count > (code.Length - at) / 4) throw CutOff(offset);
        int end = at + (count * 4);
        var targets = new int[count];
        for (int i = 0; i < count; i++) targets[i] = end + Int32(code, at + (i * 4), offset);
        return new(offset, end, ILOpCode.Switch, 0, targets);
    }

    private static bool Exists(int value) => value switch
    {
        <= 0x23 or 0x25 or 0x26 => true,
        0x24 => false,
        <= 0x76 => true,
        0x77 or 0x78 => false,
        <= 0xa5 => true,
        >= 0xb3 and <= 0xba => true,
        0xc2 or 0xc3 or 0xc6 => true,
        >= 0xd0 and <= 0xe0 => true,
        >= 0xfe00 and <= 0xfe07 => true,
        >= 0xfe09 and <= 0xfe0f => true,
        >= 0xfe11 and <= 0xfe1a => true,
        >= 0xfe1c and <= 0xfe1e => true,
        _ => false,
    };

    private static bool HasToken(int value) => value switch
    {
        0x27 or 0x28 or 0x29 => true, // jmp, call, calli
        >= 0x6f and <= 0x75 => true, // callvirt, cpobj, ldobj, ldstr, newobj, castclass, isinst
        0x79 => true, // unbox
        >= 0x7b and <= 0x81 => true, // ldfld to stobj
        0x8c or 0x8d or 0x8f => true, // box, newarr, ldelema
        >= 0xa3 and <= 0xa5 => true, // ldelem, stelem, unbox.any
        0xc2 or 0xc6 or 0xd0 => true, // refanyval, mkrefany, ldtoken
        0xfe06 or 0xfe07 or 0xfe15 or 0xfe16 or 0xfe1c => true, // ldftn, ldvirtftn, initobj, constrained., sizeof
        _ => false,
    };

    private static byte Byte(ReadOnlySpan<byte> code, int at, int offset) => Bytes(code, at, 1, offset)[0];

    private static int Int32(ReadOnlySpan<byte> code, int at, int offset) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(code, at, 4, offset));

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> code, int at, int length, int offset) =>
        at + length <= code.Length ? code.Slice(at, length) : throw CutOff(offset);

    private static BpfFormatException CutOff(int offset) => new($"The instruction at IL_{offset:x4} is cut off by the end of the method.");
}
