using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="TracingLink"/> and <see cref="LsmLink"/>.</summary>
public sealed record TracingOptions
{
    /// <summary>A value the program gets from <c>bpf_get_attach_cookie</c> (5.19); 0 for none.</summary>
    public ulong Cookie { get; init; }
}

/// <summary>
/// A program at the start or end of a function of the kernel or of another BPF program, through a trampoline: fentry, fexit
/// (5.5), fmod_ret (5.7), fsession (7.0). What it is attached to was chosen when it was loaded (<see cref="TracingTarget"/>).
/// </summary>
public sealed class TracingLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("fentry", FirstKernel.Tracing, "CONFIG_DEBUG_INFO_BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS");
    private static readonly AttachNeeds s_cookieNeeds = new("tracing cookie", new Version(5, 19));

    private TracingLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Attaches a program of type <see cref="ProgramType.Tracing"/>.</summary>
    public static TracingLink Attach(BpfProgram program, TracingOptions? options = null)
    {
        Require.Type(program, ProgramType.Tracing, "a trampoline");
        Require.AttachType(program, [AttachType.TraceFentry, AttachType.TraceFexit, AttachType.ModifyReturn, AttachType.TraceFsession], "a trampoline");
        string description = $"{Name(program.AttachType)} of '{program.Name}'";
        return new TracingLink(Open(program, description, options?.Cookie ?? 0, s_needs), description);
    }

    private static string Name(AttachType? type) => type switch
    {
        AttachType.TraceFentry => "fentry",
        AttachType.TraceFexit => "fexit",
        AttachType.ModifyReturn => "fmod_ret",
        AttachType.TraceFsession => "fsession",
        _ => "trampoline",
    };

    /// <summary>Attaches a program that carries its target. Without a cookie by the older command, which every kernel knows.</summary>
    internal static FileDescriptor Open(BpfProgram program, string description, ulong cookie, in AttachNeeds needs)
    {
        FileDescriptor? descriptor;
        if (cookie == 0)
        {
            RawTracepointAttr attr = new() { ProgFd = (uint)program.Descriptor.Value };
            descriptor = Bpf.TryOpen(BpfCommand.RawTracepointOpen, ref attr, $"link {description}");
        }
        else
        {
            if (program.AttachType is not { } type)
                throw new BpfException($"attach {description}: with a cookie the kernel wants the attach type again, which it does not tell of a program that was opened. Set BpfProgram.AttachType to what it was loaded for");
            LinkCreateAttr attr = new() { ProgFd = (uint)program.Descriptor.Value, AttachType = (uint)type, TracingCookie = cookie };
            descriptor = Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}");
        }
        if (descriptor is not null) return descriptor;
        var errno = Libc.LastError;
        throw AttachError.Create($"attach {description}", errno, cookie != 0 && KernelFacts.Version < s_cookieNeeds.Since ? s_cookieNeeds : needs, errno switch
        {
            Errno.EBUSY => "The function cannot be traced now: another kind of patch (live patching, an fmod_ret or extension program) is on it, or it is inlined or too short.",
            Errno.E2BIG => "The limit of programs on one function (38) is reached.",
            Errno.EEXIST => "This program is attached already; load it again to attach it twice.",
            _ => null,
        });
    }
}
