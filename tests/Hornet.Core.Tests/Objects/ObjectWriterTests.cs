using Hornet.Core.Tests.Elf;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Core.Tests.Objects;

public class ObjectWriterTests
{
    private const string Source = """
        #define SEC(name) __attribute__((section(name), used))
        #define __uint(name, val) int (*name)[val]
        #define __type(name, val) typeof(val) *name
        #define __array(name, val) typeof(val) *name[]
        char _license[] SEC("license") = "GPL";
        struct key { int a, b; };
        struct { __uint(type, 1); __uint(max_entries, 128); __type(key, struct key); __type(value, long); __uint(pinning, 1); } table SEC(".maps");
        struct inner { __uint(type, 2); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4); } first SEC(".maps"), second SEC(".maps");
        struct { __uint(type, 12); __uint(max_entries, 3); __uint(key_size, 4); __array(values, struct inner); } outer SEC(".maps") = { .values = { [0] = &second, [2] = &first } };
        int tail(void *ctx);
        struct { __uint(type, 3); __uint(max_entries, 2); __uint(key_size, 4); __array(values, int(void *)); } jumps SEC(".maps") = { .values = { [1] = (void *)&tail } };
        struct ctx { int a, b; } __attribute__((preserve_access_index));
        extern const int CONFIG_HZ SEC(".kconfig"); extern int kfunc(int) SEC(".ksyms"); extern const void symbol __attribute__((weak)) SEC(".ksyms");
        static long (*loop)(int, void *, void *, long) = (void *)181;
        static void *(*lookup)(void *, void *) = (void *)1;
        int data = 4; int bss; const volatile int limit = 3; static const char text[] = "twenty characters..";
        static __attribute__((noinline)) long step(int i, void *c) { data++; return 0; }
        __attribute__((noinline)) int helper(int x) { return x * limit + kfunc(x); }
        static __attribute__((noinline, section("socket/static"))) int elsewhere(int x) { return helper(x) + text[x & 15]; }
        struct ops { int (*f)(void *); int n; };
        SEC("struct_ops/f") int member(void *c) { return helper(data); }
        SEC(".struct_ops.link") struct ops operations = { .f = (void *)member, .n = 3 };
        SEC("socket") int tail(void *ctx) { return CONFIG_HZ + bss; }
        SEC("xdp") int program(struct ctx *c) { struct key k = { c->b, 2 }; loop(3, step, 0, 0); return lookup(&table, &k) ? elsewhere(c->b) : (long)&symbol + (long)lookup(&outer, &k); }
        SEC("?kprobe/vfs_read") int optional(void *ctx) { return helper(2); }
        """;

    [Theory]
    [InlineData("bpfel")]
    [InlineData("bpfeb")]
    public void What_is_written_reads_back_as_the_same_object(string target)
    {
        var spec = BpfObject.Parse(Compile.Bpf(Source, target: target), "object.o");
        var again = BpfObject.Parse(spec.ToElf(), "object.o");
        Assert.Equal(ObjectText.Describe(spec), ObjectText.Describe(again));
        // And what is written of that is the same file.
        Assert.Equal(again.ToElf(), BpfObject.Parse(again.ToElf(), "object.o").ToElf());
    }

