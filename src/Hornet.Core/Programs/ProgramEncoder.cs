using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Programs;

/// <summary>Puts a program's instructions into the form the kernel takes, with names replaced by numbers.</summary>
internal static class ProgramEncoder
{
    /// <summary>Encodes the program as the kernel's 8-byte slots, in this machine's byte order.</summary>
    /// <param name="spec">The program.</param>
    /// <param name="options">What its names stand for.</param>
    /// <param name="tables">Gets the tables of its indirect jumps, which must live until it is loaded.</param>
    /// <exception cref="BpfException">A name is not known, a jump does not reach, or an instruction is none.</exception>
    public static byte[] Encode(ProgramSpec spec, ProgramLoadOptions options, JumpTables tables)
    {
        var instructions = spec.Instructions;
        if (instructions.Count == 0) throw new BpfException($"load program '{spec.Name}': it has no instructions");

        int slots = 0;
        Dictionary<string, int>? symbols = null;
        foreach (var instruction in instructions)
        {
            if (instruction.Metadata?.Symbol is { } symbol && !(symbols ??= []).TryAdd(symbol, slots))
                throw new BpfException($"load program '{spec.Name}': the symbol '{symbol}' is defined twice");
            slots += instruction.Slots;
        }

        var resolved = new Instruction[instructions.Count];
        int slot = 0;
        for (int n = 0; n < resolved.Length; n++)
        {
            var instruction = instructions[n];
            resolved[n] = instruction.Metadata?.Reference is { } name ? Resolve(spec, options, tables, symbols, instruction, name, slot) : instruction;
            slot += instruction.Slots;
        }
        return InstructionCodec.Encode(resolved, bigEndian: !BitConverter.IsLittleEndian);
    }

    private static Instruction Resolve(
        ProgramSpec spec, ProgramLoadOptions options, JumpTables tables, Dictionary<string, int>? symbols, Instruction instruction, string name, int slot)
    {
        switch (instruction.Metadata!.ReferenceKind)
        {
            case ReferenceKind.None:
                return instruction;

            case ReferenceKind.Map:
                return instruction with { Src = (Register)PseudoSource.MapFd, Constant = FindMap(spec, options, name).Descriptor.Value };

            case ReferenceKind.MapValue:
                long offset = instruction.Constant & ~0xffffffffL;
                return instruction with { Src = (Register)PseudoSource.MapValue, Constant = offset | (uint)FindMap(spec, options, name).Descriptor.Value };

            case ReferenceKind.Function:
                int distance = Target(spec, symbols, name) - slot - 1;
                return instruction.IsCall
                    ? instruction with { Src = (Register)CallKind.Function, Constant = distance }
                    : instruction with { Src = (Register)PseudoSource.Function, Constant = (uint)distance };

            case ReferenceKind.Label:
                int jump = Target(spec, symbols, name) - slot - 1;
                if (instruction.IsLongJump) return instruction with { Constant = jump };
                if (jump is < short.MinValue or > short.MaxValue)
                    throw new BpfException($"load program '{spec.Name}': the jump to '{name}' is {jump} slots long, more than 16 bits hold. Use a long jump (gotol).");
                return instruction with { Offset = (short)jump };

            case ReferenceKind.JumpTable:
                if (instruction.Metadata.Targets is not { Count: > 0 } targets) throw new BpfException($"load program '{spec.Name}': the jump table '{name}' has no targets");
                return instruction with { Src = (Register)PseudoSource.MapValue, Constant = (uint)tables.Create([.. targets.Select(t => Target(spec, symbols, t))]) };

            default:
                throw new BpfException(
                    $"load program '{spec.Name}': the kernel symbol '{name}' has not been resolved. Load it as part of an object, which looks it up.");
        }
    }

    private static int Target(ProgramSpec spec, Dictionary<string, int>? symbols, string name) =>
        symbols is not null && symbols.TryGetValue(name, out int target)
            ? target
            : throw new BpfException($"load program '{spec.Name}': it refers to '{name}', which none of its instructions defines");

    private static BpfMap FindMap(ProgramSpec spec, ProgramLoadOptions options, string name)
    {
        if (options.Maps is { } maps && maps.TryGetValue(name, out var map)) return map;
        if (options.ResolveMap?.Invoke(name) is { } resolved) return resolved;
        string near = options.Maps is { Count: > 0 } maps2 ? " " + CloseNames.Suggest(name, maps2.Keys) : "";
        throw new BpfException($"load program '{spec.Name}': it uses the map '{name}', which was not given.{near}".TrimEnd());
    }
}
