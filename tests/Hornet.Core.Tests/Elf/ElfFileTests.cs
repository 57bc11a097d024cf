using System.Text;
using Hornet.Elf;

namespace Hornet.Core.Tests.Elf;

public class ElfFileTests
{
    private const string Program = """
        int counter = 7; int zeroed[100];
        __attribute__((section("socket"), used)) int prog(void *ctx) { return counter + zeroed[1]; }
        char _license[] __attribute__((section("license"), used)) = "GPL";
        """;

    [Theory]
    [InlineData("bpfel", true)]
    [InlineData("bpfeb", false)]
    public void A_relocatable_object_of_either_byte_order_is_read(string target, bool littleEndian)
    {
        using var elf = ElfFile.Parse(Compile.Bpf(Program, target: target), "prog.o");
        Assert.Equal((ElfType.Relocatable, ElfMachine.Bpf, littleEndian, true), (elf.Type, elf.Machine, elf.IsLittleEndian, elf.Is64Bit));
        Assert.Equal("GPL\0", Encoding.ASCII.GetString(elf.Read(elf.FindSection("license")!).Span));

        var code = elf.FindSection("socket")!;
        var prog = elf.Symbols.Single(s => s.Name == "prog");
        Assert.Equal((ElfSymbolType.Function, ElfSymbolBinding.Global, (uint)code.Index, code.Size), (prog.Type, prog.Binding, prog.SectionIndex, prog.Size));
        var relocations = elf.Relocations(code);
        Assert.Equal(["counter", "zeroed"], relocations.Select(r => elf.Symbols[r.SymbolIndex].Name).Order());
        Assert.All(relocations, r => Assert.Equal((1u, null), (r.Type, r.Addend)));

        var bss = elf.FindSection(".bss")!;
        Assert.Equal((ElfSectionType.NoBits, 400ul, 0), (bss.Type, bss.Size, elf.Read(bss).Length));
    }

