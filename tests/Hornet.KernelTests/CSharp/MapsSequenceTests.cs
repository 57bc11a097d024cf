using Hornet.Buffers;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Queues, stacks and bloom filters used by C# kernel code.</summary>
public class MapsSequenceTests
{
    [KernelFact(MinKernel = "4.20")]
    public void Every_member_of_a_queue()
    {
        using var queue = BpfQueue<Item>.Create("queue", 3);
        using var seen = BpfArray<long>.Create("seen", 16);
        MapsRun.Once(() =>
        {
            seen[0] = queue.TryPop(out var item) ? 1 : 2 + item.Number;
            queue.Push(new Item(1, 10));
            queue.Push(new Item(2, 20));
            seen[1] = queue.TryPush(new Item(3, 30)) ? 1 : 2;
            seen[2] = queue.TryPush(new Item(4, 40)) ? 1 : 2;
            seen[3] = queue.TryPeek(out item) ? item.Number : -1;
            queue.Push(new Item(5, 50), replaceOldest: true);
            seen[4] = queue.TryPop(out item) ? item.Number + item.Text : -1;
        });
        Assert.Equal([2, 1, 2, 10, 22], seen.ToArray()[..5]);
        Assert.True(queue.TryPop(out var next));
        Assert.Equal(new Item(3, 30), next);
        Assert.True(queue.TryPop(out next));
        Assert.Equal(new Item(5, 50), next);
        Assert.False(queue.TryPop(out _));
    }

    [KernelFact(MinKernel = "4.20")]
    public void Every_member_of_a_stack()
    {
        using var stack = BpfStack<ulong>.Create("stack", 2);
        using var seen = BpfArray<ulong>.Create("seen", 16);
        MapsRun.Once(() =>
        {
            stack.Push(7);
            stack.Push(8);
            seen[0] = stack.TryPush(9) ? 1ul : 2;
            seen[1] = stack.TryPeek(out ulong value) ? value : 0;
            seen[2] = stack.TryPop(out value) ? value : 0;
            stack.Push(10);
            stack.Push(11, true);
        });
        Assert.Equal([2ul, 8, 8], seen.ToArray()[..3]);
        Assert.True(stack.TryPop(out ulong top));
        Assert.Equal(11ul, top);
    }

    [KernelFact(MinKernel = "5.16")]
    public void Every_member_of_a_bloom_filter()
    {
        using var filter = BpfBloomFilter<ulong>.Create("filter", 1000);
        using var seen = BpfArray<ulong>.Create("seen", 4);
        filter.Add(5);
        MapsRun.Once(() =>
        {
            seen[0] = filter.MayContain(5) ? 1ul : 2;
            seen[1] = filter.MayContain(6) ? 1ul : 2;
            filter.Add(6);
            seen[2] = filter.MayContain(6) ? 1ul : 2;
        });
        Assert.Equal([1ul, 2, 1], seen.ToArray()[..3]);
        Assert.True(filter.MayContain(6));
        Assert.False(filter.MayContain(7));
    }

    [KernelFact(MinKernel = "6.1")]
    public void What_user_space_writes_into_a_ring_is_drained()
    {
        using var ring = UserRingBuffer.Create("commands", 4096);
        using var sums = BpfHashMap<int, long>.Create("sums", 16);
        using var seen = BpfArray<long>.Create("seen", 2);
        Assert.True(ring.TryWrite(new Item(1, 10)));
        Assert.True(ring.TryWrite(new Item(2, 20)));
        Assert.True(ring.TryWrite([1, 2, 3]));
        Assert.True(ring.TryWrite(new Item(1, 30)));
        MapsRun.Times(2, () =>
        {
            long total = 0;
            int count = ring.Drain((in Item item) =>
            {
                sums[item.Text] += item.Number;
                total += item.Number;
            });
            seen[0] += count;
            seen[1] += total;
        });
        Assert.Equal([4L, 60], seen.ToArray());
        Assert.Equal([(1, 40L), (2, 20L)], sums.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(0, ring.PendingBytes);
    }

    private readonly record struct Item(int Text, long Number);
}
