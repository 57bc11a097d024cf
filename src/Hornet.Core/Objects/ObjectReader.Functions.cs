using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    private readonly Dictionary<string, BpfFunction> _functions = [];
    private readonly Dictionary<int, List<BpfFunction>> _functionsOf = [];
    private readonly Dictionary<uint, string> _fileNames = [];

    /// <summary>A function of the file: where it is, and once read its instructions.</summary>
    private sealed class BpfFunction(string name, ElfSymbol symbol, ElfSection section, ulong end)
    {
        /// <summary>Unique in the object, which the symbol's need not be.</summary>
        public string Name => name;
        public ElfSymbol Symbol => symbol;
        public ElfSection Section => section;
        public ulong Start => symbol.Value;
        public ulong End => end;
        public Instruction[] Instructions { get; set; } = [];
        public bool IsReferenced { get; set; }
    }

    private static bool IsCode(ElfSection section) =>
        section is { Type: ElfSectionType.ProgramBits, Size: > 0 } && (section.Flags & ElfSectionFlags.Execute) != 0;

    private void ReadFunctions()
    {
        // First all names, since code refers to functions in sections that come later.
        foreach (var section in _elf.Sections)
        {
            if (IsCode(section)) _functionsOf.Add(section.Index, FindFunctions(section));
        }
        foreach (var section in _elf.Sections)
        {
            if (IsCode(section)) ReadSection(section);
        }
    }

    private List<BpfFunction> FindFunctions(ElfSection section)
    {
        if (section.Size % InstructionCodec.SlotSize != 0) throw Broken($"the code section '{section.Name}' has {section.Size} bytes, no multiple of 8");
        var symbols = SymbolsOf(section);
        var named = symbols.Where(s => s.Type == ElfSymbolType.Function).ToList();
        // Before LLVM 7 functions had no type; labels are local.
        if (named.Count == 0) named = [.. symbols.Where(s => s.Type == ElfSymbolType.None && s.Binding != ElfSymbolBinding.Local)];
        if (named.Count == 0) named = [new ElfSymbol { Name = section.Name.Replace('/', '_'), Type = ElfSymbolType.Function, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)section.Index }];
        List<BpfFunction> functions = [];
        for (int i = 0; i < named.Count; i++)
        {
            var symbol = named[i];
            if (symbol.Value % InstructionCodec.SlotSize != 0) throw Broken($"the function '{symbol.Name}' begins at {symbol.Value}, no multiple of 8");
            if (i > 0 && named[i - 1].Value == symbol.Value)
            {
                if (functions[^1].Symbol.Binding != ElfSymbolBinding.Local || symbol.Binding == ElfSymbolBinding.Local)
                {
                    _remarks.Add($"the function '{symbol.Name}' is another name of '{functions[^1].Name}'");
                    continue;
                }
                _functions.Remove(functions[^1].Name);
                functions.RemoveAt(functions.Count - 1);
            }
            // What a linker dropped leaves a gap that belongs to no function; then the size tells.
            ulong next = named.Skip(i + 1).Select(s => (ulong?)s.Value).FirstOrDefault(v => v > symbol.Value) ?? section.Size;
            ulong end = symbol.Size > 0 && symbol.Size < next - symbol.Value ? symbol.Value + symbol.Size : next;
            if (end > section.Size || symbol.Value >= end) throw Broken($"the function '{symbol.Name}' is outside its section '{section.Name}'");
            if (end % InstructionCodec.SlotSize != 0) throw Broken($"the function '{symbol.Name}' has {end - symbol.Value} bytes, no multiple of 8");
            string name = symbol.Name;
            for (int n = 1; _functions.ContainsKey(name); n++) name = $"{symbol.Name}.{n}";
            BpfFunction function = new(name, symbol, section, end);
            _functions.Add(name, function);
            _object.Functions[name] = new FunctionTraits(section.Name, symbol.Binding, symbol.Visibility, symbol.Name);
            functions.Add(function);
        }
        return functions;
    }

    private void ReadSection(ElfSection section)
    {
        var code = _elf.Read(section).Span;
        var records = _ext.Find(section.Name);
        Dictionary<ulong, ElfRelocation> relocations = [];
        foreach (var relocation in _elf.Relocations(section)) relocations[relocation.Offset] = relocation;
        Dictionary<ulong, uint> functionTypes = [];
        Dictionary<ulong, BtfLineInfo> lines = [];
        Dictionary<ulong, CoreRelocation> core = [];
        if (records is not null)
        {
            foreach (var info in records.Functions) functionTypes[info.InstructionOffset] = info.TypeId;
            foreach (var info in records.Lines) lines[info.InstructionOffset] = info;
            foreach (var info in records.Relocations) core[info.InstructionOffset] = info;
        }
        foreach (var function in _functionsOf[section.Index])
        {
            var instructions = Decode(function, code[(int)function.Start..(int)function.End]);
            ulong offset = function.Start;
            for (int i = 0; i < instructions.Length; i++)
            {
                ref var instruction = ref instructions[i];
                int slots = instruction.Slots;
                if (relocations.TryGetValue(offset, out var relocation)) instruction = Relocate(function, instruction, offset, relocation);
                else if (instruction.IsFunctionCall) instruction = ReferToFunction(instruction, section.Index, offset + 8 + (ulong)(instruction.Constant * 8), function);

                InstructionOrigin? origin = null;
                SourceLine? source = null;
                if (lines.TryGetValue(offset, out var line))
                {
                    origin = new InstructionOrigin { Line = line };
                    source = new SourceLine(FileName(line.FileNameOffset), (int)line.Line, (int)line.Column, _btf!.GetString(line.TextOffset));
                }
                if (core.TryGetValue(offset, out var relocate)) origin = (origin ?? new()) with { Relocation = relocate };
                if (i == 0 && functionTypes.TryGetValue(offset, out uint type)) origin = (origin ?? new()) with { FunctionTypeId = type };
                if (origin is not null || i == 0)
                {
                    instruction = instruction with
                    {
                        Metadata = (instruction.Metadata ?? s_none) with { Symbol = i == 0 ? function.Name : null, Source = source, Tag = origin },
                    };
                }
                offset += (ulong)slots * 8;
            }
            function.Instructions = instructions;
            NameJumpTargets(function);
        }
    }

    private Instruction[] Decode(BpfFunction function, ReadOnlySpan<byte> code)
    {
        try
        {
            return InstructionCodec.Decode(code, !_elf.IsLittleEndian);
        }
        catch (BpfFormatException e)
        {
            throw new BpfFormatException($"{_name}: the function '{function.Name}': {e.Message}", e);
        }
    }

    private static readonly InstructionMetadata s_none = new();

    private string FileName(uint offset)
    {
        if (!_fileNames.TryGetValue(offset, out string? name)) _fileNames.Add(offset, name = _btf!.GetString(offset));
        return name;
    }

    private BpfFunction? FunctionAt(int section, ulong offset)
    {
        if (!_functionsOf.TryGetValue(section, out var functions)) return null;
        foreach (var function in functions)
        {
            if (function.Start == offset) return function;
        }
        return null;
    }

    private Instruction ReferToFunction(Instruction instruction, int section, ulong target, BpfFunction from)
    {
        var function = FunctionAt(section, target)
            ?? throw Broken($"the function '{from.Name}' refers to byte {(long)target} of the section '{_elf.Sections[section].Name}', where no function begins");
        function.IsReferenced = true;
        return instruction.IsCall
            ? (instruction with { Src = (Register)CallKind.Function, Constant = 0 }).WithReference(function.Name, ReferenceKind.Function)
            : (instruction with { Src = (Register)PseudoSource.Function, Constant = 0 }).WithReference(function.Name, ReferenceKind.Function);
    }

    private Instruction Relocate(BpfFunction function, Instruction instruction, ulong offset, ElfRelocation relocation)
    {
        var symbol = _elf.Symbols[relocation.SymbolIndex];
        bool isCall = instruction.IsCall;
        if (!isCall && !instruction.IsLoadImm64)
            throw Broken($"the function '{function.Name}' has a relocation to '{symbol.Name}' at byte {offset}, where neither an address is loaded nor a function called");

        if (symbol.IsUndefined)
        {
            var external = _externs.GetValueOrDefault(symbol.Index) ?? (_object.Externs.TryGet(symbol.Name, out var named) ? named : null)
                ?? throw Broken($"the function '{function.Name}' refers to a symbol without a name");
            if (isCall) return (instruction with { Src = (Register)CallKind.KernelFunction, Constant = 0, Offset = 0 }).WithReference(external.Name, ReferenceKind.KernelFunction);
            if (external.Kind != ExternKind.Kconfig) return (instruction with { Src = 0, Constant = 0 }).WithReference(external.Name, ReferenceKind.KernelSymbol);
            long place = external.Offset + (relocation.Addend ?? (int)instruction.Constant);
            return (instruction with { Src = (Register)PseudoSource.MapValue, Constant = place << 32 }).WithReference(KconfigMap, ReferenceKind.MapValue);
        }
        if (!symbol.IsInSection || symbol.SectionIndex >= (uint)_elf.Sections.Count)
        {
            throw Broken(symbol.SectionIndex == ElfSymbol.CommonSection
                ? $"'{symbol.Name}' is a tentative definition in no section. Compile with -fno-common, or initialise it"
                : $"the function '{function.Name}' refers to '{symbol.Name}', which is in no section");
        }

        var section = _elf.Sections[(int)symbol.SectionIndex];
        if (IsCode(section))
        {
            // A call counts in slots from its end; an address in bytes.
            long addend = relocation.Addend ?? (isCall ? (instruction.Constant + 1) * 8 : (int)instruction.Constant);
            return ReferToFunction(instruction, section.Index, symbol.Value + (ulong)addend, function);
        }
        if (isCall) throw Broken($"the function '{function.Name}' calls '{symbol.Name}', which is no function");

        if (section.Name == JumpTableSection) return ReferToJumpTable(function, instruction, symbol, section);

        ulong at = symbol.Value + (ulong)(relocation.Addend ?? (int)instruction.Constant);
        if (_mapAt.TryGetValue((section.Index, at), out var map))
            return (instruction with { Src = (Register)PseudoSource.MapFd, Constant = 0 }).WithReference(map.Name, ReferenceKind.Map);
        if (section.Name == ".maps" || section.Name == "maps" || section.Name.StartsWith("maps/", StringComparison.Ordinal))
            throw Broken($"the function '{function.Name}' refers to byte {at} of the section '{section.Name}', where no map is defined");

        string name;
        if (section.Index == _arenaSection)
        {
            name = _object.Arena!.Map;
        }
        else
        {
            if (!_dataMaps.TryGetValue(section.Index, out var data))
            {
                bool isData = section.Type is ElfSectionType.ProgramBits or ElfSectionType.NoBits && (section.Flags & ElfSectionFlags.Allocate) != 0 && section.Size > 0;
                if (!isData) throw Broken($"the function '{function.Name}' refers to '{symbol.Name}' in the section '{section.Name}', which holds no data of a program");
                data = AddDataMap(section);
            }
            name = data.Name;
        }
        // Compilers may fold a negative index into the address and add the difference back at run time.
        return (instruction with { Src = (Register)PseudoSource.MapValue, Constant = (long)((at & uint.MaxValue) << 32) }).WithReference(name, ReferenceKind.MapValue);
    }
}
