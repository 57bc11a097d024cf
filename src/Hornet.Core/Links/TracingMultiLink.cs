using System.IO.Enumeration;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="TracingMultiLink"/>.</summary>
public sealed record TracingMultiOptions
{
    /// <summary>A value for the program for each function, in their order; null for none. Not for patterns.</summary>
    public IReadOnlyList<ulong>? Cookies { get; init; }
}

/// <summary>
/// One fentry, fexit or fsession program on many functions of the kernel through one link
/// (<see cref="AttachType.TraceFentryMulti"/>, <see cref="AttachType.TraceFexitMulti"/>,
/// <see cref="AttachType.TraceFsessionMulti"/>). In kernels after 7.1.
/// </summary>
public sealed unsafe class TracingMultiLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("fentry.multi", new Version(7, 2), "CONFIG_DEBUG_INFO_BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS");
    private const int MostFunctions = 1 << 20;

    private TracingMultiLink(FileDescriptor descriptor, string description, int count) : base(descriptor, description) => Count = count;

    /// <summary>How many functions the program is attached to.</summary>
    public int Count { get; }

    /// <summary>Attaches to functions by name.</summary>
    public static TracingMultiLink Attach(BpfProgram program, IReadOnlyList<string> functions, TracingMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        uint[] ids = [.. functions.Select(name =>
        {
            using var target = TracingTarget.Function(name);
            return target.BtfId;
        })];
        return Open(program, ids, $"{ids.Length} functions", options ?? new());
    }

    /// <summary>Attaches to every traceable function of the kernel whose name matches a pattern with <c>*</c> and <c>?</c>.</summary>
    public static TracingMultiLink AttachPattern(BpfProgram program, string pattern, TracingMultiOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options ??= new();
        if (options.Cookies is not null) throw new ArgumentException("Cookies go with functions given by name, not with a pattern.", nameof(options));
        var vmlinux = KernelBtf.Vmlinux;
        var traceable = KernelFunctions.Matching(pattern).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        uint[] ids = [.. vmlinux.OwnTypes.Where(t => t.Kind == BtfKind.Function && FileSystemName.MatchesSimpleExpression(pattern, t.Name, ignoreCase: false) && traceable.Contains(t.Name)).Select(t => t.Id)];
        if (ids.Length == 0) throw new BpfSyscallException($"find kernel functions like '{pattern}'", Errno.ENOENT, KernelFunctions.Suggest(pattern.Trim('*')));
        return Open(program, ids, $"{ids.Length} functions '{pattern}'", options);
    }

    private static TracingMultiLink Open(BpfProgram program, uint[] ids, string target, TracingMultiOptions options)
    {
        Require.Type(program, ProgramType.Tracing, "fentry.multi");
        Require.AttachType(program, [AttachType.TraceFentryMulti, AttachType.TraceFexitMulti, AttachType.TraceFsessionMulti], "fentry.multi");
        if (ids.Length is 0 or > MostFunctions) throw new ArgumentException($"fentry.multi takes 1 to {MostFunctions} functions, not {ids.Length}.");
        if (options.Cookies is { } given && given.Count != ids.Length) throw new ArgumentException($"There are {given.Count} cookies for {ids.Length} functions.", nameof(options));
        string description = $"{program.AttachType ?? AttachType.TraceFentryMulti} of '{program.Name}' on {target}";
        ulong[] cookies = [.. options.Cookies ?? []];
        fixed (uint* i = ids)
        fixed (ulong* c = cookies)
        {
            LinkCreateAttr attr = new()
            {
                ProgFd = (uint)program.Descriptor.Value,
                AttachType = (uint)(program.AttachType ?? AttachType.TraceFentryMulti),
                TracingMultiIds = Bpf.Pointer(i),
                TracingMultiCookies = Bpf.Pointer(c),
                TracingMultiCnt = (uint)ids.Length,
            };
            if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}") is { } descriptor) return new TracingMultiLink(descriptor, description, ids.Length);
        }
        throw AttachError.Create($"attach '{program.Name}' to {target}", Libc.LastError, s_needs);
    }
}
