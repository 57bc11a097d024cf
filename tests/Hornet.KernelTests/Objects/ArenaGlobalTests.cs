using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.Objects;

/// <summary>Global variables in an arena (<c>.addr_space.1</c>): memory that programs and this process share at one address.</summary>
public class ArenaGlobalTests
{
    // Compilers before clang 19 know neither the section nor the cast, which is here as libbpf's headers have it for them.
    private static readonly ClangSource s_arena = new("""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        char _license[] SEC("license") = "GPL";
        #define __arena __attribute__((section(".addr_space.1")))
        #define REG(n) ".ifc %[reg], r" #n "; .byte 0x" #n #n "; .endif;"
        #define kernel_pointer(var) asm volatile(".byte 0xbf;" REG(0) REG(1) REG(2) REG(3) REG(4) REG(5) REG(6) REG(7) REG(8) REG(9) \
            ".short 1; .long 1;" : [reg] "+r"(var))
        struct { __uint(type, 33 /* BPF_MAP_TYPE_ARENA */); __uint(map_flags, BPF_F_MMAPABLE); __uint(max_entries, 8); } arena SEC(".maps");
        struct node { long value; struct node *next; };
        int counter __arena = 40;
        long numbers[1000] __arena = { 1, 2, 3 };
        struct node first __arena, second __arena;
        struct node *list __arena;
        SEC("syscall") int count(void *ctx) {
            int *c = &counter; long *n = numbers;
            kernel_pointer(c); kernel_pointer(n);
            n[999] = n[2] + *c;
            return ++*c;
        }
        SEC("syscall") int build(void *ctx) {
            struct node *f = &first, *s = &second, **l = &list;
            kernel_pointer(f); kernel_pointer(s); kernel_pointer(l);
            f->value = 5; s->value = 7;
            f->next = &second; *l = &first;
            return 0;
        }
        """);

    [KernelFact(Needs.Clang, Needs.Arena)]
    public unsafe void They_are_loaded_read_and_written_by_both_sides()
    {
        var spec = BpfObject.Parse(s_arena.Object, "arena.o");
        spec.SetGlobal("counter", 41);
        using var loaded = spec.Load();
        Assert.Equal(41, loaded.Globals.Get<int>("counter"));
        Assert.Equal(42u, loaded.Program("count").TestRun(new TestRunOptions()).ReturnValue);
        Assert.Equal(42, loaded.Globals.Get<int>("counter"));
        var numbers = loaded.Globals.Bytes("numbers");
        Assert.Equal((8000, 1L, 3L + 41), (numbers.Length, BitConverter.ToInt64(numbers), BitConverter.ToInt64(numbers[(999 * 8)..])));
        loaded.Globals.Set("counter", 99);
        loaded.Globals.Reference<int>("counter")++;
        Assert.Equal(101u, loaded.Program("count").TestRun(new TestRunOptions()).ReturnValue);

        // A pointer a program writes is an address here.
        Assert.Equal(0u, loaded.Program("build").TestRun(new TestRunOptions()).ReturnValue);
        long* first = (long*)BitConverter.ToInt64(loaded.Globals.Bytes("list"));
        Assert.Equal(5, first[0]);
        Assert.Equal(7, *(long*)first[1]);
        // Views show the same memory.
        var arena = new BpfArena(loaded.Map("arena"));
        Assert.Equal(5, arena.At<long>((long)((ulong)first - arena.BaseAddress)));
    }

    [KernelFact(Needs.Clang, Needs.Arena)]
    public void An_arena_of_ones_own_takes_the_objects_place_with_what_it_holds()
    {
        using var own = BpfArena.Create("own", 8);
        var spec = BpfObject.Parse(s_arena.Object, "arena.o");
        var options = new LoadOptions { MapReplacements = new Dictionary<string, BpfMap> { ["arena"] = own.Map } };
        using (var loaded = spec.Load(options))
        {
            // What is there stays: here, zeros.
            Assert.Equal(1u, loaded.Program("count").TestRun(new TestRunOptions()).ReturnValue);
            Assert.Equal(1, loaded.Globals.Get<int>("counter"));
        }
        using (var again = spec.Load(options)) Assert.Equal(2u, again.Program("count").TestRun(new TestRunOptions()).ReturnValue);
        Assert.Equal(0, own.At<long>(0));
    }

    [KernelFact(Needs.Clang, Needs.Arena)]
    public void They_are_in_the_object_that_is_written_back_and_must_fit()
    {
        var spec = BpfObject.Parse(s_arena.Object, "arena.o");
        spec.SetGlobal("counter", 7);
        var again = BpfObject.Parse(spec.ToElf(), "again.o");
        using (var loaded = again.Load()) Assert.Equal(8u, loaded.Program("count").TestRun(new TestRunOptions()).ReturnValue);
        again.Maps["arena"].MaxEntries = 1;
        Assert.Contains("the arena's variables have", Assert.Throws<BpfException>(() => again.Load()).Message);
    }
}
