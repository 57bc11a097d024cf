using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet map</c>: the maps that are in the kernel, and what is in them.</summary>
internal static class MapCommand
{
    public static Command Create()
    {
        var command = new Command("map", """
            Maps in the kernel, and what is in them. Keys and values are shown by their types where the map has BTF.

            Examples:
              hornet map list                          every map, and who holds it
              hornet map dump counts                   its elements
              hornet map lookup counts 7               one element
              hornet map update counts 7 hex:00ff00ff  change one
              hornet map delete counts 7
              hornet map pin 12 /sys/fs/bpf/counts     keep it when its process ends
            """);
        command.Subcommands.Add(ObjectCommands.List("maps", s_columns, BpfMap.OpenAll, Write));
        command.Subcommands.Add(ObjectCommands.Show("map", Reference(), s_columns, References.Map, Write));
        command.Subcommands.Add(Dump());
        command.Subcommands.Add(Lookup());
        command.Subcommands.Add(Update());
        command.Subcommands.Add(Delete());
        command.Subcommands.Add(Freeze());
        command.Subcommands.Add(ObjectCommands.Pin(Reference(), "Keep a map when its process ends, by pinning it", References.Map, (map, path) => map.Pin(path)));
        command.Subcommands.Add(Pins.Unpin("map"));
        return command;
    }

    private static readonly Column[] s_columns =
    [
        new("id", "ID", -1), new("type", "TYPE"), new("name", "NAME"), new("key_size", "KEY", -1), new("value_size", "VALUE", -1),
        new("max_entries", "MAX ENTRIES", -1), new("flags", "FLAGS"), new("memory_bytes", "MEMORY", -1), new("btf_id", "BTF", -1),
        new("frozen", "FROZEN"), new("pinned", "PINNED"), new("owners", "OWNERS"),
    ];

    private static Argument<string> Reference() => References.Argument("MAP", "A map: its id, its name, or the path where it is pinned");

    private static Command Dump()
    {
        var reference = Reference();
        var command = new Command("dump", "Print all elements of a map") { reference };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var map = References.Map(parsed.GetValue(reference)!);
            using var formatter = new ElementFormatter(map);
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, ElementColumns(map));
            rows.Start();
            MapElements.ForEach(map, (key, value) => WriteElement(rows, map, formatter, key, value));
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Lookup()
    {
        var reference = Reference();
        var keyText = new Argument<string>("KEY") { Description = "A number, hex:BYTES or text:TEXT" };
        var command = new Command("lookup", "Print one element of a map") { reference, keyText };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var map = References.Map(parsed.GetValue(reference)!);
            byte[] key = ElementFormatter.Parse(parsed.GetValue(keyText)!, map.KeySize, "key");
            byte[] value = map.Lookup(key) ?? throw new UserException($"the {map} has no element with the key {parsed.GetValue(keyText)}.");
            using var formatter = new ElementFormatter(map);
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, ElementColumns(map));
            rows.Start();
            WriteElement(rows, map, formatter, key, value);
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Update()
    {
        var reference = Reference();
        var keyText = new Argument<string>("KEY") { Description = "A number, hex:BYTES or text:TEXT" };
        var valueText = new Argument<string>("VALUE") { Description = "A number, hex:BYTES or text:TEXT; of a per-CPU map, the same for every CPU" };
        var only = new Option<string?>("--only") { Description = "Only when the key is 'new', or 'existing'", HelpName = "WHEN" };
        only.AcceptOnlyFromAmong("new", "existing");
        var cpu = new Option<int?>("--cpu") { Description = "Of a per-CPU map, set this CPU's value only (kernel 7.0)", HelpName = "N" };
        var command = new Command("update", "Set one element of a map") { reference, keyText, valueText, only, cpu };
        command.SetAction(parsed =>
        {
            using var map = References.Map(parsed.GetValue(reference)!);
            byte[] key = ElementFormatter.Parse(parsed.GetValue(keyText)!, map.KeySize, "key");
            byte[] one = ElementFormatter.Parse(parsed.GetValue(valueText)!, map.ValueSize, "value");
            if (parsed.GetValue(cpu) is { } number)
            {
                if (!map.IsPerCpu) throw new UserException($"the {map} has one value for all CPUs; leave --cpu away.");
                if (!CpuList.Possible.Contains(number)) throw new UserException($"this machine has no CPU {number}.");
                if (parsed.GetValue(only) is not null) throw new UserException("--only and --cpu do not go together: the kernel has no such update.");
                map.UpdateCpu(key, number, one);
                return ExitCode.Done;
            }
            byte[] value = new byte[map.ValueBufferSize];
            for (int at = 0; at + one.Length <= value.Length; at += map.IsPerCpu ? map.PerCpuStride : value.Length) one.CopyTo(value, at);
            map.Update(key, value, parsed.GetValue(only) switch { "new" => MapUpdateFlags.NoExist, "existing" => MapUpdateFlags.Exist, _ => MapUpdateFlags.Any });
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Delete()
    {
        var reference = Reference();
        var keyText = new Argument<string>("KEY") { Description = "A number, hex:BYTES or text:TEXT" };
        var command = new Command("delete", "Remove one element of a map") { reference, keyText };
        command.SetAction(parsed =>
        {
            using var map = References.Map(parsed.GetValue(reference)!);
            if (!map.Remove(ElementFormatter.Parse(parsed.GetValue(keyText)!, map.KeySize, "key")))
                throw new UserException($"the {map} has no element with the key {parsed.GetValue(keyText)}.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Freeze()
    {
        var reference = Reference();
        var command = new Command("freeze", "Make a map read-only for user space, for good (kernel 5.2)") { reference };
        command.SetAction(parsed =>
        {
            using var map = References.Map(parsed.GetValue(reference)!);
            map.Freeze();
            return ExitCode.Done;
        });
        return command;
    }

    private static Column[] ElementColumns(BpfMap map) =>
        map.IsPerCpu ? [new("key", "KEY"), new("cpu", "CPU", -1), new("value", "VALUE")] : [new("key", "KEY"), new("value", "VALUE")];

    // A per-CPU element is a row per CPU.
    private static void WriteElement(RowWriter rows, BpfMap map, ElementFormatter formatter, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!map.IsPerCpu)
        {
            rows.BeginRow();
            rows.AddJson(formatter.Key(key));
            rows.AddJson(formatter.Value(value));
            rows.EndRow();
            return;
        }
        int index = 0;
        foreach (int cpu in CpuList.Possible)
        {
            rows.BeginRow();
            rows.AddJson(formatter.Key(key));
            rows.Add((long)cpu);
            rows.AddJson(formatter.Value(value.Slice(index++ * map.PerCpuStride, map.ValueSize)));
            rows.EndRow();
        }
    }

    private static void Write(RowWriter rows, BpfMap map, Owners owners, Pins pins)
    {
        var info = map.GetInfo();
        rows.BeginRow();
        rows.Add(info.Id);
        rows.Add(info.Type.ToString());
        rows.Add(info.Name.Length == 0 ? null : info.Name);
        rows.Add(info.KeySize);
        rows.Add(info.ValueSize);
        rows.Add(info.MaxEntries);
        rows.Add(info.Flags == 0 ? null : info.Flags.ToString());
        rows.Add(info.MemoryBytes);
        if (info.BtfId == 0) rows.AddNothing();
        else rows.Add(info.BtfId);
        rows.Add(info.Frozen);
        rows.Add(pins.Of(OwnedKind.Map, info.Id));
        rows.Add(owners.Of(OwnedKind.Map, info.Id));
        rows.EndRow();
    }
}
