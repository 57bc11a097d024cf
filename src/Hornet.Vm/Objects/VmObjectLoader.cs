using Hornet.Btf;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Vm.Objects;

/// <summary>Brings an object into a machine: maps, their first contents, programs adjusted to the kernel's types, what needs programs.</summary>
internal sealed class VmObjectLoader(BpfMachine machine, BpfObject spec, VmObjectOptions options)
{
    private readonly Dictionary<string, VmMap> _maps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _missingMaps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VmProgram> _programs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BpfException> _refused = new(StringComparer.Ordinal);
    private readonly KconfigValues _kconfig = new(spec, options.Kconfig);
    private CoreRelocator? _relocator;

    public VmObject Load()
    {
        if (spec.IsLittleEndian != BitConverter.IsLittleEndian)
            throw new BpfException($"load {spec.Name}: the object is for {(spec.IsLittleEndian ? "little" : "big")}-endian machines and this one is not");
        byte[] kconfig = _kconfig.Fill();
        foreach (var map in spec.Maps) AddMap(map, kconfig);
        foreach (var program in spec.Programs)
        {
            if (!program.AutoLoad) continue;
            try
            {
                _programs.Add(program.Name, machine.Load(program.Name, Prepare(program), program.Type, _maps));
            }
            catch (BpfException e)
            {
                // One program that wants what a machine does not have is no reason to do without the others.
                _refused.Add(program.Name, e);
            }
        }
        foreach (var map in spec.Maps) FillReferences(map);
        return new VmObject(spec, _maps, _programs, _refused);
    }

    private void AddMap(MapSpec map, byte[] kconfig)
    {
        if (options.Maps.TryGetValue(map.Name, out var given))
        {
            if (given.Machine != machine) throw new BpfException($"load {spec.Name}: the map given for '{map.Name}' is another machine's");
            CheckLike(map, given);
            _maps.Add(map.Name, given);
            return;
        }
        if (!map.AutoCreate) return;
        var copy = map.Clone();
        // Data sections are called the same in every object.
        if (map.Name.StartsWith('.')) copy.Name = spec.Name + map.Name;
        if (map.Name == ObjectReader.KconfigMap) copy.Contents.Add((new byte[4], kconfig));
        if (machine.Maps.TryGetValue(copy.Name, out var existing))
        {
            // Objects of one machine share their maps by name, as programs share pinned maps.
            if (map.Name.StartsWith('.')) throw new BpfException($"load {spec.Name}: the machine has an object of this name already. Set BpfObject.Name");
            CheckLike(copy, existing);
            _maps.Add(map.Name, existing);
            return;
        }
        try
        {
            _maps.Add(map.Name, machine.AddMap(copy));
        }
        catch (BpfException e)
        {
            _missingMaps.Add(map.Name, e.Message);
        }
    }

    private void CheckLike(MapSpec wanted, VmMap existing)
    {
        if (existing.Type != wanted.Type || existing.Spec.KeySize != wanted.KeySize || existing.Spec.ValueSize != wanted.ValueSize)
            throw new BpfException($"load {spec.Name}: the machine has a map '{existing.Name}' that is not like the object's '{wanted.Name}': {existing} and {wanted}");
    }

    /// <summary>First contents that name programs and maps.</summary>
    private void FillReferences(MapSpec map)
    {
        if (!_maps.TryGetValue(map.Name, out var live)) return;
        foreach (var (key, value) in map.Contents)
        {
            if (value is not string name) continue;
            if (_programs.TryGetValue(name, out var program)) live.Update(key, BitConverter.GetBytes(program.Id));
            else if (_maps.TryGetValue(name, out var inner)) live.Update(key, BitConverter.GetBytes(inner.Id));
            else if (!_refused.ContainsKey(name)) throw new BpfException($"load {spec.Name}: the first contents of map '{map.Name}' name '{name}', which is not loaded");
        }
    }

