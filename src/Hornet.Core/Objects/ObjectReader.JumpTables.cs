using System.Buffers.Binary;
using Hornet.Elf;
using Hornet.Isa;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    /// <summary>
    /// Where LLVM (22 and later) puts the targets of indirect jumps: 8 bytes each, counted from the beginning of the
    /// function's section. A table's symbol says where it begins and ends.
    /// </summary>
    internal const string JumpTableSection = ".jumptables";

    /// <summary>No compiler makes that many; overlapping tables in a hostile file could.</summary>
    private const int MaximumJumpTargets = 1 << 20;

    private int _jumpTargets;

    /// <summary>The load of a table's address. The targets get names when the function has been read.</summary>
    private Instruction ReferToJumpTable(BpfFunction function, Instruction instruction, ElfSymbol symbol, ElfSection section)
    {
        var bytes = _elf.Read(section).Span;
        if (symbol.Value % 8 != 0 || symbol.Size % 8 != 0 || symbol.Size == 0 || symbol.Value > (ulong)bytes.Length || symbol.Size > (ulong)bytes.Length - symbol.Value)
            throw Broken($"the jump table '{symbol.Name}' ({symbol.Size} bytes at {symbol.Value}) is no list of 8-byte numbers in its section");
        var table = bytes.Slice((int)symbol.Value, (int)symbol.Size);
        if ((_jumpTargets += table.Length / 8) > MaximumJumpTargets) throw Broken($"its jump tables have more than {MaximumJumpTargets} targets");
        string[] targets = new string[table.Length / 8];
        for (int i = 0; i < targets.Length; i++)
        {
            ulong at = _elf.IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(table[(i * 8)..]) : BinaryPrimitives.ReadUInt64BigEndian(table[(i * 8)..]);
            if (at < function.Start || at >= function.End || at % InstructionCodec.SlotSize != 0)
                throw Broken($"the jump table '{symbol.Name}' leads to byte {at} of the section '{function.Section.Name}', which is no instruction of '{function.Name}'");
            targets[i] = JumpTarget(function, at);
        }
        return instruction with
        {
            Src = (Register)PseudoSource.MapValue,
            Constant = 0,
            Metadata = (instruction.Metadata ?? s_none) with { Reference = symbol.Name, ReferenceKind = ReferenceKind.JumpTable, Targets = targets },
        };
    }

    private static string JumpTarget(BpfFunction function, ulong at) => at == function.Start ? function.Name : $"{function.Name}+{(at - function.Start) / 8}";

    private void NameJumpTargets(BpfFunction function)
    {
        HashSet<string> wanted = [];
        foreach (var instruction in function.Instructions)
        {
            if (instruction.Metadata is { ReferenceKind: ReferenceKind.JumpTable, Targets: { } targets }) wanted.UnionWith(targets);
        }
        if (wanted.Count == 0) return;
        ulong at = function.Start;
        foreach (ref var instruction in function.Instructions.AsSpan())
        {
            string name = JumpTarget(function, at);
            if (wanted.Remove(name)) instruction = instruction.WithSymbol(name);
            at += (ulong)instruction.Slots * 8;
        }
        if (wanted.Count > 0) throw Broken($"a jump table of '{function.Name}' leads into the middle of an instruction ('{wanted.First()}')");
    }
}
