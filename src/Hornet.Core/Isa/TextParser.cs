using System.Globalization;

namespace Hornet.Isa;

/// <summary>Parses one line of assembly text into an assembler.</summary>
internal ref struct TextParser(ReadOnlySpan<char> line, HashSet<string> functions, Assembler assembler)
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

    private void Branch(Instruction jump)
    {
        if (TryDistance(out int distance))
        {
            if (jump.IsLongJump) assembler.Emit(jump with { Constant = distance });
            else assembler.Emit(jump with { Offset = Short(distance) });
        }
        else
        {
            assembler.Emit(jump.WithReference(Name(), ReferenceKind.Label));
        }
    }

    // pc+3, as the kernel prints it, or +3, as clang does; clang may add the target's name in angle brackets.
    private bool TryDistance(out int distance)
    {
        distance = 0;
        if (_rest.StartsWith("pc") && _rest.Length > 2 && _rest[2] is '+' or '-') Advance(2);
        if (_rest.IsEmpty || _rest[0] is not ('+' or '-')) return false;
        long number = Number(out _);
        if (number != (int)number) throw Error($"the distance {number} does not fit");
        distance = (int)number;
        if (_rest.StartsWith("<") && _rest.IndexOf('>') is var end and > 0) Advance(end + 1);
        return true;
    }

    private void Call()
    {
        if (TryDistance(out int distance))
        {
            assembler.Emit(Instruction.CallFunction(distance));
            return;
        }
        if (!_rest.IsEmpty && char.IsAsciiDigit(_rest[0]))
        {
            assembler.Emit(Instruction.CallHelper((BpfHelper)Int(Number(out _))));
            return;
        }
        int length = NameLength();
        if (_rest.StartsWith("kernel-function")) length = "kernel-function".Length;
        if (length == 0) throw Error("a function's name or number is missing");
        string name = _rest[..length].ToString();
        Advance(length);
        bool isHelper = HelperTable.TryParse(name, out var helper) && name.StartsWith("bpf_", StringComparison.Ordinal);
        if (TryEat("#"))
        {
            int id = Int(Number(out _));
            if (name == "unknown" || (isHelper && (int)helper == id))
            {
                assembler.Emit(Instruction.CallHelper((BpfHelper)id));
                return;
            }
            var call = Instruction.CallKernelFunction(id, TryEat("@") ? Short(Int(Number(out _))) : (short)0);
            assembler.Emit(name == "kernel-function" ? call : call.WithReference(name, ReferenceKind.KernelFunction));
        }
        else if (isHelper)
        {
            assembler.Call(helper);
        }
        else
        {
            assembler.Call(name);
        }
    }

    private void If()
    {
        var dst = Register(out bool is32);
        var op = Comparison();
        Instruction jump;
        if (TryRegister(out var src, out bool src32))
        {
            if (src32 != is32) throw Error("both registers must have the same width");
            jump = Instruction.JumpIf(op, dst, src, 0, is32);
        }
        else
        {
            jump = Instruction.JumpIf(op, dst, Constant32(), 0, is32);
        }
        if (!TryWord("goto")) throw Error("'goto' is missing");
        Branch(jump);
    }

    private JumpOp Comparison()
    {
        foreach (var (text, op) in Comparisons)
            if (TryEat(text)) return op;
        throw Error("a comparison is missing");
    }

    // Longer ones first.
    private static readonly (string, JumpOp)[] Comparisons =
    [
        ("s>=", JumpOp.SignedGreaterOrEqual), ("s<=", JumpOp.SignedLessOrEqual), ("s>", JumpOp.SignedGreater), ("s<", JumpOp.SignedLess),
        (">=", JumpOp.GreaterOrEqual), ("<=", JumpOp.LessOrEqual), ("==", JumpOp.Equal), ("!=", JumpOp.NotEqual),
        (">", JumpOp.Greater), ("<", JumpOp.Less), ("&", JumpOp.AnyBitSet),
    ];

    private static readonly (string, AluOp, bool)[] Assignments =
    [
        ("s>>=", AluOp.Arsh, false), ("s/=", AluOp.Div, true), ("s%=", AluOp.Mod, true), ("<<=", AluOp.Lsh, false), (">>=", AluOp.Rsh, false),
        ("+=", AluOp.Add, false), ("-=", AluOp.Sub, false), ("*=", AluOp.Mul, false), ("/=", AluOp.Div, false), ("%=", AluOp.Mod, false),
        ("|=", AluOp.Or, false), ("&=", AluOp.And, false), ("^=", AluOp.Xor, false), ("=", AluOp.Mov, false),
    ];

    private void Lock()
    {
        Expect("*");
        var (size, _, address, offset) = Address();
        var op = TryEat("+=") ? AtomicOp.Add : TryEat("|=") ? AtomicOp.Or : TryEat("&=") ? AtomicOp.And : TryEat("^=") ? AtomicOp.Xor
            : throw Error("an atomic operation is +=, |=, &= or ^=");
        assembler.Emit(Instruction.Atomic(op, size, address, offset, Register(out _)));
    }

    private void StoreRelease()
    {
        Expect("(");
        var (size, _, address, offset) = Address();
        Expect(",");
        var src = Register(out _);
        Expect(")");
        assembler.Emit(Instruction.Atomic(AtomicOp.StoreRelease, size, address, offset, src));
    }

    private void Store()
    {
        Expect("*");
        var (size, _, address, offset) = Address();
        Expect("=");
        if (TryRegister(out var src, out bool is32))
        {
            if (is32 && size == MemorySize.U64) throw Error("a 32-bit register cannot be stored in 8 bytes");
            assembler.Emit(Instruction.Store(size, address, offset, src));
        }
        else
        {
            assembler.Emit(Instruction.Store(size, address, offset, Constant32()));
        }
    }

    // (u64 *)(r10 -8)
    private (MemorySize Size, bool Signed, Register Address, short Offset) Address()
    {
        Expect("(");
        var (size, signed) = Type();
        Expect("*");
        Expect(")");
        Expect("(");
        var register = Register64();
        long offset = 0;
        if (!_rest.StartsWith(")")) offset = SignedNumber();
        Expect(")");
        return (size, signed, register, Short(offset));
    }

    private (MemorySize Size, bool Signed) Type()
    {
        foreach (bool signed in (ReadOnlySpan<bool>)[false, true])
            foreach (var size in (ReadOnlySpan<MemorySize>)[MemorySize.U8, MemorySize.U16, MemorySize.U32, MemorySize.U64])
                if (TryWord(Disassembler.SizeName(size, signed)) && !(signed && size == MemorySize.U64)) return (size, signed);
        throw Error("a type (u8, u16, u32, u64, s8, s16, s32) is missing");
    }

    private void Assign()
    {
        var dst = Register(out bool is32);
        foreach (var (text, op, signed) in Assignments)
        {
            if (!TryEat(text)) continue;
            if (op == AluOp.Mov)
            {
                Move(dst, is32);
                return;
            }
            bool fromRegister = TryRegister(out var src, out bool src32);
            if (fromRegister && src32 != is32) throw Error("both registers must have the same width");
            var i = fromRegister ? Instruction.Alu(op, dst, src, is32) : Instruction.Alu(op, dst, is32 ? Constant32() : Constant(), is32);
            assembler.Emit(signed ? i with { Offset = 1 } : i);
            return;
        }
        throw Error("an operation is missing");
    }

    private void Move(Register dst, bool is32)
    {
        if (TryRegister(out var src, out bool src32))
        {
            if (src32 != is32) throw Error("both registers must have the same width");
            assembler.Emit(Instruction.Alu(AluOp.Mov, dst, src, is32));
        }
        else if (_rest.StartsWith("-r") || _rest.StartsWith("-w"))
        {
            Advance(1);
            if (Register(out src32) != dst || src32 != is32) throw Error("a register is negated in place");
            assembler.Emit(Instruction.Alu(AluOp.Neg, dst, 0, is32));
        }
        else if (_rest.StartsWith("*"))
        {
            Load(dst, is32);
        }
        else if (_rest.StartsWith("("))
        {
            Advance(1);
            var (size, signed) = Type();
            Expect(")");
            src = Register(out src32);
            if (!signed || src32 != is32) throw Error("a sign is extended from s8, s16 or s32, in registers of one width");
            int bits = size switch { MemorySize.U8 => 8, MemorySize.U16 => 16, _ => 32 };
            assembler.Emit(Instruction.MoveSigned(dst, src, bits, is32));
        }
        else if (_rest.StartsWith("&"))
        {
            ThisCpu(dst);
        }
        else if (!_rest.IsEmpty && (char.IsAsciiDigit(_rest[0]) || _rest[0] is '-' or '+'))
        {
            MoveNumber(dst, is32);
        }
        else
        {
            MoveNamed(dst);
        }
    }

    private void Load(Register dst, bool is32)
    {
        Expect("*");
        var saved = _rest;
        Expect("(");
        var (size, signed) = Type();
        Expect("*");
        Expect(")");
        if (TryEat("skb["))
        {
            if (dst != Isa.Register.R0) throw Error("a packet load goes to r0");
            assembler.Emit(TryRegister(out var index, out _)
                ? Instruction.LoadIndirect(size, index, _rest.StartsWith("]") ? 0 : Int(SignedNumber()))
                : Instruction.LoadAbsolute(size, Int(Number(out _))));
            Expect("]");
            return;
        }
        _rest = saved;
        (size, signed, var address, short offset) = Address();
        if (is32 && (signed || size == MemorySize.U64)) throw Error("a 32-bit register is loaded from u8, u16 or u32");
        assembler.Emit(signed ? Instruction.LoadSigned(size, dst, address, offset) : Instruction.Load(size, dst, address, offset));
    }

    private void ThisCpu(Register dst)
    {
        Expect("&");
        Expect("(");
        if (!TryWord("void") || !TryWord("__percpu")) throw Error("'void __percpu' is missing");
        Expect("*");
        Expect(")");
        Expect("(");
        var src = Register64();
        Expect(")");
        assembler.EmitRaw(Instruction.PerCpuAddress(dst, src));
    }

    private void MoveNumber(Register dst, bool is32)
    {
        long value = Number(out bool hexadecimal);
        bool wide = TryWord("ll") || hexadecimal;
        if (is32) assembler.Mov32(dst, value);
        else if (wide) assembler.LoadImm64(dst, value);
        else if (value != (int)value) throw Error($"{value} does not fit in 32 bits; write '{value} ll' to load 64 bits");
        else assembler.Mov(dst, value);
    }

    private void MoveNamed(Register dst)
    {
        int length = NameLength();
        var word = _rest[..length];
        Advance(length);
        switch (word)
        {
            case "be16" or "be32" or "be64" or "le16" or "le32" or "le64" or "bswap16" or "bswap32" or "bswap64":
                int bits = int.Parse(word[^2..], CultureInfo.InvariantCulture);
                if (Register(out _) != dst) throw Error("byte order is converted in place");
                if (word[0] == 'l') assembler.ToLittleEndian(dst, bits);
                else if (word[1] == 'e') assembler.ToBigEndian(dst, bits);
                else assembler.ByteSwap(dst, bits);
                break;
            case "addr_space_cast":
                Expect("(");
                var src = Register64();
                Expect(",");
                long to = Number(out _);
                Expect(",");
                long from = Number(out _);
                Expect(")");
                if (to != (ushort)to || from != (ushort)from) throw Error("an address space is a number of 16 bits");
                assembler.CastAddressSpace(dst, src, (ushort)to, (ushort)from);
                break;
            case "load_acquire":
                Expect("(");
                var (size, _, address, offset) = Address();
                Expect(")");
                assembler.Emit(Instruction.Atomic(AtomicOp.LoadAcquire, size, dst, offset, address));
                break;
            case "map" or "ksym" or "btf" or "subprog":
                Pseudo(dst, word);
                break;
            default:
                AtomicCall(dst, word);
                break;
        }
    }

    // r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)
    private void AtomicCall(Register dst, scoped ReadOnlySpan<char> word)
    {
        var name = word.StartsWith("atomic64_") ? word[9..] : word.StartsWith("atomic_") ? word[7..] : throw Error($"'{word}' is nothing that can be assigned");
        AtomicOp op = name switch
        {
            "fetch_add" => AtomicOp.FetchAdd,
            "fetch_or" => AtomicOp.FetchOr,
            "fetch_and" => AtomicOp.FetchAnd,
            "fetch_xor" => AtomicOp.FetchXor,
            "xchg" => AtomicOp.Exchange,
            "cmpxchg" => AtomicOp.CompareExchange,
            _ => throw Error($"'{word}' is no atomic operation"),
        };
        Expect("(");
        var (size, _, address, offset) = Address();
        Expect(",");
        if (op == AtomicOp.CompareExchange)
        {
            if (dst != Isa.Register.R0 || Register(out _) != Isa.Register.R0) throw Error("an exchange compares with r0 and answers in r0");
            Expect(",");
        }
        var src = Register(out _);
        Expect(")");
        if (op != AtomicOp.CompareExchange && src != dst) throw Error("the old value goes to the register that holds the operand");
        assembler.Emit(Instruction.Atomic(op, size, address, offset, src));
    }

    private void Pseudo(Register dst, scoped ReadOnlySpan<char> word)
    {
        string what = Bracketed();
        if (what.Length == 0) throw Error("the brackets are empty");
        switch (word)
        {
            case "ksym":
                assembler.LoadKernelSymbol(dst, what);
                break;
            case "btf":
                int comma = what.IndexOf(",fd:", StringComparison.Ordinal);
                int module = comma < 0 ? 0 : ParseInt(what.AsSpan(comma + 4));
                if (!what.StartsWith("id:", StringComparison.Ordinal)) throw Error("a kernel variable is btf[id:…]");
                assembler.LoadKernelVariable(dst, ParseInt(what.AsSpan(3, (comma < 0 ? what.Length : comma) - 3)), module);
                break;
            case "subprog":
                if (what[0] is '+' or '-') assembler.Emit(Instruction.LoadImm64(dst, (uint)ParseInt(what), PseudoSource.Function));
                else assembler.LoadFunction(dst, what);
                break;
            default:
                Map(dst, what);
                break;
        }
    }

    private void Map(Register dst, string what)
    {
        bool isValue = _rest.StartsWith("[");
        if (isValue && Bracketed() != "0") throw Error("an address is inside element [0]");
        int offset = isValue && !_rest.IsEmpty ? Int(SignedNumber()) : 0;
        bool byIndex = what.StartsWith("idx:", StringComparison.Ordinal);
        if (byIndex || what.StartsWith("fd:", StringComparison.Ordinal) || what.StartsWith("id:", StringComparison.Ordinal))
        {
            int number = ParseInt(what.AsSpan(what.IndexOf(':') + 1));
            if (byIndex) _ = isValue ? assembler.LoadMapValueByIndex(dst, number, offset) : assembler.LoadMapByIndex(dst, number);
            else _ = isValue ? assembler.LoadMapValue(dst, number, offset) : assembler.LoadMap(dst, number);
        }
        else
        {
            _ = isValue ? assembler.LoadMapValue(dst, what, offset) : assembler.LoadMap(dst, what);
        }
    }

    private string Bracketed()
    {
        Expect("[");
        int end = _rest.IndexOf(']');
        if (end < 0) throw Error("']' is missing");
        string inside = _rest[..end].Trim().ToString();
        Advance(end + 1);
        return inside;
    }

    // The smallest pieces.

    private void Advance(int count) => _rest = _rest[count..].TrimStart();

    private bool TryEat(scoped ReadOnlySpan<char> text)
    {
        if (!_rest.StartsWith(text)) return false;
        Advance(text.Length);
        return true;
    }

    private void Expect(scoped ReadOnlySpan<char> text)
    {
        if (!TryEat(text)) throw Error($"'{text}' is missing");
    }

    private bool TryWord(scoped ReadOnlySpan<char> word)
    {
        if (!_rest.StartsWith(word) || (_rest.Length > word.Length && TextAssembler.IsNameCharacter(_rest[word.Length]))) return false;
        Advance(word.Length);
        return true;
    }

    private readonly int NameLength()
    {
        int n = 0;
        while (n < _rest.Length && TextAssembler.IsNameCharacter(_rest[n])) n++;
        return n > 0 && char.IsAsciiDigit(_rest[0]) ? 0 : n;
    }

    private string Name()
    {
        int length = NameLength();
        string name = _rest[..length].ToString();
        if (!TextAssembler.IsName(name)) throw Error(name.Length == 0 ? "a name is missing" : $"'{name}' cannot be a name");
        Advance(length);
        return name;
    }

    private bool TryRegister(out Register register, out bool is32)
    {
        register = default;
        is32 = false;
        int length = NameLength();
        var word = _rest[..length];
        if (!TextAssembler.IsRegisterName(word)) return false;
        int number = int.Parse(word[1..], CultureInfo.InvariantCulture);
        if (number > 10 || (word.Length == 3 && word[1] == '0')) throw Error($"'{word}' is not a register");
        register = (Register)number;
        is32 = word[0] == 'w';
        Advance(length);
        return true;
    }

    private Register Register(out bool is32) => TryRegister(out var register, out is32) ? register : throw Error("a register is missing");

    private Register Register64()
    {
        var register = Register(out bool is32);
        return is32 ? throw Error("a 64-bit register is needed here") : register;
    }

    // An offset may stand apart from its sign: (r1 + 8).
    private long SignedNumber()
    {
        if (_rest.IsEmpty || _rest[0] is not ('+' or '-')) throw Error("'+' or '-' is missing");
        bool negative = _rest[0] == '-';
        Advance(1);
        long value = Number(out _);
        return negative ? unchecked(-value) : value;
    }

    private long Number(out bool hexadecimal)
    {
        bool negative = false;
        if (!_rest.IsEmpty && _rest[0] is '+' or '-')
        {
            negative = _rest[0] == '-';
            Advance(1);
        }
        hexadecimal = _rest.StartsWith("0x") || _rest.StartsWith("0X");
        var digits = hexadecimal ? _rest[2..] : _rest;
        int n = 0;
        while (n < digits.Length && (hexadecimal ? char.IsAsciiHexDigit(digits[n]) : char.IsAsciiDigit(digits[n]))) n++;
        if (n == 0) throw Error("a number is missing");
        if (!ulong.TryParse(digits[..n], hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            throw Error($"'{digits[..n]}' does not fit in 64 bits");
        if (n < digits.Length && TextAssembler.IsNameCharacter(digits[n])) throw Error($"'{digits[..(n + 1)]}' is not a number");
        Advance(n + (hexadecimal ? 2 : 0));
        return unchecked(negative ? -(long)value : (long)value);
    }

    // 32 bits, signed or not: the kernel prints comparisons as 0xffffffff.
    private int Constant32()
    {
        long value = Number(out _);
        return value == (int)value || value == (uint)value ? (int)value : throw Error($"{value} does not fit in 32 bits");
    }

    private int Constant() => Int(Number(out _));

    private static int Int(long value) => value == (int)value ? (int)value : throw Error($"{value} does not fit in 32 bits");

    private static short Short(long value) => value == (short)value ? (short)value : throw Error($"the offset {value} does not fit in 16 bits");

    private static int ParseInt(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw Error($"'{text}' is not a number");

    private static BpfFormatException Error(string message) => new(message);
}
