using System.Runtime.InteropServices;

namespace Hornet.Vm.Loading;

/// <summary>
/// One instruction as both engines take it: checked, its jumps relative to the next slot, its constant whole. One per slot,
/// so that the position is the kernel's instruction number.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Op
{
    public OpCode Code;
    public byte Dst;
    public byte Src;

    /// <summary>The offset of a memory access, or the distance of a jump or call counted from the next slot.</summary>
    public int Offset;

    /// <summary>The constant, sign-extended; whole for 64-bit loads.</summary>
    public long Constant;
}

/// <summary>
/// What the engines do: RFC 9669's operations with width and operand kind resolved, numbered densely for the interpreter's
/// jump table. In each family the order is immediate, register.
/// </summary>
internal enum OpCode : ushort
{
    /// <summary>The second slot of a 64-bit load; never reached.</summary>
    None,

    Add64I, Add64R, Sub64I, Sub64R, Mul64I, Mul64R, Div64I, Div64R, Or64I, Or64R, And64I, And64R, Lsh64I, Lsh64R,
    Rsh64I, Rsh64R, Mod64I, Mod64R, Xor64I, Xor64R, Mov64I, Mov64R, Arsh64I, Arsh64R, SDiv64I, SDiv64R, SMod64I, SMod64R,
    Neg64, MovSx8To64, MovSx16To64, MovSx32To64,

    Add32I, Add32R, Sub32I, Sub32R, Mul32I, Mul32R, Div32I, Div32R, Or32I, Or32R, And32I, And32R, Lsh32I, Lsh32R,
    Rsh32I, Rsh32R, Mod32I, Mod32R, Xor32I, Xor32R, Mov32I, Mov32R, Arsh32I, Arsh32R, SDiv32I, SDiv32R, SMod32I, SMod32R,
    Neg32, MovSx8To32, MovSx16To32,

    /// <summary>Cut to the width: a conversion to the byte order that the machine has already.</summary>
    Cut16, Cut32, Cut64,
    Swap16, Swap32, Swap64,

    LoadImm64,

    Load8, Load16, Load32, Load64, LoadSx8, LoadSx16, LoadSx32,
    Store8I, Store16I, Store32I, Store64I, Store8R, Store16R, Store32R, Store64R,

    /// <summary>Accesses at R10 plus an offset that lies in the frame: they need no check.</summary>
    StackLoad8, StackLoad16, StackLoad32, StackLoad64, StackLoadSx8, StackLoadSx16, StackLoadSx32,
    StackStore8I, StackStore16I, StackStore32I, StackStore64I, StackStore8R, StackStore16R, StackStore32R, StackStore64R,

    Atomic32, Atomic64,
    LoadAcquire8, LoadAcquire16, LoadAcquire32, LoadAcquire64,
    StoreRelease8, StoreRelease16, StoreRelease32, StoreRelease64,

    PacketAbsolute8, PacketAbsolute16, PacketAbsolute32, PacketIndirect8, PacketIndirect16, PacketIndirect32,

    Jump,
    Eq64I, Eq64R, Gt64I, Gt64R, Ge64I, Ge64R, Set64I, Set64R, Ne64I, Ne64R, SGt64I, SGt64R, SGe64I, SGe64R,
    Lt64I, Lt64R, Le64I, Le64R, SLt64I, SLt64R, SLe64I, SLe64R,
    Eq32I, Eq32R, Gt32I, Gt32R, Ge32I, Ge32R, Set32I, Set32R, Ne32I, Ne32R, SGt32I, SGt32R, SGe32I, SGe32R,
    Lt32I, Lt32R, Le32I, Le32R, SLt32I, SLt32R, SLe32I, SLe32R,
    MayGoto,

    /// <summary>A helper or kernel function; the constant is its place in the program's table of functions.</summary>
    CallHelper,
    /// <summary>A BPF function; the offset is the distance, the constant its number.</summary>
    CallFunction,
    CallRegister,
    /// <summary><c>bpf_tail_call</c>.</summary>
    TailCall,
    Exit,
}
