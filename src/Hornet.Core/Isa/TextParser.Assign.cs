using System.Globalization;

namespace Hornet.Isa;

// What is assigned to a register: results of arithmetic, constants, addresses of maps and symbols.
internal ref partial struct TextParser
{
    private static readonly (string, AluOp, bool)[] Assignments =
    [
        ("s>>=", AluOp.Arsh, false), ("s/=", AluOp.Div, true), ("s%=", AluOp.Mod, true), ("<<=", AluOp.Lsh, false), (">>=", AluOp.Rsh, false),
        ("+=", AluOp.Add, false), ("-=", AluOp.Sub, false), ("*=", AluOp.Mul, false), ("/=", AluOp.Div, false), ("%=", AluOp.Mod, false),
        ("|=", AluOp.Or, false), ("&=", AluOp.And, false), ("^=", AluOp.Xor, false), ("=", AluOp.Mov, false),
    ];

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
}
