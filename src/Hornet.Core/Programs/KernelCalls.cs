using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Programs;

/// <summary>
/// Finds the kernel functions that a program calls by name: the kernel's own by their BTF id, a module's (5.16) by the id and a
/// descriptor of the module's BTF, which the load needs only while it lasts. Objects have their own way, with weak ones and types.
/// </summary>
internal static class KernelCalls
{
    public static bool IsNeeded(ProgramSpec spec)
    {
        // By index: a loop over the interface is code of the runtime's that would be compiled at every start.
        for (int i = 0; i < spec.Instructions.Count; i++)
        {
            if (IsByName(spec.Instructions[i])) return true;
        }
        return false;
    }

    /// <summary>The same program with numbers for names, and options with the descriptors that the numbers are of.</summary>
    /// <param name="spec">The program; it is not changed.</param>
    /// <param name="options">How it is loaded.</param>
    /// <param name="types">Where functions are looked up; must live until the program is loaded.</param>
    /// <exception cref="BpfException">A function is not there.</exception>
    public static (ProgramSpec Spec, ProgramLoadOptions Options) Resolve(ProgramSpec spec, ProgramLoadOptions options, KernelTypes types)
    {
        if (!KernelBtf.IsAvailable)
        {
            throw new BpfNotSupportedException("kernel functions", UnsupportedCause.Config,
                $"load program '{spec.Name}': it calls the kernel function '{spec.Instructions.First(IsByName).Metadata!.Reference}', and this kernel does not tell its types (CONFIG_DEBUG_INFO_BTF).");
        }
        List<FileDescriptor?> descriptors = [.. options.DescriptorArray];
        var resolved = spec.Clone();
        resolved.Instructions = [.. spec.Instructions.Select(instruction => IsByName(instruction) ? Resolve(spec, instruction, types, descriptors) : instruction)];
        return (resolved, descriptors.Count == options.DescriptorArray.Count ? options : options with { DescriptorArray = descriptors });
    }

    private static bool IsByName(Instruction instruction) =>
        instruction.IsCall && instruction.Metadata is { ReferenceKind: ReferenceKind.KernelFunction, Reference: not null };

    private static Instruction Resolve(ProgramSpec spec, Instruction instruction, KernelTypes types, List<FileDescriptor?> descriptors)
    {
        string name = instruction.Metadata!.Reference!;
        var found = types.Find(name, BtfKind.Function)
            ?? throw new BpfException($"load program '{spec.Name}': it calls the kernel function '{name}', which neither this kernel nor a module that is loaded has");
        short index = 0;
        if (found.Module is not null)
        {
            // Index 0 stands for vmlinux.
            if (descriptors.Count == 0) descriptors.Add(null);
            int at = descriptors.IndexOf(found.Module, 1);
            if (at < 0)
            {
                at = descriptors.Count;
                descriptors.Add(found.Module);
            }
            index = checked((short)at);
        }
        return instruction with
        {
            Constant = found.Type.Id,
            Offset = index,
            Metadata = instruction.Metadata with { Reference = null, ReferenceKind = ReferenceKind.None, Comment = name },
        };
    }
}
