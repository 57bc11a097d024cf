using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Hornet.Elf;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="UprobeMultiLink"/>.</summary>
public sealed record UprobeMultiOptions
{
    /// <summary>Run when the functions return. Not for sessions, which run at both.</summary>
    public bool IsReturn { get; init; }

    /// <summary>Only in this process; null for every process that runs the binary.</summary>
    public int? Process { get; init; }

    /// <summary>The process whose view of the file system the path is meant in; see <see cref="UprobeOptions.NamespaceOf"/>.</summary>
    public int? NamespaceOf { get; init; }
}

/// <summary>
/// A program at many places of one user-space binary through one link: attached and detached at once, and far faster than
/// one event each. Linux 6.6; sessions (the program runs at call and return, and decides at the call whether it wants the
/// return) 6.13.
/// </summary>
/// <remarks>
/// The program is of type <see cref="ProgramType.Kprobe"/> and was loaded with <see cref="AttachType.TraceUprobeMulti"/> or
/// <see cref="AttachType.TraceUprobeSession"/>.
/// </remarks>
public sealed class UprobeMultiLink : BpfFdLink
{
    internal static readonly AttachNeeds Needs = new("uprobe.multi", FirstKernel.UprobeMulti, "CONFIG_UPROBE_EVENTS");
    private static readonly AttachNeeds s_sessionNeeds = new("uprobe.session", FirstKernel.UprobeSession, "CONFIG_UPROBE_EVENTS");

    private const uint FlagReturn = 1;

    /// <summary><c>MAX_UPROBE_MULTI_CNT</c> of the kernel.</summary>
    private const int MostPlaces = 1 << 20;

    private UprobeMultiLink(FileDescriptor descriptor, string description, string path, IReadOnlyList<UprobePlace> places) : base(descriptor, description)
    {
        BinaryPath = path;
        Places = places;
    }

    /// <summary>The file that is probed.</summary>
    public string BinaryPath { get; }

    /// <summary>The places, in the order they were given or found.</summary>
    public IReadOnlyList<UprobePlace> Places { get; }

    /// <summary>Attaches to every function whose name matches a pattern with <c>*</c> and <c>?</c>.</summary>
    /// <param name="program">The program.</param>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="pattern">The pattern: <c>pthread_mutex_*</c>. Functions that share their code count once.</param>
    /// <param name="options">The options.</param>
    /// <param name="cookie">A value for the program at each function, by its name; null for none.</param>
    /// <exception cref="BpfException">No such binary, no function matches, or the kernel refused.</exception>
    public static UprobeMultiLink AttachPattern(BpfProgram program, string binary, string pattern, UprobeMultiOptions? options = null, Func<ElfFunction, ulong>? cookie = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options ??= new();
        string path = UserBinary.Find(binary, options.NamespaceOf ?? options.Process);
        using var file = ElfFile.Open(path);
        HashSet<ulong> seen = [];
        List<UprobePlace> places = [];
        foreach (var function in file.Functions())
        {
            // A probe on a resolver of an indirect function would fire once, at load: not what a pattern asks for.
            if (function.IsIndirect || !FileSystemName.MatchesSimpleExpression(pattern, function.Name, ignoreCase: false) || !seen.Add(function.FileOffset)) continue;
            places.Add(new UprobePlace(function.FileOffset, 0, cookie?.Invoke(function) ?? 0));
        }
        return places.Count == 0
            ? throw new BpfSyscallException($"find functions like '{pattern}' in '{path}'", Errno.ENOENT, UserBinary.SuggestFunction(file, pattern))
            : Open(program, path, $"{places.Count} functions '{pattern}' of {path}", places, options);
    }

    /// <summary>Attaches to functions by name.</summary>
    public static UprobeMultiLink Attach(BpfProgram program, string binary, IEnumerable<string> functions, UprobeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(functions);
        options ??= new();
        string path = UserBinary.Find(binary, options.NamespaceOf ?? options.Process);
        using var file = ElfFile.Open(path);
        List<UprobePlace> places = [.. functions.Select(name => new UprobePlace((file.FindFunction(name)
            ?? throw new BpfSyscallException($"find function '{name}' in '{path}'", Errno.ENOENT, UserBinary.SuggestFunction(file, name))).FileOffset))];
        return Open(program, path, $"{places.Count} functions of {path}", places, options);
    }

    /// <summary>Attaches to places given by offset, each with its own semaphore and cookie.</summary>
    public static UprobeMultiLink Attach(BpfProgram program, string binary, IReadOnlyList<UprobePlace> places, UprobeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(places);
        options ??= new();
        string path = UserBinary.Find(binary, options.NamespaceOf ?? options.Process);
        return Open(program, path, $"{places.Count} places of {path}", places, options);
    }

    internal static unsafe UprobeMultiLink Open(BpfProgram program, string path, string target, IReadOnlyList<UprobePlace> places, UprobeMultiOptions options)
    {
        bool session = program.AttachType == AttachType.TraceUprobeSession;
        string description = $"{(session ? "uprobe.session" : options.IsReturn ? "uretprobe.multi" : "uprobe.multi")} on {target}";
        Require.Type(program, ProgramType.Kprobe, "uprobe.multi");
        Require.AttachType(program, [AttachType.TraceUprobeMulti, AttachType.TraceUprobeSession], "uprobe.multi");
        if (session && options.IsReturn) throw new ArgumentException("A session runs at call and return; IsReturn does not go with it.", nameof(options));
        if (options.Process is <= 0) throw new ArgumentException($"{options.Process} is not a process id.", nameof(options));
        if (places.Count is 0 or > MostPlaces) throw new ArgumentException($"uprobe.multi takes 1 to {MostPlaces} places, not {places.Count}.", nameof(places));

        ulong[] offsets = new ulong[places.Count], counters = new ulong[places.Count], cookies = new ulong[places.Count];
        for (int i = 0; i < places.Count; i++) (offsets[i], counters[i], cookies[i]) = (places[i].Offset, places[i].ReferenceCounterOffset, places[i].Cookie);
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            fixed (ulong* o = offsets, r = counters, c = cookies)
            {
                LinkCreateAttr attr = new()
                {
                    ProgFd = (uint)program.Descriptor.Value,
                    AttachType = (uint)(program.AttachType ?? AttachType.TraceUprobeMulti),
                    UprobeMultiPath = Bpf.Pointer(name),
                    UprobeMultiOffsets = Bpf.Pointer(o),
                    UprobeMultiRefCtrOffsets = Array.Exists(counters, static v => v != 0) ? Bpf.Pointer(r) : 0,
                    UprobeMultiCookies = Array.Exists(cookies, static v => v != 0) ? Bpf.Pointer(c) : 0,
                    UprobeMultiCnt = (uint)places.Count,
                    UprobeMultiFlags = options.IsReturn ? FlagReturn : 0,
                    UprobeMultiPid = (uint)(options.Process ?? 0),
                };
                if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}") is { } descriptor)
                    return new UprobeMultiLink(descriptor, description, path, places);
            }
            var errno = Libc.LastError;
            var needs = session ? s_sessionNeeds : Needs;
            string? hint = KernelFacts.Version < needs.Since ? null : UprobeLink.Hint(errno, path, offsets.Max(), options.Process);
            throw AttachError.Create($"attach '{program.Name}' to {description}", errno, needs, hint);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
        }
    }
}