    [Fact]
    public void A_file_on_disk_is_read_like_one_in_memory()
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] bytes = Compile.Bpf(Program);
            File.WriteAllBytes(path, bytes);
            using var disk = ElfFile.Open(path);
            using var memory = ElfFile.Parse(bytes, "x");
            Assert.Equal(memory.Sections.Select(s => s.ToString()), disk.Sections.Select(s => s.ToString()));
            Assert.Equal(memory.Symbols, disk.Symbols);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Compressed_sections_are_decompressed()
    {
        string source = $"struct s {{ {string.Concat(Enumerable.Range(0, 100).Select(i => $"int a_member_with_a_long_name_{i};"))} }} v; int f(struct s *p) {{ return 0; }}";
        using var plain = ElfFile.Parse(Compile.Native(source, "-c -g"), "plain");
        using var packed = ElfFile.Parse(Compile.Native(source, "-c -g -gz=zlib"), "packed");
        var section = packed.FindSection(".debug_str")!;
        Assert.True((section.Flags & ElfSectionFlags.Compressed) != 0);
        Assert.True(section.Size < plain.FindSection(".debug_str")!.Size);
        Assert.Contains("a_member_with_a_long_name_42", Encoding.ASCII.GetString(packed.Read(section).Span));
    }

    [Fact]
    public void A_functions_file_offset_is_found_in_programs_and_libraries()
    {
        const string Source = """
            int exported(int x) { return x * 3; }
            static __attribute__((noinline, used)) int hidden(int x) { return x + 1; }
            int main(void) { return exported(1) + hidden(2); }
            """;
        foreach (string options in (string[])["-O1 -fPIE -pie", "-O1 -no-pie", "-O1 -shared -fPIC"])
        {
            byte[] bytes = Compile.Native(Source, options + " -Wl,--build-id=0x0123456789abcdef");
            using var elf = ElfFile.Parse(bytes, options);
            var exported = elf.FindFunction("exported")!;
            // What is at the offset is the function: the text section's bytes at its address.
            var text = elf.FindSection(".text")!;
            Assert.Equal(text.Offset + (exported.Address - text.Address), exported.FileOffset);
            Assert.Equal((false, false), (exported.IsIndirect, exported.IsLocal));
            Assert.True(elf.FindFunction("hidden")!.IsLocal);
            Assert.Null(elf.FindFunction("nothing"));
            Assert.Equal("0123456789abcdef", Convert.ToHexStringLower(elf.BuildId!.Value.Span));
        }
    }

    [Fact]
    public void Symbol_versions_choose_the_function()
    {
        const string Source = """
            __asm__(".symver old_f, f@V1"); __asm__(".symver new_f, f@@V2");
            int old_f(void) { return 1; } int new_f(void) { return 2; }
            """;
        string script = Path.GetTempFileName();
        try
        {
            File.WriteAllText(script, "V1 { global: f; local: *; }; V2 { global: f; } V1;");
            using var elf = ElfFile.Parse(Compile.Native(Source, $"-O1 -shared -fPIC -Wl,--version-script={script}"), "versions.so");
            var latest = elf.FindFunction("f")!;
            Assert.Equal("V2", latest.Version);
            Assert.Equal(latest.FileOffset, elf.FindFunction("f@V2")!.FileOffset);
            var first = elf.FindFunction("f@V1")!;
            Assert.NotEqual(latest.FileOffset, first.FileOffset);
            Assert.Null(elf.FindFunction("f@V3"));
        }
        finally
        {
            File.Delete(script);
        }
    }

    [Fact]
    public void An_indirect_function_is_told_apart()
    {
        const string Source = """
            static int impl(void) { return 1; }
            static int (*resolve(void))(void) { return impl; }
            int f(void) __attribute__((ifunc("resolve")));
            """;
        using var elf = ElfFile.Parse(Compile.Native(Source, "-shared -fPIC"), "ifunc.so");
        Assert.True(elf.FindFunction("f")!.IsIndirect);
    }

    [Fact]
    public void Two_static_functions_of_one_name_are_an_error_that_lists_them()
    {
        const string Source = "int main(void) { return 0; } __asm__(\".type twin,@function\\ntwin: ret\\n.size twin, 1\\n\");";
        byte[] bytes = Compile.Native(Source);
        // A second local of the same name, elsewhere: rename another local function of the start files.
        using var probe = ElfFile.Parse(bytes, "x");
        var strings = probe.Sections[(int)probe.FindSection(".symtab")!.Link];
        byte[] table = probe.Read(strings).ToArray();
        int at = table.AsSpan().IndexOf("frame_dummy\0"u8);
        Assert.True(at > 0);
        "twin\0"u8.CopyTo(bytes.AsSpan((int)strings.Offset + at));
        using var elf = ElfFile.Parse(bytes, "twins");
        var e = Assert.Throws<BpfException>(() => elf.FindFunction("twin"));
        Assert.StartsWith("twins has several functions named 'twin' (0x", e.Message);
    }

    [Fact]
    public void The_debug_link_and_the_notes_are_read()
    {
        ElfWriter writer = new(ElfMachine.X64);
        writer.AddSection(".gnu_debuglink", ElfSectionType.ProgramBits, 0, (byte[])[.. "a.debug\0"u8, 0x78, 0x56, 0x34, 0x12], 4);
        writer.AddSection(".note.stapsdt", ElfSectionType.Note, 0, (byte[])[8, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, .. "stapsdt\0"u8, 1, 2, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, .. "own\0"u8], 4);
        using var elf = ElfFile.Parse(writer.ToArray(), "notes");
        Assert.Equal(("a.debug", 0x12345678u), elf.DebugLink);
        var notes = elf.NotesOf(".note.stapsdt");
        Assert.Equal([("stapsdt", 3u, "010203"), ("own", 9u, "")], notes.Select(n => (n.Owner, n.Type, Convert.ToHexStringLower(n.Description.Span))));
        Assert.Empty(elf.NotesOf(".note.other"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_is_read_back(bool littleEndian)
    {
        ElfWriter writer = new(ElfMachine.Bpf, littleEndian, flags: 3);
        int text = writer.AddSection("xdp", ElfSectionType.ProgramBits, ElfSectionFlags.Allocate | ElfSectionFlags.Execute, new byte[24]);
        int bss = writer.AddSection(".bss", ElfSectionType.NoBits, ElfSectionFlags.Allocate | ElfSectionFlags.Write, default, 16, 40);
        int local = writer.AddSymbol(new ElfSymbol { Name = "xdp", Type = ElfSymbolType.Section, SectionIndex = (uint)text });
        int global = writer.AddSymbol(new ElfSymbol { Name = "v", Value = 8, Size = 4, Type = ElfSymbolType.Object, Binding = ElfSymbolBinding.Weak, SectionIndex = (uint)bss, Visibility = ElfSymbolVisibility.Hidden });
        writer.AddRelocations(text, [new ElfRelocation(0, 1, global, null), new ElfRelocation(8, 10, local, null)]);
        using var elf = ElfFile.Parse(writer.ToArray(), "written");
        Assert.Equal((ElfMachine.Bpf, littleEndian, 3u), (elf.Machine, elf.IsLittleEndian, elf.Flags));
        Assert.Equal(["", "xdp", ".bss", ".relxdp", ".symtab", ".strtab"], elf.Sections.Select(s => s.Name));
        Assert.Equal((40ul, 16ul), (elf.FindSection(".bss")!.Size, elf.FindSection(".bss")!.Alignment));
        Assert.Equal("xdp", elf.Symbols[local].Name);
        Assert.Equal((8ul, 4ul, ElfSymbolBinding.Weak, ElfSymbolVisibility.Hidden, (uint)bss),
            (elf.Symbols[global].Value, elf.Symbols[global].Size, elf.Symbols[global].Binding, elf.Symbols[global].Visibility, elf.Symbols[global].SectionIndex));
        Assert.Equal([new(0, 1, global, null), new(8, 10, local, null)], elf.Relocations(elf.FindSection("xdp")!));
    }
}
