using System.CommandLine;
using System.Reflection;
using System.Text;
using Hornet.Cli.Common;
using Hornet.Compiler;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet compile</c>: the marked methods of an assembly as BPF objects, or shown step by step.</summary>
internal static class CompileCommand
{
    public static Command Create()
    {
        var assembly = new Argument<string>("ASSEMBLY") { Description = "A .NET assembly: My.dll" };
        var name = new Argument<string?>("METHOD") { Description = "A class, or one of its methods: Counter.OnOpen. All marked methods when left out", DefaultValueFactory = _ => null };
        var outputFile = new Option<string?>("--object", "-o") { Description = "Write one object file with all programs", HelpName = "FILE" };
        var folder = new Option<string?>("--object-folder") { Description = "Write an object file for each class, named after it", HelpName = "DIR" };
        var stages = new Option<bool>("--stages") { Description = "Show IL, IR after each pass, eBPF, the verifier's log and machine code" };
        var references = new Option<string[]>("--reference", "-r") { Description = "An assembly it refers to that does not lie beside it; may be repeated", HelpName = "FILE" };
        var referenceList = new Option<string?>("--reference-list") { Description = "A file that names such assemblies, one a line", HelpName = "FILE" };
        var isa = new Option<IsaLevel>("--isa") { Description = "The generation of the instruction set: V1 to V4 (kernel 3.18, 4.14, 5.1, 6.6)", HelpName = "LEVEL", DefaultValueFactory = _ => IsaLevel.V3 };
        var kernel = new Option<string?>("--kernel") { Description = "The oldest kernel it must run on, as in 5.10; decides about --isa, too", HelpName = "VERSION" };
        var btf = new Option<string?>("--btf") { Description = "The kernel types to compile with, as a file; those of this machine's kernel when left out", HelpName = "FILE" };
        var license = new Option<string>("--license") { Description = "The programs' license; some helpers are for GPL-compatible ones only", HelpName = "NAME", DefaultValueFactory = _ => "GPL" };
        var command = new Command("compile", """
            Compile C# methods that are marked with a kind of program, as in [Tracepoint("sched:sched_switch")], to BPF objects
            that every loader takes. Needs no root and no BPF kernel; with --stages, root is needed for what the kernel says.

            Examples:
              hornet compile My.dll                               what there is, and whether it compiles
              hornet compile My.dll -o my.bpf.o                   then: hornet run my.bpf.o, or bpftool prog loadall
              hornet compile My.dll Counter.OnOpen --stages       how it becomes eBPF
              hornet compile My.dll -o my.bpf.o --kernel 5.10     for old kernels
            """) { assembly, name, outputFile, folder, stages, references, referenceList, isa, kernel, btf, license };
        var output = new OutputOptions(command, shortOutput: false);
        command.SetAction(parsed =>
        {
            var options = Options(parsed.GetValue(kernel), parsed.GetResult(isa) is { Implicit: false } ? parsed.GetValue(isa) : null) with { License = parsed.GetValue(license)!, KernelTypes = parsed.GetValue(btf) is { } types ? BtfDump.Open(types, null) : null };
            string path = parsed.GetValue(assembly)!;
            var methods = Choose(Load(path, [.. parsed.GetValue(references) ?? [], .. Lines(parsed.GetValue(referenceList))]), parsed.GetValue(name));
            if (parsed.GetValue(stages))
            {
                if (parsed.GetValue(outputFile) is not null || parsed.GetValue(folder) is not null) throw new UserException("--stages writes no object; leave out -o and --object-folder.");
                using var text = output.Open(parsed);
                foreach (var method in methods) CompileStages.Write(text, method, options);
                return ExitCode.Done;
            }
            List<CompilationResult> results = [];
            if (parsed.GetValue(folder) is { } directory)
            {
                Directory.CreateDirectory(directory);
                // As its resource is called; a class within a class has a plus in its name.
                foreach (var type in methods.GroupBy(m => m.DeclaringType!))
                {
                    var result = AheadOfTimeCompiler.Compile([.. type], type.Key.Name, options);
                    Files.WriteAllBytes(Path.Combine(directory, BpfPrograms.ResourceName(type.Key)), result.Object.ToElf());
                    results.Add(result);
                }
            }
            else
            {
                var result = AheadOfTimeCompiler.Compile(methods, ObjectName(parsed.GetValue(outputFile) ?? path), options);
                if (parsed.GetValue(outputFile) is { } file) Files.WriteAllBytes(file, result.Object.ToElf());
                results.Add(result);
            }
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, new("program", "PROGRAM", 24), new("section", "SECTION", 40), new("instructions", "INSTRUCTIONS", -12), new("maps", "MAPS"));
            rows.Start();
            foreach (var result in results)
            {
                foreach (var program in result.Object.Programs)
                {
                    var used = program.Instructions.Select(i => i.Metadata).Where(m => m?.ReferenceKind is ReferenceKind.Map or ReferenceKind.MapValue).Select(m => m!.Reference!).Distinct();
                    rows.BeginRow();
                    rows.Add(program.Name);
                    rows.Add(program.SectionName);
                    rows.Add((long)program.Instructions.Count);
                    rows.Add(string.Join(' ', used));
                    rows.EndRow();
                }
            }
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static CompilerOptions Options(string? kernel, IsaLevel? isa)
    {
        if (kernel is null) return new CompilerOptions { IsaLevel = isa ?? IsaLevel.V3 };
        if (!Version.TryParse(kernel, out var version)) throw new UserException($"'{kernel}' is no kernel version; write it as in 5.10.");
        var level = version >= new Version(6, 6) ? IsaLevel.V4 : version >= new Version(5, 1) ? IsaLevel.V3 : version >= new Version(4, 14) ? IsaLevel.V2 : IsaLevel.V1;
        return new CompilerOptions { IsaLevel = isa ?? level, FetchingAtomics = version >= new Version(5, 12), Kernel = version };
    }

    private static string[] Lines(string? file) =>
        file is null ? [] : Encoding.UTF8.GetString(Files.ReadAllBytes(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Assembly Load(string path, string[] references)
    {
        if (Directory.Exists(path)) throw new UserException($"'{path}' is a folder; name the assembly in it, as in {Path.Combine(path, "My.dll")}.");
        if (!File.Exists(path)) throw new UserException($"there is no file '{path}'.");
        try
        {
            return ProgramAssembly.Load(path, references);
        }
        catch (BadImageFormatException)
        {
            throw new UserException($"'{path}' is no .NET assembly.");
        }
    }

    private static IReadOnlyList<MethodInfo> Choose(Assembly assembly, string? name)
    {
        var all = AheadOfTimeCompiler.FindPrograms(assembly);
        if (all.Count == 0) throw new UserException($"{assembly.GetName().Name} has no methods that are marked with a kind of program, such as [Tracepoint(\"sched:sched_switch\")].");
        if (name is null) return all;
        List<MethodInfo> chosen = [.. all.Where(m => Matches(m, name))];
        return chosen.Count > 0 ? chosen : throw new UserException($"no marked method or class is called '{name}'. {CloseNames.Describe(name, [.. all.SelectMany(m => (string[])[m.DeclaringType!.Name, $"{m.DeclaringType!.Name}.{m.Name}"]).Distinct()])}");
    }

    private static bool Matches(MethodInfo method, string name)
    {
        var type = method.DeclaringType!;
        return name == type.Name || name == type.FullName || name == $"{type.Name}.{method.Name}" || name == $"{type.FullName}.{method.Name}";
    }

    private static string ObjectName(string path)
    {
        string name = Path.GetFileName(path);
        int dot = name.IndexOf('.');
        return dot > 0 ? name[..dot] : name;
    }
}
