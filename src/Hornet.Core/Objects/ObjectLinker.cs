using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Objects;

/// <summary>
/// Adds an object to another, as a static linker does: types, maps, variables, externs and programs come over, what one of them only
/// declares and the other defines is found there, and every program gets the functions it calls.
/// </summary>
internal sealed class ObjectLinker
{
    private readonly BpfObject _into, _from;
    private readonly BtfBuilder _types;
    private readonly uint _shift;
    private readonly Dictionary<string, string> _maps = [], _functions = [];
    private readonly Dictionary<uint, uint> _strings = [];
    private readonly Dictionary<string, ExternSymbol> _kconfig = [];
    private uint _kconfigTypes;

    private ObjectLinker(BpfObject into, BpfObject from)
    {
        (_into, _from) = (into, from);
        _types = into.Btf is { } types ? BtfBuilder.CopyOf(types) : new BtfBuilder();
        _shift = from.Btf is { } added ? _types.AddAll(added) : 0;
    }

    public static void Link(BpfObject into, BpfObject from, bool hidesFunctions)
    {
        if (into.IsLittleEndian != from.IsLittleEndian) throw new BpfException($"link {from.Name}: it is for machines of the other byte order than {into.Name}");
        if (into.Arena is not null && from.Arena is not null) throw new BpfException($"link {from.Name}: both it and {into.Name} have an arena, and a program can have one only");
        if (into.SharedTypes is not null) throw new BpfException($"link {from.Name}: the programs of {into.Name} are loaded with the types of a map that is loaded already, to which none can be added");
        ObjectLinker linker = new(into, from);
        linker.NameMaps();
        linker.NameFunctions();
        linker.AddExterns();
        linker._kconfigTypes = linker.JoinSections(ObjectReader.KconfigMap);
        linker.JoinSections(".ksyms");
        linker.AddMaps();
        linker.AddFunctions(hidesFunctions);
        if (from.Btf is not null) into.Btf = linker._types.Build(into.Btf?.Name ?? into.Name);
        Resolve(into);
    }

    // ── Names ───────────────────────────────────────────────────────────────────────────────────────────────

    // Sections of data are each file's own; what has a name of its own is meant by it.
    private void NameMaps()
    {
        foreach (var map in _from.Maps)
        {
            string name = map.Name;
            if (_into.Maps.Contains(name) && name != ObjectReader.KconfigMap)
            {
                if (name[0] != '.') throw new BpfException($"link {_from.Name}: there is a map named '{name}' already. Give one of the two another name");
                for (int i = 0; _into.Maps.Contains(name) || _from.Maps.Contains(name); i++) name = i == 0 ? $"{map.Name}.{_from.Name}" : $"{map.Name}.{_from.Name}_{i}";
            }
            _maps.Add(map.Name, name);
        }
    }

    private void NameFunctions()
    {
        HashSet<string> taken = [.. _into.Library.Keys, .. _into.Functions.Keys];
        foreach (var program in _into.Programs) taken.UnionWith(program.Instructions.Select(i => i.Metadata?.Symbol).OfType<string>());
        foreach (string function in _from.Library.Keys.Concat(_from.Programs.Select(p => p.Name)).Concat(_from.Functions.Keys).Distinct())
        {
            string name = function;
            if (taken.Contains(name))
            {
                if (IsGlobal(_from, name) && IsGlobal(_into, name)) throw new BpfException($"link {_from.Name}: there is a function named '{name}' already. Make one of them static");
                for (int i = 1; taken.Contains(name); i++) name = $"{function}.{i}";
            }
            taken.Add(name);
            _functions.Add(function, name);
        }
    }

    private static bool IsGlobal(BpfObject from, string function) => from.Functions.TryGetValue(function, out var traits) && traits.Binding == ElfSymbolBinding.Global;

    // ── What comes over ─────────────────────────────────────────────────────────────────────────────────────

    private uint TypeId(uint id) => id == 0 ? 0 : id + _shift;

