using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class SequenceTests
{
    [Fact]
    public void A_queue_gives_the_oldest_and_a_stack_the_newest()
    {
        using var queue = BpfQueue<int>.Create("queue", 3);
        using var stack = BpfStack<int>.Create("stack", 3);
        foreach (SequenceMap<int> map in new SequenceMap<int>[] { queue, stack })
        {
            Assert.False(map.TryPop(out _));
            Assert.False(map.TryPeek(out _));
            map.Push(1);
            map.Push(2);
            Assert.True(map.TryPush(3));
            Assert.False(map.TryPush(4));
            var e = Assert.Throws<BpfSyscallException>(() => map.Push(4));
            Assert.Equal(Errno.E2BIG, e.Errno);
            Assert.Contains("max_entries is 3", e.Message);
            map.Push(5, replaceOldest: true);
        }
        Assert.True(queue.TryPeek(out int first));
        Assert.Equal(2, first);
        Assert.Equal([2, 3, 5], Pop(queue));
        Assert.Equal([5, 3, 2], Pop(stack));
    }

    private static List<int> Pop(SequenceMap<int> map)
    {
        List<int> all = [];
        while (map.TryPop(out int value)) all.Add(value);
        return all;
    }

    [KernelFact(Needs.BloomFilter)]
    public void A_bloom_filter_never_denies_what_was_added()
    {
        using var filter = BpfBloomFilter<long>.Create("bloom", 1000, hashes: 3);
        for (long i = 0; i < 1000; i++) filter.Add(i);
        for (long i = 0; i < 1000; i++) Assert.True(filter.MayContain(i));
        int wrong = Enumerable.Range(10_000, 1000).Count(i => filter.MayContain(i));
        Assert.InRange(wrong, 0, 500);
        Assert.Equal(3ul, filter.Map.GetInfo().Extra);
    }

    [Fact]
    public void A_kind_the_kernel_does_not_have_is_named_with_its_version()
    {
        if (Hornet.Kernel.KernelVersion.Running >= new Hornet.Kernel.KernelVersion(5, 16)) return;
        var e = Assert.Throws<BpfNotSupportedException>(() => BpfBloomFilter<long>.Create("bloom", 10));
        Assert.Equal(UnsupportedCause.Version, e.Cause);
        Assert.Equal(new Version(5, 16), e.MinimumVersion);
    }
}
