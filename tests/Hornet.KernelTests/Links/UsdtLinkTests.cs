using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Objects;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Links;

public class UsdtLinkTests
{
    private static readonly CounterOptions s_anyone = new() { OnlyThisThread = false };

    [KernelFact]
    public void The_probes_of_a_binary_are_listed_with_their_places()
    {
        var probes = UsdtProbe.List(TargetProcess.Executable);
        Assert.Equal(["hornet:everything", "hornet:guarded", "hornet:sites"], probes.Select(p => p.ToString()).Order());
        var sites = probes.Single(p => p.Name == "sites");
        Assert.Equal((2, 2), (sites.Sites.Count, sites.Layouts.Count));
        Assert.All(probes.Single(p => p.Name == "guarded").Sites, site => Assert.NotEqual(0ul, site.SemaphoreOffset));
        Assert.Contains("'hornet:guarded'", Assert.Throws<BpfSyscallException>(() => UsdtProbe.Find(TargetProcess.Executable, "hornet", "guardd")).Hint);
        Assert.Contains("no USDT probes", Assert.Throws<BpfSyscallException>(() => UsdtProbe.Find("sh", null, "x")).Hint);
    }

    [KernelFact(Needs.Uprobes)]
    public void Arguments_of_every_form_arrive()
    {
        var probe = UsdtProbe.Find(TargetProcess.Executable, "hornet", "everything");
        using var target = TargetProcess.Start();
        using var counter = Counter.Load(ProgramType.Kprobe, s_anyone with { Then = code => LoadAll(code, probe, 11) });
        using (var link = UsdtLink.Attach(counter.Program, probe, new() { Process = target.Id }))
        {
            target.Call("usdt", 3);
            Assert.Equal(3ul, counter.Count);
            long[] expected = [-9, 2, -5, 0x1234, -3, 11, 0x1122334455667788, -104, -77, 2, 253];
            Assert.Equal(expected, Enumerable.Range(0, 11).Select(i => (long)counter.Read(3 + i)));
        }
        target.Call("usdt", 2);
        Assert.Equal(3ul, counter.Count);
    }

    [KernelTheory(Needs.PerfEventLink)]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_place_of_a_probe_has_its_own_arguments(bool multi)
    {
        Assert.SkipWhen(multi && KernelFacts.Version < new Version(6, 6), "needs Linux 6.6");
        var probe = UsdtProbe.Find(TargetProcess.Executable, null, "sites");
        using var target = TargetProcess.Start();
        var options = s_anyone with
        {
            AttachType = multi ? AttachType.TraceUprobeMulti : 0,
            // the sum of all first arguments
            Then = code => Counter.Element(code.LoadUsdtArgument(probe, 0, R6, R7, -16, "out"), 3).AtomicAdd(R0, 0, R7),
        };
        using var counter = Counter.Load(ProgramType.Kprobe, options);
        using var link = UsdtLink.Attach(counter.Program, probe, new() { Process = target.Id });
        Assert.Equal(multi, link.Descriptor is not null);
        target.Call("sites", 4); // 0..3 at one place, 1000..1003 at the other
        Assert.Equal((8ul, 4012ul), (counter.Count, counter.Read(3)));
        Assert.Contains("no number 1", Assert.Throws<BpfException>(() => new Assembler().LoadUsdtArgument(probe, 1, R6, R7, -16, "out")).Message);
    }

    [KernelFact(Needs.Uprobes)]
    public void A_semaphore_is_raised_while_somebody_listens()
    {
        using var target = TargetProcess.Start();
        using var counter = Counter.Load(ProgramType.Kprobe, s_anyone);
        target.Call("sites", 5);
        using (UsdtLink.Attach(counter.Program, TargetProcess.Executable, "hornet", "guarded", new() { Process = target.Id }))
        {
            Assert.Equal(1, target.Semaphore);
            target.Call("sites", 5);
            Assert.Equal(5ul, counter.Count);
        }
        Assert.Equal(0, target.Semaphore);
        target.Call("sites", 5);
        Assert.Equal(5ul, counter.Count);
    }

    [KernelFact(Needs.Uprobes)]
    public void A_probe_of_a_shared_library_is_found_through_the_process_that_uses_it()
    {
        using var target = TargetProcess.StartWithLibrary();
        using var other = TargetProcess.StartWithLibrary();
        var probe = UsdtProbe.Find("libhornet_probe.so", "hornet_lib", "work", target.Id);
        using var counter = Counter.Load(ProgramType.Kprobe, s_anyone with { Then = code => LoadAll(code, probe, 1) });
        using var link = UsdtLink.Attach(counter.Program, probe, new() { Process = target.Id });
        other.Call("work", 9);
        target.Call("work", 4);
        Assert.Equal((4ul, 3ul), (counter.Count, counter.Read(3)));
    }

