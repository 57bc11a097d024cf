using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectWriter
{
    private const string Text = ".text";

    /// <summary>Functions in the order they are written.</summary>
    private readonly List<Function> _functions = [];

    private readonly Dictionary<string, ulong> _textOffsets = [];
    private readonly List<BtfExtSection> _records = [];

    private sealed class Function(string name, string section, ElfSymbolBinding binding, ElfSymbolVisibility visibility, List<Instruction> code, Dictionary<string, string> names)
    {
        public string Name => name;
        public string Section => section;
        public ElfSymbolBinding Binding => binding;
        public ElfSymbolVisibility Visibility => visibility;
        public List<Instruction> Code => code;

        /// <summary>What a function this one refers to is called in the file.</summary>
        public string NameOf(string function) => names.GetValueOrDefault(function, function);
    }

    private void CollectFunctions()
    {
        Dictionary<string, Function> written = [];
        // A program may be called by others under the name of its function.
        Dictionary<string, string> programOf = [];
        foreach (var program in _object.Programs)
        {
            if (program.Instructions is [{ Metadata.Symbol: { } name }, ..]) programOf.TryAdd(name, program.Name);
        }
        foreach (var program in _object.Programs)
        {
            if (program.Instructions.Count == 0) throw new BpfException($"write {_object.Name}: program '{program.Name}' has no instructions");
            var parts = Split(program);
            Dictionary<string, string> names = new(programOf);
            // A function edited in one program only is another function, and so are then all that come with it.
            bool edited = parts.Skip(1).Any(p => !programOf.ContainsKey(p.Name) && written.TryGetValue(p.Name, out var other) && !p.Code.SequenceEqual(other.Code));
            foreach (var (name, code) in parts.Skip(1))
            {
                if (programOf.ContainsKey(name)) continue;
                string unique = name;
                for (int n = 1; edited && written.ContainsKey(unique); n++) unique = $"{name}.{n}";
                names[name] = unique;
            }
            string section = (program.AutoLoad ? "" : "?") + program.SectionName;
            if (program.SectionName.Length == 0) throw new BpfException($"write {_object.Name}: program '{program.Name}' has no section name, which says what kind of program it is");
            var main = _object.Functions.GetValueOrDefault(parts[0].Name);
            Function function = new(program.Name, section, main?.Binding == ElfSymbolBinding.Weak ? ElfSymbolBinding.Weak : ElfSymbolBinding.Global, main?.Visibility ?? 0, parts[0].Code, names);
            _functions.Add(function);
            RenameType(parts[0].Code[0], program.Name);
            foreach (var (name, code) in parts.Skip(1))
            {
                if (programOf.ContainsKey(name) || written.ContainsKey(names[name])) continue;
                var traits = _object.Functions.GetValueOrDefault(name);
                // Loaders look for functions that are no programs in .text only.
                Function part = new(names[name], Text, names[name] == name ? traits?.Binding ?? ElfSymbolBinding.Local : ElfSymbolBinding.Local, traits?.Visibility ?? 0, code, names);
                written.Add(part.Name, part);
                _functions.Add(part);
            }
        }
    }

    private static List<(string Name, List<Instruction> Code)> Split(ProgramSpec program)
    {
        HashSet<string> called = [];
        foreach (var instruction in program.Instructions)
        {
            if (instruction.Metadata is { ReferenceKind: ReferenceKind.Function, Reference: { } name }) called.Add(name);
        }
        List<(string Name, List<Instruction> Code)> parts = [(program.Instructions[0].Symbol ?? program.Name, [])];
        for (int i = 0; i < program.Instructions.Count; i++)
        {
            var instruction = program.Instructions[i];
            // An exception callback is called by nobody; its type says that it is a function.
            if (i > 0 && instruction.Symbol is { } symbol && (called.Contains(symbol) || instruction.Metadata!.Tag is InstructionOrigin { FunctionTypeId: > 0 })) parts.Add((symbol, []));
            parts[^1].Code.Add(instruction);
        }
        return parts;
    }

    private void RenameType(Instruction first, string name)
    {
        if (_btf is not null && first.Metadata?.Tag is InstructionOrigin { FunctionTypeId: > 0 and var id } && _object.Btf!.TryGetType(id, out var type) && type.Kind == BtfKind.Function && type.Name != name)
            _btf.SetName(id, name);
    }

    private void WriteCode()
    {
        List<(Function Function, int Section, ulong Offset)> placed = [];
        ulong end = 0;
        foreach (var function in _functions.Where(f => f.Section == Text))
        {
            _textOffsets.Add(function.Name, end);
            end += (ulong)function.Code.Sum(i => i.Slots) * 8;
        }
        foreach (var group in _functions.GroupBy(f => f.Section).OrderBy(g => g.Key == Text ? 0 : 1))
        {
            List<Instruction> code = [];
            List<(Function Function, ulong Offset)> offsets = [];
            ulong offset = 0;
            foreach (var function in group)
            {
                offsets.Add((function, offset));
                foreach (var instruction in ResolveLabels(function))
                {
                    code.Add(Unresolve(function, instruction));
                    offset += (ulong)instruction.Slots * 8;
                }
            }
            int section = AddSection(group.Key, ElfSectionFlags.Allocate | ElfSectionFlags.Execute, InstructionCodec.Encode(code, !_object.IsLittleEndian));
            if (group.Key == Text) AddSymbol('s', Text, new ElfSymbol { Name = Text, Type = ElfSymbolType.Section, SectionIndex = (uint)section });
            foreach (var (function, start) in offsets)
            {
                placed.Add((function, section, start));
                AddSymbol('f', function.Name, new ElfSymbol
                {
                    Name = function.Name,
                    Value = start,
                    Size = (ulong)function.Code.Sum(i => i.Slots) * 8,
                    Type = ElfSymbolType.Function,
                    Binding = function.Binding,
                    Visibility = function.Visibility,
                    SectionIndex = (uint)section,
                });
            }
            AddRecords(group.Key, offsets);
        }
        WriteJumpTables(placed);
        foreach (var (function, section, start) in placed) RelocateCode(function, section, start);
    }

    /// <summary>Jumps to labels as distances, which is all an object file has.</summary>
    private static IEnumerable<Instruction> ResolveLabels(Function function)
    {
        Dictionary<string, int> labels = [];
        int slot = 0;
        foreach (var instruction in function.Code)
        {
            if (instruction.Symbol is { } symbol) labels.TryAdd(symbol, slot);
            slot += instruction.Slots;
        }
        slot = 0;
        foreach (var instruction in function.Code)
        {
            slot += instruction.Slots;
            if (instruction.Metadata is not { ReferenceKind: ReferenceKind.Label, Reference: { } label })
            {
                yield return instruction;
                continue;
            }
            if (!labels.TryGetValue(label, out int target)) throw new BpfException($"the function '{function.Name}' jumps to '{label}', which it does not define");
            int distance = target - slot;
            if (instruction.IsLongJump) yield return instruction with { Constant = distance };
            else if (distance is >= short.MinValue and <= short.MaxValue) yield return instruction with { Offset = (short)distance };
            else throw new BpfException($"the function '{function.Name}' jumps {distance} slots to '{label}', more than 16 bits hold");
        }
    }

    /// <summary>The instruction as a compiler leaves it to the linker.</summary>
    private Instruction Unresolve(Function function, Instruction instruction) => instruction.Metadata?.ReferenceKind switch
    {
        ReferenceKind.Function or ReferenceKind.KernelFunction when instruction.IsCall => instruction with { Src = (Register)CallKind.Function, Constant = -1, Offset = 0 },
        ReferenceKind.Function when _textOffsets.TryGetValue(function.NameOf(instruction.Reference!), out ulong offset) => instruction with { Src = 0, Constant = (long)offset },
        ReferenceKind.MapValue => instruction with { Src = 0, Constant = KconfigAt(instruction) is { } external ? (long)((ulong)instruction.Constant >> 32) - external.Offset : (int)((ulong)instruction.Constant >> 32) },
        ReferenceKind.Function or ReferenceKind.KernelFunction or ReferenceKind.KernelSymbol or ReferenceKind.Map or ReferenceKind.JumpTable => instruction with { Src = 0, Constant = 0 },
        _ => instruction,
    };

    private ExternSymbol? KconfigAt(Instruction instruction)
    {
        if (instruction.Reference != ObjectReader.KconfigMap) return null;
        ulong offset = (ulong)instruction.Constant >> 32;
        return _object.Externs.FirstOrDefault(e => e.Kind == ExternKind.Kconfig && offset >= e.Offset && offset < e.Offset + e.Size);
    }

    private void RelocateCode(Function function, int section, ulong offset)
    {
        foreach (var instruction in function.Code)
        {
            if (instruction.Metadata is { Reference: { } name } metadata)
            {
                uint type = instruction.IsCall ? Call32 : Load64;
                switch (metadata.ReferenceKind)
                {
                    case ReferenceKind.Function when !instruction.IsCall && _textOffsets.ContainsKey(function.NameOf(name)):
                        // The address of a function is its section's and the offset in it: other loaders take global symbols for data.
                        Relocate(section, offset, type, 's', Text);
                        break;
                    case ReferenceKind.Function:
                        Relocate(section, offset, type, 'f', function.NameOf(name));
                        break;
                    case ReferenceKind.Map:
                        Relocate(section, offset, type, 'm', name);
                        break;
                    case ReferenceKind.MapValue when KconfigAt(instruction) is { } external:
                        Relocate(section, offset, type, 'x', external.Name);
                        break;
                    case ReferenceKind.MapValue:
                        Relocate(section, offset, type, 's', _object.Arena?.Map == name ? ".addr_space.1" : name);
                        break;
                    case ReferenceKind.JumpTable:
                        Relocate(section, offset, type, 'j', JumpTableKey(function, offset));
                        break;
                    case ReferenceKind.KernelSymbol or ReferenceKind.KernelFunction:
                        Relocate(section, offset, type, 'x', name);
                        break;
                }
            }
            offset += (ulong)instruction.Slots * 8;
        }
    }

    private void AddRecords(string section, List<(Function Function, ulong Offset)> functions)
    {
        if (_object.Btf is null) return;
        List<BtfFunctionInfo> types = [];
        List<BtfLineInfo> lines = [];
        List<CoreRelocation> relocations = [];
        foreach (var (function, start) in functions)
        {
            uint offset = (uint)start;
            foreach (var instruction in function.Code)
            {
                if (instruction.Metadata?.Tag is InstructionOrigin origin)
                {
                    if (origin.FunctionTypeId != 0) types.Add(new BtfFunctionInfo(offset, origin.FunctionTypeId));
                    if (origin.Line is { } line) lines.Add(line with { InstructionOffset = offset });
                    if (origin.Relocation is { } relocation) relocations.Add(relocation with { InstructionOffset = offset });
                }
                offset += (uint)instruction.Slots * 8;
            }
        }
        if (types.Count + lines.Count + relocations.Count > 0) _records.Add(new BtfExtSection(section, types, lines, relocations));
    }

    private void WriteTypes()
    {
        if (_btf is null) return;
        foreach (var section in _object.Btf?.OwnTypes.Where(t => t is { Kind: BtfKind.DataSection, Size: 0 }) ?? [])
        {
            // Loaders look up sections without a size in the file; one that was dropped with its map must not be missed.
            if (!_written.Contains(section.Name) && _btf.KindOf(section.Id) == BtfKind.DataSection) _btf.SetSize(section.Id, Math.Max(4, section.Variables.Aggregate(0u, (size, v) => Math.Max(size, v.Offset + v.Size))));
        }
        byte[]? ext = _records.Count > 0 ? BtfExt.Write(_records, _object.Btf!, _btf, !_object.IsLittleEndian) : null;
        AddSection(".BTF", 0, _btf.ToArray(!_object.IsLittleEndian), alignment: 4);
        if (ext is not null) AddSection(".BTF.ext", 0, ext, alignment: 4);
    }
}
