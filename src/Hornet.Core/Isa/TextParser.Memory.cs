namespace Hornet.Isa;

// Loads, stores and atomic operations.
internal ref partial struct TextParser
{
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
}
