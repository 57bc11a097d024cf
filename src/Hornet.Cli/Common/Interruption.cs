using System.Runtime.InteropServices;

namespace Hornet.Cli.Common;

/// <summary>
/// Turns SIGINT, SIGTERM and SIGHUP into a cancelled token, so that a command detaches, writes its summary and ends.
/// A second signal ends the process at once, whatever hangs.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    public Interruption(TimeSpan? duration = null)
    {
        if (duration is { } limit) _source.CancelAfter(limit);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
        ];
    }

    /// <summary>Cancelled by a signal or when the duration is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether a signal ended the command, rather than its duration or its own end.</summary>
    public bool BySignal => Volatile.Read(ref _signals) > 0;

    /// <summary>The exit status of a command that ran to its end.</summary>
    public int ExitStatus => BySignal ? ExitCode.Interrupted : ExitCode.Done;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1) Environment.Exit(ExitCode.Interrupted);
        context.Cancel = true;
        _source.Cancel();
    }
}
