using System.Text.RegularExpressions;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectLoader
{
    // As libbpf numbers them, so that a log found on the net means the same here.
    private const int PoisonedMap = 2_001_000_000, PoisonedFunction = 2_002_000_000;

    private CoreRelocator? _relocator;

    private BpfProgram LoadProgram(ProgramSpec original)
    {
        var program = original.Clone();
        if (program.Type == ProgramType.Unspec)
            throw new BpfException($"program '{program.Name}': the section '{program.SectionName}' does not say what kind of program it is. Set ProgramSpec.Type, or switch AutoLoad off");
        if (program.Type == ProgramType.Kprobe && program.KernelVersion == 0) program.KernelVersion = KernelVersion.Running.Code;
        ProgramLoadOptions options = new() { Maps = _maps, Token = _options.Token, LogLevel = _options.LogLevel };
        options = FindTarget(program, options);
        List<FileDescriptor?> descriptors = [null];
        program.Instructions = Prepare(program, descriptors);
        if (descriptors.Count > 1) options = options with { DescriptorArray = descriptors };
        if (_object.SharedTypes is { Descriptor: { } shared } types)
        {
            var (functions, lines) = ObjectBtf.SharedRecords(program.Instructions, types.ProgramId, types.FunctionId);
            options = options with { Btf = shared, FunctionInfo = functions, LineInfo = lines };
        }
        else if (_btf is not null)
        {
            var (functions, lines) = ObjectBtf.Records(program.Instructions, id => _contextFunctions.Count == 0 ? id : _contextFunctions.GetValueOrDefault((program.Type, id), id));
            options = options with { Btf = _btf.Descriptor, FunctionInfo = functions, LineInfo = lines };
        }
        try
        {
            return BpfProgram.Load(program, options);
        }
        catch (VerifierException e)
        {
            throw Explain(program, e);
        }
    }

    /// <summary>The instructions with everything the running kernel decides in place. Maps and functions keep their names.</summary>
    private List<Instruction> Prepare(ProgramSpec program, List<FileDescriptor?> descriptors)
    {
        var fixups = SolveRelocations(program);
        List<Instruction> result = new(program.Instructions.Count);
        int relocation = 0;
        foreach (var instruction in program.Instructions)
        {
            var prepared = instruction;
            if (instruction.Metadata is { } metadata)
            {
                if (metadata.Tag is InstructionOrigin { Relocation: not null })
                {
                    prepared = fixups[relocation++].Apply(instruction);
                }
                else
                {
                    prepared = metadata.ReferenceKind switch
                    {
                        ReferenceKind.Map or ReferenceKind.MapValue => PrepareMap(program, instruction, metadata),
                        ReferenceKind.KernelSymbol => PrepareSymbol(program, instruction, metadata, descriptors),
                        ReferenceKind.KernelFunction => PrepareCall(program, instruction, metadata, descriptors),
                        _ => instruction,
                    };
                }
            }
            result.Add(prepared);
            // Poison is one slot; jumps are counted over what was there.
            if (instruction.IsLoadImm64 && !prepared.IsLoadImm64) result.Add(Instruction.Jump(0));
        }
        return result;
    }

    private IReadOnlyList<CoreFixup> SolveRelocations(ProgramSpec program)
    {
        List<CoreRelocation> relocations = [];
        foreach (var instruction in program.Instructions)
        {
            if (instruction.Metadata?.Tag is InstructionOrigin { Relocation: { } relocation }) relocations.Add(relocation);
        }
        if (relocations.Count == 0) return [];
        try
        {
            _relocator ??= new CoreRelocator(_object.Btf!, _kernel.Vmlinux, () => [.. _kernel.Modules(), .. _options.ExtraTypes]);
            return _relocator.Solve(relocations);
        }
        catch (BpfException e) when (e is CoreAmbiguityException or BpfFormatException)
        {
            throw new BpfException($"program '{program.Name}': {e.Message}", e);
        }
    }

    private Instruction PrepareMap(ProgramSpec program, Instruction instruction, InstructionMetadata metadata)
    {
        string name = metadata.Reference!;
        if (!_maps.ContainsKey(name))
        {
            if (!_object.Maps.Contains(name)) throw new BpfException($"program '{program.Name}': it uses the map '{name}', which the object does not have (any more)");
            return Poison(instruction, PoisonedMap, $"the map '{name}', which was not created because its AutoCreate is off");
        }
        if (metadata.ReferenceKind != ReferenceKind.MapValue) return instruction;
        long offset = (long)((ulong)instruction.Constant >> 32);
        if (name == ObjectReader.KconfigMap) _kconfigValues.Check(program, offset);
        return _object.Arena is { } arena && arena.Map == name ? instruction with { Constant = (offset + ArenaOffset(arena)) << 32 } : instruction;
    }

    private static Instruction Poison(Instruction instruction, int number, string what) => new Instruction
    {
        Opcode = 0x85,
        Constant = number,
        Metadata = (instruction.Metadata ?? new()) with { Reference = null, ReferenceKind = ReferenceKind.None, Comment = what },
    };

    /// <summary>What the verifier cannot know: that the instruction it stumbled over stands for something this kernel lacks.</summary>
    private VerifierException Explain(ProgramSpec program, VerifierException e)
    {
        string? missing = null;
        int slot = 0;
        string log = e.Log;
        var match = PoisonedCall().Match(log);
        if (match.Success && int.TryParse(match.Groups[1].ValueSpan, out slot) && CommentAt(program.Instructions, slot) is { } comment)
        {
            const string core = "CO-RE: ", absent = " does not exist in the target";
            missing = comment.StartsWith(core, StringComparison.Ordinal) ? comment[core.Length..].Replace(absent, ", which does not exist in this kernel", StringComparison.Ordinal) : comment;
            log = PoisonedName().Replace(log, $"<{comment}>");
        }
        if (missing is not null)
        {
            string source = SourceAt(program.Instructions, slot) is { } line ? $" ({line.File}:{line.Line}: {line.Text.Trim()})" : "";
            return new VerifierException(program.Name, $"load program '{program.Name}'", e.Errno,
                $"It uses {missing}{source}. Ask whether it exists before using it (bpf_core_field_exists, bpf_ksym_exists), or switch the program's AutoLoad off", log, e.LogIsComplete);
        }
        if (e.Log.Contains("failed to find the address for kernel symbol", StringComparison.Ordinal))
            return new VerifierException(program.Name, e.Operation, e.Errno, $"{e.Hint} The kernel describes the variable in its BTF, but lists no variables in /proc/kallsyms (CONFIG_KALLSYMS_ALL is off)", e.Log, e.LogIsComplete);
        return _btfFailure is null ? e : new VerifierException(program.Name, e.Operation, e.Errno, $"{e.Hint} The object's types could not be loaded, which may be why: {_btfFailure.Message}", e.Log, e.LogIsComplete);
    }

    private static string? CommentAt(IList<Instruction> instructions, int slot) => At(instructions, slot)?.Metadata?.Comment;

    private static SourceLine? SourceAt(IList<Instruction> instructions, int slot)
    {
        SourceLine? line = null;
        int at = 0;
        foreach (var instruction in instructions)
        {
            if (at > slot) break;
            line = instruction.Metadata?.Source ?? line;
            at += instruction.Slots;
        }
        return line;
    }

    private static Instruction? At(IList<Instruction> instructions, int slot)
    {
        int at = 0;
        foreach (var instruction in instructions)
        {
            if (at == slot) return instruction;
            at += instruction.Slots;
        }
        return null;
    }

    [GeneratedRegex(@"^(\d+): \(85\) call (?:unknown)?#?(?:195896080|20010\d{5}|20020\d{5})", RegexOptions.Multiline | RegexOptions.RightToLeft)]
    private static partial Regex PoisonedCall();

    [GeneratedRegex(@"(?:unknown)?#?(?:195896080|20010\d{5}|20020\d{5})")]
    private static partial Regex PoisonedName();
}
