using System.Globalization;
using Hornet.Isa;

namespace Hornet.Btf;

/// <summary>
/// What becomes of one CO-RE relocation: a number for its instruction, or poison when what the program asks for does not
/// exist. Poison is no error by itself: a program that asked first (<c>bpf_core_field_exists</c>) never gets there, and the
/// verifier removes what is never reached.
/// </summary>
public readonly struct CoreFixup
{
    /// <summary>The helper number of a poisoned instruction, as libbpf's: 0xbad2310, "bad relo".</summary>
    public const int PoisonHelper = 0xbad2310;

    private readonly CorePath _path;
    private readonly CoreValue _local;
    private readonly CoreValue? _target;

    internal CoreFixup(CorePath path, CoreValue local, CoreValue? target, BtfType? targetType)
    {
        _path = path;
        _local = local;
        _target = target;
        TargetType = targetType;
    }

    /// <summary>The relocation.</summary>
    public CoreRelocation Relocation => _path.Relocation;

    /// <summary>The number for the instruction; 0 when poisoned.</summary>
    public ulong Value => _target?.Value ?? 0;

    /// <summary>Whether what is asked for does not exist, so that the instruction must never be reached.</summary>
    public bool IsPoisoned => _target is null;

    /// <summary>The type of the target that was chosen; null when there was none.</summary>
    public BtfType? TargetType { get; }

    /// <summary>The relocation as text: <c>&lt;byte_off&gt; [4] struct s.a (0:1 @ offset 1)</c>.</summary>
    public override string ToString() => _path.ToString();

    /// <summary>The instruction with the number in it.</summary>
    /// <param name="instruction">A load, a store, an ALU operation with an immediate, or a 64-bit immediate load.</param>
    /// <returns>The new instruction. When poisoned, it is one slot long: put two in place of a 64-bit load.</returns>
    /// <exception cref="BpfFormatException">The instruction is not of a kind that is relocated, or holds another number than the compiler would have put there.</exception>
    public Instruction Apply(in Instruction instruction)
    {
        if (_target is not { } target) return Poison(instruction, $"CO-RE: {_path} does not exist in the target");
        switch (instruction.Class)
        {
            case InstructionClass.Alu or InstructionClass.Alu64:
                if ((instruction.Opcode & 8) != 0) throw Unexpected("takes a register, not a number");
                if (_local.IsCertain && (int)instruction.Constant != (int)_local.Value) throw Unexpected($"holds {instruction.Constant}", _local.Value);
                if (target.Value > uint.MaxValue && (long)target.Value is < int.MinValue or > int.MaxValue) throw Unexpected($"cannot hold {target.Value}");
                return instruction with { Constant = (int)target.Value };

            case InstructionClass.Ldx or InstructionClass.St or InstructionClass.Stx:
                if (_local.IsCertain && instruction.Offset != (long)_local.Value) throw Unexpected($"has offset {instruction.Offset}", _local.Value);
                if (target.Value > (ulong)short.MaxValue) throw Unexpected($"cannot reach offset {target.Value}");
                if (target.AccessSize == _local.AccessSize) return instruction with { Offset = (short)target.Value };
                if (!CanResize(_local.AccessType, target.AccessType))
                {
                    return Poison(instruction, $"CO-RE: {_path} is {_local.AccessSize} bytes in the program and {target.AccessSize} in the target, " +
                        "and only pointers and unsigned integers can be loaded in another size");
                }
                if (BytesOf(instruction.Size) != _local.AccessSize) throw Unexpected($"accesses {BytesOf(instruction.Size)} bytes", _local.AccessSize);
                MemorySize size = target.AccessSize switch
                {
                    1 => MemorySize.U8,
                    2 => MemorySize.U16,
                    4 => MemorySize.U32,
                    8 => MemorySize.U64,
                    _ => throw Unexpected($"cannot access {target.AccessSize} bytes"),
                };
                return instruction with { Opcode = (byte)((byte)instruction.Mode | (byte)size | (byte)instruction.Class), Offset = (short)target.Value };

            case InstructionClass.Ld when instruction.IsLoadImm64 && instruction.Src == 0 && instruction.Offset == 0:
                long constant = instruction.Constant;
                if (_local.Is32 && (long)_local.Value < 0 && constant == (uint)_local.Value)
                    return instruction with { Constant = target.Is32 ? (uint)target.Value : (long)target.Value };
                if (_local.IsCertain && (ulong)constant != _local.Value) throw Unexpected($"holds {constant}", _local.Value);
                return instruction with { Constant = (long)target.Value };

            default:
                throw Unexpected($"has opcode 0x{instruction.Opcode:x2}, which is never relocated");
        }
    }

    /// <summary>
    /// Applies fixups to a program. Each is found by its byte offset, which is counted from the beginning of the section.
    /// </summary>
    /// <param name="program">The instructions; a poisoned 64-bit load becomes two.</param>
    /// <param name="fixups">What to apply; those outside of the program are left alone.</param>
    /// <param name="start">Where the program begins in the section, in bytes.</param>
    /// <exception cref="BpfFormatException">A fixup does not fit its instruction.</exception>
    public static void ApplyAll(IList<Instruction> program, IEnumerable<CoreFixup> fixups, uint start = 0)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(fixups);
        List<uint> slots = new(program.Count);
        uint slot = 0;
        foreach (var instruction in program)
        {
            slots.Add(slot);
            slot += (uint)instruction.Slots;
        }
        // From the end, so that an instruction that becomes two moves nothing still to come.
        foreach (var fixup in fixups.Where(f => f.Relocation.InstructionOffset >= start).OrderByDescending(f => f.Relocation.InstructionOffset))
        {
            uint offset = fixup.Relocation.InstructionOffset - start;
            if (offset / 8 >= slot) continue;
            int index = offset % 8 == 0 ? slots.BinarySearch(offset / 8) : -1;
            if (index < 0) throw new BpfFormatException($"CO-RE relocation {fixup} is not at an instruction");
            bool wide = program[index].IsLoadImm64;
            Instruction applied = fixup.Apply(program[index]);
            if (wide && !applied.IsLoadImm64)
            {
                // The second half begins no function.
                program.Insert(index + 1, applied with { Metadata = applied.Metadata! with { Symbol = null } });
            }
            program[index] = applied;
        }
    }

    // Only of what one instruction loads does the size count: an address is the same whatever lies there.
    internal bool SameResult(in CoreFixup other) => IsPoisoned == other.IsPoisoned && _target?.Value == other._target?.Value
        && (_target?.AccessSize == other._target?.AccessSize || _target?.AccessSize > 8 || other._target?.AccessSize > 8);

    internal string DescribeResult() => _target is { } target
        ? string.Create(CultureInfo.InvariantCulture, $"{TargetType?.Spec.Name} {TargetType} gives {target.Value}")
        : $"{TargetType?.Spec.Name} {TargetType} has none";

    // Reading a 32-bit kernel's pointer, or an unsigned number of another size: the upper bits are zero either way.
    private static bool CanResize(BtfType local, BtfType target)
    {
        local = local.Resolve();
        target = target.Resolve();
        return (local.Kind == BtfKind.Pointer && target.Kind == BtfKind.Pointer)
            || (local.Kind == BtfKind.Int && target.Kind == BtfKind.Int && !local.IsSigned && !target.IsSigned);
    }

    private static uint BytesOf(MemorySize size) => size switch { MemorySize.U8 => 1, MemorySize.U16 => 2, MemorySize.U32 => 4, _ => 8 };

    private static Instruction Poison(in Instruction instruction, string comment) => new()
    {
        Opcode = 0x85, // call
        Constant = PoisonHelper,
        Metadata = (instruction.Metadata ?? new InstructionMetadata()) with { Comment = comment, Reference = null, ReferenceKind = ReferenceKind.None },
    };

    private BpfFormatException Unexpected(string what, ulong? expected = null) => new(
        $"CO-RE relocation {_path}: the instruction at offset {Relocation.InstructionOffset} {what}" + (expected is { } value ? $" where {value} was expected" : ""));
}
