using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A program of type <see cref="ProgramType.Ext"/> in place of a global function of another BPF program (5.6). While the
/// link lives, calls of the function go to the replacement; then they go to the original again.
/// </summary>
public sealed class FreplaceLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("freplace", FirstKernel.Freplace);
    private static readonly AttachNeeds s_elsewhereNeeds = new("freplace on another program than at load", new Version(5, 10));

    private FreplaceLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Puts the program in place of the function it was loaded for.</summary>
    public static FreplaceLink Attach(BpfProgram program)
    {
        Require.Type(program, ProgramType.Ext, "freplace");
        string description = $"freplace by '{program.Name}'";
        return new FreplaceLink(TracingLink.Open(program, description, 0, s_needs), description);
    }

    /// <summary>Puts the program in place of a function of a compatible signature in another program (5.10).</summary>
    /// <param name="program">The replacement.</param>
    /// <param name="target">The program that calls the function.</param>
    /// <param name="function">The function's name in the target's BTF.</param>
    public static FreplaceLink Attach(BpfProgram program, BpfProgram target, string function)
    {
        Require.Type(program, ProgramType.Ext, "freplace");
        string description = $"freplace of '{function}' in '{target.Name}' by '{program.Name}'";
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetFd = (uint)target.Descriptor.Value,
            AttachType = (uint)(program.AttachType ?? 0),
            TargetBtfId = TracingTarget.FunctionOf(target, function).BtfId,
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}") is { } descriptor) return new FreplaceLink(descriptor, description);
        var errno = Libc.LastError;
        throw AttachError.Create($"attach {description}", errno, s_elsewhereNeeds, errno switch
        {
            Errno.EINVAL when KernelFacts.Version >= s_elsewhereNeeds.Since => "The function's signature differs from the one the program was loaded for.",
            Errno.EBUSY => "Another program replaces this function already, or something traces it.",
            _ => null,
        });
    }
}
