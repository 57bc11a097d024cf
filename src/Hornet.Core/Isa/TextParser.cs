namespace Hornet.Isa;

/// <summary>Parses one line of assembly text into an assembler.</summary>
internal ref partial struct TextParser(ReadOnlySpan<char> line, HashSet<string> functions, Assembler assembler)
{
    private ReadOnlySpan<char> _rest = WithoutPrefixAndRemark(line);

    /// <summary>The line without its remark, slot number and opcode.</summary>
    public static ReadOnlySpan<char> WithoutPrefixAndRemark(ReadOnlySpan<char> line)
    {
        int remark = line.IndexOf(';');
        if (remark >= 0) line = line[..remark];
        remark = line.IndexOf("//");
        if (remark >= 0) line = line[..remark];
        line = line.Trim();
        int digits = line.IndexOfAnyExceptInRange('0', '9');
        if (digits > 0 && line[digits] == ':') line = line[(digits + 1)..].TrimStart();
        if (line.Length >= 4 && line[0] == '(' && line[3] == ')' && char.IsAsciiHexDigit(line[1]) && char.IsAsciiHexDigit(line[2]))
            line = line[4..].TrimStart();
        return line;
    }

    public void ParseLine()
    {
        while (TryLabel()) { }
        if (_rest.IsEmpty) return;
        Statement();
        if (!_rest.IsEmpty) throw Error($"'{_rest}' is left over");
    }

    private bool TryLabel()
    {
        int end = NameLength();
        if (end == 0 || end >= _rest.Length || _rest[end] != ':') return false;
        string name = _rest[..end].ToString();
        if (!TextAssembler.IsName(name)) throw Error($"'{name}' cannot be a label");
        Advance(end + 1);
        if (functions.Contains(name)) assembler.Function(name);
        else assembler.Label(name);
        return true;
    }

    private void Statement()
    {
        if (TryWord(".function")) assembler.Function(Name());
        else if (TryWord(".raw")) Raw();
        else if (TryWord("exit")) assembler.Exit();
        else if (TryWord("goto")) Branch(Instruction.Jump(0));
        else if (TryWord("gotol")) Branch(Instruction.JumpLong(0));
        else if (TryWord("may_goto")) Branch(Instruction.MayGoto(0));
        else if (TryWord("gotox")) assembler.JumpRegister(Register64());
        else if (TryWord("callx")) assembler.CallRegister(Register64());
        else if (TryWord("call")) Call();
        else if (TryWord("if")) If();
        else if (TryWord("lock")) Lock();
        else if (TryWord("store_release")) StoreRelease();
        else if (_rest.StartsWith("*")) Store();
        else Assign();
    }

    private void Raw()
    {
        Span<byte> code = stackalloc byte[16];
        int length = 0;
        while (!_rest.IsEmpty)
        {
            if (length == code.Length) throw Error(".raw takes one slot, or the two of a 64-bit load");
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(code[length..], (ulong)Number(out _));
            length += 8;
        }
        var decoded = InstructionCodec.Decode(code[..length]);
        if (decoded.Length != 1) throw Error(".raw takes one instruction");
        assembler.EmitRaw(decoded[0]);
    }
}
