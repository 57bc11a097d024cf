using Hornet.Kernel;
using Hornet.Printing;

namespace Hornet;

public sealed partial class BpfSession
{
    private const int PrintBufferSize = 256 * 1024;

    private PrintChannel? _prints;

    /// <summary>Who is given the lines of <see cref="Bpf.Print"/>, on a thread of the session; the console when null. An exception of it is kept in <see cref="PrintFailure"/>.</summary>
    public Action<string>? OnPrint { get; set; }

    /// <summary>How many lines of <see cref="Bpf.Print"/> came.</summary>
    public long PrintsDelivered => _prints?.Delivered ?? 0;

    /// <summary>How many lines of <see cref="Bpf.Print"/> found no room.</summary>
    public long PrintsLost => _prints?.Lost ?? 0;

    /// <summary>What <see cref="OnPrint"/> threw first; null when it never did.</summary>
    public Exception? PrintFailure => _prints?.Failure;

    /// <summary>
    /// The lines that kernel code of the whole system writes into the trace buffer (<see cref="Bpf.TracePrint"/>, and C's
    /// <c>bpf_trace_printk</c>), as they come, until cancelled. A line is given to one reader only.
    /// </summary>
    /// <exception cref="BpfException">There is no tracefs, or it may not be read.</exception>
    public static IEnumerable<TraceLine> TraceFields(CancellationToken cancellation = default)
    {
        using var pipe = TracePipe.Open();
        while (pipe.ReadLine(cancellation) is { } line)
        {
            if (TraceLine.TryParse(line, out var parsed)) yield return parsed;
        }
    }

    /// <summary>Writes the lines of the trace buffer to the console until cancelled.</summary>
    /// <exception cref="BpfException">There is no tracefs, or it may not be read.</exception>
    public static void TracePrint(CancellationToken cancellation = default)
    {
        using var pipe = TracePipe.Open();
        while (pipe.ReadLine(cancellation) is { } line) Console.WriteLine(UntrustedText.Escape(line));
    }

    // Made when the first program prints; it is disposed after the programs' links, so that nothing is missed.
    private PrintChannel Prints()
    {
        if (_prints is null)
        {
            _prints = new PrintChannel(PrintBufferSize, line =>
            {
                if (OnPrint is { } print) print(line);
                else Console.WriteLine(line);
            });
            Own(_prints);
        }
        return _prints;
    }
}
