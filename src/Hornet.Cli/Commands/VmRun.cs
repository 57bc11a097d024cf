using System.CommandLine;
using System.Diagnostics;
using Hornet.Cli.Common;
using Hornet.Objects;
using Hornet.Vm;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet vm run</c>: a program of an object, in user space.</summary>
internal static class VmRun
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "An object file: clang -target bpf -O2 -g -c x.bpf.c -o x.bpf.o" };
        var name = new Argument<string?>("PROGRAM") { Description = "The program's name; not needed when the object has one only", DefaultValueFactory = _ => null };
        var data = new Option<string?>("--data") { Description = "The packet, or the context of a program without packets, in hexadecimal", HelpName = "HEX" };
        var dataFile = new Option<string?>("--data-in") { Description = "The same, from a file", HelpName = "FILE" };
        var dataOut = new Option<string?>("--data-out") { Description = "Write the packet as the program left it to a file", HelpName = "FILE" };
        var repeat = new Option<int>("--repeat") { Description = "How often to run it; the time is the average", HelpName = "N", DefaultValueFactory = _ => 1 };
        var engine = VmCommand.EngineOption();
        var budget = VmCommand.BudgetOption();
        var command = new Command("run", "Run a program of an object file in user space") { file, name, data, dataFile, dataOut, repeat, engine, budget };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            if (parsed.GetValue(data) is not null && parsed.GetValue(dataFile) is not null) throw new UserException("--data and --data-in exclude each other.");
            byte[] input = parsed.GetValue(dataFile) is { } inputPath ? Files.ReadAllBytes(inputPath) : VmCommand.Hex(parsed.GetValue(data) ?? "", "--data");
            int count = parsed.GetValue(repeat);
            if (count < 1) throw new UserException("--repeat wants at least 1.");
            var machine = VmCommand.Machine(parsed.GetValue(engine), parsed.GetValue(budget));
            var loaded = machine.Load(BpfObject.Parse(Files.ReadAllBytes(path), Path.GetFileName(path)));
            var program = Choose(loaded, parsed.GetValue(name));
            var context = ContextFor(program.Type, input);
            VmResult result = default;
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count && result.Fault is null; i++) result = program.Run(context);
            double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
            if (result.Fault is { } fault) throw new UserException(fault.ToString());

            byte[] packet = context switch { VmPacketContext packets => packets.Packet.ToArray(), VmMemoryContext memory => memory.Span.ToArray(), _ => [] };
            if (parsed.GetValue(dataOut) is { } outputPath) Files.WriteAllBytes(outputPath, packet);
            using var sink = output.Open(parsed);
            using var rows = output.Detail(parsed, sink, new("return_value", "return value"), new("ns_per_run", "ns per run"), new("engine", "engine"), new("data", "data"));
            rows.Start();
            rows.BeginRow();
            rows.Add(result.ReturnValue);
            rows.Add((ulong)nanoseconds);
            rows.Add(program.IsCompiled ? "jit" : "interpreter");
            rows.Add(packet.Length == 0 ? null : Convert.ToHexStringLower(packet));
            rows.EndRow();
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static VmProgram Choose(VmObject loaded, string? name)
    {
        if (name is not null) return loaded.Program(name);
        List<string> all = [.. loaded.Programs.Keys, .. loaded.NotLoaded.Keys];
        return all.Count switch
        {
            1 => loaded.Program(all[0]),
            0 => throw new UserException("the object has no programs."),
            _ => throw new UserException($"the object has {all.Count} programs; say which one: {string.Join(", ", all)}."),
        };
    }

    private static VmContext ContextFor(ProgramType type, byte[] input) => type switch
    {
        ProgramType.Xdp => VmContext.Xdp(input),
        ProgramType.SocketFilter or ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.CgroupSkb or ProgramType.LwtIn or ProgramType.LwtOut
            or ProgramType.LwtXmit or ProgramType.SkSkb => VmContext.Skb(input),
        _ => input.Length == 0 ? VmContext.Empty : VmContext.Memory(input),
    };
}
