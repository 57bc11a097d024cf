using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.KernelTests.Objects;

/// <summary>Pins are shared, and a load that fails leaves nothing.</summary>
public class ObjectCleanupTests
{
    private static readonly ClangSource s_pinned = new("""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        char _license[] SEC("license") = "GPL";
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, int); __type(value, long);
                 __uint(pinning, LIBBPF_PIN_BY_NAME); } shared SEC(".maps");
        int own;
        SEC("socket") int count(void *ctx) { int k = 1; long *v = bpf_map_lookup_elem(&shared, &k); return v ? ++*v + own : -1; }
        SEC("?socket") int broken(void *ctx) { return *(volatile int *)8; }
        """);

    [KernelFact(Needs.Clang)]
    public void A_map_pinned_by_name_is_shared_by_all_who_load_it()
    {
        using TestPins pins = new();
        LoadOptions options = new() { PinFolder = pins["made/by/the/load"] };
        var spec = BpfObject.Parse(s_pinned.Object, "pinned.o");
        using (var first = spec.Load(options)) Assert.Equal(1u, first.Program("count").TestRun(new byte[64]).ReturnValue);
        using (var second = spec.Load(options)) Assert.Equal(2u, second.Program("count").TestRun(new byte[64]).ReturnValue);
        Assert.True(File.Exists(pins["made/by/the/load/shared"]));
    }

    [KernelFact(Needs.Clang)]
    public void A_pin_of_another_shape_is_refused_with_the_differences()
    {
        using TestPins pins = new();
        var spec = BpfObject.Parse(s_pinned.Object, "pinned.o");
        using (spec.Load(new LoadOptions { PinFolder = pins.Path })) { }
        spec.Maps["shared"].MaxEntries = 5;
        Assert.Contains("max_entries is 4, not 5", Assert.Throws<BpfException>(() => spec.Load(new LoadOptions { PinFolder = pins.Path })).Message);
    }

    [KernelFact(Needs.Clang)]
    public void A_load_that_fails_leaves_neither_pins_nor_descriptors()
    {
        using TestPins pins = new();
        var spec = BpfObject.Parse(s_pinned.Object, "pinned.o");
        spec.Programs["broken"].AutoLoad = true;
        Assert.Throws<Hornet.Programs.VerifierException>(() => spec.Load(new LoadOptions { PinFolder = pins["new/folder"] }));
        Assert.Empty(Directory.GetFileSystemEntries(pins.Path));

        int before = KernelDescriptors.Settle();
        for (int i = 0; i < 20; i++) Assert.Throws<Hornet.Programs.VerifierException>(() => spec.Load(new LoadOptions { PinFolder = pins.Path }));
        Assert.Equal(before, KernelDescriptors.Count());
    }

    [KernelFact(Needs.Clang)]
    public void A_failing_load_leaves_the_pins_of_others_alone()
    {
        using TestPins pins = new();
        var spec = BpfObject.Parse(s_pinned.Object, "pinned.o");
        using (spec.Load(new LoadOptions { PinFolder = pins.Path })) { }
        spec.Programs["broken"].AutoLoad = true;
        Assert.Throws<Hornet.Programs.VerifierException>(() => spec.Load(new LoadOptions { PinFolder = pins.Path }));
        Assert.True(File.Exists(pins["shared"]));
    }

    [KernelFact(Needs.Clang)]
    public void What_cannot_be_replaced_is_said_before_anything_is_created()
    {
        var spec = BpfObject.Parse(s_pinned.Object, "pinned.o");
        using var map = BpfMap.Create(new MapSpec { Name = "x", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        using TestPins pins = new();
        LoadOptions options = new() { PinFolder = pins.Path };
        Assert.Contains("there is no map 'nothing' to replace; there are shared", Assert.Throws<BpfException>(() => spec.Load(options with { MapReplacements = new Dictionary<string, BpfMap> { ["nothing"] = map } })).Message);
        Assert.Contains("the value size is 4, not 8", Assert.Throws<BpfException>(() => spec.Load(options with { MapReplacements = new Dictionary<string, BpfMap> { ["shared"] = map } })).Message);
        Assert.Empty(Directory.GetFileSystemEntries(pins.Path));
    }
}
