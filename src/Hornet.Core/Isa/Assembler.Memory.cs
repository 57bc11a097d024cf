using Hornet.Interop;

namespace Hornet.Isa;

// Loads, stores, atomics, 64-bit immediates and the legacy packet loads.
public sealed partial class Assembler
{
    /// <summary><c>rdst = *(size *)(rsrc + offset)</c>, filling with zeros.</summary>
    public Assembler Load(Register dst, Register src, int offset = 0, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Load(size, dst, src, CheckOffset(offset)));

    /// <summary><c>rdst = *(size *)(rsrc + offset)</c>, extending the sign; 1, 2 or 4 bytes (ISA v4, kernel 6.6).</summary>
    public Assembler LoadSigned(Register dst, Register src, int offset, MemorySize size) =>
        Emit(Instruction.LoadSigned(size, dst, src, CheckOffset(offset)));

    /// <summary><c>*(size *)(rdst + offset) = operand</c>; for 8 bytes a constant's sign is extended.</summary>
    public Assembler Store(Register dst, int offset, Operand operand, MemorySize size = MemorySize.U64) =>
        Emit(operand.IsConstant
            ? Instruction.Store(size, dst, CheckOffset(offset), CheckConstant(operand.Constant, is32: size != MemorySize.U64))
            : Instruction.Store(size, dst, CheckOffset(offset), operand.Register));

    /// <summary>Atomically <c>*p += rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes.</summary>
    public Assembler AtomicAdd(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.Add, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>*p |= rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicOr(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.Or, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>*p &amp;= rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicAnd(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.And, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>*p ^= rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicXor(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.Xor, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>rsrc = *p; *p += rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicFetchAdd(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.FetchAdd, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>rsrc = *p; *p |= rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicFetchOr(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.FetchOr, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>rsrc = *p; *p &amp;= rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicFetchAnd(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.FetchAnd, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>rsrc = *p; *p ^= rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicFetchXor(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.FetchXor, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>rsrc = *p; *p = rsrc</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicExchange(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.Exchange, size, dst, CheckOffset(offset), src));

    /// <summary>Atomically <c>if (*p == r0) *p = rsrc; r0 = old *p</c> at <c>rdst + offset</c>, 4 or 8 bytes (ISA v3, kernel 5.12).</summary>
    public Assembler AtomicCompareExchange(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.CompareExchange, size, dst, CheckOffset(offset), src));

    /// <summary><c>rdst = *(size *)(rsrc + offset)</c> with acquire order (ISA v4, kernel 6.15).</summary>
    public Assembler LoadAcquire(Register dst, Register src, int offset = 0, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.LoadAcquire, size, dst, CheckOffset(offset), src));

    /// <summary><c>*(size *)(rdst + offset) = rsrc</c> with release order (ISA v4, kernel 6.15).</summary>
    public Assembler StoreRelease(Register dst, int offset, Register src, MemorySize size = MemorySize.U64) =>
        Emit(Instruction.Atomic(AtomicOp.StoreRelease, size, dst, CheckOffset(offset), src));

    /// <summary><c>rdst = constant</c>, all 64 bits.</summary>
    public Assembler LoadImm64(Register dst, long constant) => Emit(Instruction.LoadImm64(dst, constant));

    /// <summary>Loads a map by name; the loader puts in its descriptor.</summary>
    public Assembler LoadMap(Register dst, string map) =>
        Emit(Instruction.LoadImm64(dst, 0, PseudoSource.MapFd).WithReference(map, ReferenceKind.Map));

    /// <summary>Loads a map by its descriptor, which must stay open until the program is loaded.</summary>
    public Assembler LoadMap(Register dst, FileDescriptor map) => LoadMap(dst, map.Value);

    /// <summary>Loads a map by its descriptor number.</summary>
    public Assembler LoadMap(Register dst, int mapFd) => Emit(Instruction.LoadImm64(dst, (uint)mapFd, PseudoSource.MapFd));

    /// <summary>Loads a map by its place in the descriptor array given at load (kernel 5.14).</summary>
    public Assembler LoadMapByIndex(Register dst, int index) => Emit(Instruction.LoadImm64(dst, (uint)index, PseudoSource.MapIndex));

    /// <summary>Loads an address inside the value of a single-element array map by name (kernel 5.2).</summary>
    public Assembler LoadMapValue(Register dst, string map, int offset = 0) =>
        Emit(Instruction.LoadImm64(dst, (long)offset << 32, PseudoSource.MapValue).WithReference(map, ReferenceKind.MapValue));

    /// <summary>Loads an address inside the value of a single-element array map by its descriptor (kernel 5.2).</summary>
    public Assembler LoadMapValue(Register dst, FileDescriptor map, int offset = 0) => LoadMapValue(dst, map.Value, offset);

    /// <summary>Loads an address inside the value of a single-element array map by its descriptor number (kernel 5.2).</summary>
    public Assembler LoadMapValue(Register dst, int mapFd, int offset = 0) =>
        Emit(Instruction.LoadImm64(dst, (uint)mapFd | ((long)offset << 32), PseudoSource.MapValue));

    /// <summary>As <see cref="LoadMapValue(Register, int, int)"/>, the map given by its place in the descriptor array (kernel 5.14).</summary>
    public Assembler LoadMapValueByIndex(Register dst, int index, int offset = 0) =>
        Emit(Instruction.LoadImm64(dst, (uint)index | ((long)offset << 32), PseudoSource.MapIndexValue));

    /// <summary>Loads the address of a kernel variable by its BTF id; of a module's with that BTF's descriptor (kernel 5.10).</summary>
    public Assembler LoadKernelVariable(Register dst, int btfId, int moduleBtfFd = 0) =>
        Emit(Instruction.LoadImm64(dst, (uint)btfId | ((long)moduleBtfFd << 32), PseudoSource.BtfId));

    /// <summary>Loads the address of a kernel symbol by name; the loader finds it.</summary>
    public Assembler LoadKernelSymbol(Register dst, string symbol) =>
        Emit(Instruction.LoadImm64(dst, 0).WithReference(symbol, ReferenceKind.KernelSymbol));

    /// <summary>Loads the address of a function of this program, to pass as a callback (kernel 5.13).</summary>
    public Assembler LoadFunction(Register dst, string function) =>
        Emit(Instruction.LoadImm64(dst, 0, PseudoSource.Function).WithReference(function, ReferenceKind.Function));

    /// <summary><c>r0 = *(size *)skb[constant]</c> in network order; R6 must hold the packet's context (legacy).</summary>
    public Assembler LoadPacket(MemorySize size, int constant) => Emit(Instruction.LoadAbsolute(size, constant));

    /// <summary><c>r0 = *(size *)skb[rsrc + constant]</c> in network order; R6 must hold the packet's context (legacy).</summary>
    public Assembler LoadPacket(MemorySize size, Register src, int constant) => Emit(Instruction.LoadIndirect(size, src, constant));
}
