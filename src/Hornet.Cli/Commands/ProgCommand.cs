using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet prog</c>: the programs that are in the kernel.</summary>
internal static class ProgCommand
{
    private static readonly Column[] s_columns =
    [
        new("id", "ID", -1), new("type", "TYPE"), new("name", "NAME"), new("tag", "TAG"), new("loaded", "LOADED"), new("uid", "UID", -1),
        new("instructions", "INSNS", -1), new("jited_bytes", "JITED", -1), new("map_ids", "MAPS"), new("pinned", "PINNED"), new("owners", "OWNERS"),
    ];

    private static readonly Column[] s_details =
    [
        new("id", "id"), new("name", "name"), new("type", "type"), new("tag", "tag"), new("loaded", "loaded"), new("uid", "user id"),
        new("gpl_compatible", "GPL compatible"), new("instructions", "instructions (translated)"),
        new("verified_instructions", "instructions (visited by the verifier)"), new("jited_bytes", "machine code, bytes"),
        new("functions", "functions"), new("memory_bytes", "memory, bytes"), new("btf_id", "BTF id"), new("map_ids", "maps"),
        new("run_count", "runs"), new("run_time_ns", "run time, ns"), new("recursion_misses", "runs missed by recursion"),
        new("pinned", "pinned"), new("owners", "owners"),
    ];

    public static Command Create()
    {
        var command = new Command("prog", """
            Programs in the kernel.

            Examples:
              hornet prog list                        every program, and who holds it
              hornet prog show 42                     one in detail
              hornet prog dump 42                     its instructions, with source lines where there are any
              hornet prog dump 42 --jited             its machine code
              hornet prog top                         what programs cost, live
              hornet prog run 42 --data 00112233…     run it once on a packet, without attaching
              hornet prog load x.bpf.o --pin /sys/fs/bpf/x
              hornet prog attach 42 xdp eth0
            """);
        command.Subcommands.Add(ObjectCommands.List("programs", s_columns, BpfProgram.OpenAll, WriteShort));
        command.Subcommands.Add(ObjectCommands.Show("program", References.Argument("PROG", "A program: its id, its name, or the path where it is pinned"), s_details,
            References.Program, WriteDetail));
        command.Subcommands.Add(ProgLoad.Create());
        command.Subcommands.Add(ProgAttach.Create());
        command.Subcommands.Add(ProgDump.Create());
        command.Subcommands.Add(ProgRun.Create());
        command.Subcommands.Add(ProgTop.Create());
        command.Subcommands.Add(ObjectCommands.Pin(References.Argument("PROG", "A program: its id or name"), "Keep a program loaded by pinning it (this does not attach it)",
            References.Program, (program, path) => program.Pin(path)));
        command.Subcommands.Add(Pins.Unpin("prog"));
        return command;
    }

    private static void WriteShort(RowWriter rows, BpfProgram program, Owners owners, Pins pins)
    {
        var info = program.GetInfo();
        rows.BeginRow();
        rows.Add(info.Id);
        rows.Add(info.Type.ToString());
        rows.Add(info.Name.Length == 0 ? null : info.Name);
        rows.Add(info.Tag);
        rows.Add(info.LoadTime.ToLocalTime().ToString("yyyy-MM-ddTHH:mm:sszzz"));
        rows.Add(info.CreatedByUid);
        rows.Add(info.TranslatedSize / 8);
        rows.Add(info.JitedSize);
        rows.Add(info.MapIds);
        rows.Add(pins.Of(OwnedKind.Program, info.Id));
        rows.Add(owners.Of(OwnedKind.Program, info.Id));
        rows.EndRow();
    }

    private static void WriteDetail(RowWriter rows, BpfProgram program, Owners owners, Pins pins)
    {
        var info = program.GetInfo();
        rows.BeginRow();
        rows.Add(info.Id);
        rows.Add(info.Name.Length == 0 ? null : info.Name);
        rows.Add(info.Type.ToString());
        rows.Add(info.Tag);
        rows.Add(info.LoadTime.ToLocalTime().ToString("yyyy-MM-ddTHH:mm:sszzz"));
        rows.Add(info.CreatedByUid);
        rows.Add(info.IsGplCompatible);
        rows.Add(info.TranslatedSize / 8);
        AddUnlessZero(rows, info.VerifiedInstructions);
        rows.Add(info.JitedSize);
        rows.Add(info.FunctionCount);
        rows.Add(info.MemoryBytes);
        AddUnlessZero(rows, info.BtfId);
        rows.Add(info.MapIds);
        rows.Add(info.RunCount);
        rows.Add(info.RunTimeNanoseconds);
        rows.Add(info.RecursionMisses);
        rows.Add(pins.Of(OwnedKind.Program, info.Id));
        rows.Add(owners.Of(OwnedKind.Program, info.Id));
        rows.EndRow();
    }

    private static void AddUnlessZero(RowWriter rows, uint value)
    {
        if (value == 0) rows.AddNothing();
        else rows.Add(value);
    }
}
