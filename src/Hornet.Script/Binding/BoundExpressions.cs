using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>An expression with its type. Conversions are explicit: operands have exactly the types their parent says.</summary>
internal abstract record BoundExpression(SourceSpan Span, ScriptType Type);

/// <summary>An integer, boolean, enumerator, pointer, or a type of 8 bytes that is made of a number: its bits.</summary>
internal sealed record BoundConstant(SourceSpan Span, ScriptType Type, long Value) : BoundExpression(Span, Type);

/// <summary>A text; the type is <see cref="StringType"/>, at least as long as the bytes and a zero.</summary>
internal sealed record BoundText(SourceSpan Span, ScriptType Type, byte[] Bytes) : BoundExpression(Span, Type);

internal sealed record BoundLocalRead(SourceSpan Span, BoundLocal Local) : BoundExpression(Span, Local.Type);

/// <summary>
/// A map's element, zeros when it is not there. Of an aggregate: the type is the number it stands for (count, sum, min, max, avg of
/// all CPUs), as bpftrace casts it.
/// </summary>
internal sealed record BoundMapRead(SourceSpan Span, ScriptType Type, BoundMap Map, BoundExpression? Key) : BoundExpression(Span, Type);

/// <summary>An argument of the probe, or its return value.</summary>
internal sealed record BoundArgument(SourceSpan Span, ScriptArgument Argument) : BoundExpression(Span, Argument.Type);

/// <summary><c>args</c> as a whole; the type is the target's <see cref="ProbeTarget.ArgumentsType"/>.</summary>
internal sealed record BoundArguments(SourceSpan Span, ScriptType Type) : BoundExpression(Span, Type);

/// <summary><c>*p</c>: memory read where the pointer's space says. Fields and elements of it are read alone.</summary>
internal sealed record BoundDereference(SourceSpan Span, ScriptType Type, BoundExpression Pointer, AddressSpace Space) : BoundExpression(Span, Type);

/// <summary>A field; the target is a struct or union: a dereference, a variable, a map's element…</summary>
internal sealed record BoundField(SourceSpan Span, ScriptType Type, BoundExpression Target, CompositeField Field) : BoundExpression(Span, Type);

/// <summary>An element of an array, buffer-free; the index is 64 bits wide. Beyond the end of an array of known length there are zeros. Of a string: a byte (uint8).</summary>
internal sealed record BoundElement(SourceSpan Span, ScriptType Type, BoundExpression Target, BoundExpression Index) : BoundExpression(Span, Type);

internal sealed record BoundTupleElement(SourceSpan Span, ScriptType Type, BoundExpression Target, int Index) : BoundExpression(Span, Type);

/// <summary>A tuple or record; the elements have its types.</summary>
internal sealed record BoundTuple(SourceSpan Span, TupleType TupleType, IReadOnlyList<BoundExpression> Elements) : BoundExpression(Span, TupleType);

internal enum BoundUnaryOperator { Minus, Complement, Not }

/// <summary>Operand and result are of one type; of Not, the operand is a boolean.</summary>
internal sealed record BoundUnary(SourceSpan Span, ScriptType Type, BoundUnaryOperator Operator, BoundExpression Operand) : BoundExpression(Span, Type);

internal enum BoundBinaryOperator { Add, Subtract, Multiply, Divide, Remainder, And, Or, Xor, ShiftLeft, ShiftRight }

/// <summary>
/// Arithmetic on two integers of the result's type, whose sign decides division and right shift. Division by zero sends
/// <paramref name="ZeroAction"/> (when it is not negative) and gives 1 as divisor's meaning in bpftrace: see the lowering.
/// </summary>
internal sealed record BoundBinary(SourceSpan Span, ScriptType Type, BoundBinaryOperator Operator, BoundExpression Left, BoundExpression Right, int ZeroAction = -1) : BoundExpression(Span, Type);

/// <summary>A pointer so many elements further (the index is 64 bits, already multiplied with the element's size).</summary>
internal sealed record BoundPointerAdd(SourceSpan Span, ScriptType Type, BoundExpression Pointer, BoundExpression Bytes) : BoundExpression(Span, Type);

internal enum BoundComparisonOperator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

