namespace Hornet;

public static partial class Bpf
{
    /// <summary>
    /// Prints from kernel code (5.8): <c>Bpf.Print($"{Bpf.Tgid} opened {flags:x}")</c>. The values travel through one ring
    /// buffer of the session, as they are; the text is made in user space, with the formats of .NET, and given to
    /// <see cref="BpfSession.OnPrint"/>. What finds no room is counted in <see cref="BpfSession.PrintsLost"/>.
    /// </summary>
    [KernelOnly]
    public static void Print(BpfPrintHandler text) => throw KernelOnly.Error();

    /// <summary>
    /// Prints into the kernel's trace buffer (<c>bpf_trace_printk</c>), which <see cref="BpfSession.TraceFields"/> and
    /// <c>cat /sys/kernel/tracing/trace_pipe</c> read. The kernel makes the text: numbers in decimal or, with the format <c>x</c>, in
    /// hexadecimal, and byte spans as text; at most three values, twelve since 5.16. For looking into things; it is slow.
    /// </summary>
    [KernelOnly]
    public static void TracePrint(BpfPrintHandler text) => throw KernelOnly.Error();
}