    private void AddExterns()
    {
        uint start = _into.Maps.TryGet(ObjectReader.KconfigMap, out var values) ? (values.ValueSize + 7) & ~7u : 0;
        foreach (var external in _from.Externs)
        {
            if (_into.Externs.TryGet(external.Name, out var known))
            {
                if (!IsSame(known, external)) throw new BpfException($"link {_from.Name}: '{external.Name}' is declared there in another way than in {_into.Name}. Declare it the same in both");
                _kconfig.Add(external.Name, known);
                continue;
            }
            ExternSymbol added = new()
            {
                Name = external.Name,
                Kind = external.Kind,
                IsWeak = external.IsWeak,
                BtfId = TypeId(external.BtfId),
                Size = external.Size,
                Offset = external.Kind == ExternKind.Kconfig ? external.Offset + start : external.Offset,
                Value = external.Value,
            };
            _into.Externs.Add(added);
            _kconfig.Add(external.Name, added);
        }
    }

    // Sections that say what an object wants of the kernel are found by name: one for each. The new one's number; 0 when one of them has none.
    private uint JoinSections(string name)
    {
        if (_into.Btf is not { } types || !types.TryFind(name, BtfKind.DataSection, out var first) || _from.Btf is not { } others || !others.TryFind(name, BtfKind.DataSection, out var second)) return 0;
        Dictionary<string, (uint, uint, uint)> variables = [];
        foreach (var entry in first.Variables) variables[entry.Variable.Name] = (entry.VariableId, entry.Offset, entry.Size);
        foreach (var entry in second.Variables) variables.TryAdd(entry.Variable.Name, (TypeId(entry.VariableId), entry.Offset, entry.Size));
        uint number = _types.AddInt("int", 4, BtfIntEncoding.Signed);
        ObjectBtf.Retire(_types, first.Id, first.Count, number);
        ObjectBtf.Retire(_types, TypeId(second.Id), second.Count, number);
        return _types.AddDataSection(name, 0, [.. variables.Values]);
    }

    // A function that one takes for the kernel's may be another object's.
    private static bool IsSame(ExternSymbol a, ExternSymbol b) =>
        (a.Kind == b.Kind && a.Size == b.Size) || (a.Kind is ExternKind.KernelFunction or ExternKind.Unknown && b.Kind is ExternKind.KernelFunction or ExternKind.Unknown);

    private void AddMaps()
    {
        foreach (var map in _from.Maps)
        {
            if (map.Name == ObjectReader.KconfigMap && _into.Maps.TryGet(map.Name, out var values))
            {
                if (_kconfigTypes != 0) values.ValueTypeId = _kconfigTypes;
                values.ValueSize = _into.Externs.Where(e => e.Kind == ExternKind.Kconfig).Max(e => e.Offset + e.Size);
                continue;
            }
            var copy = map.Clone();
            copy.Name = _maps[map.Name];
            if (copy.Name != map.Name && copy.ValueTypeId != 0 && _from.Btf![copy.ValueTypeId].Kind == BtfKind.DataSection) _types.SetName(TypeId(copy.ValueTypeId), copy.Name);
            Retype(copy);
            for (int i = 0; i < copy.Contents.Count; i++)
            {
                if (copy.Contents[i].Value is string name) copy.Contents[i] = (copy.Contents[i].Key, _maps.GetValueOrDefault(name) ?? _functions.GetValueOrDefault(name, name));
            }
            foreach (var (member, program) in copy.StructOpsPrograms.ToList()) copy.StructOpsPrograms[member] = _functions.GetValueOrDefault(program, program);
            _into.Maps.Add(copy);
        }
        foreach (var variable in _from.Variables)
        {
            _into.Variables.Add(new GlobalVariable
            {
                Name = variable.Name,
                Map = _maps[variable.Map],
                Offset = variable.Offset,
                Size = variable.Size,
                BtfId = TypeId(variable.BtfId),
                Binding = variable.Binding,
                Visibility = variable.Visibility,
            });
        }
        if (_from.Arena is { } arena) _into.Arena = arena with { Map = _maps[arena.Map] };
    }

    private void Retype(MapSpec map)
    {
        (map.KeyTypeId, map.ValueTypeId) = (TypeId(map.KeyTypeId), TypeId(map.ValueTypeId));
        if (map.InnerMap is { } inner) Retype(inner);
    }

    private void AddFunctions(bool hides)
    {
        foreach (var (name, code) in _from.Library) _into.Library.Add(_functions[name], [.. code.Select(Move)]);
        foreach (var (name, traits) in _from.Functions)
            _into.Functions[_functions[name]] = hides && _from.Library.ContainsKey(name) ? traits with { Visibility = ElfSymbolVisibility.Hidden } : traits;
        foreach (var program in _from.Programs)
        {
            var copy = program.Clone();
            copy.Name = _functions[program.Name];
            copy.Instructions = [.. program.Instructions.Select(Move)];
            _into.Programs.Add(copy);
        }
    }

