using System.Buffers.Binary;

namespace Hornet.Isa;

/// <summary>
/// Instructions to bytes and back, in either byte order. A slot is 8 bytes: opcode, the two registers in one byte (the
/// destination in the low half on little-endian machines, in the high half on big-endian ones), offset, constant.
/// </summary>
public static class InstructionCodec
{
    /// <summary>Bytes per slot.</summary>
    public const int SlotSize = 8;

    /// <summary>
    /// Decodes a program. Any pattern of reserved fields is kept as it is, so that encoding gives back the same bytes.
    /// </summary>
    /// <exception cref="BpfFormatException">
    /// The length is no multiple of 8, an opcode or register does not exist, or a 64-bit load lacks its second slot.
    /// </exception>
    public static Instruction[] Decode(ReadOnlySpan<byte> code, bool bigEndian = false)
    {
        if (code.Length % SlotSize != 0) throw new BpfFormatException($"instructions: {code.Length} bytes are not a whole number of 8-byte slots");
        int count = 0;
        for (int at = 0; at < code.Length; at += code[at] == 0x18 ? 2 * SlotSize : SlotSize) count++;
        var result = new Instruction[count];
        int offset = 0;
        foreach (ref var instruction in result.AsSpan())
        {
            instruction = DecodeOne(code[offset..], offset / SlotSize, bigEndian);
            offset += instruction.Slots * SlotSize;
        }
        return result;
    }

    /// <summary>Encodes a program. Symbolic references are not looked at: resolve them first.</summary>
    /// <exception cref="BpfFormatException">An opcode or register does not exist, or a constant does not fit.</exception>
    public static byte[] Encode(IReadOnlyList<Instruction> program, bool bigEndian = false)
    {
        var code = new byte[CountSlots(program) * SlotSize];
        Encode(program, code, bigEndian);
        return code;
    }

    /// <summary>Encodes a program into memory of the caller's and returns the number of bytes written.</summary>
    /// <exception cref="BpfFormatException">As for the other overload, or the memory is too small.</exception>
    public static int Encode(IReadOnlyList<Instruction> program, Span<byte> destination, bool bigEndian = false)
    {
        int offset = 0;
        for (int n = 0; n < program.Count; n++)
        {
            var i = program[n];
            if (destination.Length - offset < i.Slots * SlotSize) throw new BpfFormatException($"instructions: {destination.Length} bytes are too few for the program");
            EncodeOne(i, destination[offset..], offset / SlotSize, bigEndian);
            offset += i.Slots * SlotSize;
        }
        return offset;
    }

    /// <summary>The number of 8-byte slots of a program: what the kernel calls its instruction count.</summary>
    public static int CountSlots(IReadOnlyList<Instruction> program)
    {
        int slots = 0;
        for (int n = 0; n < program.Count; n++) slots += program[n].Slots;
        return slots;
    }

    private static Instruction DecodeOne(ReadOnlySpan<byte> code, int slot, bool bigEndian)
    {
        byte opcode = code[0], registers = code[1];
        if (!InstructionRules.IsKnownOpcode(opcode)) throw new BpfFormatException($"instructions: unknown opcode 0x{opcode:x2} in slot {slot}");
        if (bigEndian) registers = (byte)((registers << 4) | (registers >> 4));
        int dst = registers & 0x0f, src = registers >> 4;
        if (dst > (int)Register.R11 || src > (int)Register.R11) throw new BpfFormatException($"instructions: slot {slot} names register {Math.Max(dst, src)}");
        short offset = bigEndian ? BinaryPrimitives.ReadInt16BigEndian(code[2..]) : BinaryPrimitives.ReadInt16LittleEndian(code[2..]);
        long constant = ReadConstant(code, bigEndian);
        if (opcode == 0x18)
        {
            if (code.Length < 2 * SlotSize) throw new BpfFormatException($"instructions: the 64-bit load in slot {slot} lacks its second slot");
            if (code.Slice(SlotSize, 4).ContainsAnyExcept((byte)0)) throw new BpfFormatException($"instructions: the second slot of the 64-bit load in slot {slot} is not one");
            constant = (uint)constant | ((long)ReadConstant(code[SlotSize..], bigEndian) << 32);
        }
        return new Instruction { Opcode = opcode, Dst = (Register)dst, Src = (Register)src, Offset = offset, Constant = constant };
    }

    private static int ReadConstant(ReadOnlySpan<byte> slot, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadInt32BigEndian(slot[4..]) : BinaryPrimitives.ReadInt32LittleEndian(slot[4..]);

    private static void EncodeOne(in Instruction i, Span<byte> code, int slot, bool bigEndian)
    {
        if (!InstructionRules.IsKnownOpcode(i.Opcode)) throw new BpfFormatException($"instructions: unknown opcode 0x{i.Opcode:x2} in slot {slot}");
        if (i.Dst > Register.R11 || i.Src > Register.R11) throw new BpfFormatException($"instructions: slot {slot} names register {Math.Max((int)i.Dst, (int)i.Src)}");
        if (!i.IsLoadImm64 && i.Constant != (int)i.Constant) throw new BpfFormatException($"instructions: the constant {i.Constant} in slot {slot} does not fit in 32 bits");
        int high = bigEndian ? (int)i.Dst : (int)i.Src, low = bigEndian ? (int)i.Src : (int)i.Dst;
        code[0] = i.Opcode;
        code[1] = (byte)((high << 4) | low);
        if (bigEndian) BinaryPrimitives.WriteInt16BigEndian(code[2..], i.Offset);
        else BinaryPrimitives.WriteInt16LittleEndian(code[2..], i.Offset);
        WriteConstant(code, (int)i.Constant, bigEndian);
        if (!i.IsLoadImm64) return;
        code.Slice(SlotSize, 4).Clear();
        WriteConstant(code[SlotSize..], (int)(i.Constant >> 32), bigEndian);
    }

    private static void WriteConstant(Span<byte> slot, int constant, bool bigEndian)
    {
        if (bigEndian) BinaryPrimitives.WriteInt32BigEndian(slot[4..], constant);
        else BinaryPrimitives.WriteInt32LittleEndian(slot[4..], constant);
    }
}
