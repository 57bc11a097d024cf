using Hornet.Compiler.CodeGen;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using Instruction = Hornet.Isa.Instruction;

namespace Hornet.Compiler;

/// <summary>Puts compiled programs together to an object: their code, the maps they share, their types and constants.</summary>
internal sealed class ObjectAssembler
{
    private readonly CompilerOptions _options;
    private readonly CoreTypes? _core;
    private readonly BpfObject _object;
    private readonly DebugInfoBuilder _debug;
    private readonly Dictionary<object, string> _mapNames = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, BpfMap> _bound = [];
    private readonly HashSet<ObjectConstants> _constants = [];

    public ObjectAssembler(string name, CompilerOptions options, CoreTypes? core, SharedTypes? types)
    {
        _debug = new DebugInfoBuilder(types);
        _options = options;
        _core = core;
        _object = new BpfObject(name) { License = options.License, SharedTypes = types };
        _debug.DescribeKernelTypes(core);
    }

    /// <summary>Makes code of a module and adds it.</summary>
    public void Add(IrModule module, List<Diagnostic> diagnostics, List<CompilationStage> stages)
    {
        var code = CodeGenerator.Run(module, new CodeGenTarget(_options.IsaLevel) { Core = _core }, _debug, diagnostics);
        if (_options.KeepStages) stages.Add(new("code", Disassembler.Format(code)));
        Rename(code, AddMaps(module));
        if (module.ReadOnlyData.Map is not null) _constants.Add(module.ReadOnlyData.Constants);
        foreach (var instruction in code)
        {
            if (instruction.Metadata is { ReferenceKind: ReferenceKind.KernelFunction } call && !_object.Externs.Contains(call.Reference!))
                _object.Externs.Add(new ExternSymbol { Name = call.Reference!, Kind = ExternKind.KernelFunction });
        }
        _object.Programs.Add(new ProgramSpec
        {
            Name = module.Name,
            Type = module.ProgramType,
            AttachType = module.AttachType,
            // Programs that are run by a system call may always sleep.
            Flags = module.Flags | (module.ProgramType == ProgramType.Syscall ? ProgramFlags.Sleepable : 0),
            License = _options.License,
            Instructions = code,
        });
    }

    /// <summary>The object, when all programs are in it.</summary>
    public CompilationResult Finish(IReadOnlyList<Diagnostic> diagnostics, IReadOnlyList<CompilationStage> stages)
    {
        foreach (var constants in _constants)
        {
            // The section may have grown after the first program that uses it.
            var map = _object.Maps[_mapNames[constants.Map]];
            map.ValueSize = constants.Map.ValueSize;
            map.Contents.Clear();
            foreach (var (key, value) in constants.Map.Contents) map.Contents.Add((key, ((byte[])value).Clone()));
            _debug.DescribeConstants(map.Name, map.ValueSize, constants.Variables, _object);
        }
        if (_options.Relocatable) _debug.DescribeKernelFunctions(_options.KernelTypes, _object);
        _object.Btf = _debug.Build(_object.Name);
        return new CompilationResult(_object, _bound, diagnostics, stages);
    }

    // One map of two programs is one map of the object; two maps of one name get different ones.
    private Dictionary<string, string> AddMaps(IrModule module)
    {
        Dictionary<string, string> renamed = [];
        foreach (var symbol in module.Maps)
        {
            object identity = (object?)symbol.Map ?? symbol.Spec;
            if (!_mapNames.TryGetValue(identity, out string? final))
            {
                final = symbol.Name;
                for (int i = 1; _object.Maps.Contains(final); i++) final = $"{symbol.Name}_{i}";
                _mapNames.Add(identity, final);
                var spec = symbol.Spec.Clone();
                spec.Name = final;
                if (spec.DescribeTypes is not null) (spec.KeyTypeId, spec.ValueTypeId) = _debug.Describe(spec.DescribeTypes);
                _object.Maps.Add(spec);
                if (symbol.Map is { } live) _bound.Add(final, live);
            }
            if (final != symbol.Name) renamed.Add(symbol.Name, final);
        }
        return renamed;
    }

    private static void Rename(List<Instruction> code, Dictionary<string, string> renamed)
    {
        if (renamed.Count == 0) return;
        for (int i = 0; i < code.Count; i++)
        {
            if (code[i].Metadata is { ReferenceKind: ReferenceKind.Map or ReferenceKind.MapValue } metadata && renamed.TryGetValue(metadata.Reference!, out string? final))
                code[i] = code[i] with { Metadata = metadata with { Reference = final } };
        }
    }
}
