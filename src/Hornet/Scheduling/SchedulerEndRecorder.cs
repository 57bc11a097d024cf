using System.Runtime.CompilerServices;
using System.Text;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet;

/// <summary>The member <c>exit</c> of schedulers whose class has none: it leaves why the scheduler ended in a map, since nobody else is told.</summary>
internal sealed class SchedulerEndRecorder
{
    private readonly BpfArray<Row> _rows = BpfArray<Row>.Create("scheduler_end", 1);

    /// <summary>Runs in the kernel when the scheduler ends.</summary>
    public void Exit(ScxExitInfo info)
    {
        ref var row = ref _rows.Find(0);
        if (Unsafe.IsNullRef(ref row)) return;
        info.Reason.CopyTo(row.Reason);
        info.Msg.CopyTo(row.Message);
        row.Code = info.ExitCode;
        row.Kind = info.Kind;
    }

    /// <summary>What is in the map; null as long as the scheduler runs.</summary>
    internal SchedulerEnd? Read() => _rows[0] is { Kind: not SchedulerEndKind.None } row ? new SchedulerEnd(row.Kind, row.Code, Text(row.Reason), Text(row.Message)) : null;

    internal void Close() => _rows.Dispose();

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }

    private struct Row
    {
        public long Code;
        public ReasonText Reason;
        public MessageText Message;
        public SchedulerEndKind Kind;
        private readonly int _reserved;
    }

    [InlineArray(128)]
    private struct ReasonText
    {
        private byte _first;
    }

    // SCX_EXIT_MSG_LEN
    [InlineArray(1024)]
    private struct MessageText
    {
        private byte _first;
    }
}
