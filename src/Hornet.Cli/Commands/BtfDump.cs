using System.CommandLine;
using System.Globalization;
using System.Text;
using Hornet.Btf;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Elf;
using Hornet.Kernel;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet btf dump</c>: types as a list, as C, or as C#.</summary>
internal static class BtfDump
{
    public static Command Create()
    {
        var source = new Argument<string>("SOURCE") { Description = "vmlinux, the name of a module, the id of a BTF object, an ELF file, or a raw BTF file" };
        var types = new Argument<string[]>("TYPE") { Description = "Only these types, with what they need", Arity = ArgumentArity.ZeroOrMore };
        var c = new Option<bool>("--c") { Description = "As a C header" };
        var csharp = new Option<bool>("--csharp") { Description = "As C# structs and enums of the same layout" };
        var below = new Option<string?>("--base") { Description = "The base of split BTF in a file: vmlinux, or another file. Distilled BTF is relocated onto it" };
        var command = new Command("dump", "Print types: one a line, as C, or as C#") { source, types, c, csharp, below };
        var output = new OutputOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(c) && result.GetValue(csharp)) result.AddError("--c and --csharp exclude each other.");
        });
        command.SetAction(parsed =>
        {
            using var btf = Open(parsed.GetValue(source)!, parsed.GetValue(below));
            var roots = Find(btf, parsed.GetValue(types) ?? []);
            using var sink = output.Open(parsed);
            if (parsed.GetValue(c) || parsed.GetValue(csharp))
            {
                using var writer = new StreamWriter(new BufferedStream(sink, 1 << 16), new UTF8Encoding(false)) { NewLine = "\n" };
                if (parsed.GetValue(csharp)) WriteCSharp(btf, roots, writer);
                else if (roots.Count == 0) BtfCFormatter.WriteHeader(btf, writer);
                else BtfCFormatter.Write(roots, writer);
                return ExitCode.Done;
            }
            using var rows = output.List(parsed, sink, new("id", "ID", -1), new("kind", "KIND"), new("name", "NAME"), new("size", "SIZE", -1), new("type_id", "TYPE", -1), new("text", "AS C"));
            rows.Start();
            if (roots.Count > 0) foreach (var type in roots) Write(rows, type);
            else for (uint id = btf.FirstId; id < btf.TypeCount; id++) Write(rows, btf[id]);
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteCSharp(BtfSpec btf, List<BtfType> roots, StreamWriter writer)
    {
        if (roots.Count == 0) throw new UserException("name the types to write as C#; the whole of a kernel has no use. 'hornet btf dump vmlinux --csharp task_struct'");
        BtfCSharpFormatter.Write(roots, writer);
    }

    private static void Write(RowWriter rows, BtfType type)
    {
        rows.BeginRow();
        rows.Add(type.Id);
        rows.Add(type.Kind.ToString());
        rows.Add(type.IsAnonymous ? null : type.Name);
        long size = type.Kind is BtfKind.Function or BtfKind.FunctionPrototype or BtfKind.Forward or BtfKind.DeclTag ? 0 : type.ByteSize;
        if (size == 0) rows.AddNothing();
        else rows.Add(size);
        if (type.TargetId == 0) rows.AddNothing();
        else rows.Add(type.TargetId);
        rows.Add(type.Kind switch
        {
            BtfKind.Function => BtfCFormatter.FunctionDeclaration(type),
            BtfKind.Variable => BtfCFormatter.Declaration(type.Target, type.Name),
            BtfKind.DataSection or BtfKind.DeclTag or BtfKind.Forward => null,
            _ => BtfCFormatter.TypeName(type),
        });
        rows.EndRow();
    }

    private static List<BtfType> Find(BtfSpec btf, string[] names)
    {
        List<BtfType> found = [];
        foreach (string name in names)
        {
            var matches = btf.FindAll(name).ToList();
            if (matches.Count == 0 && uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id > 0 && id < btf.TypeCount) matches = [btf[id]];
            if (matches.Count == 0) throw new UserException($"there is no type '{name}' in {btf.Name}. {CloseNames.Suggest(name, Names(btf))}".TrimEnd());
            found.AddRange(matches);
        }
        return found;
    }

    private static IEnumerable<string> Names(BtfSpec btf)
    {
        for (uint id = 1; id < btf.TypeCount; id++)
        {
            if (btf[id] is { IsAnonymous: false, Kind: BtfKind.Struct or BtfKind.Union or BtfKind.Typedef or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Function } type) yield return type.Name;
        }
    }

    internal static BtfSpec Open(string source, string? below)
    {
        if (below is not null)
        {
            if (!File.Exists(source)) throw new UserException($"--base is for split BTF in a file, and '{source}' is none; what is in the kernel has its base there.");
            return OpenFile(source, Open(below, null));
        }
        if (source == "vmlinux") return KernelBtf.Vmlinux;
        if (!source.Contains('/') && uint.TryParse(source, NumberStyles.None, CultureInfo.InvariantCulture, out uint id))
        {
            using var btf = BpfBtf.Open(id);
            bool module = btf.Info.IsKernel && btf.Info.Name != "vmlinux";
            return btf.ReadSpec(module ? KernelBtf.Vmlinux : null);
        }
        if (File.Exists(source)) return OpenFile(source, null);
        if (KernelBtf.TryGetModule(source, out var spec)) return spec!;
        throw new UserException($"'{source}' is neither a file, nor a module with BTF, nor an id. {CloseNames.Suggest(source, [.. KernelBtf.Modules, "vmlinux"])}".TrimEnd());
    }

    private static BtfSpec OpenFile(string path, BtfSpec? baseSpec)
    {
        byte[] bytes = Files.ReadAllBytes(path);
        string name = Path.GetFileName(path);
        if (bytes is not [0x7f, (byte)'E', (byte)'L', (byte)'F', ..]) return BtfSpec.Parse(bytes, baseSpec, name);
        using var elf = ElfFile.Parse(bytes, name);
        return elf.ReadBtf(baseSpec) ?? throw new UserException($"'{path}' has no BTF. Compile with -g (clang -target bpf -g), or add it with pahole -J.");
    }
}
