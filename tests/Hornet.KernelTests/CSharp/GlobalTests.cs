using System.Runtime.CompilerServices;
using Hornet.Compiler.Diagnostics;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Variables that both sides share.</summary>
public class GlobalTests
{
    private static readonly byte[] s_packet = new byte[64];
    private static int s_plain = 3;

    private struct Totals
    {
        public long Packets, Bytes;
        public int Largest;
        public Recent Last;
    }

    [InlineArray(4)]
    private struct Recent
    {
        private ushort _first;
    }

    [KernelFact]
    public void A_global_is_read_and_written_on_both_sides()
    {
        using var limit = BpfGlobal<int>.Create("limit", 100);
        using var totals = BpfGlobal<Totals>.Create("totals");
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            ref var all = ref totals.Value;
            int length = packet.Data.Length;
            Interlocked.Add(ref all.Bytes, length);
            if (length > all.Largest) all.Largest = length;
            all.Last[(int)(all.Packets & 3)] = (ushort)length;
            all.Packets++;
            return length > limit.Value ? XdpAction.Drop : XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet).ReturnValue);
        limit.Value = 50;
        Assert.Equal((uint)XdpAction.Drop, program.TestRun(s_packet).ReturnValue);
        program.TestRun(new byte[33]);
        Assert.Equal((3, 161, 64), (totals.Value.Packets, totals.Value.Bytes, totals.Value.Largest));
        Assert.Equal((64, 64, 33, 0), (totals.Value.Last[0], totals.Value.Last[1], totals.Value.Last[2], totals.Value.Last[3]));
        totals.Value = default;
        program.TestRun(s_packet);
        Assert.Equal(1, totals.Value.Packets);
    }

    [KernelFact]
    public void A_global_array_is_a_span_on_both_sides()
    {
        // More than a page, and elements that the kernel would lay eight bytes apart.
        using var counts = BpfGlobalArray<uint>.Create("counts", 3000);
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            counts[packet.Data[0] * 10]++;
            counts.Span[^1] = (uint)counts.Length;
            foreach (ref uint one in counts.Span.Slice(0, 4)) one += 5;
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        packet[0] = 255;
        program.TestRun(packet);
        program.TestRun(packet);
        Assert.Equal((2u, 10u, 3000u), (counts[2550], counts.Span[3], counts[2999]));
        Assert.Equal(0u, counts[2549]);
        using var tooFar = session.LoadXdp(packet => { counts[packet.Data[0] * 100]++; return XdpAction.Pass; }, "far");
        Assert.Equal((uint)XdpAction.Aborted, tooFar.TestRun(packet).ReturnValue);
    }

    [KernelFact]
    public void Only_a_map_of_one_value_is_a_global()
    {
        static BpfMap Array(uint size, uint count) => BpfMap.Create(new() { Name = "values", Type = MapType.Array, KeySize = 4, ValueSize = size, MaxEntries = count, Flags = MapFlags.Mmapable });
        using var two = Array(8, 2);
        using var odd = Array(12, 1);
        Assert.Contains("has 2 values; a global variable is one", Assert.Throws<BpfException>(() => new BpfGlobal<long>(two)).Message, StringComparison.Ordinal);
        Assert.Contains("has 2 values of 8 bytes; wanted is one", Assert.Throws<BpfException>(() => new BpfGlobalArray<long>(two)).Message, StringComparison.Ordinal);
        Assert.Contains("has 1 values of 12 bytes; wanted is one", Assert.Throws<BpfException>(() => new BpfGlobalArray<long>(odd)).Message, StringComparison.Ordinal);
    }

    [KernelFact]
    public void What_cannot_be_shared_says_to_use_a_global()
    {
        using BpfSession session = new();
        int count = 0;
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(_ => (XdpAction)(++count + s_plain)));
        Assert.Equal(["HRN1008", "HRN1009"], error.Diagnostics.Select(one => one.Id).Order());
        Assert.All(error.Diagnostics, one => Assert.Contains("BpfGlobal<T>", one.Fix, StringComparison.Ordinal));
        s_plain = count;
    }
}
