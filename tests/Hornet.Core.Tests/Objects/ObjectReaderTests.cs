using Hornet.Core.Tests.Elf;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.Core.Tests.Objects;

public class ObjectReaderTests
{
    private const string Head = """
        #define SEC(name) __attribute__((section(name), used))
        #define __uint(name, val) int (*name)[val]
        #define __type(name, val) typeof(val) *name
        #define __array(name, val) typeof(val) *name[]
        #define __ulong(name, val) enum { __unique_##name = val } name
        typedef unsigned int u32; typedef unsigned long long u64;
        char _license[] SEC("license") = "Dual MIT/GPL";

        """;

    private const string Everything = Head + """
        struct key { u32 a, b; };
        struct { __uint(type, 1); __uint(max_entries, 128); __type(key, struct key); __type(value, u64); __uint(map_flags, 1); __uint(pinning, 1); } table SEC(".maps");
        struct { __uint(type, 30); __uint(max_entries, 10); __uint(value_size, 4); __ulong(map_extra, 3); } bloom SEC(".maps");
        struct inner { __uint(type, 2); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4); } first SEC(".maps");
        struct { __uint(type, 12); __uint(max_entries, 2); __uint(key_size, 4); __array(values, struct inner); } outer SEC(".maps") = { .values = { [1] = &first } };
        static void *(*lookup)(void *, void *) = (void *)1;
        int counter = 5; const volatile u64 limit = 9; char text[16];
        static __attribute__((noinline)) int helper(int x) { return x * counter; }
        SEC("xdp") int main_program(void *ctx) { struct key k = { 1, 2 }; u64 *v = lookup(&table, &k); return v ? helper(*v) + limit : 0; }
        SEC("?kprobe/vfs_read") int optional(void *ctx) { return helper(text[3]); }
        SEC("something/else") int unknown(void *ctx) { return 0; }
        """;

    [Theory]
    [InlineData("bpfel")]
    [InlineData("bpfeb")]
    public void An_object_of_either_byte_order_is_read_to_the_same_data(string target)
    {
        var spec = BpfObject.Parse(Compile.Bpf(Everything, target: target), "every.bpf.o");
        Assert.Equal(("every", "Dual MIT/GPL", target == "bpfel"), (spec.Name, spec.License, spec.IsLittleEndian));
        Assert.Equal(["main_program", "optional", "unknown"], spec.Programs.Select(p => p.Name).Order());

        var main = spec.Programs["main_program"];
        Assert.Equal((ProgramType.Xdp, AttachType.Xdp, "xdp", true), (main.Type, main.AttachType, main.SectionName, main.AutoLoad));
        Assert.Equal(["main_program", "helper"], main.Instructions.Select(i => i.Symbol).OfType<string>());
        Assert.Contains(main.Instructions, i => i.Reference == "table" && i.Metadata!.ReferenceKind == ReferenceKind.Map);
        Assert.Contains(main.Instructions, i => i.IsFunctionCall && i.Reference == "helper");
        Assert.Contains(main.Instructions, i => i.Reference == ".data" && i.Metadata!.ReferenceKind == ReferenceKind.MapValue);
        Assert.Contains(main.Instructions, i => i.Metadata?.Source is { } line && line.Text.Contains("SEC(\"xdp\") int main_program"));

        var optional = spec.Programs["optional"];
        Assert.Equal((ProgramType.Kprobe, "vfs_read", false), (optional.Type, optional.AttachTo, optional.AutoLoad));
        Assert.Equal(ProgramType.Unspec, spec.Programs["unknown"].Type);

        var table = spec.Maps["table"];
        Assert.Equal((MapType.Hash, 8u, 8u, 128u, MapFlags.NoPrealloc, PinType.ByName), (table.Type, table.KeySize, table.ValueSize, table.MaxEntries, table.Flags, table.Pinning));
        Assert.Equal("key", spec.Btf![table.KeyTypeId].Name);
        Assert.Equal((MapType.BloomFilter, 3ul), (spec.Maps["bloom"].Type, spec.Maps["bloom"].Extra));
        var outer = spec.Maps["outer"];
        Assert.Equal((MapType.Array, 1u), (outer.InnerMap!.Type, outer.InnerMap.MaxEntries));
        Assert.Equal("first", Assert.Single(outer.Contents).Value);

        Assert.Equal((5, 9ul), (spec.GetGlobal<int>("counter"), spec.GetGlobal<ulong>("limit")));
        Assert.True(spec.Maps[".rodata"].Freeze);
        Assert.Equal(MapFlags.Mmapable, spec.Maps[".data"].Flags);
        Assert.Equal(16u, spec.Maps[".bss"].ValueSize);
    }

