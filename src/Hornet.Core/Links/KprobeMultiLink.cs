using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="KprobeMultiLink"/>.</summary>
public sealed record KprobeMultiOptions
{
    /// <summary>Run when the functions return. Not for sessions, which run at both.</summary>
    public bool IsReturn { get; init; }

    /// <summary>A value for the program for each function, in their order (<c>bpf_get_attach_cookie</c>); null for none. Not for patterns.</summary>
    public IReadOnlyList<ulong>? Cookies { get; init; }
}

/// <summary>
/// A program on many functions of the kernel through one link: attached at once, through fprobe. Linux 5.18; sessions
/// (the program runs at call and return, and decides at the call whether it wants the return) 6.10.
/// </summary>
/// <remarks>
/// The program is of type <see cref="ProgramType.Kprobe"/> and was loaded with <see cref="AttachType.TraceKprobeMulti"/> or
/// <see cref="AttachType.TraceKprobeSession"/>. Only the start (and end) of functions can be probed.
/// </remarks>
public sealed unsafe class KprobeMultiLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("kprobe.multi", FirstKernel.KprobeMulti, "CONFIG_FPROBE");
    private static readonly AttachNeeds s_sessionNeeds = new("kprobe.session", FirstKernel.KprobeSession, "CONFIG_FPROBE");

    private const uint FlagReturn = 1;
    private const int MostFunctions = 1 << 20; // MAX_KPROBE_MULTI_CNT

    private KprobeMultiLink(FileDescriptor descriptor, string description, int count) : base(descriptor, description) => Count = count;

    /// <summary>How many functions the program is attached to.</summary>
    public int Count { get; }

    /// <summary>Attaches to every traceable function whose name matches a pattern with <c>*</c> and <c>?</c>.</summary>
    public static KprobeMultiLink AttachPattern(BpfProgram program, string pattern, KprobeMultiOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options ??= new();
        if (options.Cookies is not null) throw new ArgumentException("Cookies go with functions given by name or address, not with a pattern.", nameof(options));
        var functions = KernelFunctions.Matching(pattern);
        if (functions.Count == 0) throw new BpfSyscallException($"find kernel functions like '{pattern}'", Errno.ENOENT, KernelFunctions.Suggest(pattern.Trim('*')));
        // Addresses tell functions of the same name apart; names work where the kernel hides addresses.
        return functions.TrueForAll(f => f.Address != 0)
            ? Open(program, null, [.. functions.Select(f => f.Address)], $"{functions.Count} functions '{pattern}'", options)
            : Open(program, [.. functions.Select(f => f.Name)], null, $"{functions.Count} functions '{pattern}'", options);
    }

    /// <summary>Attaches to functions by name.</summary>
    public static KprobeMultiLink Attach(BpfProgram program, IReadOnlyList<string> functions, KprobeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        string what = functions.Count == 1 ? functions[0] : $"{functions.Count} functions";
        return Open(program, [.. functions], null, what, options ?? new());
    }

    /// <summary>Attaches to functions by the address of their first instruction.</summary>
    public static KprobeMultiLink Attach(BpfProgram program, IReadOnlyList<ulong> addresses, KprobeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return Open(program, null, [.. addresses], $"{addresses.Count} addresses", options ?? new());
    }

    private static KprobeMultiLink Open(BpfProgram program, string[]? names, ulong[]? addresses, string target, KprobeMultiOptions options)
    {
        Require.Type(program, ProgramType.Kprobe, "kprobe.multi");
        Require.AttachType(program, [AttachType.TraceKprobeMulti, AttachType.TraceKprobeSession], "kprobe.multi");
        bool session = program.AttachType == AttachType.TraceKprobeSession;
        string description = $"{(session ? "kprobe.session" : options.IsReturn ? "kretprobe.multi" : "kprobe.multi")} on {target}";
        int count = names?.Length ?? addresses!.Length;
        if (count is 0 or > MostFunctions) throw new ArgumentException($"kprobe.multi takes 1 to {MostFunctions} functions, not {count}.");
        if (session && options.IsReturn) throw new ArgumentException("A session runs at call and return; IsReturn does not go with it.", nameof(options));
        if (options.Cookies is { } given && given.Count != count) throw new ArgumentException($"There are {given.Count} cookies for {count} functions.", nameof(options));

        ulong[] cookies = [.. options.Cookies ?? []];
        nint[] texts = new nint[names?.Length ?? 0];
        try
        {
            for (int i = 0; i < texts.Length; i++) texts[i] = Marshal.StringToCoTaskMemUTF8(names![i]);
            fixed (nint* n = texts)
            fixed (ulong* a = addresses, c = cookies)
            {
                LinkCreateAttr attr = new()
                {
                    ProgFd = (uint)program.Descriptor.Value,
                    AttachType = (uint)(program.AttachType ?? AttachType.TraceKprobeMulti),
                    KprobeMultiFlags = options.IsReturn ? FlagReturn : 0,
                    KprobeMultiCnt = (uint)count,
                    KprobeMultiSyms = Bpf.Pointer(n),
                    KprobeMultiAddrs = Bpf.Pointer(a),
                    KprobeMultiCookies = Bpf.Pointer(c),
                };
                if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}") is { } descriptor)
                    return new KprobeMultiLink(descriptor, description, count);
            }
            throw Refused(program, description, Libc.LastError, names, session ? s_sessionNeeds : s_needs);
        }
        finally
        {
            foreach (nint text in texts) Marshal.FreeCoTaskMem(text);
        }
    }

    private static BpfException Refused(BpfProgram program, string description, Errno errno, string[]? names, in AttachNeeds needs)
    {
        string? hint = null;
        if (names is not null && errno is Errno.ESRCH or Errno.ENOENT or Errno.EINVAL && KernelFacts.Version >= needs.Since)
        {
            var all = KernelFunctions.Names().ToHashSet(StringComparer.Ordinal);
            hint = names!.FirstOrDefault(n => !all.Contains(n)) is { } missing
                ? $"The kernel has no function '{missing}'. {CloseNames(missing, all)}"
                : errno == Errno.ESRCH ? "A function exists but cannot be traced (it is not in available_filter_functions)." : null;
        }
        return AttachError.Create($"attach '{program.Name}' to {description}", errno, needs, hint);
    }

    private static string? CloseNames(string missing, IEnumerable<string> all) => Kernel.CloseNames.Suggest(missing, all);
}
