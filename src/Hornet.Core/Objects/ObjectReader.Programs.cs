using Hornet.Elf;
using Hornet.Isa;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    /// <summary>The version number that old headers wrote to mean any kernel.</summary>
    private const uint AnyKernelVersion = 0xfffffffe;

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
    }

    /// <summary>The function and all it calls or takes the address of, each once, in the order they are met.</summary>
    private List<Instruction> Link(BpfFunction main)
    {
        HashSet<string> seen = [main.Name];
        List<BpfFunction> order = [main];
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
}
