using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="KprobeLink"/>.</summary>
public sealed record KprobeOptions
{
    /// <summary>Run when the function returns (kretprobe) instead of when it is called.</summary>
    public bool IsReturn { get; init; }

    /// <summary>Bytes from the start of the function, to probe an instruction inside it. Not for returns.</summary>
    public ulong Offset { get; init; }

    /// <summary>A value the program gets from <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</summary>
    public ulong Cookie { get; init; }

    /// <summary>
    /// How many calls of the function may be under way at once without a return being missed (<c>maxactive</c>); 0 for the
    /// kernel's default of twice the number of CPUs, at least 10. Only for returns. Needs tracefs, and leaves an event
    /// definition (without a program) behind when the process is killed; the next probe made this way removes it.
    /// </summary>
    public int MaxActive { get; init; }
}

/// <summary>
/// A program at an instruction of the kernel, usually the start or the end of a function. The program is of type
/// <see cref="ProgramType.Kprobe"/>; its context is <c>struct pt_regs</c>. Through the kprobe PMU (4.17), else through tracefs.
/// </summary>
public sealed class KprobeLink : PerfLink
{
    internal static readonly AttachNeeds Needs = new("kprobe", FirstKernel.Kprobe, "CONFIG_KPROBE_EVENTS");

    private const string Pmu = "/sys/bus/event_source/devices/kprobe/type";
    private const int MostActive = 4096; // KRETPROBE_MAXACTIVE_MAX

    private KprobeLink(string description) : base(description) { }

    /// <summary>Attaches to a function.</summary>
    /// <param name="program">The program.</param>
    /// <param name="function">The function: <c>vfs_read</c>, or <c>module:function</c>.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="BpfException">No such function (with close names), it cannot be probed, or the kernel refused.</exception>
    public static KprobeLink Attach(BpfProgram program, string function, KprobeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        return Open(program, function, 0, options ?? new());
    }

    /// <summary>Attaches to an instruction by its address, to choose among functions of the same name (see <c>/proc/kallsyms</c>).</summary>
    public static KprobeLink AttachAt(BpfProgram program, ulong address, KprobeOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(address);
        return Open(program, null, address, options ?? new());
    }

    /// <summary>
    /// Attaches to a system call by its name (<c>openat</c>), whatever its function is called on this kernel. Where system
    /// calls have wrappers (x86-64, arm64; 4.17), the first argument of the function is a pointer to the caller's registers.
    /// </summary>
    public static KprobeLink AttachSystemCall(BpfProgram program, string systemCall, KprobeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(systemCall);
        return Open(program, KernelFunctions.OfSystemCall(systemCall), 0, options ?? new());
    }

    private static KprobeLink Open(BpfProgram program, string? function, ulong address, KprobeOptions options)
    {
        Require.Type(program, ProgramType.Kprobe, "a kprobe");
        string place = function is null ? $"0x{address:x}" : options.Offset == 0 ? function : $"{function}+0x{options.Offset:x}";
        string description = $"{(options.IsReturn ? "kretprobe" : "kprobe")} {place}";
        if (options.IsReturn && options.Offset != 0) throw new ArgumentException("A return probe is on the whole function; it takes no offset.", nameof(options));
        if (!options.IsReturn && options.MaxActive != 0) throw new ArgumentException("MaxActive is for return probes.", nameof(options));
        if (options.MaxActive is < 0 or > MostActive) throw new ArgumentException($"MaxActive is {options.MaxActive}; it must be 0 to {MostActive}.", nameof(options));
        KprobeLink link = new(description);
        try
        {
            if (options.MaxActive == 0 && File.Exists(Pmu)) link.AttachThroughPmu(program, function, address, options);
            else link.AttachThroughTracefs(program, function, address, options);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    private unsafe void AttachThroughPmu(BpfProgram program, string? function, ulong address, KprobeOptions options)
    {
        byte* name = function is null ? null : (byte*)Marshal.StringToCoTaskMemUTF8(function);
        try
        {
            PerfEventAttr attr = new()
            {
                Type = uint.Parse(File.ReadAllText(Pmu).AsSpan().Trim(), System.Globalization.CultureInfo.InvariantCulture),
                Config = options.IsReturn ? 1ul : 0,
                Config1 = Bpf.Pointer(name),
                Config2 = function is null ? address : options.Offset,
            };
            var perfEvent = PerfEvent.TryOpen(ref attr, -1, 0, Description) ?? throw Refused(program, function, Libc.LastError);
            AttachTo(perfEvent, program, options.Cookie, Needs);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
        }
    }

    private void AttachThroughTracefs(BpfProgram program, string? function, ulong address, KprobeOptions options)
    {
        string target = function is null ? $"0x{address:x}" : options.Offset == 0 ? function : $"{function}+{options.Offset}";
        TracefsKprobe definition;
        try
        {
            definition = TracefsKprobe.Define(options.IsReturn, options.MaxActive, target);
        }
        catch (BpfSyscallException e) when (e.Hint is null)
        {
            throw Refused(program, function, e.Errno);
        }
        Own(definition); // removed after the event, which keeps it busy, is closed
        PerfEventAttr attr = new() { Type = PerfEvent.TypeTracepoint, Config = definition.Id, SamplePeriod = 1, WakeupEvents = 1 };
        var perfEvent = PerfEvent.TryOpen(ref attr, -1, 0, Description) ?? throw Refused(program, function, Libc.LastError);
        AttachTo(perfEvent, program, options.Cookie, Needs);
    }

    private BpfException Refused(BpfProgram program, string? function, Errno errno)
    {
        string? hint = errno switch
        {
            Errno.ENOENT or Errno.EINVAL when function is not null && !function.Contains(':') && !KernelFunctions.Names().Contains(function) =>
                $"The kernel has no function '{function}'. {KernelFunctions.Suggest(function) ?? "It may have been inlined, or belong to a module that is not loaded."}",
            Errno.EADDRNOTAVAIL => "Several functions have this name. Attach to an address instead (AttachAt).",
            Errno.EILSEQ => "The offset is not at the start of an instruction.",
            Errno.EINVAL or Errno.EOPNOTSUPP when function is not null => "The function exists, but cannot be probed: it is on the blacklist (/sys/kernel/debug/kprobes/blacklist), or the offset lies outside it.",
            _ => null,
        };
        return AttachError.Create($"attach '{program.Name}' to {Description}", errno, Needs, hint);
    }
}