    private static readonly ClangSource s_compiled = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>
        #include <bpf/usdt.bpf.h>
        long values[6], runs, cookie, arguments;
        SEC("usdt") int sites(struct pt_regs *ctx)
        {
            long value;
            if (!bpf_usdt_arg(ctx, 0, &value)) values[0] += value;
            cookie = bpf_usdt_cookie(ctx);
            arguments += bpf_usdt_arg_cnt(ctx);
            runs++;
            return 0;
        }
        SEC("usdt") int plain(struct pt_regs *ctx)
        {
            long value;
            if (!bpf_usdt_arg(ctx, 0, &value)) values[1] = value;
            if (!bpf_usdt_arg(ctx, 3, &value)) values[2] = value;
            if (!bpf_usdt_arg(ctx, 4, &value)) values[3] = value;
            if (!bpf_usdt_arg(ctx, 6, &value)) values[4] = value;
            if (!bpf_usdt_arg(ctx, 8, &value)) values[5] = value;
            return 0;
        }
        char _license[] SEC("license") = "GPL";
        """);

    [KernelFact(Needs.PerfEventLink, Needs.Clang)]
    public void Programs_compiled_with_the_usual_header_find_their_arguments()
    {
        using var target = TargetProcess.Start();
        using var loaded = BpfObject.Parse(s_compiled.Object, "usdt").Load();
        var specs = Assert.IsType<UsdtSpecTable>(loaded.UsdtSpecs);
        using (UsdtLink.Attach(loaded.Program("sites"), TargetProcess.Executable, "hornet", "sites", new() { Process = target.Id, Specs = specs, Cookie = 0xabc }))
            target.Call("sites", 4);
        Assert.Equal((8, 4012, 0xabc, 12), (loaded.Globals.Get<long>("runs"), Values(0), loaded.Globals.Get<long>("cookie"), loaded.Globals.Get<long>("arguments")));

        var probe = UsdtProbe.Find(TargetProcess.Executable, "hornet", "everything");
        if (loaded.Map(UsdtSpecTable.MapName).ValueSize == 208)
        {
            // An older header: no room for an index register.
            Assert.Contains("usdt.bpf.h", Assert.Throws<BpfException>(() => UsdtLink.Attach(loaded.Program("plain"), probe, new() { Specs = specs })).Message);
            return;
        }
        using var link = UsdtLink.Attach(loaded.Program("plain"), probe, new() { Process = target.Id, Specs = specs });
        target.Call("usdt", 1);
        Assert.Equal([-9, 0x1234, -3, 0x1122334455667788, -77], Enumerable.Range(1, 5).Select(Values));

        long Values(int i) => BitConverter.ToInt64(loaded.Globals.Bytes("values")[(8 * i)..]);
    }

    /// <summary>Kernels before 5.15 have no cookies. Newer ones are told to do without, which is the same program and the same link.</summary>
    [KernelFact(Needs.Uprobes, Needs.Clang)]
    public void Without_cookies_a_compiled_program_finds_its_arguments_by_address()
    {
        using var target = TargetProcess.Start();
        var spec = BpfObject.Parse(s_compiled.Object, "usdt");
        spec.Externs["LINUX_HAS_BPF_COOKIE"].Value = [0];
        using var loaded = spec.Load();
        var specs = Assert.IsType<UsdtSpecTable>(loaded.UsdtSpecs);
        Assert.NotNull(specs.Addresses);
        var program = loaded.Program("sites");
        Assert.Contains("Give the process", Assert.Throws<BpfNotSupportedException>(() => UsdtLink.Attach(program, TargetProcess.Executable, "hornet", "sites", new() { Specs = specs })).Message);
        for (int round = 1; round <= 2; round++)
        {
            using (UsdtLink.Attach(program, TargetProcess.Executable, "hornet", "sites", new() { Process = target.Id, Specs = specs, Cookie = 0xabc }))
            {
                Assert.Equal(2, AddressCount(loaded));
                Assert.Contains("is at 0x", Assert.Throws<BpfException>(() => UsdtLink.Attach(program, TargetProcess.Executable, "hornet", "sites", new() { Process = target.Id, Specs = specs })).Message);
                Assert.Equal(2, AddressCount(loaded));
                target.Call("sites", 4);
            }
            Assert.Equal(0, AddressCount(loaded));
            Assert.Equal((8 * round, 4012 * round, 0xabc, 12 * round), (loaded.Globals.Get<long>("runs"), BitConverter.ToInt64(loaded.Globals.Bytes("values")), loaded.Globals.Get<long>("cookie"), loaded.Globals.Get<long>("arguments")));
        }
    }

    [KernelTheory(Needs.Uprobes)]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_cookies_an_assembled_program_tells_the_places_apart_by_address(bool movable)
    {
        string binary = movable ? TargetProcess.Executable : TargetProcess.FixedExecutable;
        var probe = UsdtProbe.Find(binary, "hornet", "sites");
        using var target = movable ? TargetProcess.Start() : TargetProcess.StartThrough(binary);
        using var map = BpfMap.Create(UsdtAddressTable.CreateSpec());
        var options = s_anyone with
        {
            Then = code => Counter.Element(code.LoadUsdtArgument(probe, 0, R6, R7, -16, "out", "places"), 3).AtomicAdd(R0, 0, R7),
            Load = new() { ResolveMap = name => name == "places" ? map : null },
        };
        using var counter = Counter.Load(ProgramType.Kprobe, options);
        // An executable at fixed addresses is the same in every process.
        using (UsdtLink.Attach(counter.Program, probe, new() { Process = movable ? target.Id : null, Addresses = new UsdtAddressTable(map) }))
            target.Call("sites", 4);
        Assert.Equal((8ul, 4012ul), (counter.Count, counter.Read(3)));
    }

    private static int AddressCount(LoadedObject loaded)
    {
        int count = 0;
        byte[] key = new byte[8];
        for (bool more = loaded.Map(UsdtAddressTable.MapName).TryGetNextKey([], key); more; count++) more = loaded.Map(UsdtAddressTable.MapName).TryGetNextKey(key, key);
        return count;
    }

    private static void LoadAll(Assembler code, UsdtProbe probe, int count)
    {
        for (int i = 0; i < count; i++) Counter.Element(code.LoadUsdtArgument(probe, i, R6, R7, -16, "out"), 3 + i).Store(R0, 0, R7);
    }
}
