using System.Buffers.Binary;
using System.CommandLine;
using System.Text;
using Hornet.Buffers;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Interop;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.Cli.Tools;

/// <summary><c>hornet opensnoop</c>: every file that is opened, live.</summary>
internal static class OpenSnoop
{
    private static readonly Column[] s_columns =
    [
        new("time", "TIME", 15), new("uid", "UID", -6), new("pid", "PID", -7), new("tid", "TID", -7), new("comm", "COMM", 15),
        new("fd", "FD", -4), new("error", "ERROR", 7), new("duration_us", "US", -7), new("flags", "FLAGS", 26), new("path", "PATH"),
    ];

    public static Command Create()
    {
        var command = new Command("opensnoop", """
            Trace open(2), openat(2), openat2(2) and creat(2): who opens which file, and what comes of it.

            Examples:
              hornet opensnoop                       everything, until Ctrl-C
              hornet opensnoop -x                    only what failed
              hornet opensnoop -p 1234 --duration 10 one process, for ten seconds
              hornet opensnoop --path /etc --json    paths that contain /etc, as JSON

            Files opened through io_uring do not pass these system calls and are not seen.
            """);
        var filterOptions = new FilterOptions(command);
        var failed = new Option<bool>("--failed", "-x") { Description = "Only calls that failed" };
        var path = new Option<string?>("--path") { Description = "Only paths that contain this text", HelpName = "TEXT" };
        command.Options.Add(failed);
        command.Options.Add(path);
        var run = new RunOptions(command);
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            var filter = filterOptions.Read(parsed);
            using var sink = output.Open(parsed);
            using var rows = output.Events(parsed, sink, s_columns);
            using var interruption = new Interruption(sink);
            return Run(filter, parsed.GetValue(failed), parsed.GetValue(path), run.Read(parsed), interruption, rows);
        });
        return command;
    }

    private static int Run(Filter filter, bool failedOnly, string? pathPart, RunSettings settings, Interruption interruption, RowWriter rows)
    {
        ToolSession.EnsureTracefs();
        using var session = new ToolSession();
        session.Map("starts", MapType.Hash, sizeof(ulong), OpenSnoopPrograms.StartSize, 16384);
        session.Map("scratch", MapType.PerCpuArray, sizeof(uint), OpenSnoopPrograms.HeaderSize + OpenSnoopPrograms.PathSize, 1);
        var events = session.Map("events", MapType.RingBuf, 0, 0, settings.BufferSize);
        using var loss = new LossCounter(session.Map("lost", MapType.PerCpuArray, sizeof(uint), sizeof(ulong), 1));
        using var reader = new RingBufferReader(events, new RingBufferOptions { Loss = loss });

        // Exits first: an entry seen without its exit would wait in the map for nothing.
        var exit = session.Program(OpenSnoopPrograms.Exit(failedOnly));
        foreach (var call in OpenSnoopPrograms.Calls) AttachCall(session, exit, $"sys_exit_{call.Name}");
        foreach (var call in OpenSnoopPrograms.Calls)
        {
            if (Kernel.Tracefs.Exists("syscalls", $"sys_enter_{call.Name}"))
                AttachCall(session, session.Program(OpenSnoopPrograms.Enter(call, filter)), $"sys_enter_{call.Name}");
        }
        if (session.Links.Count == 0)
            throw new BpfNotSupportedException("syscall tracepoints", UnsupportedCause.Config, "opensnoop needs the syscalls tracepoints; this kernel was built without CONFIG_FTRACE_SYSCALLS.");

        return EventLoop.Run(reader, loss, session, settings, interruption, rows, new Handler(rows, pathPart));
    }

    // open, creat and openat2 do not exist on every architecture and kernel.
    private static void AttachCall(ToolSession session, BpfProgram program, string name)
    {
        if (Kernel.Tracefs.Exists("syscalls", name)) session.Attach(TracepointLink.Attach(program, "syscalls", name));
    }

    private readonly struct Handler(RowWriter rows, string? pathPart) : IRecordHandler
    {
        private readonly byte[]? _pathPart = pathPart is null ? null : Encoding.UTF8.GetBytes(pathPart);
        private readonly WallClock _clock = new();

        public bool Handle(ReadOnlySpan<byte> record)
        {
            var path = UntrustedText.CString(record[OpenSnoopPrograms.HeaderSize..]);
            if (_pathPart is not null && path.IndexOf(_pathPart) < 0) return true;
            int result = BinaryPrimitives.ReadInt32LittleEndian(record[20..]);
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
            rows.BeginRow();
            rows.Add(_clock.Format(BinaryPrimitives.ReadUInt64LittleEndian(record)));
            rows.Add(BinaryPrimitives.ReadUInt32LittleEndian(record[16..]));
            rows.Add(BinaryPrimitives.ReadUInt32LittleEndian(record[8..]));
            rows.Add(BinaryPrimitives.ReadUInt32LittleEndian(record[12..]));
            rows.Add(UntrustedText.CString(record.Slice(40, 16)));
            if (result >= 0) rows.Add((long)result);
            else rows.AddNothing();
            if (result < 0) rows.Add(((Errno)(-result)).ToString());
            else rows.AddNothing();
            rows.Add(BinaryPrimitives.ReadUInt64LittleEndian(record[32..]) / 1000);
            rows.Add(OpenFlags.Describe(flags));
            rows.Add(path);
            rows.EndRow();
            return true;
        }
    }
}
