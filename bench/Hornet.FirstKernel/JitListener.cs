using System.Diagnostics.Tracing;
using System.Globalization;

namespace Hornet.FirstKernel;

/// <summary>Notes what the runtime compiles while the program runs: each of these costs about a third of a millisecond at the start.</summary>
internal sealed class JitListener : EventListener
{
    private const EventKeywords JitKeyword = (EventKeywords)0x10;

    private readonly List<string> _methods = [];

    /// <summary>The methods so far, in the order of their compilation.</summary>
    public IReadOnlyList<string> Methods
    {
        get
        {
            lock (_methods) return [.. _methods];
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, JitKeyword);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName is not ("MethodLoadVerbose_V1" or "MethodLoadVerbose_V2") || eventData.Payload is not { Count: > 8 } payload) return;
        lock (_methods) _methods.Add(string.Create(CultureInfo.InvariantCulture, $"{payload[6]}.{payload[7]} {payload[8]}"));
    }
}
