using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary>An object file and what to change about it before it is loaded: the same for <c>run</c> and <c>prog load</c>.</summary>
internal sealed class ObjectOptions
{
    private readonly Argument<string> _file = new("FILE") { Description = "An object file: clang -target bpf -O2 -g -c x.bpf.c -o x.bpf.o" };
    private readonly Option<string[]> _programs = new("--program") { Description = "Load only this program; may be repeated", HelpName = "NAME" };
    private readonly Option<string[]> _set = new("--set") { Description = "Set a global variable before loading; may be repeated", HelpName = "NAME=VALUE" };
    private readonly Option<string[]> _maps = new("--map") { Description = "Use an existing map (id, name or pin) instead of making one; may be repeated", HelpName = "NAME=MAP" };
    private readonly Option<string[]> _targets = new("--target") { Description = "The loaded program that one of the object's replaces or traces; may be repeated", HelpName = "NAME=PROG" };
    private readonly Option<string?> _token = new("--token") { Description = "Use the rights that the BPF file system mounted here delegates (kernel 6.9)", HelpName = "DIR" };
    private readonly VerboseOption _verbose;

    public ObjectOptions(Command command)
    {
        command.Arguments.Add(_file);
        foreach (Option option in (Option[])[_programs, _set, _maps, _targets, _token]) command.Options.Add(option);
        _verbose = new VerboseOption(command, "Print the verifier's whole log on stderr, of programs that load too");
    }

    /// <summary>The object as it shall be loaded, not yet loaded.</summary>
    public BpfObject Read(ParseResult parsed)
    {
        string path = parsed.GetValue(_file)!;
        var spec = BpfObject.Parse(Files.ReadAllBytes(path), Path.GetFileName(path));
        foreach (string assignment in parsed.GetValue(_set) ?? []) SetGlobal(spec, assignment);
        if (parsed.GetValue(_programs) is { Length: > 0 } wanted) Choose(spec, wanted);
        return spec;
    }

    /// <summary>Loads it. With <c>--verbose</c>, what the verifier wrote is shown.</summary>
    public LoadedObject Load(ParseResult parsed, BpfObject spec)
    {
        bool verbose = _verbose.Read(parsed);
        Dictionary<string, BpfMap> maps = [];
        Dictionary<string, BpfProgram> targets = [];
        try
        {
            foreach (var (name, reference) in Pairs(parsed.GetValue(_maps), "--map", "NAME=MAP")) maps[name] = References.Map(reference);
            foreach (var (name, reference) in Pairs(parsed.GetValue(_targets), "--target", "NAME=PROG"))
            {
                if (!spec.Programs.Contains(name)) throw NoProgram(spec, name);
                targets[name] = References.Program(reference);
            }
            // Needed while it loads, not afterwards.
            using var token = parsed.GetValue(_token) is { } delegated ? BpfToken.Create(delegated) : null;
            var loaded = spec.Load(new LoadOptions { Token = token, MapReplacements = maps, TargetPrograms = targets, LogLevel = verbose ? VerifierLogLevel.Paths | VerifierLogLevel.Statistics : VerifierLogLevel.None });
            if (verbose)
            {
                foreach (var program in loaded.Programs.Values) Errors.VerifierLog(program.Name, program.VerifierLog);
            }
            return loaded;
        }
        finally
        {
            foreach (var map in maps.Values) map.Dispose();
            foreach (var target in targets.Values) target.Dispose();
        }
    }

    private static void Choose(BpfObject spec, string[] wanted)
    {
        foreach (string name in wanted)
        {
            if (!spec.Programs.Contains(name)) throw NoProgram(spec, name);
        }
        HashSet<string> chosen = [.. wanted];
        // A struct_ops table is loaded whole or not at all.
        foreach (var table in spec.Maps.Where(m => m.Type == MapType.StructOps))
        {
            if (table.StructOpsPrograms.Values.Any(chosen.Contains)) chosen.UnionWith(table.StructOpsPrograms.Values);
            else table.AutoCreate = false;
        }
        foreach (var program in spec.Programs) program.AutoLoad = chosen.Contains(program.Name);
    }

    private static void SetGlobal(BpfObject spec, string assignment)
    {
        var (name, value) = Pair(assignment, "NAME=VALUE");
        uint size = spec.GlobalSize(name) ?? throw new UserException($"the object has no global variable '{name}'. {CloseNames.Describe(name, [.. spec.GlobalNames])}");
        spec.SetGlobalBytes(name, ElementFormatter.Parse(value, (int)size, $"variable '{name}'"));
    }

    private static UserException NoProgram(BpfObject spec, string name) =>
        new($"the object has no program '{name}'. {CloseNames.Describe(name, [.. spec.Programs.Select(p => p.Name)])}");

    // All of them are looked at before the first is used.
    private static Dictionary<string, string> Pairs(string[]? texts, string option, string form)
    {
        Dictionary<string, string> pairs = [];
        foreach (string text in texts ?? [])
        {
            var (name, value) = Pair(text, form);
            if (!pairs.TryAdd(name, value)) throw new UserException($"{option} names '{name}' twice.");
        }
        return pairs;
    }

    private static (string Name, string Value) Pair(string text, string form)
    {
        int equals = text.IndexOf('=');
        return equals > 0 && equals < text.Length - 1 ? (text[..equals], text[(equals + 1)..]) : throw new UserException($"'{text}' is not of the form {form}.");
    }
}
