using Hornet.Elf;
using Hornet.Isa;

namespace Hornet.Objects;

internal sealed partial class ObjectWriter
{
    /// <summary>The tables of indirect jumps, in LLVM's form: a section of their own, and a symbol for each.</summary>
    private void WriteJumpTables(List<(Function Function, int Section, ulong Offset)> placed)
    {
        List<byte> contents = [];
        List<(string Key, ulong Start)> tables = [];
        foreach (var (function, _, start) in placed)
        {
            Dictionary<string, ulong> places = [];
            ulong offset = start;
            foreach (var instruction in function.Code)
            {
                if (instruction.Symbol is { } symbol) places.TryAdd(symbol, offset);
                offset += (ulong)instruction.Slots * 8;
            }
            offset = start;
            foreach (var instruction in function.Code)
            {
                if (instruction.Metadata is { ReferenceKind: ReferenceKind.JumpTable, Targets: { } targets })
                {
                    tables.Add((JumpTableKey(function, offset), (ulong)contents.Count));
                    foreach (string target in targets)
                    {
                        if (!places.TryGetValue(target, out ulong place)) throw new BpfException($"write {_object.Name}: a jump table of '{function.Name}' leads to '{target}', which it does not define");
                        contents.AddRange(_object.IsLittleEndian ? Bytes((uint)place, 0) : Bytes(0, (uint)place));
                    }
                }
                offset += (ulong)instruction.Slots * 8;
            }
        }
        if (tables.Count == 0) return;
        int section = AddSection(ObjectReader.JumpTableSection, ElfSectionFlags.Allocate, contents.ToArray());
        for (int i = 0; i < tables.Count; i++)
        {
            ulong end = i + 1 < tables.Count ? tables[i + 1].Start : (ulong)contents.Count;
            AddSymbol('j', tables[i].Key, new ElfSymbol { Name = $"BPF.JT.{i}", Value = tables[i].Start, Size = end - tables[i].Start, Type = ElfSymbolType.Object, SectionIndex = (uint)section });
        }
    }

    private static string JumpTableKey(Function function, ulong offset) => $"{function.Section}/{function.Name}@{offset}";
}
