using Hornet.Compiler.IR;

namespace Hornet.Compiler.CodeGen;

/// <summary>What an instruction does with a register operand.</summary>
[Flags]
internal enum Access : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    ReadWrite = Read | Write,
}

/// <summary>
/// An eBPF instruction whose registers are not decided yet. Numbers up to 10 are the machine's registers, larger ones are
/// virtual and stand for a value.
/// </summary>
internal sealed class MachineInstruction(Isa.Instruction form)
{
    public const int NoRegister = -1;

    /// <summary>The first number of a virtual register.</summary>
    public const int FirstVirtual = 16;

    /// <summary>The instruction with everything but its registers, its jump's offset and its place in the frame.</summary>
    public Isa.Instruction Form { get; set; } = form;

    public int Dst { get; set; } = NoRegister;

    public int Src { get; set; } = NoRegister;

    public Access DstAccess { get; init; }

    public Access SrcAccess { get; init; }

    /// <summary>Where a jump goes.</summary>
    public MachineBlock? Target { get; set; }

    /// <summary>The place in the frame that the offset or constant counts from.</summary>
    public FrameObject? Frame { get; set; }

    /// <summary>How many of R1 to R5 a call reads; -1 when it is no call.</summary>
    public int Arguments { get; init; } = -1;

    /// <summary>Whether R0 is read: by the end of a function, by compare-and-exchange.</summary>
    public bool ReadsR0 { get; init; }

    /// <summary>Whether R0 is written beside the destination: by compare-and-exchange.</summary>
    public bool WritesR0 { get; init; }

    public SourceLocation? Location { get; set; }

    public bool IsCall => Arguments >= 0;

    /// <summary>Whether this only copies one register to another, all 64 bits.</summary>
    public bool IsCopy => Form.Opcode == 0xbf && Form.Offset == 0 && Src >= 0;

    public static bool IsVirtual(int register) => register >= FirstVirtual;

    public override string ToString()
    {
        string text = $"{(Form with { Dst = 0, Src = 0 })} [dst {Name(Dst)}, src {Name(Src)}]";
        return Target is null ? text : $"{text} -> {Target.Index}";

        static string Name(int register) => register < 0 ? "-" : IsVirtual(register) ? $"v{register}" : $"r{register}";
    }
}

/// <summary>Machine instructions with one way in; the last ones are the jumps.</summary>
internal sealed class MachineBlock
{
    public int Index { get; set; }

    public List<MachineInstruction> Instructions { get; } = [];

    /// <summary>The blocks it may go to.</summary>
    public List<MachineBlock> Successors { get; } = [];

    /// <summary>How many loops it is in.</summary>
    public int LoopDepth { get; init; }
}

/// <summary>A piece of the frame: where it lies is decided last.</summary>
internal sealed class FrameObject(int size, int align)
{
    public int Size { get; } = size;

    public int Align { get; } = align;

    /// <summary>The offset from R10, negative.</summary>
    public int Offset { get; set; }
}

/// <summary>A function between instruction selection and its final form.</summary>
internal sealed class MachineFunction(IrFunction source)
{
    private int _next = MachineInstruction.FirstVirtual;

    public IrFunction Source { get; } = source;

    /// <summary>In the order of the final code.</summary>
    public List<MachineBlock> Blocks { get; } = [];

    public List<FrameObject> Frame { get; } = [];

    /// <summary>One past the largest virtual register.</summary>
    public int RegisterCount => _next;

    public int NewRegister() => _next++;

    /// <summary>Bytes of stack, a multiple of 8.</summary>
    public int FrameSize { get; set; }
}