    [Fact]
    public void A_global_is_set_only_by_a_value_of_its_size_and_kind()
    {
        var spec = BpfObject.Parse(Compile.Bpf(Everything), "every.o");
        Assert.Equal("the variable 'counter' has 4 bytes, Int64 has 8", Assert.Throws<BpfException>(() => spec.SetGlobal("counter", 1L)).Message);
        Assert.Equal("the variable 'counter' is int, which Single is not", Assert.Throws<BpfException>(() => spec.SetGlobal("counter", 1f)).Message);
        Assert.StartsWith("every has no global variable 'nothing'; there are ", Assert.Throws<BpfException>(() => spec.SetGlobal("nothing", 1)).Message);
        spec.SetGlobalBytes("text", "abc"u8);
        Assert.Equal("abc"u8.ToArray(), ((byte[])spec.Maps[".bss"].Contents[0].Value)[..3]);
        Assert.Throws<BpfException>(() => spec.SetGlobalBytes("text", new byte[17]));
    }

    [Theory]
    [InlineData("struct { __uint(type, 1); __uint(colour, 3); } m SEC(\".maps\");", "map 'm': its definition has an unknown field 'colour'")]
    [InlineData("struct { __uint(max_entries, 1); } m SEC(\".maps\");", "map 'm': its definition has no type")]
    [InlineData("struct { __uint(type, 1); __type(key, int); __uint(key_size, 8); } m SEC(\".maps\");", "map 'm': its key has 4 bytes by one field and 8 by another")]
    [InlineData("struct { __uint(type, 1); int *value[2]; } m SEC(\".maps\");", "map 'm': 'value' is no type in the form of __type()")]
    [InlineData("struct { int *type; } m SEC(\".maps\");", "map 'm': 'type' is no number in the form of __uint()")]
    [InlineData("struct { __uint(type, 1); int *key; } m SEC(\".maps\") = { .key = (void *)1 };", "initial values")]
    [InlineData("int x SEC(\"maps\") = 1;", "the definition of map 'x' has 4 bytes, expected 20 or more")]
    [InlineData("int x SEC(\"version\"); long long y SEC(\"version\");", "the section 'version' has 16 bytes, expected 4")]
    public void What_cannot_be_understood_is_refused_by_name(string source, string message)
    {
        byte[] bytes = Compile.Bpf(Head + source);
        Assert.Contains(message, Assert.Throws<BpfFormatException>(() => BpfObject.Parse(bytes, "bad.o")).Message);
    }

    [Fact]
    public void An_object_for_another_machine_or_without_relocation_is_refused()
    {
        Assert.Contains("not BPF", Assert.Throws<BpfFormatException>(() => BpfObject.Parse(Compile.Native("int x;", "-c"), "x.o")).Message);
        Assert.Contains("not a relocatable object", Assert.Throws<BpfFormatException>(() => BpfObject.Parse(Compile.Native("int main(void) { return 0; }"), "x")).Message);
    }

    [Fact]
    public void What_is_undefined_is_kept_as_external()
    {
        const string Source = Head + """
            extern int CONFIG_HZ SEC(".kconfig"); extern char CONFIG_NAME[9] __attribute__((weak)) SEC(".kconfig");
            extern const void symbol SEC(".ksyms"); extern int function(int) SEC(".ksyms") __attribute__((weak)); int nowhere(void);
            SEC("socket") int program(void *ctx) { return CONFIG_HZ + CONFIG_NAME[0] + (long)&symbol + (function ? function(1) : 0) + nowhere(); }
            """;
        var spec = BpfObject.Parse(Compile.Bpf(Source.Replace("extern", "extern __attribute__((used))").Replace("__attribute__((used)) ", "")), "externs.o");
        Assert.Equal(
            ["strong Kconfig CONFIG_HZ", "strong KernelAddress symbol", "strong Unknown nowhere", "weak Kconfig CONFIG_NAME", "weak KernelFunction function"],
            spec.Externs.Select(e => $"{(e.IsWeak ? "weak" : "strong")} {e.Kind} {e.Name}").Order(StringComparer.Ordinal));
        Assert.Equal((0u, 4u, 13u), (spec.Externs["CONFIG_HZ"].Offset, spec.Externs["CONFIG_NAME"].Offset, spec.Maps[".kconfig"].ValueSize));
    }
}