/// <summary>
/// A comparison of two values; the result is a boolean. Both are of one type; its sign decides the order; texts may differ in
/// length and are compared up to their ends; arrays, tuples and structs byte by byte (equality only).
/// </summary>
internal sealed record BoundComparison(SourceSpan Span, BoundComparisonOperator Operator, BoundExpression Left, BoundExpression Right) : BoundExpression(Span, BooleanType.Instance);

/// <summary><c>&amp;&amp;</c>, <c>||</c> on booleans, the right side only when it decides.</summary>
internal sealed record BoundLogical(SourceSpan Span, bool IsAnd, BoundExpression Left, BoundExpression Right) : BoundExpression(Span, BooleanType.Instance);

/// <summary>Both sides have the type (which may be void); the condition is a boolean.</summary>
internal sealed record BoundConditional(SourceSpan Span, ScriptType Type, BoundExpression Condition, BoundExpression Then, BoundExpression Else) : BoundExpression(Span, Type);

/// <summary>Statements, then a value (null: void).</summary>
internal sealed record BoundBlockExpression(SourceSpan Span, ScriptType Type, BoundBlock Block, BoundExpression? Result) : BoundExpression(Span, Type);

internal enum BoundConversionKind
{
    /// <summary>Integers, pointers, enumerations, booleans, and types of 8 bytes among each other: widened by the operand's sign, or cut.</summary>
    Integer,
    /// <summary>To a boolean: not zero (of a text: not empty).</summary>
    ToBoolean,
    /// <summary>A text to another length: cut or padded with zeros.</summary>
    Text,
    /// <summary>The same bytes as another type: an integer as an array, an array as an integer, a struct as bytes.</summary>
    Bytes,
    /// <summary>A tuple element by element.</summary>
    Tuple,
}

internal sealed record BoundConversion(SourceSpan Span, ScriptType Type, BoundConversionKind Kind, BoundExpression Operand) : BoundExpression(Span, Type)
{
    /// <summary>The memory a number is an address in when it was said (<c>uptr(n)</c>); while names are bound only.</summary>
    public AddressSpace Space { get; init; }
}

/// <summary><c>++</c> and <c>--</c>: of a variable or a map's element (integer or pointer; of a map atomically is not asked for).</summary>
/// <param name="Target">A <see cref="BoundLocalRead"/> or <see cref="BoundMapRead"/>.</param>
/// <param name="Delta">What is added: ±1, or the size of what a pointer goes to.</param>
internal sealed record BoundIncrement(SourceSpan Span, BoundExpression Target, long Delta, bool GivesOld) : BoundExpression(Span, Target.Type);

/// <summary><c>&amp;$x</c>, <c>&amp;@m[k]</c>: a pointer into the program's own memory.</summary>
internal sealed record BoundAddressOf(SourceSpan Span, ScriptType Type, BoundExpression Target) : BoundExpression(Span, Type);

internal sealed record BoundFunctionCall(SourceSpan Span, BoundFunction Function, IReadOnlyList<BoundExpression> Arguments) : BoundExpression(Span, Function.ReturnType);

/// <summary>A call of a function in an imported object; the arguments have its parameters' types.</summary>
internal sealed record BoundImportedCall(SourceSpan Span, ImportedFunction Function, IReadOnlyList<BoundExpression> Arguments) : BoundExpression(Span, Function.ReturnType);

/// <summary>What the kernel side can do that no other node says; comments give arguments and result.</summary>
internal enum BoundIntrinsic
{
    // Without arguments: 32 bits unless told otherwise.
    Pid, Tid, PidInNamespace, TidInNamespace, Uid, Gid,
    /// <summary>Nanoseconds, 64 bits, by clock.</summary>
    NsecsMonotonic, NsecsBoot, NsecsTai, NsecsSoftwareTai,
    /// <summary>Nanoseconds since the script began: the generator keeps the beginning in a global.</summary>
    Elapsed,
    Cpu, NumaNode, CpuCount, Random, Jiffies,
    /// <summary>64 bits.</summary>
    CgroupId, CurrentTask,
    /// <summary>string[16].</summary>
    Comm,
    /// <summary>The context as a pointer.</summary>
    Context,
    /// <summary>The instruction pointer of the probe, 64 bits: <c>func</c> as a symbol.</summary>
    FunctionAddress,
    /// <summary>The name of the place by its cookie: NameType.</summary>
    TargetName,
    /// <summary>1 while user code is interrupted.</summary>
    UserMode,
    /// <summary>A register of pt_regs; Number is its offset; 64 bits.</summary>
    Register,
    /// <summary>A stack; the type says which.</summary>
    Stack,
    /// <summary>A stack of user code, walked by tables made of the binaries.</summary>
    UnwoundStack,
    /// <summary>The number of frames of a stack.</summary>
    StackLength,

