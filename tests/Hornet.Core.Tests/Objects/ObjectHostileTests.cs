using Hornet.Core.Tests.Elf;
using Hornet.Objects;

namespace Hornet.Core.Tests.Objects;

public class ObjectHostileTests
{
    private const string Source = """
        #define SEC(name) __attribute__((section(name), used))
        struct inner { int (*type)[2]; int (*max_entries)[1]; int (*key_size)[4]; int (*value_size)[4]; } one SEC(".maps");
        struct { int (*type)[12]; int (*max_entries)[2]; int (*key_size)[4]; struct inner *values[2]; } outer SEC(".maps") = { .values = { &one } };
        struct ops { int (*f)(void *); int n; }; extern const int CONFIG_HZ SEC(".kconfig"); extern int kfunc(int) SEC(".ksyms");
        struct ctx { int a, b; } __attribute__((preserve_access_index));
        static __attribute__((noinline)) int helper(int x) { return x * 3; }
        int data = 4; int bss; char license[] SEC("license2") = "GPL";
        SEC("struct_ops/f") int member(void *c) { return kfunc(helper(data)); }
        SEC(".struct_ops.link") struct ops table = { .f = (void *)member, .n = 3 };
        SEC("xdp") int program(struct ctx *c) { return helper(c->b) + CONFIG_HZ + bss + (long)&outer; }
        """;

    [Fact]
    public void Mutated_objects_throw_nothing_but_format_errors()
    {
        byte[][] seeds = [Compile.Bpf(Source), Compile.Bpf(Source, target: "bpfeb")];
        Assert.All(seeds, s => Assert.Equal(2, BpfObject.Parse(s, "seed.o").Programs.Count));
        Random random = new(7);
        int read = 0;
        for (int round = 0; round < 1200; round++)
        {
            byte[] bytes = (byte[])seeds[round & 1].Clone();
            for (int n = random.Next(1, 8); n > 0; n--)
                bytes[random.Next(bytes.Length)] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => (byte)(1 << random.Next(8)), _ => (byte)random.Next(256) };
            try
            {
                BpfObject.Parse(bytes, "mutant.o");
                read++;
            }
            catch (BpfFormatException)
            {
            }
        }
        // Both must happen, or the mutations test nothing.
        Assert.InRange(read, 20, 1180);
    }

    [Fact]
    public void Every_truncation_is_a_format_error()
    {
        byte[] whole = Compile.Bpf(Source);
        for (int length = 0; length < whole.Length; length += 13) Assert.Throws<BpfFormatException>(() => BpfObject.Parse(whole.AsMemory(0, length), "cut.o"));
    }
}
