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
