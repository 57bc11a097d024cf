using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="RawTracepointLink"/>.</summary>
public sealed record RawTracepointOptions
{
    /// <summary>A value the program gets from <c>bpf_get_attach_cookie</c> (6.10); 0 for none.</summary>
    public ulong Cookie { get; init; }
}

/// <summary>
/// A program on a tracepoint with its arguments as the kernel passes them. Linux 4.17; writable (programs of type
/// <see cref="ProgramType.RawTracepointWritable"/>, at tracepoints that allow it) 5.2; BTF-typed (<c>tp_btf</c>) 5.5.
/// Needs no tracefs.
/// </summary>
public sealed unsafe class RawTracepointLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("raw tracepoint", FirstKernel.RawTracepoint, "CONFIG_BPF_EVENTS");
    private static readonly AttachNeeds s_cookieNeeds = new("raw tracepoint cookie", new Version(6, 10));

    private RawTracepointLink(FileDescriptor descriptor, string description, string name) : base(descriptor, description) => Name = name;

    /// <summary>The tracepoint's name; for BTF-typed programs empty, as the program carries its target.</summary>
    public string Name { get; }

    /// <summary>Attaches a raw tracepoint program, writable or not.</summary>
    /// <param name="program">The program.</param>
    /// <param name="name">The tracepoint, without a group: <c>sched_switch</c>.</param>
    /// <param name="options">The options.</param>
    public static RawTracepointLink Attach(BpfProgram program, string name, RawTracepointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Require.Type(program, [ProgramType.RawTracepoint, ProgramType.RawTracepointWritable], "a raw tracepoint");
        return Open(program, name, $"raw tracepoint {name}", options?.Cookie ?? 0);
    }

    /// <summary>
    /// Attaches a BTF-typed tracepoint program (<see cref="AttachType.TraceRawTp"/>), whose target was chosen when it was
    /// loaded. The program may be attached more than once since 6.0.
    /// </summary>
    public static RawTracepointLink AttachTyped(BpfProgram program, RawTracepointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        Require.Type(program, ProgramType.Tracing, "a BTF tracepoint");
        Require.AttachType(program, [AttachType.TraceRawTp], "a BTF tracepoint");
        return Open(program, "", $"BTF tracepoint of '{program.Name}'", options?.Cookie ?? 0);
    }

    private static RawTracepointLink Open(BpfProgram program, string name, string description, ulong cookie)
    {
        byte* text = name.Length == 0 ? null : (byte*)Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            RawTracepointAttr attr = new() { Name = Bpf.Pointer(text), ProgFd = (uint)program.Descriptor.Value, Cookie = cookie };
            if (Bpf.TryOpen(BpfCommand.RawTracepointOpen, ref attr, $"link {description}") is { } descriptor)
                return new RawTracepointLink(descriptor, description, name);
            var errno = Libc.LastError;
            string operation = $"attach '{program.Name}' to {description}";
            // A kernel without cookies refuses an attribute that is longer than it knows and not zero with E2BIG.
            if (cookie != 0 && errno is Errno.E2BIG or Errno.EINVAL && KernelFacts.Version < s_cookieNeeds.Since)
                throw AttachError.Create(operation, errno, s_cookieNeeds);
            throw AttachError.Create(operation, errno, s_needs, errno switch
            {
                Errno.ENOENT => CloseNames.Suggest(name, AllNames()) ?? "The kernel has no tracepoint of that name. Raw tracepoints are written without their group.",
                Errno.EINVAL when program.Type == ProgramType.RawTracepoint => "The program reads more arguments than the tracepoint has, or the name is missing.",
                Errno.EINVAL when program.Type == ProgramType.RawTracepointWritable => "The tracepoint has no writable buffer, or the program writes past its end.",
                _ => null,
            });
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)text);
        }
    }

    private static IEnumerable<string> AllNames() =>
        Tracefs.FindMount() is null ? [] : Tracefs.Groups().SelectMany(Tracefs.Events).Distinct(StringComparer.Ordinal);
}
