using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.KernelTests.Objects;

/// <summary>Objects as clang makes them, loaded and run: each program returns what it saw.</summary>
public class ObjectRunTests
{
    private const string Head = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        char _license[] SEC("license") = "GPL";

        """;

    private static readonly ClangSource s_globals = new(Head + """
        int counter = 40;
        int zeroed;
        static volatile int hidden = 3;
        const volatile int limit = 7;
        const volatile char word[8] = "abc";
        struct pair { int a; long b; } pair = { 1, 2 };
        int custom SEC(".data.custom") = 11;
        const volatile int tuned SEC(".rodata.tuned") = 5;
        static const char digits[] = "0123456789";

        SEC("socket") int add(void *ctx) { counter += limit; zeroed += 2; hidden++; return counter + zeroed + hidden; }
        SEC("socket") int constants(void *ctx) { return limit * 100 + word[1] + tuned; }
        SEC("socket") int sections(void *ctx) { custom += pair.a + pair.b; return custom; }
        SEC("socket") int text(struct __sk_buff *ctx) { return digits[(ctx->len ^ ctx->len) + (limit & 7)]; }
        """);

    private static readonly ClangSource s_functions = new(Head + """
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 3); __type(key, int); __type(value, int); } numbers SEC(".maps");

        static __attribute__((noinline)) int twice(int x) { return x * 2; }
        __attribute__((noinline)) int thrice(int x) { return twice(x) + x; }
        static __attribute__((noinline, section("socket/helpers"))) int elsewhere(int x) { return thrice(x) + 1; }
        __attribute__((weak, noinline)) int replaceable(int x) { return x + 1000; }
        static long sum(void *map, int *key, int *value, long *total) { *total += *value + *key; return 0; }

        SEC("socket") int nested(struct __sk_buff *ctx) { return elsewhere(ctx->len) + replaceable(1); }
        SEC("socket") int pointer(void *ctx) {
            long total = 0;
            for (int i = 0; i < 3; i++) { int v = 10 * (i + 1); int k = i; bpf_map_update_elem(&numbers, &k, &v, 0); }
            bpf_for_each_map_elem(&numbers, sum, &total, 0);
            return total;
        }
        """);

    private static readonly ClangSource s_initialised = new(Head + """
        struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int); };
        struct inner one SEC(".maps"), two SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4); __type(key, int); __array(values, struct inner); }
            outer SEC(".maps") = { .values = { [1] = &one, [3] = &two } };
        struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __type(key, int); __array(values, struct inner); }
            outer_hash SEC(".maps");
        int tail(void *ctx);
        struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 3); __uint(key_size, 4); __array(values, int(void *)); }
            jumps SEC(".maps") = { .values = { [2] = (void *)&tail } };

        SEC("socket") int tail(void *ctx) { return 42; }
        SEC("socket") int jump(void *ctx) { bpf_tail_call(ctx, &jumps, 2); return 1; }
        SEC("socket") int lookup(void *ctx) {
            int found = 0, zero = 0;
            for (int i = 0; i < 4; i++) {
                int k = i; void *inner = bpf_map_lookup_elem(&outer, &k);
                if (!inner) continue;
                int *v = bpf_map_lookup_elem(inner, &zero);
                if (v) found |= 1 << i;
            }
            return found;
        }
        """);

    private static readonly ClangSource s_legacy = new(Head + """
        struct bpf_map_def { unsigned int type, key_size, value_size, max_entries, map_flags; };
        struct longer_def { struct bpf_map_def def; unsigned int a, b; };
        struct bpf_map_def table SEC("maps") = { BPF_MAP_TYPE_HASH, 4, 8, 16, BPF_F_NO_PREALLOC };
        struct longer_def zeroes SEC("maps/second") = { { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0 }, 0, 0 };
        SEC("socket1") int use(void *ctx) {
            int k = 3; long v = 33; bpf_map_update_elem(&table, &k, &v, 0);
            long *p = bpf_map_lookup_elem(&table, &k); int zero = 0;
            return bpf_map_lookup_elem(&zeroes, &zero) && p ? *p : 0;
        }
        """);

    private static readonly ClangSource s_locks = new(Head + """
        struct value { struct bpf_spin_lock lock; int n; };
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct value); } locked SEC(".maps");
        SEC("tc") int step(void *ctx) {
            int k = 0; struct value *v = bpf_map_lookup_elem(&locked, &k); if (!v) return -1;
            bpf_spin_lock(&v->lock); int n = ++v->n; bpf_spin_unlock(&v->lock); return n;
        }
        """);

    private static readonly ClangSource s_events = new(Head + """
        struct event { int a, b; };
        struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 5000); __type(value, struct event); } ring SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __type(value, struct event); } perf SEC(".maps");
        SEC("tc") int emit(void *ctx) { struct event e = { 1, 2 }; return bpf_ringbuf_output(&ring, &e, sizeof e, 0); }
        SEC("?tc") int broken(void *ctx) { return *(volatile int *)0; }
        """);

    private static uint Run(LoadedObject loaded, string program, int length = 64) => loaded.Program(program).TestRun(new byte[length]).ReturnValue;

    [KernelFact(Needs.Clang)]
    public void Global_variables_start_with_their_values_and_are_shared_with_user_space()
    {
        using var loaded = BpfObject.Parse(s_globals.Object, "globals.o").Load();
        Assert.Null(loaded.BtfFailure);
        Assert.Equal(40 + 7 + 2 + 4u, Run(loaded, "add"));
        Assert.Equal(47, loaded.Globals.Get<int>("counter"));
        loaded.Globals.Set("counter", 100);
        Assert.Equal(100 + 7 + 4 + 5u, Run(loaded, "add"));
        ref int zeroed = ref loaded.Globals.Reference<int>("zeroed");
        Assert.Equal(4, zeroed);
        zeroed = 50;
        Assert.Equal(107 + 7 + 52 + 6u, Run(loaded, "add"));
        Assert.Equal("abc\0\0\0\0\0"u8.ToArray(), loaded.Globals.Bytes("word").ToArray());
        Assert.Contains("constant", Assert.Throws<BpfException>(() => loaded.Globals.Set("limit", 1)).Message);
        Assert.Contains("has no global variable 'counted'", Assert.Throws<BpfException>(() => loaded.Globals.Get<int>("counted")).Message);
    }

    [KernelFact(Needs.Clang)]
    public void Globals_set_before_the_load_are_what_programs_see()
    {
        var spec = BpfObject.Parse(s_globals.Object, "globals.o");
        spec.SetGlobal("limit", 9);
        spec.SetGlobal("counter", -1);
        spec.SetGlobal("zeroed", 5);
        spec.SetGlobal("tuned", 6);
        spec.SetGlobalBytes("word", "xyz"u8);
        Assert.Equal(9, spec.GetGlobal<int>("limit"));
        using var loaded = spec.Load();
        Assert.Equal(900 + 'y' + 6u, Run(loaded, "constants"));
        Assert.Equal(8 + 7 + 4u, Run(loaded, "add"));
        Assert.Equal(14u, Run(loaded, "sections"));
        Assert.Equal('1', (char)Run(loaded, "text"));
    }

    [KernelFact(Needs.Clang, MinKernel = "5.13")]
    public void Functions_are_linked_from_every_section_and_by_pointer()
    {
        using var loaded = BpfObject.Parse(s_functions.Object, "functions.o").Load();
        Assert.Null(loaded.BtfFailure);
        // elsewhere(50) = thrice(50) + 1 = 151; the test run's packet has its Ethernet header taken off.
        Assert.Equal(3 * 50 + 1 + 1001u, Run(loaded, "nested"));
        Assert.Equal(10 + 20 + 30 + 0 + 1 + 2u, Run(loaded, "pointer"));
    }

    [KernelFact(Needs.Clang)]
    public void Maps_of_maps_and_program_arrays_are_filled_as_declared()
    {
        using var loaded = BpfObject.Parse(s_initialised.Object, "initialised.o").Load();
        Assert.Null(loaded.BtfFailure);
        Assert.Equal(42u, Run(loaded, "jump"));
        Assert.Equal(0b1010u, Run(loaded, "lookup"));
        Assert.Equal(MapType.HashOfMaps, loaded.Map("outer_hash").Type);
    }

    [KernelFact(Needs.Clang)]
    public void Maps_of_the_time_before_BTF_are_read_and_created()
    {
        var spec = BpfObject.Parse(s_legacy.Object, "legacy.o");
        Assert.Equal((MapType.Hash, 4u, 8u, 16u, MapFlags.NoPrealloc), (spec.Maps["table"].Type, spec.Maps["table"].KeySize, spec.Maps["table"].ValueSize, spec.Maps["table"].MaxEntries, spec.Maps["table"].Flags));
        Assert.Equal(8, spec.Maps["zeroes"].LegacyExtra.Length);
        using var loaded = spec.Load();
        Assert.Equal(33u, Run(loaded, "use"));
    }

    [KernelFact(Needs.Clang)]
    public void A_lock_in_a_map_value_is_known_by_its_type()
    {
        using var loaded = BpfObject.Parse(s_locks.Object, "locks.o").Load();
        Assert.Equal([1u, 2u, 3u], [Run(loaded, "step"), Run(loaded, "step"), Run(loaded, "step")]);
    }

    [KernelFact(Needs.Clang, Needs.RingBuffer)]
    public void Value_types_of_buffers_and_their_sizes_are_made_to_fit()
    {
        var spec = BpfObject.Parse(s_events.Object, "events.o");
        Assert.False(spec.Programs["broken"].AutoLoad);
        using var loaded = spec.Load();
        Assert.Equal(0u, Run(loaded, "emit"));
        Assert.Equal((0, 8192u), (loaded.Map("ring").ValueSize, loaded.Map("ring").MaxEntries));
        Assert.Equal(["emit"], loaded.Programs.Keys);
        spec.Programs["broken"].AutoLoad = true;
        Assert.Throws<Hornet.Programs.VerifierException>(() => spec.Load());
    }

    [KernelFact(Needs.Clang)]
    public void An_edited_object_loads_as_edited()
    {
        var spec = BpfObject.Parse(s_initialised.Object, "edited.o");
        spec.RenameMap("jumps", "table");
        spec.RenameProgram("tail", "target");
        spec.RenameMap("one", "first");
        spec.Maps["two"].MaxEntries = 1;
        spec.Programs.Remove("lookup");
        using var replacement = BpfMap.Create(new MapSpec { Name = "mine", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        replacement.Update(BitConverter.GetBytes(0), BitConverter.GetBytes(77));
        using var loaded = spec.Load(new LoadOptions { MapReplacements = new Dictionary<string, BpfMap> { ["first"] = replacement } });
        Assert.Equal(42u, Run(loaded, "jump"));
        Assert.Equal(["jump", "target"], loaded.Programs.Keys.Order());
        Assert.Equal(replacement.Id, loaded.Map("first").Id);
        Assert.Equal(replacement.Id, BitConverter.ToUInt32(loaded.Map("outer").Lookup(BitConverter.GetBytes(1))!));
    }
}
