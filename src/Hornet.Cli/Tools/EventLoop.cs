using System.Diagnostics;
using Hornet.Buffers;
using Hornet.Cli.Common;
using Hornet.Cli.Output;

namespace Hornet.Cli.Tools;

/// <summary>
/// Reads events until the duration is over or a signal comes; then detaches, drains what is still in the buffer, and
/// says how much was lost. Output is flushed whenever the buffer runs empty, so that a quiet stream shows at once and a
/// busy one is written in large pieces.
/// </summary>
internal static class EventLoop
{
    // Between two looks at the loss counter.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    public static int Run<THandler>(RingBufferReader reader, LossCounter loss, ToolSession session, RunSettings settings, Interruption interruption, RowWriter rows, THandler handler)
        where THandler : struct, IRecordHandler
    {
        interruption.EndAfter(settings.Duration);
        if (settings.Verbose)
        {
            var sinceStart = DateTime.Now - Process.GetCurrentProcess().StartTime;
            Errors.Note($"{session.Links.Count} probes attached {sinceStart.TotalMilliseconds:F0} ms after the process began");
        }
        rows.Start();
        rows.Flush();
        long lost = 0;
        while (!interruption.Token.IsCancellationRequested)
        {
            try
            {
                reader.Poll(ref handler, s_pause, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            rows.Flush();
            Report(ref lost, loss.TakeDelta());
        }
        session.Detach();
        while (reader.Drain(ref handler) > 0) rows.Flush();
        rows.Finish();
        Report(ref lost, loss.TakeDelta());
        if (lost > 0) Errors.Note($"{lost} events lost in all, {reader.Delivered} delivered. A larger --buffer or a narrower filter helps.");
        return lost > 0 && settings.Strict ? ExitCode.Lost : interruption.ExitStatus;
    }

    private static void Report(ref long total, long lost)
    {
        if (lost == 0) return;
        total += lost;
        Errors.Note($"lost {lost} events");
    }
}
