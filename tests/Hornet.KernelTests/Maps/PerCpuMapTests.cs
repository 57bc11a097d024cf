using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class PerCpuMapTests
{
    private record struct Three(byte A, byte B, byte C);

    private static PerCpuValues<T> Values<T>(Func<int, T> value) where T : unmanaged
    {
        var values = new PerCpuValues<T>();
        for (int i = 0; i < values.Count; i++) values[i] = value(i);
        return values;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_cpu_has_its_value(bool lru)
    {
        using var map = BpfPerCpuHashMap<int, uint>.Create("percpu", 64, lru);
        var read = new PerCpuValues<uint>();
        Assert.Equal(CpuList.PossibleCount, read.Count);
        Assert.False(map.TryGetValues(1, read));
        map.Set(1, Values(i => (uint)i + 10));
        Assert.True(map.TryGetValues(1, read));
        Assert.Equal(Enumerable.Range(10, read.Count).Select(n => (uint)n), read);
        Assert.Equal((uint)read.Sum(v => v), PerCpuValues.Sum(read));
        Assert.True(map.Remove(1));
        Assert.False(map.Remove(1));
    }

    [Fact]
    public void Values_that_are_no_multiple_of_eight_lie_apart()
    {
        using var map = BpfPerCpuArray<Three>.Create("three", 2);
        map.Set(1, Values(i => new Three((byte)i, 2, 3)));
        Assert.Equal(8, map.Map.PerCpuStride);
        for (int i = 0; i < CpuList.PossibleCount; i++) Assert.Equal(new Three((byte)i, 2, 3), map[1][i]);
        Assert.All(map[0], v => Assert.Equal(default, v));
        Assert.Throws<ArgumentOutOfRangeException>(() => map[2]);
        Assert.Equal(2, map.Slots().Count());
    }

    [Fact]
    public void Batches_carry_every_cpus_value()
    {
        using var map = BpfPerCpuHashMap<int, long>.Create("batch", 1000);
        int[] keys = [.. Enumerable.Range(0, 500)];
        map.SetBatch(keys, [.. keys.Select(k => Values(cpu => k * 100L + cpu))]);
        int seen = 0;
        foreach (var (key, values) in map.Entries())
        {
            seen++;
            for (int cpu = 0; cpu < values.Count; cpu++) Assert.Equal(key * 100L + cpu, values[cpu]);
        }
        Assert.Equal(500, seen);
        Assert.Equal(10, map.RemoveBatch(keys.AsSpan(0, 10)));
        Assert.Equal(490, map.TakeAll().Count());
        Assert.Empty(map.Entries());
    }

    [KernelFact(MinKernel = "5.14")]
    public void An_element_is_taken_out_in_one_step()
    {
        using var map = BpfPerCpuHashMap<int, long>.Create("take", 4);
        map.Set(1, Values(_ => 5L));
        var read = new PerCpuValues<long>();
        Assert.True(map.TryTake(1, read));
        Assert.All(read, v => Assert.Equal(5, v));
        Assert.False(map.TryTake(1, read));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_cpus_value_is_read_and_all_are_set_on_every_kernel(bool lru)
    {
        using var hash = BpfPerCpuHashMap<int, Three>.Create("onecpu", 8, lru);
        using var array = BpfPerCpuArray<uint>.Create("onecpu", 2);
        Assert.False(hash.TryGet(1, 0, out _));
        Assert.False(array.TryGet(2, 0, out _));
        hash.Set(1, Values(i => new Three((byte)i, 2, 3)));
        array.Set(1, Values(i => (uint)i + 10));
        for (int i = 0; i < CpuList.PossibleCount; i++)
        {
            Assert.True(hash.TryGet(1, CpuList.Possible[i], out var value));
            Assert.Equal(new Three((byte)i, 2, 3), value);
            Assert.True(array.TryGet(1, CpuList.Possible[i], out uint number));
            Assert.Equal((uint)i + 10, number);
        }
        hash.SetAll(2, new Three(7, 8, 9));
        array.SetAll(0, 5);
        var read = new PerCpuValues<Three>();
        Assert.True(hash.TryGetValues(2, read));
        Assert.All(read, v => Assert.Equal(new Three(7, 8, 9), v));
        Assert.All(array[0], v => Assert.Equal(5u, v));
        Assert.All(array[1], v => Assert.NotEqual(5u, v));
        Assert.Equal(Errno.E2BIG, Assert.Throws<BpfSyscallException>(() => array.SetAll(2, 5)).Errno);
        Assert.Throws<ArgumentOutOfRangeException>(() => array.TryGet(0, CpuList.Possible[^1] + 1, out _));
        using var plain = BpfMap.Create(new() { Name = "plain", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        Assert.Throws<InvalidOperationException>(() => plain.UpdateAllCpus(new byte[4], new byte[4]));
    }

    [KernelFact(MinKernel = "7.0")]
    public void One_cpus_value_is_replaced_and_the_others_stay()
    {
        using var hash = BpfPerCpuHashMap<int, Three>.Create("onecpu", 8);
        using var array = BpfPerCpuArray<uint>.Create("onecpu", 2);
        int last = CpuList.Possible[^1];
        array.SetAll(1, 3);
        array.Set(1, last, 99);
        Assert.Equal([.. Enumerable.Repeat(3u, CpuList.PossibleCount - 1), 99u], array[1]);
        hash.Set(1, last, new Three(1, 2, 3));
        var read = new PerCpuValues<Three>();
        Assert.True(hash.TryGetValues(1, read));
        Assert.Equal([.. Enumerable.Repeat(default(Three), CpuList.PossibleCount - 1), new Three(1, 2, 3)], read);
        Assert.Equal(Errno.E2BIG, Assert.Throws<BpfSyscallException>(() => array.Set(2, last, 1)).Errno);
    }

    [Fact]
    public void A_kernel_that_cannot_replace_one_cpus_value_says_so_and_changes_nothing()
    {
        if (KernelVersion.Running >= new KernelVersion(7, 0)) return;
        using var array = BpfPerCpuArray<uint>.Create("onecpu", 1);
        array.SetAll(0, 3);
        var refused = Assert.Throws<BpfNotSupportedException>(() => array.Set(0, CpuList.Possible[0], 99));
        Assert.Equal(UnsupportedCause.Version, refused.Cause);
        Assert.Contains("update the value of CPU 0 in", refused.Message);
        Assert.Contains("needs Linux 7.0", refused.Message);
        Assert.All(array[0], v => Assert.Equal(3u, v));
    }

    [Fact]
    public void The_first_contents_of_a_spec_are_every_cpus()
    {
        using var map = BpfMap.Create(new()
        {
            Name = "first",
            Type = MapType.PerCpuArray,
            KeySize = 4,
            ValueSize = 4,
            MaxEntries = 1,
            Contents = { (new byte[4], BitConverter.GetBytes(9)) },
        });
        Assert.All(new BpfPerCpuArray<int>(map)[0], v => Assert.Equal(9, v));
    }
}
