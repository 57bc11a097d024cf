using System.Runtime.CompilerServices;

namespace Hornet.Isa;

/// <summary>
/// Puts programs together instruction by instruction. Jumps and calls name labels and functions, which may come later;
/// <see cref="Build"/> resolves them.
/// </summary>
/// <example>
/// <code>
/// var program = new Assembler()
///     .Store(R10, -4, 0, MemorySize.U32)
///     .LoadMap(R1, "counts")
///     .Mov(R2, R10).Add(R2, -4)
///     .Call(BpfHelper.MapLookupElem)
///     .JumpIfZero(R0, "out")
///     .Mov(R1, 1)
///     .AtomicAdd(R0, 0, R1)
///     .Label("out")
///     .Mov(R0, 0)
///     .Exit()
///     .Build();
/// </code>
/// </example>
/// <remarks>
/// Every method returns the assembler. A mistake throws <see cref="BpfFormatException"/> at the call that makes it: a write
/// to R10, a constant or offset that does not fit, an instruction above <see cref="Level"/>. Not safe for several threads.
/// </remarks>
public sealed partial class Assembler
{
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _functions = new(StringComparer.Ordinal);
    private SourceLine? _source;

    /// <summary>Makes an empty assembler that refuses instructions above a generation of the instruction set.</summary>
    public Assembler(IsaLevel level = IsaLevel.V4) => Level = level;

    /// <summary>The highest generation of instructions that may be used.</summary>
    public IsaLevel Level { get; }

    /// <summary>How many instructions there are so far.</summary>
    public int Count => _instructions.Count;

    /// <summary>Appends an instruction. Its reference, if it has one of kind label or function, is resolved by <see cref="Build"/>.</summary>
    /// <exception cref="BpfFormatException">It is no well-formed instruction, or above <see cref="Level"/>.</exception>
    public Assembler Emit(in Instruction instruction)
    {
        if (InstructionRules.Defect(instruction) is { } defect) throw Error($"'{instruction}': {defect}");
        if (instruction.Level > Level) throw Error($"'{instruction}' needs ISA {instruction.Level.ToString().ToLowerInvariant()}, the assembler is limited to {Level.ToString().ToLowerInvariant()}");
        _instructions.Add(_source is null || instruction.Metadata?.Source is not null ? instruction : instruction.WithSource(_source));
        return this;
    }

    /// <summary>Appends instructions as they are.</summary>
    public Assembler Emit(IEnumerable<Instruction> instructions)
    {
        foreach (var instruction in instructions) Emit(instruction);
        return this;
    }

    /// <summary>Appends what has been encoded already, reserved fields and all.</summary>
    internal void EmitRaw(in Instruction instruction) => _instructions.Add(instruction);

    /// <summary>Names the place of the next instruction, for jumps.</summary>
    /// <exception cref="BpfFormatException">The name is taken or empty.</exception>
    public Assembler Label(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw Error("a label needs a name");
        if (!_labels.TryAdd(name, _instructions.Count)) throw Error($"the label '{name}' is defined twice");
        return this;
    }

    /// <summary>Begins a function at the next instruction. Its name stays with the instruction as <see cref="Instruction.Symbol"/>.</summary>
    /// <exception cref="BpfFormatException">The name is taken or empty.</exception>
    public Assembler Function(string name)
    {
        Label(name);
        _functions.Add(name);
        return this;
    }

    /// <summary>The instructions that follow come from this place in the source; null for none.</summary>
    public Assembler Source(SourceLine? line)
    {
        _source = line;
        return this;
    }

    /// <summary>The instructions that follow come from the caller's own line.</summary>
    public Assembler Here(string text = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Source(new SourceLine(file, line, 0, text));

    /// <summary>Resolves labels and functions and returns the program. The assembler can be used on.</summary>
    /// <remarks>
    /// A jump that does not reach in 16 bits becomes a long jump, or a pair of jumps around one. References to functions
    /// stay in the metadata beside the resolved distance; references to labels do not.
    /// </remarks>
    /// <exception cref="BpfFormatException">
    /// A name is not defined, a label stands after the last instruction, a function is not one, or a distance does not fit.
    /// </exception>
    public Instruction[] Build() => new LabelResolver(_instructions, _labels, _functions, Level).Resolve();

    private static BpfFormatException Error(string message) => new("assembler: " + message);

    private static short CheckOffset(int offset) =>
        offset == (short)offset ? (short)offset : throw Error($"the offset {offset} does not fit in 16 bits");

    // A 64-bit operation sign-extends its 32-bit constant; a 32-bit one only sees the bits, so 0xffffffff is welcome there.
    private static int CheckConstant(long constant, bool is32) =>
        constant == (int)constant || (is32 && constant == (uint)constant)
            ? (int)constant
            : throw Error($"the constant {constant} does not fit in 32 bits{(is32 ? "" : "; load it with LoadImm64 first")}");
}