    [Fact]
    public void An_edited_object_reads_back_as_edited()
    {
        var spec = BpfObject.Parse(Compile.Bpf(Source), "object.o");
        spec.Maps["table"].MaxEntries = 1000;
        spec.Maps["table"].Flags = MapFlags.NoPrealloc;
        spec.Maps.Remove("jumps");
        spec.Maps.Add(new MapSpec { Name = "added", Type = MapType.LruHash, KeySize = 4, ValueSize = 16, MaxEntries = 7 });
        spec.RenameMap("first", "renamed");
        spec.RenameProgram("tail", "tail_renamed");
        spec.Programs.Remove("optional");
        spec.Programs["program"].AutoLoad = false;
        spec.SetGlobal("limit", 77);
        var again = BpfObject.Parse(spec.ToElf(), "object.o");
        Assert.Equal((1000u, MapFlags.NoPrealloc, 8u, PinType.ByName), (again.Maps["table"].MaxEntries, again.Maps["table"].Flags, again.Maps["table"].KeySize, again.Maps["table"].Pinning));
        Assert.Equal("key", again.Btf![again.Maps["table"].KeyTypeId].Name);
        Assert.Equal((MapType.LruHash, 16u, 7u), (again.Maps["added"].Type, again.Maps["added"].ValueSize, again.Maps["added"].MaxEntries));
        Assert.False(again.Maps.Contains("jumps"));
        Assert.Equal(["second", "renamed"], again.Maps["outer"].Contents.Select(c => c.Value));
        Assert.Equal(["member", "program", "tail_renamed"], again.Programs.Select(p => p.Name).Order());
        Assert.False(again.Programs["program"].AutoLoad);
        Assert.Equal(77, again.GetGlobal<int>("limit"));
        again.Btf.Validate();
    }

    [Fact]
    public void A_function_edited_in_one_program_is_written_for_that_program_alone()
    {
        var spec = BpfObject.Parse(Compile.Bpf(Source), "object.o");
        var member = spec.Programs["member"];
        int exit = member.Instructions.ToList().FindLastIndex(i => i.IsExit);
        member.Instructions.Insert(exit, Instruction.Alu(AluOp.Mov, Register.R0, 5));
        var again = BpfObject.Parse(spec.ToElf(), "object.o");
        Assert.Contains(again.Programs["member"].Instructions, i => i.Symbol == "helper.1" || i is { Constant: 5, Opcode: 0xb7, Dst: Register.R0 });
        static int Length(BpfObject o, string program) => o.Programs[program].Instructions.Count;
        Assert.Equal(Length(spec, "member"), Length(again, "member"));
        Assert.Equal(Length(spec, "optional"), Length(again, "optional"));
    }

    [Fact]
    public void An_object_made_in_code_is_written_with_types_for_its_maps()
    {
        BpfObject spec = new("made") { License = "GPL" };
        spec.Maps.Add(new MapSpec { Name = "plain", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 2 });
        spec.Maps.Add(new MapSpec { Name = "rings", Type = MapType.RingBuf, MaxEntries = 4096, Pinning = PinType.ByName });
        spec.Programs.Add(new ProgramSpec
        {
            Name = "returns",
            Type = ProgramType.SocketFilter,
            SectionName = "socket",
            License = "GPL",
            Instructions =
            [
                Instruction.LoadImm64(Register.R1, 0).WithReference("plain", ReferenceKind.Map),
                Instruction.JumpIf(JumpOp.Equal, Register.R1, 0, 0).WithReference("end", ReferenceKind.Label),
                Instruction.Alu(AluOp.Mov, Register.R0, 1),
                Instruction.Alu(AluOp.Mov, Register.R0, 2).WithSymbol("end"),
                Instruction.Exit(),
            ],
        });
        var again = BpfObject.Parse(spec.ToElf(), "made.o");
        Assert.Equal((4u, 8u, 2u), (again.Maps["plain"].KeySize, again.Maps["plain"].ValueSize, again.Maps["plain"].MaxEntries));
        Assert.Equal((MapType.RingBuf, PinType.ByName), (again.Maps["rings"].Type, again.Maps["rings"].Pinning));
        var code = again.Programs["returns"].Instructions;
        Assert.Equal("plain", code[0].Reference);
        Assert.Equal(1, code[1].Offset);
    }

    [Fact]
    public void What_an_object_file_cannot_say_is_refused_by_name()
    {
        var spec = BpfObject.Parse(Compile.Bpf(Source), "object.o");
        spec.Maps["table"].Contents.Add((new byte[8], new byte[8]));
        Assert.Contains("an object file cannot hold first contents of map 'table'", Assert.Throws<BpfException>(() => spec.ToElf()).Message);
        spec.Maps["table"].Contents.Clear();
        spec.Maps.Remove("outer");
        Assert.Contains("something refers to 'outer', which the object does not have", Assert.Throws<BpfException>(() => spec.ToElf()).Message);
    }
}