    private List<Instruction> Prepare(ProgramSpec program)
    {
        var fixups = Solve(program);
        List<Instruction> result = new(program.Instructions.Count);
        int relocation = 0;
        foreach (var instruction in program.Instructions)
        {
            var prepared = instruction;
            if (instruction.Metadata is { Tag: InstructionOrigin { Relocation: not null } }) prepared = fixups[relocation++].Apply(instruction);
            else if (instruction.Metadata is { } metadata) prepared = Prepare(program, instruction, metadata);
            result.Add(prepared);
            // What takes the place of a 64-bit load may be one slot; jumps are counted over what was there.
            if (instruction.IsLoadImm64 && !prepared.IsLoadImm64) result.Add(Instruction.Jump(0));
        }
        return result;
    }

    private Instruction Prepare(ProgramSpec program, Instruction instruction, InstructionMetadata metadata)
    {
        switch (metadata.ReferenceKind)
        {
            case ReferenceKind.Map or ReferenceKind.MapValue:
                string map = metadata.Reference!;
                if (_missingMaps.TryGetValue(map, out string? reason)) throw new BpfException($"program '{program.Name}': it uses the map '{map}': {reason}");
                if (map == ObjectReader.KconfigMap) _kconfig.Check(program, (long)((ulong)instruction.Constant >> 32));
                return instruction;
            case ReferenceKind.KernelSymbol:
                return PrepareSymbol(program, instruction, metadata);
            case ReferenceKind.KernelFunction:
                return instruction with { Metadata = metadata with { Reference = EssentialName(metadata.Reference!) } };
            default:
                return instruction;
        }
    }

    private Instruction PrepareSymbol(ProgramSpec program, Instruction instruction, InstructionMetadata metadata)
    {
        string name = metadata.Reference!, essential = EssentialName(name);
        if (!spec.Externs.TryGet(name, out var external)) throw new BpfException($"program '{program.Name}': it refers to '{name}', which the object does not declare");
        ulong? value = external.Kind switch
        {
            ExternKind.Unknown when external.Value is { Length: 8 } given => BitConverter.ToUInt64(given),
            // Only whether it is there can be asked of a function's address.
            ExternKind.KernelFunction => machine.KernelFunction(essential) is null ? null : 1,
            _ => machine.Symbol(essential),
        };
        if (value is null && !external.IsWeak)
        {
            throw new BpfException(external.Kind == ExternKind.KernelFunction
                ? $"program '{program.Name}': it uses the kernel function '{essential}', which the machine does not have. Add it with BpfMachine.RegisterKernelFunction"
                : $"program '{program.Name}': it uses the kernel symbol '{essential}', which the machine does not have. Add memory for it with BpfMachine.AddMemory and name it with DefineSymbol");
        }
        return Instruction.LoadImm64(instruction.Dst, (long)(value ?? 0)) with { Metadata = metadata with { Reference = null, ReferenceKind = ReferenceKind.None } };
    }

    private IReadOnlyList<CoreFixup> Solve(ProgramSpec program)
    {
        List<CoreRelocation> relocations = [];
        foreach (var instruction in program.Instructions)
        {
            if (instruction.Metadata?.Tag is InstructionOrigin { Relocation: { } relocation }) relocations.Add(relocation);
        }
        if (relocations.Count == 0) return [];
        try
        {
            _relocator ??= options.KernelTypes is { } given ? new CoreRelocator(spec.Btf!, given)
                : KernelBtf.IsAvailable ? CoreRelocator.ForKernel(spec.Btf!)
                : new CoreRelocator(spec.Btf!, spec.Btf!);
            return _relocator.Solve(relocations);
        }
        catch (BpfException e) when (e is CoreAmbiguityException or BpfFormatException)
        {
            throw new BpfException($"program '{program.Name}': {e.Message}", e);
        }
    }

    /// <summary>A name may have a flavor, as CO-RE types do: <c>foo___v2</c> is one more way to declare <c>foo</c>.</summary>
    private static string EssentialName(string name)
    {
        int flavor = name.IndexOf("___", StringComparison.Ordinal);
        return flavor > 0 ? name[..flavor] : name;
    }
}
