using System.Reflection;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Lambdas that the kernel calls back: loops and map iteration.</summary>
public class CallbackTests
{
    private static readonly byte[] s_packet = new byte[64];

    [KernelFact]
    public void Loops_are_ordinary_loops_where_the_kernel_has_no_others()
    {
        Assert.SkipWhen(KernelVersion.Running < new KernelVersion(5, 12), "needs Linux 5.12: indices into the stack");
        var old = RunningKernel.Options with { Kernel = new Version(5, 10) };
        List<string> failures = [];
        foreach (var method in Assembly.Load("Hornet.Corpus.Release").GetType("Hornet.Corpus.Callbacks")!.GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            if (CorpusRunner.Run(method, randomInputs: 5, old) is { } difference) failures.Add(difference);
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [KernelFact]
    public void A_loop_without_a_bound_is_refused_where_the_kernel_has_no_bpf_loop()
    {
        using BpfSession session = new() { Options = RunningKernel.Options with { Kernel = new Version(5, 10) } };
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(packet =>
        {
            int sum = 0;
            Bpf.Loop(packet.Data.Length, i => sum += i);
            return (XdpAction)sum;
        }));
        Assert.Equal("HRN3007", Assert.Single(error.Diagnostics).Id);
        Assert.Contains("5.17", error.Message, StringComparison.Ordinal);
    }

    [KernelFact(MinKernel = "5.17")]
    public void A_loop_runs_as_often_as_a_number_says_that_only_the_kernel_knows()
    {
        using var sums = BpfArray<long>.Create("sums", 1);
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            long sum = 0;
            int ran = Bpf.Loop(packet.Data.Length * 1000, i => sum += i);
            sums[0] = sum;
            return ran == packet.Data.Length * 1000 ? XdpAction.Pass : XdpAction.Drop;
        });
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet).ReturnValue);
        Assert.Equal(64_000L * 63_999 / 2, sums[0]);
    }

    [KernelFact(MinKernel = "5.13")]
    public void Every_element_of_a_map_is_shown_and_can_be_changed()
    {
        using var map = BpfHashMap<uint, ulong>.Create("each", 64);
        using var results = BpfArray<ulong>.Create("results", 4);
        for (uint i = 1; i <= 20; i++) map[i] = i * 10;
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            ulong sum = 0;
            int large = 0;
            int shown = map.ForEach((in uint key, ref ulong value) =>
            {
                sum += value + key;
                if (value > 100) large++;
                value++;
            });
            results[0] = sum;
            results[1] = (ulong)shown;
            results[2] = (ulong)large;
            results[3] = (ulong)map.ForEach((in uint key, ref ulong value) => false);
            return XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet).ReturnValue);
        Assert.Equal((11 * 210ul, 20ul, 10ul, 1ul), (results[0], results[1], results[2], results[3]));
        Assert.Equal(51ul, map[5]);
    }

    [KernelFact(MinKernel = "5.13")]
    public void Elements_are_removed_while_they_are_walked()
    {
        using var map = BpfHashMap<uint, ulong>.Create("each", 64);
        for (uint i = 1; i <= 20; i++) map[i] = i;
        ulong oldest = 15;
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            map.ForEach((in uint key, ref ulong value) =>
            {
                if (value < oldest) map.Remove(key);
            });
            return XdpAction.Pass;
        });
        program.TestRun(s_packet);
        Assert.Equal("15 16 17 18 19 20", string.Join(" ", map.Select(pair => pair.Key).Order()));
    }

    [KernelFact(MinKernel = "5.13")]
    public void A_check_that_fails_in_a_lambda_ends_the_program()
    {
        using var map = BpfHashMap<uint, ulong>.Create("each", 64);
        using var array = BpfArray<uint>.Create("array", 8);
        array[3] = 1;
        map[1] = 0;
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            ulong sum = 0;
            map.ForEach((in uint key, ref ulong value) => sum += 10 / value);
            return XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Aborted, program.TestRun(s_packet).ReturnValue);
        using var walk = session.LoadXdp(packet =>
        {
            uint found = 0;
            array.ForEach((in uint index, ref uint value) =>
            {
                if (value == 0) return true;
                found = index;
                return false;
            });
            return (XdpAction)found;
        }, "walk");
        Assert.Equal(3u, walk.TestRun(s_packet).ReturnValue);
    }
}
