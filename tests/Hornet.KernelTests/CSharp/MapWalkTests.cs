using System.Reflection;
using System.Runtime.InteropServices;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary><c>foreach</c> over maps in kernel code.</summary>
public class MapWalkTests
{
    private static readonly byte[] s_packet = new byte[64];

    public static TheoryData<string, string> Walks()
    {
        TheoryData<string, string> all = [];
        foreach (string configuration in (string[])["Debug", "Release"])
        {
            foreach (var method in Type(configuration, "MapWalks").GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)) all.Add(configuration, method.Name);
        }
        return all;
    }

    private static Type Type(string configuration, string name) => Assembly.Load($"Hornet.Corpus.{configuration}").GetType($"Hornet.Corpus.{name}")!;

    [KernelTheory(MinKernel = "5.13")]
    [MemberData(nameof(Walks))]
    public void A_walk_gives_the_same_results_here_and_in_the_kernel(string configuration, string name)
    {
        using var counts = BpfHashMap<uint, ulong>.Create("counts", 64);
        using var slots = BpfArray<int>.Create("slots", 12);
        for (uint i = 3; i < 25; i += 2) counts[i] = i * 1001;
        for (uint i = 0; i < 12; i++) slots[i] = (int)(i * 7 % 41) - 2;
        var (key, value) = (Type(configuration, "WalkKey"), Type(configuration, "WalkValue"));
        using var flows = BpfMap.Create(new MapSpec { Name = "flows", Type = MapType.Hash, KeySize = 8, ValueSize = (uint)Marshal.SizeOf(value), MaxEntries = 16 });
        var bytes = new byte[Marshal.SizeOf(value)];
        for (byte i = 0; i < 9; i++)
        {
            bytes.AsSpan().Fill((byte)(i * 13));
            flows.Update([i, 0, 0, 0, (byte)(i & 3), 0, 0, 0], bytes);
        }
        object view = Activator.CreateInstance(typeof(BpfHashMap<,>).MakeGenericType(key, value), flows)!;
        object walks = Activator.CreateInstance(Type(configuration, "MapWalks"), counts, slots, view)!;
        Assert.Null(CorpusRunner.Run(walks.GetType().GetMethod(name)!, (int)(40 / ChildProcess.TimeScale), target: walks));
    }

    [KernelFact(MinKernel = "5.13")]
    public void The_body_sees_the_packet_and_the_helpers()
    {
        using var ports = BpfHashMap<byte, uint>.Create("ports", 8);
        using var hits = BpfHashMap<byte, ulong>.Create("hits", 8);
        ports[7] = 1;
        ports[9] = 2;
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            foreach (var (offset, _) in ports)
            {
                if (ctx.Data.Length <= offset) return XdpAction.Drop;
                hits[ctx.Data[offset]] += ctx.InterfaceIndex + Bpf.KtimeNs > 0 ? 1u : 0;
            }
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        (packet[7], packet[9]) = (70, 90);
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(packet).ReturnValue);
        Assert.Equal("70=1 90=1", string.Join(" ", hits.OrderBy(hit => hit.Key).Select(hit => $"{hit.Key}={hit.Value}")));
    }

    [KernelFact(MinKernel = "5.13")]
    public void A_walk_over_a_per_cpu_map_shows_this_cpus_values()
    {
        using var hash = BpfPerCpuHashMap<uint, ulong>.Create("hash", 8);
        using var array = BpfPerCpuArray<uint>.Create("array", 4);
        using var results = BpfArray<ulong>.Create("results", 2);
        MapsRun.Times(3, () =>
        {
            hash[5]++;
            hash[6] += 10;
            array[2] += 100;
            ulong sum = 0;
            foreach (var (key, value) in hash) sum += key * value;
            results[0] = sum;
            sum = 0;
            foreach (uint value in array) sum += value;
            results[1] = sum;
        }, () => { });
        // Each run may be on another CPU.
        Assert.True(results[0] is 65 or 130 or 195, $"{results[0]}");
        Assert.True(results[1] is 100 or 200 or 300, $"{results[1]}");
    }

    [KernelFact(MinKernel = "5.13")]
    public void Elements_are_removed_and_changed_while_they_are_walked()
    {
        using var map = BpfHashMap<uint, ulong>.Create("walked", 64);
        for (uint i = 1; i <= 20; i++) map[i] = i;
        MapsRun.Once(() =>
        {
            foreach (var (key, value) in map)
            {
                if (value < 15) map.Remove(key);
                else map[key] = value * 2;
            }
        });
        Assert.Equal("30 32 34 36 38 40", string.Join(" ", map.Select(pair => pair.Value).Order()));
    }

    [KernelFact(MinKernel = "5.13")]
    public void A_failed_check_in_the_body_ends_the_program()
    {
        using var map = BpfHashMap<uint, ulong>.Create("walked", 8);
        using var after = BpfArray<ulong>.Create("after", 1);
        map[1] = 0;
        using BpfSession session = new();
        using var program = session.LoadXdp(_ =>
        {
            ulong sum = 0;
            foreach (var entry in map) sum += 10 / entry.Value;
            after[0] = 1;
            return sum > 0 ? XdpAction.Pass : XdpAction.Drop;
        });
        Assert.Equal((uint)XdpAction.Aborted, program.TestRun(s_packet).ReturnValue);
        Assert.Equal(0ul, after[0]);
        map[1] = 5;
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet).ReturnValue);
        Assert.Equal(1ul, after[0]);
    }

    [KernelFact(MinKernel = "5.13")]
    public void Ten_thousand_elements_are_walked()
    {
        using var map = BpfHashMap<uint, ulong>.Create("walked", 10_000);
        using var results = BpfArray<ulong>.Create("results", 1);
        ulong expected = 0;
        for (uint i = 0; i < 10_000; i++) expected += map[i] = i * 3;
        MapsRun.Once(() =>
        {
            ulong sum = 0;
            foreach (var entry in map) sum += entry.Value;
            results[0] = sum;
        });
        Assert.Equal(expected, results[0]);
    }

    [KernelFact]
    public void Older_kernels_cannot_walk()
    {
        using var map = BpfHashMap<uint, ulong>.Create("walked", 8);
        using BpfSession session = new() { Options = RunningKernel.Options with { Kernel = new Version(5, 12) } };
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(_ =>
        {
            ulong sum = 0;
            foreach (var entry in map) sum += entry.Value;
            return (XdpAction)sum;
        }));
        Assert.Equal("HRN3007", Assert.Single(error.Diagnostics).Id);
        Assert.Contains("5.13", error.Message, StringComparison.Ordinal);
    }

    [KernelFact]
    public void An_enumerator_by_hand_is_refused()
    {
        using var map = BpfHashMap<uint, ulong>.Create("walked", 8);
        using BpfSession session = new();
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(_ =>
        {
            var all = map.GetEnumerator();
            return all.MoveNext() && all.MoveNext() ? XdpAction.Pass : XdpAction.Drop;
        }));
        Assert.Contains("HRN2112", error.Diagnostics.Select(diagnostic => diagnostic.Id));
        Assert.Contains("without foreach", error.Message, StringComparison.Ordinal);
    }
}