    private Instruction Move(Instruction instruction)
    {
        if (instruction.Metadata is not { } metadata) return instruction;
        if (metadata.Symbol is { } symbol && _functions.TryGetValue(symbol, out string? moved)) metadata = metadata with { Symbol = moved };
        switch (metadata.ReferenceKind)
        {
            case ReferenceKind.Function:
                metadata = metadata with { Reference = _functions[metadata.Reference!] };
                break;
            case ReferenceKind.MapValue when metadata.Reference == ObjectReader.KconfigMap:
                uint offset = (uint)((ulong)instruction.Constant >> 32);
                var value = _from.Externs.First(e => e.Kind == ExternKind.Kconfig && e.Offset <= offset && offset - e.Offset < e.Size);
                instruction = instruction with { Constant = (long)(_kconfig[value.Name].Offset + offset - value.Offset) << 32 };
                break;
            case ReferenceKind.Map or ReferenceKind.MapValue:
                metadata = metadata with { Reference = _maps[metadata.Reference!] };
                break;
        }
        if (metadata.Tag is InstructionOrigin origin)
        {
            metadata = metadata with
            {
                Tag = new InstructionOrigin
                {
                    FunctionTypeId = TypeId(origin.FunctionTypeId),
                    Line = origin.Line is { } line ? line with { FileNameOffset = Text(line.FileNameOffset), TextOffset = Text(line.TextOffset) } : null,
                    Relocation = origin.Relocation is { } relocation ? relocation with { TypeId = TypeId(relocation.TypeId) } : null,
                },
            };
        }
        return instruction with { Metadata = metadata };
    }

    private uint Text(uint offset)
    {
        if (!_strings.TryGetValue(offset, out uint moved)) _strings.Add(offset, moved = _types.AddString(_from.Btf!.GetStringBytes(offset)));
        return moved;
    }

    // ── What is found ───────────────────────────────────────────────────────────────────────────────────────

    /// <summary>Leads what was only declared to what is defined now, and gives every program the functions it calls.</summary>
    private static void Resolve(BpfObject whole)
    {
        HashSet<string> resolved = [];
        foreach (var code in whole.Library.Values)
        {
            for (int i = 0; i < code.Length; i++) code[i] = Resolve(whole, code[i], resolved);
        }
        foreach (var program in whole.Programs)
        {
            HashSet<string> present = [.. program.Instructions.Select(i => i.Metadata?.Symbol).OfType<string>()];
            // What is added is looked through as well.
            for (int i = 0; i < program.Instructions.Count; i++)
            {
                var instruction = program.Instructions[i];
                if (instruction.Metadata is null or { ReferenceKind: ReferenceKind.None }) continue;
                program.Instructions[i] = instruction = Resolve(whole, instruction, resolved);
                if (instruction.Metadata is not { ReferenceKind: ReferenceKind.Function, Reference: { } name } || !whole.Library.TryGetValue(name, out var code) || !present.Add(name)) continue;
                foreach (var added in code) program.Instructions.Add(added);
            }
        }
        foreach (string name in resolved) whole.Externs.Remove(name);
    }

    private static Instruction Resolve(BpfObject whole, Instruction instruction, HashSet<string> resolved)
    {
        if (instruction.Metadata is not { Reference: { } name } metadata) return instruction;
        switch (metadata.ReferenceKind)
        {
            case ReferenceKind.KernelFunction when whole.Library.ContainsKey(name) && IsGlobal(whole, name):
                resolved.Add(name);
                return (instruction with { Src = (Register)CallKind.Function, Constant = 0, Offset = 0 }).WithReference(name, ReferenceKind.Function);
            case ReferenceKind.KernelSymbol when whole.Externs.TryGet(name, out var external) && external.Kind == ExternKind.Unknown
                && whole.Variables.Find(v => v.Name == name && v.Binding == ElfSymbolBinding.Global) is { } variable:
                resolved.Add(name);
                return (instruction with { Src = (Register)PseudoSource.MapValue, Constant = (long)variable.Offset << 32 }).WithReference(variable.Map, ReferenceKind.MapValue);
            default:
                return instruction;
        }
    }
}
