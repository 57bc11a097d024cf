namespace Hornet.Compiler.IR;

/// <summary>
/// Reads a field of a kernel type by name: directly where the verifier knows the pointer's type, with
/// <c>bpf_probe_read_kernel</c> elsewhere. The running kernel's BTF says where the field is and how wide; bitfields too.
/// </summary>
public sealed class KernelLoad : Instruction
{
    /// <summary>Makes a load.</summary>
    /// <param name="pointer">A pointer to a value of the type.</param>
    /// <param name="typeName">The kernel's type: <c>task_struct</c>.</param>
    /// <param name="path">Members and indices inside it: <c>se.avg.load_avg</c>, <c>comm[2]</c>. A pointer ends the path.</param>
    /// <param name="type">The result's type; of a pointer field, a pointer.</param>
    public KernelLoad(Value pointer, string typeName, string path, IrType type) : base(type, pointer)
    {
        TypeName = typeName;
        Path = path;
    }

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>The kernel's name of the type pointed to.</summary>
    public string TypeName { get; }

    /// <summary>The members inside it.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new KernelLoad(operands[0], TypeName, Path, Type);
}

/// <summary>The address of a field of a kernel type, for helpers that read from there.</summary>
public sealed class KernelFieldAddress : Instruction
{
    /// <summary>Makes the address.</summary>
    public KernelFieldAddress(Value pointer, string typeName, string path, IrType type) : base(type, pointer)
    {
        TypeName = typeName;
        Path = path;
    }

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>The kernel's name of the type pointed to.</summary>
    public string TypeName { get; }

    /// <summary>The members inside it.</summary>
    public string Path { get; }

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new KernelFieldAddress(operands[0], TypeName, Path, Type);
}

/// <summary>What can be asked about a kernel type or a field of it.</summary>
public enum KernelFact
{
    /// <summary>1 when the type, or the field, exists.</summary>
    Exists,
    /// <summary>The size in bytes.</summary>
    Size,
    /// <summary>The field's offset in bytes.</summary>
    Offset,
    /// <summary>1 when the field is a signed number.</summary>
    Signed,
    /// <summary>How far left to shift the field, read into 64 bits of zeros, so that it begins at the top; of bitfields, too.</summary>
    LeftShift,
    /// <summary>How far right to shift it then.</summary>
    RightShift,
}

/// <summary>Something about a kernel type or field, known once the kernel is.</summary>
public sealed class KernelQuery : Instruction
{
    /// <summary>Makes the question; an empty path asks about the type itself.</summary>
    public KernelQuery(KernelFact fact, string typeName, string path = "") : base(IrType.I32)
    {
        Fact = fact;
        TypeName = typeName;
        Path = path;
    }

    /// <summary>What is asked.</summary>
    public KernelFact Fact { get; }

    /// <summary>The kernel's name of the type.</summary>
    public string TypeName { get; }

    /// <summary>The members inside it; empty for the type itself.</summary>
    public string Path { get; }

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new KernelQuery(Fact, TypeName, Path);
}

/// <summary>A pointer to so many bytes at an offset of the packet, or null when the packet ends before.</summary>
public sealed class PacketPointer : Instruction
{
    /// <summary>Makes a checked pointer.</summary>
    /// <param name="context">The program's context.</param>
    /// <param name="offset">Bytes from the packet's beginning, 64 bits wide.</param>
    /// <param name="size">Bytes that must be there.</param>
    public PacketPointer(Value context, Value offset, int size) : base(IrType.Pointer(new Region(RegionKind.Packet, size)), context, offset) => Size = size;

    /// <summary>The program's context.</summary>
    public Value Context => OperandAt(0);

    /// <summary>Bytes from the packet's beginning.</summary>
    public Value Offset => OperandAt(1);

    /// <summary>Bytes that must be there.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new PacketPointer(operands[0], operands[1], Size);
}

/// <summary>The number of bytes of the packet that can be reached directly.</summary>
public sealed class PacketLength : Instruction
{
    /// <summary>Makes the length, 64 bits wide.</summary>
    public PacketLength(Value context) : base(IrType.I64, context) { }

    /// <summary>The program's context.</summary>
    public Value Context => OperandAt(0);

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new PacketLength(operands[0]);
}

/// <summary>Which memory is read, and how far.</summary>
public enum ReadMemoryKind
{
    /// <summary>So many bytes of the kernel.</summary>
    Kernel,
    /// <summary>So many bytes of the current process.</summary>
    User,
    /// <summary>A string of the kernel, up to its end or the size.</summary>
    KernelString,
    /// <summary>A string of the current process, up to its end or the size.</summary>
    UserString,
}

/// <summary>
/// Copies memory that cannot be reached directly. The 64-bit result is 0 (for strings, the length with its zero) or a
/// negative error number.
/// </summary>
public sealed class ReadMemory : Instruction
{
    /// <summary>Makes the copy.</summary>
    /// <param name="kind">Which memory.</param>
    /// <param name="destination">Where to: stack, a map's value or a record.</param>
    /// <param name="size">Bytes, 32 or 64 bits wide.</param>
    /// <param name="source">The address, a pointer or a 64-bit number.</param>
    public ReadMemory(ReadMemoryKind kind, Value destination, Value size, Value source) : base(IrType.I64, destination, size, source) => Kind = kind;

    /// <summary>Which memory.</summary>
    public ReadMemoryKind Kind { get; }

    /// <summary>Where to.</summary>
    public Value Destination => OperandAt(0);

    /// <summary>Bytes.</summary>
    public Value Size => OperandAt(1);

    /// <summary>The address.</summary>
    public Value Source => OperandAt(2);

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new ReadMemory(Kind, operands[0], operands[1], operands[2]);
}
