using System.Diagnostics;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;

namespace Hornet.Core.Tests.Btf;

/// <summary>Compiles C for BPF at test time. A test that needs it is skipped, with the reason, where clang is missing.</summary>
internal static class Clang
{
    private static readonly string? s_clang = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "clang")).FirstOrDefault(File.Exists);

    /// <summary>Skips the calling test where there is no compiler.</summary>
    public static void Require() => Assert.SkipWhen(s_clang is null, "clang is not installed");

    /// <summary>The .BTF section of a compiled source; the .BTF.ext section too.</summary>
    public static (BtfSpec Spec, byte[] Ext) Compile(string source, bool bigEndian = false)
    {
        using var elf = CompileElf(source, bigEndian);
        return (BtfSpec.Parse(Section(elf, ".BTF"), null, "t.o"), Section(elf, ".BTF.ext"));
    }

    /// <summary>A program with its types and relocations: the contents of one code section.</summary>
    public static (BtfSpec Spec, IReadOnlyList<CoreRelocation> Relocations, List<Instruction> Code) CompileProgram(string source, string section = "xdp", bool bigEndian = false)
    {
        using var elf = CompileElf(source, bigEndian);
        var spec = BtfSpec.Parse(Section(elf, ".BTF"), null, "t.o");
        var ext = BtfExt.Parse(Section(elf, ".BTF.ext"), spec);
        return (spec, ext.Find(section)?.Relocations ?? [], [.. InstructionCodec.Decode(Section(elf, section), bigEndian)]);
    }

    /// <summary>The compiler's words when the source does not compile; null when it does.</summary>
    public static string? Check(string source, params string[] options)
    {
        Require();
        return Run(source, out _, ["-fsyntax-only", "-std=gnu11", .. options]);
    }

    private static ElfFile CompileElf(string source, bool bigEndian)
    {
        Require();
        string? error = Run(source, out byte[] bytes, "-target", bigEndian ? "bpfeb" : "bpfel", "-mcpu=v3", "-O2", "-g", "-Wno-everything", "-c");
        if (error is not null) Assert.Fail(error);
        return ElfFile.Parse(bytes, "t.o");
    }

    private static byte[] Section(ElfFile elf, string name) => elf.FindSection(name) is { } section ? elf.Read(section).ToArray() : [];

    private static string? Run(string source, out byte[] output, params string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("hornet-btf-").FullName;
        try
        {
            string c = Path.Combine(folder, "t.c"), o = Path.Combine(folder, "t.o");
            File.WriteAllText(c, source);
            string[] arguments = options.Contains("-target") ? [.. options, c, "-o", o] : ["-target", "bpf", .. options, c];
            using var process = Process.Start(new ProcessStartInfo(s_clang!, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            output = File.Exists(o) ? File.ReadAllBytes(o) : [];
            return process.ExitCode == 0 ? null : error;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
