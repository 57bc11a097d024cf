using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    /// <summary>The version number that old headers wrote to mean any kernel.</summary>
    private const uint AnyKernelVersion = 0xfffffffe;

    private ILookup<uint, string>? _exceptionCallbacks;
    private long _linked;

    private void BuildPrograms()
    {
        foreach (var section in _elf.Sections)
        {
            if (!IsCode(section) || section.Name == ".text") continue;
            bool optional = section.Name.StartsWith('?');
            var kind = SectionTable.Find(section.Name, out string? attachTo);
            foreach (var function in _functionsOf[section.Index])
            {
                // Static functions are never entered from outside, nor are those in sections of no meaning that others call.
                if (function.Symbol.Binding == ElfSymbolBinding.Local) continue;
                if (kind is null && function.IsReferenced) continue;
                ProgramSpec program = new()
                {
                    Name = function.Name,
                    Type = kind?.Type ?? ProgramType.Unspec,
                    AttachType = kind?.AttachType ?? 0,
                    AttachTo = attachTo,
                    SectionName = optional ? section.Name[1..] : section.Name,
                    Flags = kind?.Flags ?? 0,
                    License = _object.License,
                    KernelVersion = _object.KernelVersion == AnyKernelVersion ? 0 : _object.KernelVersion,
                    AutoLoad = !optional,
                    Instructions = Link(function),
                };
                _object.Programs.Add(program);
            }
        }
        HashSet<string> programs = [.. _object.Programs.Select(p => p.Name)];
        foreach (var function in _functions.Values)
        {
            if (!programs.Contains(function.Name)) _object.Library.Add(function.Name, function.Instructions);
        }
    }

    /// <summary>The function and all it calls or takes the address of, each once, in the order they are met.</summary>
    private List<Instruction> Link(BpfFunction main)
    {
        HashSet<string> seen = [main.Name];
        List<BpfFunction> order = [main];
        foreach (string callback in ExceptionCallbacksOf(main))
        {
            if (seen.Add(callback)) order.Add(_functions[callback]);
        }
        for (int i = 0; i < order.Count; i++)
        {
            foreach (var instruction in order[i].Instructions)
            {
                if (instruction.Metadata is { ReferenceKind: ReferenceKind.Function, Reference: { } name } && seen.Add(name)) order.Add(_functions[name]);
            }
        }
        int count = order.Sum(f => f.Instructions.Length);
        // Every program gets its own copy, and a small file can make thousands of programs share all of its code.
        if ((_linked += count) > (1 << 22) + 64L * _functions.Count) throw Broken("its programs share so much code that they cannot be linked in reasonable memory");
        List<Instruction> instructions = new(count);
        foreach (var function in order) instructions.AddRange(function.Instructions);
        return instructions;
    }

    /// <summary>
    /// The functions that a program's tags name to be called when it throws (<c>__exception_cb</c>, 6.7). No instruction refers to
    /// them: the verifier finds them by the tag, in the program that has them.
    /// </summary>
    private IEnumerable<string> ExceptionCallbacksOf(BpfFunction main)
    {
        if (main.Instructions is not [{ Metadata.Tag: InstructionOrigin { FunctionTypeId: > 0 and var id } }, ..]) yield break;
        foreach (string name in ExceptionCallbacks[id])
        {
            if (!_functions.TryGetValue(name, out var callback)) throw Broken($"the function '{main.Name}' names '{name}' as its exception callback, which does not exist");
            if (callback.Symbol.Binding == ElfSymbolBinding.Local || callback.Symbol.Visibility is ElfSymbolVisibility.Hidden or ElfSymbolVisibility.Internal)
                throw Broken($"'{name}', the exception callback of '{main.Name}', must be a global function that is not hidden: the verifier checks it by itself");
            yield return name;
        }
    }

    private ILookup<uint, string> ExceptionCallbacks => _exceptionCallbacks ??= (_btf?.OwnTypes ?? [])
        .Where(t => t.Kind == BtfKind.DeclTag && t.ComponentIndex == -1 && t.NameBytes.StartsWith("exception_callback:"u8))
        .ToLookup(t => t.TargetId, t => t.Name["exception_callback:".Length..]);
}
