using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.Cli.Output;

namespace Hornet.Cli.Common;

/// <summary>
/// Turns SIGINT, SIGTERM, SIGHUP and the end of whoever reads the output into a cancelled token, so that a command detaches,
/// writes its summary and ends. Made before anything is attached: a signal without it ends the process on the spot. A
/// second signal does so in any case, whatever hangs.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // Who stopped reading may go on; who was asked to end must.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private static long s_signalledAt;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;
    private bool _outputClosed;

    /// <param name="sink">What the command writes to; null when it writes nothing until it ends.</param>
    public Interruption(Stream? sink = null)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
        ];
        if (sink is DescriptorStream output) new Thread(() => Watch(output)) { IsBackground = true, Name = "output watch" }.Start();
    }

    /// <summary>Cancelled by a signal, when nobody reads the output any more, or when the duration is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit status of a command that ran to its end.</summary>
    public int ExitStatus => Volatile.Read(ref _signals) > 0 ? ExitCode.Interrupted : Volatile.Read(ref _outputClosed) ? ExitCode.OutputClosed : ExitCode.Done;

    /// <summary>Whether a signal came so long ago that output which cannot be written is given up.</summary>
    public static bool IsOverdue => Volatile.Read(ref s_signalledAt) is > 0 and var at && Stopwatch.GetElapsedTime(at) > s_patience;

    /// <summary>Ends the command after this time; null for never.</summary>
    public void EndAfter(TimeSpan? duration)
    {
        if (duration is { } limit) _source.CancelAfter(limit);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1) Environment.Exit(ExitCode.Interrupted);
        context.Cancel = true;
        Volatile.Write(ref s_signalledAt, Stopwatch.GetTimestamp());
        _source.Cancel();
    }

    // A quiet command would otherwise learn only from its next row that nobody reads.
    private void Watch(DescriptorStream output)
    {
        if (!output.WaitUntilClosed()) return;
        Volatile.Write(ref _outputClosed, true);
        _source.Cancel();
    }
}
