using System.Globalization;
using System.Runtime.InteropServices;
using Hornet.Elf;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="UprobeLink"/>.</summary>
public sealed record UprobeOptions
{
    /// <summary>Run when the function returns (uretprobe) instead of when it is called.</summary>
    public bool IsReturn { get; init; }

    /// <summary>Bytes from the start of the function, to probe an instruction inside it.</summary>
    public ulong Offset { get; init; }

    /// <summary>Only in this process (all its threads); null for every process that runs the binary.</summary>
    public int? Process { get; init; }

    /// <summary>
    /// The process whose view of the file system the path is meant in; null for <see cref="Process"/> where given, else
    /// our own. To probe a whole container, name one of its processes here and leave <see cref="Process"/> null.
    /// </summary>
    public int? NamespaceOf { get; init; }

    /// <summary>A value the program gets from <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</summary>
    public ulong Cookie { get; init; }

    /// <summary>The file offset of a 16-bit counter that the kernel raises while the probe is attached (a semaphore, 4.20); 0 for none.</summary>
    public ulong ReferenceCounterOffset { get; init; }
}

/// <summary>
/// A program at an instruction of a user-space binary, usually the start or the end of a function. Linux 4.17 (through
/// the uprobe PMU). The program is of type <see cref="ProgramType.Kprobe"/>; its context is <c>struct pt_regs</c>.
/// </summary>
public sealed class UprobeLink : PerfLink
{
    internal const string Pmu = "/sys/bus/event_source/devices/uprobe";
    private const int ReferenceCounterShift = 32;

    private static readonly AttachNeeds s_needs = new("uprobe", FirstKernel.Uprobe, "CONFIG_UPROBE_EVENTS", "CAP_SYS_ADMIN (uprobes through perf events ask for it; uprobe.multi takes CAP_BPF and CAP_PERFMON)");

    private UprobeLink(string description, string path) : base(description) => BinaryPath = path;

    /// <summary>The file that is probed.</summary>
    public string BinaryPath { get; }

    /// <summary>Attaches to a function.</summary>
    /// <param name="program">The program.</param>
    /// <param name="binary">A path, or the name of an executable or library (see <see cref="UserBinary"/>).</param>
    /// <param name="function">The function; a symbol version may follow (<c>memcpy@GLIBC_2.2.5</c>).</param>
    /// <param name="options">The options.</param>
    /// <exception cref="BpfException">No such binary or function (with close names), the name is ambiguous, or the kernel refused.</exception>
    public static UprobeLink Attach(BpfProgram program, string binary, string function, UprobeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentException.ThrowIfNullOrEmpty(function);
        options ??= new();
        string path = UserBinary.Find(binary, options.NamespaceOf ?? options.Process);
        using var file = ElfFile.Open(path);
        var symbol = file.FindFunction(function)
            ?? throw new BpfSyscallException($"find function '{function}' in '{path}'", Errno.ENOENT, UserBinary.SuggestFunction(file, function));
        if (symbol.Size != 0 && options.Offset >= symbol.Size)
            throw new BpfException($"attach '{program.Name}' to {path}:{function}: offset {options.Offset} lies outside the function, which is {symbol.Size} bytes long.");
        string place = options.Offset == 0 ? function : $"{function}+0x{options.Offset:x}";
        return Open(program, path, $"{path}:{place}", [new UprobePlace(symbol.FileOffset + options.Offset, options.ReferenceCounterOffset, options.Cookie)], options);
    }

    /// <summary>Attaches to an instruction by its offset in the file (not its virtual address; <see cref="ElfFile.FileOffset"/> translates).</summary>
    public static UprobeLink AttachAt(BpfProgram program, string binary, ulong fileOffset, UprobeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        options ??= new();
        string path = UserBinary.Find(binary, options.NamespaceOf ?? options.Process);
        ulong offset = fileOffset + options.Offset;
        return Open(program, path, $"{path}:0x{offset:x}", [new UprobePlace(offset, options.ReferenceCounterOffset, options.Cookie)], options);
    }

    /// <summary>Attaches to several places, each through an event of its own: what kernels before 6.6 have instead of uprobe.multi.</summary>
    internal static UprobeLink Open(BpfProgram program, string path, string target, IReadOnlyList<UprobePlace> places, UprobeOptions options)
    {
        string description = $"{(options.IsReturn ? "uretprobe" : "uprobe")} {target}";
        Require.Type(program, ProgramType.Kprobe, "a uprobe");
        if (options.Process is <= 0) throw new ArgumentException($"{options.Process} is not a process id.", nameof(options));
        UprobeLink link = new(description, path);
        try
        {
            foreach (var place in places) link.AttachPlace(program, path, place, options);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    private unsafe void AttachPlace(BpfProgram program, string path, UprobePlace place, UprobeOptions options)
    {
        string operation = $"attach '{program.Name}' to {Description}";
        uint type = PmuNumber("type") ?? throw AttachError.Create(operation, Errno.ENODEV, s_needs);
        if (place.ReferenceCounterOffset > uint.MaxValue) throw new BpfException($"{operation}: the counter's offset 0x{place.ReferenceCounterOffset:x} does not fit in 32 bits.");
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            PerfEventAttr attr = new()
            {
                Type = type,
                Config = (options.IsReturn ? 1ul << RetprobeBit() : 0) | place.ReferenceCounterOffset << ReferenceCounterShift,
                Config1 = Bpf.Pointer(name),
                Config2 = place.Offset,
            };
            // With a process the event follows it on every CPU; without one, one event on CPU 0 stands for all.
            var perfEvent = PerfEvent.TryOpen(ref attr, options.Process ?? -1, options.Process is null ? 0 : -1, Description)
                ?? throw Refused(operation, Libc.LastError, path, place.Offset, options.Process);
            AttachTo(perfEvent, program, place.Cookie, s_needs);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
        }
    }

    internal static string? Hint(Errno errno, string path, ulong offset, int? process) => errno switch
    {
        Errno.ESRCH when process is { } pid => $"There is no process {pid}.",
        Errno.EINVAL when new FileInfo(path) is { Exists: true } file && offset >= (ulong)file.Length => $"The offset 0x{offset:x} lies outside the file ({file.Length} bytes).",
        Errno.EINVAL => "The offset is not at the start of an instruction, or the file system does not support probes.",
        Errno.ENOEXEC => "There is no instruction at this offset that the kernel can probe.",
        _ => null,
    };

    private static BpfException Refused(string operation, Errno errno, string path, ulong offset, int? process) =>
        AttachError.Create(operation, errno, s_needs, Hint(errno, path, offset, process));

    private static int RetprobeBit()
    {
        // "config:0" on every kernel so far; the file is the contract.
        string text = ReadPmu("format/retprobe") ?? "config:0";
        return int.TryParse(text.AsSpan(text.IndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bit) ? bit : 0;
    }

    private static uint? PmuNumber(string file) => uint.TryParse(ReadPmu(file), out uint value) ? value : null;

    private static string? ReadPmu(string file)
    {
        string path = $"{Pmu}/{file}";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}

/// <summary>One place of a user-space binary.</summary>
/// <param name="Offset">The offset of the instruction in the file.</param>
/// <param name="ReferenceCounterOffset">The offset of a semaphore in the file; 0 for none.</param>
/// <param name="Cookie">A value for the program; 0 for none.</param>
public sealed record UprobePlace(ulong Offset, ulong ReferenceCounterOffset = 0, ulong Cookie = 0);
