using System.Buffers.Binary;
using System.CommandLine;
using Hornet.Buffers;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;

namespace Hornet.Cli.Tools;

/// <summary><c>hornet syscount</c>: which system calls are made, by whom, how often, how long.</summary>
internal static class SysCount
{
    private const uint Entries = 16384;

    public static Command Create()
    {
        var command = new Command("syscount", """
            Count system calls as they return; print a summary at the end, or every interval.

            Examples:
              hornet syscount --duration 5           the most frequent calls of five seconds
              hornet syscount -P --latency           per process, with times
              hornet syscount -p 1234 -i 1           one process, every second
              hornet syscount -x                     only what fails
              hornet syscount -e ENOENT              only what fails so
            """);
        var filterOptions = new FilterOptions(command);
        var byProcess = new Option<bool>("--by-process", "-P") { Description = "Count each process apart" };
        var latency = new Option<bool>("--latency", "-L") { Description = "Measure how long calls take, and sort by the total" };
        var failed = new Option<bool>("--failed", "-x") { Description = "Only calls that fail" };
        var error = new Option<string?>("--errno", "-e") { Description = "Only calls that fail with this error: a name or a number", HelpName = "ERRNO" };
        var calls = new Option<string[]>("--syscall", "-s") { Description = "Only this call; may be repeated", HelpName = "NAME" };
        var interval = new Option<TimeSpan?>("--interval", "-i") { Description = "Print a summary of each interval: 1, 500ms", HelpName = "TIME", CustomParser = Units.ParseDuration };
        var top = new Option<int>("--top", "-T") { Description = "How many rows to print; 0 for all", HelpName = "N", DefaultValueFactory = _ => 10 };
        foreach (Option option in (Option[])[byProcess, latency, failed, error, calls, interval, top]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(top) is { Tokens.Count: > 0 } && result.GetValue(top) < 0) result.AddError("--top cannot be negative.");
        });
        var run = new RunOptions(command, buffer: false);
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            var plan = new SysCountPlan(filterOptions.Read(parsed), parsed.GetValue(byProcess), parsed.GetValue(failed),
                ReadError(parsed.GetValue(error)), ReadCalls(parsed.GetValue(calls) ?? []), parsed.GetValue(latency));
            using var sink = output.Open(parsed);
            using var interruption = new Interruption(sink);
            return Run(plan, run.Read(parsed), interruption, parsed.GetValue(interval), parsed.GetValue(top), () => output.List(parsed, sink, Columns(plan)));
        });
        return command;
    }

    private static Column[] Columns(SysCountPlan plan)
    {
        List<Column> columns = [];
        if (plan.ByProcess) columns.AddRange([new("pid", "PID", -1), new("comm", "COMM")]);
        columns.AddRange([new("syscall", "SYSCALL"), new("count", "COUNT", -1), new("errors", "ERRORS", -1)]);
        if (plan.Latency) columns.AddRange([new("total_ms", "TOTAL ms", -1), new("average_us", "AVERAGE us", -1), new("max_us", "MAX us", -1)]);
        return [.. columns];
    }

    private static int Run(SysCountPlan plan, RunSettings settings, Interruption interruption, TimeSpan? interval, int top, Func<RowWriter> newRows)
    {
        using var session = new ToolSession();
        var counts = session.Map("counts", MapType.PerCpuHash, SysCountPrograms.KeySize, SysCountPrograms.ValueSize, Entries);
        using var loss = new LossCounter(session.Map("lost", MapType.PerCpuArray, sizeof(uint), sizeof(ulong), 1));
        var names = plan.ByProcess ? session.Map("names", MapType.LruHash, sizeof(uint), 16, Entries) : null;
        if (plan.Latency) session.Map("starts", MapType.Hash, sizeof(ulong), sizeof(ulong), Entries);
        var exit = session.Program(SysCountPrograms.Exit(plan));
        if (plan.Latency) session.Attach(RawTracepointLink.Attach(session.Program(SysCountPrograms.Enter(plan)), "sys_enter"));
        session.Attach(RawTracepointLink.Attach(exit, "sys_exit"));

        interruption.EndAfter(settings.Duration);
        if (settings.Verbose) Errors.Note($"{session.Links.Count} probes attached");
        if (settings.Duration is null && interval is null) Errors.Note("counting system calls; Ctrl-C prints the summary");
        Dictionary<ulong, Totals> before = [];
        while (!interruption.Token.WaitHandle.WaitOne(interval ?? Timeout.InfiniteTimeSpan))
        {
            var now = Read(counts);
            Print(newRows, plan, Since(now, before), names, top);
            before = now;
        }
        session.Detach();
        Print(newRows, plan, Since(Read(counts), before), names, top);
        long lost = loss.Total;
        if (lost > 0) Errors.Note($"{lost} calls not counted: more than {Entries} {(plan.ByProcess ? "pairs of process and call" : "calls")} at once. A filter helps.");
        return lost > 0 && settings.Strict ? ExitCode.Lost : interruption.ExitStatus;
    }

    private static void Print(Func<RowWriter> newRows, SysCountPlan plan, Dictionary<ulong, Totals> totals, BpfMap? names, int top)
    {
        using var rows = newRows();
        rows.Start();
        IEnumerable<KeyValuePair<ulong, Totals>> sorted = totals.Where(t => t.Value.Calls > 0)
            .OrderByDescending(t => plan.Latency ? t.Value.Nanoseconds : t.Value.Calls).ThenByDescending(t => t.Value.Calls).ThenBy(t => t.Key);
        foreach (var (key, total) in top == 0 ? sorted : sorted.Take(top))
        {
            rows.BeginRow();
            if (plan.ByProcess)
            {
                rows.Add(key & uint.MaxValue);
                rows.Add(NameOf((uint)key, names!));
            }
            int number = (int)(key >> 32);
            rows.Add(SyscallTable.NameOf(number) ?? $"syscall_{number}");
            rows.Add(total.Calls);
            rows.Add(total.Failed);
            if (plan.Latency)
            {
                rows.Add(total.Nanoseconds / 1e6, 3);
                rows.Add(total.Nanoseconds / 1e3 / total.Calls, 3);
                rows.Add(total.Longest / 1e3, 3);
            }
            rows.EndRow();
        }
        rows.Finish();
    }

    // The name as it is now; of a process that has ended, as it was when its first call returned.
    private static byte[] NameOf(uint pid, BpfMap names)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/comm").AsSpan().TrimEnd((byte)'\n').ToArray();
        }
        catch (IOException)
        {
            byte[] name = new byte[16];
            return names.TryLookup(BitConverter.GetBytes(pid), name) ? UntrustedText.CString(name).ToArray() : "?"u8.ToArray();
        }
    }

    private static Dictionary<ulong, Totals> Since(Dictionary<ulong, Totals> now, Dictionary<ulong, Totals> before)
    {
        if (before.Count == 0) return now;
        return now.ToDictionary(t => t.Key, t => before.TryGetValue(t.Key, out var old) ? t.Value.Minus(old) : t.Value);
    }

    private static Dictionary<ulong, Totals> Read(BpfMap counts)
    {
        Dictionary<ulong, Totals> totals = [];
        byte[] value = new byte[counts.ValueBufferSize];
        byte[] key = new byte[SysCountPrograms.KeySize];
        // Nothing is ever deleted, so walking by key misses nothing that was there at the beginning.
        for (bool more = counts.TryGetNextKey([], key); more; more = counts.TryGetNextKey((byte[])key.Clone(), key))
        {
            if (!counts.TryLookup(key, value)) continue;
            Totals sum = default;
            for (int at = 0; at < value.Length; at += counts.PerCpuStride) sum = sum.Plus(value.AsSpan(at));
            totals[BinaryPrimitives.ReadUInt64LittleEndian(key)] = sum;
        }
        return totals;
    }

    private static int ReadError(string? text)
    {
        if (text is null) return 0;
        if (Enum.TryParse<Errno>(text, ignoreCase: true, out var errno) && (int)errno is > 0 and < 4096) return (int)errno;
        throw new UserException($"'{text}' is not an error number. {CloseNames.Suggest(text.ToUpperInvariant(), Enum.GetNames<Errno>())} Write a name or a number: ENOENT, 2.");
    }

    private static List<int> ReadCalls(string[] names)
    {
        List<int> numbers = [];
        foreach (string name in names)
        {
            if (!SyscallTable.TryGetNumber(name, out int number))
                throw new UserException($"there is no system call '{name}'. {CloseNames.Suggest(name, SyscallTable.Names)}".TrimEnd());
            numbers.Add(number);
        }
        return numbers;
    }

    private readonly record struct Totals(ulong Calls, ulong Failed, ulong Nanoseconds, ulong Longest)
    {
        public Totals Plus(ReadOnlySpan<byte> raw) => new(
            Calls + BinaryPrimitives.ReadUInt64LittleEndian(raw),
            Failed + BinaryPrimitives.ReadUInt64LittleEndian(raw[8..]),
            Nanoseconds + BinaryPrimitives.ReadUInt64LittleEndian(raw[16..]),
            Math.Max(Longest, BinaryPrimitives.ReadUInt64LittleEndian(raw[24..])));

        // The longest call cannot be told apart by interval: it is the longest so far.
        public Totals Minus(Totals old) => new(Calls - old.Calls, Failed - old.Failed, Nanoseconds - old.Nanoseconds, Longest);
    }
}