    // Memory.
    /// <summary>(pointer, most bytes with the zero, which may be more than the type has; 64 bits) → string: of the pointer's space.</summary>
    ReadText,
    /// <summary>(pointer, array or text; bytes, 64 bits, which may be more than the type has) → buffer.</summary>
    ReadBuffer,
    /// <summary>(text) → length, 64 bits.</summary>
    TextLength,
    /// <summary>(text, text) → boolean: equal in the first Number bytes.</summary>
    TextEqual,
    /// <summary>(haystack, needle) → position, 64 bits signed, -1 when it is not in there.</summary>
    TextFind,
    /// <summary>(text, text) → string.</summary>
    TextConcat,
    /// <summary>(array or struct, the same) → 64 bits: 0, or the sign of the difference in the first Number bytes.</summary>
    MemoryCompare,
    /// <summary>(user pointer, value) → 64 bits result of the helper.</summary>
    WriteUser,
    /// <summary>(pointer to struct path, or such a struct in memory; most bytes) → string.</summary>
    Path,

    // Maps.
    /// <summary>(map element) → boolean.</summary>
    HasKey,
    /// <summary>(map element) → boolean: it was there.</summary>
    Delete,
    /// <summary>(map element, local) → boolean; the local gets the value when it is there.</summary>
    Find,
    /// <summary>(map) → elements, 64 bits.</summary>
    MapLength,

    // Values printed in user space.
    /// <summary>(64 bits).</summary>
    KernelSymbol, UserSymbol, UserName, ErrorText,
    /// <summary>(address family, 32 bits; 32-bit number, or 4 or 16 bytes).</summary>
    InetAddress,
    /// <summary>(array of bytes or text, whose first 6 count).</summary>
    MacAddress,
    /// <summary>(nanoseconds, 64 bits; constant clock); Number is the format.</summary>
    Timestamp,
    /// <summary>(control group, 64 bits); Number is the filter.</summary>
    CgroupPath,
    /// <summary>(process, 32 bits) → string: its name, by the kernel's functions for tasks; empty when there is none.</summary>
    CommOf,

    /// <summary>(value) → bytes reversed, of its width.</summary>
    ByteSwap,
    /// <summary>(number of the signal, 32 bits) → 64 bits; Number is 1 for the thread only.</summary>
    Signal,
    /// <summary>(value): bpf_override_return.</summary>
    Override,
    /// <summary>(address constant, cpu or nothing) → the address for that CPU, 64 bits.</summary>
    PerCpuAddress,
    SocketCookie,
    /// <summary>(number) → string, of a table of constants that the binder hands over.</summary>
    TableText,
    /// <summary>(sk_buff; bytes, offset, 64 bits) → 32 bits: a packet for a capture file; Number is the action.</summary>
    PacketOutput,
    /// <summary>(format as a text, up to three numbers and texts): bpf_trace_printk.</summary>
    KernelPrint,
}

/// <summary>Something the program asks or does through the kernel.</summary>
internal sealed record BoundCall(SourceSpan Span, ScriptType Type, BoundIntrinsic Intrinsic, IReadOnlyList<BoundExpression> Arguments) : BoundExpression(Span, Type)
{
    /// <summary>The map of the map intrinsics.</summary>
    public BoundMap? Map { get; init; }

    /// <summary>What find writes to.</summary>
    public BoundLocal? Local { get; init; }

    /// <summary>The texts of <see cref="BoundIntrinsic.TableText"/> by number; what all others are called, by <see cref="long.MinValue"/>.</summary>
    public IReadOnlyDictionary<long, string>? Table { get; init; }

    /// <summary>A number known at compile time, by intrinsic: pt_regs offset, format or filter number, action, n.</summary>
    public long Number { get; init; }
}
