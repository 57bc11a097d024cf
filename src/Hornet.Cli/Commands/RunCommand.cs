using System.CommandLine;
using System.Text;
using Hornet.Btf;
using Hornet.Buffers;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet run</c>: loads a BPF object, attaches all of it, streams its ring buffers, and prints its maps at the end.</summary>
internal static class RunCommand
{
    private static readonly Column[] s_columns = [new("map", "MAP", 16), new("key", "KEY", 12), new("value", "VALUE")];

    public static Command Create()
    {
        var type = new Option<string?>("--type") { Description = "The struct that ring buffer records are, when the object does not say", HelpName = "NAME" };
        var duration = new Option<TimeSpan?>("--duration", "-d") { Description = "Stop after this time", HelpName = "TIME", CustomParser = Units.ParseDuration };
        var noMaps = new Option<bool>("--no-maps") { Description = "Do not print the maps at the end" };
        var strict = new Option<bool>("--strict") { Description = "Fail when a program of the object cannot be attached" };
        var command = new Command("run", """
            Load a BPF object file, attach what its section names say, print the records of its ring buffers as they come, and
            the contents of its maps at the end. Records and elements are shown by their BTF types.

            Examples:
              hornet run x.bpf.o                            until Ctrl-C
              hornet run x.bpf.o --set min_ns=1000000 -d 5  with a global variable set, for five seconds
              hornet run x.bpf.o --type event --json
            """) { type, duration, noMaps, strict };
        var objects = new ObjectOptions(command);
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            var spec = objects.Read(parsed);
            Tools.ToolSession.EnsureTracefs();
            using var sink = output.Open(parsed);
            using var interruption = new Interruption(sink);
            using var loaded = objects.Load(parsed, spec);
            using var links = loaded.AttachAll(ignoreErrors: !parsed.GetValue(strict));
            foreach (var (name, reason) in links.NotAttached) Errors.Note($"'{name}' is not attached: {reason}");
            if (links.Links.Count == 0) throw new UserException($"nothing of {spec} could be attached.");
            Errors.Note($"{links.Links.Count} of {loaded.Programs.Count} programs attached; Ctrl-C ends");

            using var rows = output.Events(parsed, sink, s_columns);
            rows.Start();
            rows.Flush();
            interruption.EndAfter(parsed.GetValue(duration));
            Stream(loaded, links, RecordType(spec, parsed.GetValue(type)), rows, interruption.Token);
            if (!parsed.GetValue(noMaps))
            {
                foreach (var (name, map) in loaded.Maps) PrintMap(rows, name, map);
            }
            rows.Finish();
            return interruption.ExitStatus;
        });
        return command;
    }

    // One reader for each ring, so that a record knows its map; one thread, so that rows are whole.
    // Detaches before it empties the rings, so that nothing comes behind.
    private static void Stream(LoadedObject loaded, AttachedLinks links, BtfType? given, RowWriter rows, CancellationToken token)
    {
        List<(RingBufferReader Reader, RecordPrinter Printer)> rings = [];
        try
        {
            foreach (var (name, map) in loaded.Maps)
            {
                if (map.Type != MapType.RingBuf) continue;
                var declared = given ?? ValueType(loaded.Spec, name);
                rings.Add((new RingBufferReader(map), new RecordPrinter(rows, name, new ElementFormatter(null, declared))));
            }
            if (rings.Count == 0)
            {
                token.WaitHandle.WaitOne();
                links.Dispose();
                return;
            }
            var pause = TimeSpan.FromMilliseconds(rings.Count == 1 ? 200 : 10);
            while (!token.IsCancellationRequested)
            {
                foreach (var (reader, printer) in rings)
                {
                    var handler = printer;
                    try
                    {
                        reader.Poll(ref handler, pause, token);
                    }
                    catch (OperationCanceledException)
                    {
                        break;
                    }
                }
                rows.Flush();
            }
            links.Dispose();
            foreach (var (reader, printer) in rings)
            {
                var handler = printer;
                reader.Drain(ref handler);
            }
        }
        finally
        {
            foreach (var (reader, _) in rings) reader.Dispose();
        }
    }

    private static void PrintMap(RowWriter rows, string name, BpfMap map)
    {
        if (!MapElements.CanWalk(map.Type) || name.Contains(".rodata", StringComparison.Ordinal) || name.Contains(".kconfig", StringComparison.Ordinal)) return;
        using var formatter = new ElementFormatter(map);
        MapElements.ForEach(map, (key, value) =>
        {
            rows.BeginRow();
            rows.Add(name);
            rows.AddJson(formatter.Key(key));
            if (!map.IsPerCpu) rows.AddJson(formatter.Value(value));
            else
            {
                var all = new StringBuilder("[");
                for (int i = 0; i < CpuList.PossibleCount; i++) all.Append(i == 0 ? "" : ",").Append(formatter.Value(value.Slice(i * map.PerCpuStride, map.ValueSize)));
                rows.AddJson(all.Append(']').ToString());
            }
            rows.EndRow();
        });
    }

    private static BtfType? ValueType(BpfObject spec, string map) =>
        spec.Btf is { } btf && spec.Maps.FirstOrDefault(m => m.Name == map) is { ValueTypeId: not 0 } declared ? btf[declared.ValueTypeId] : null;

    private static BtfType? RecordType(BpfObject spec, string? name)
    {
        if (name is null) return null;
        if (spec.Btf is not { } btf) throw new UserException($"the object has no BTF, so it has no type '{name}'. Compile it with -g.");
        foreach (var type in btf.FindAll(name))
        {
            if (type.IsComposite || type.Kind == BtfKind.Typedef) return type;
        }
        List<string> names = [];
        for (uint id = btf.FirstId; id < btf.TypeCount; id++)
        {
            if (btf[id] is { IsComposite: true, IsAnonymous: false } type) names.Add(type.Name);
        }
        throw new UserException($"the object has no struct '{name}'. {CloseNames.Describe(name, names)}");
    }

    private readonly struct RecordPrinter(RowWriter rows, string map, ElementFormatter formatter) : IRecordHandler
    {
        public bool Handle(ReadOnlySpan<byte> record)
        {
            rows.BeginRow();
            rows.Add(map);
            rows.AddNothing();
            rows.AddJson(formatter.Value(record));
            rows.EndRow();
            return true;
        }
    }
}
