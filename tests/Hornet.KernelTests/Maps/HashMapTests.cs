using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class HashMapTests
{
    private record struct Pair(int A, int B);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_element_lives_and_dies(bool lru)
    {
        using var map = BpfHashMap<Pair, long>.Create("pairs", 128, lru);
        Pair key = new(1, 2);
        Assert.False(map.TryGetValue(key, out long value));
        Assert.Equal(0, value);
        map[key] = 5;
        Assert.Equal(5, map[key]);
        Assert.False(map.TryAdd(key, 6));
        Assert.True(map.TryReplace(key, 7));
        Assert.False(map.TryReplace(new(9, 9), 7));
        Assert.True(map.TryGetValue(key, out value));
        Assert.Equal(7, value);
        Assert.True(map.Remove(key));
        Assert.False(map.Remove(key));
        Assert.Contains("no element with the key", Assert.Throws<KeyNotFoundException>(() => map[key]).Message);
    }

    [KernelFact(MinKernel = "5.14")]
    public void An_element_is_taken_out_in_one_step()
    {
        using var map = BpfHashMap<int, long>.Create("take", 16);
        map[3] = 33;
        Assert.True(map.TryTake(3, out long value));
        Assert.Equal(33, value);
        Assert.False(map.TryTake(3, out _));
    }

    [Fact]
    public void Taking_out_where_the_kernel_cannot_names_the_version()
    {
        using var map = BpfHashMap<int, long>.Create("take", 16);
        map[3] = 33;
        if (Hornet.Kernel.KernelVersion.Running >= new Hornet.Kernel.KernelVersion(5, 14)) return;
        Assert.Contains("since 5.14", Assert.Throws<BpfSyscallException>(() => map.TryTake(3, out _)).Message);
    }

    [Fact]
    public void Wrong_sizes_and_kinds_are_refused()
    {
        using var map = BpfHashMap<int, long>.Create("sizes", 16);
        Assert.Contains("keys of 4 bytes; Int64 has 8", Assert.Throws<BpfException>(() => new BpfHashMap<long, long>(map.Map)).Message);
        Assert.Contains("values of 8 bytes; Int32 has 4", Assert.Throws<BpfException>(() => new BpfHashMap<int, int>(map.Map)).Message);
        Assert.Contains("is no array", Assert.Throws<BpfException>(() => new BpfArray<long>(map.Map)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(70_000)]
    public void Everything_written_in_a_batch_is_enumerated_once(int count)
    {
        using var map = BpfHashMap<int, long>.Create("batch", 100_000);
        int[] keys = [.. Enumerable.Range(0, count)];
        long[] values = [.. keys.Select(k => k * 3L)];
        map.SetBatch(keys, values);
        Assert.Equal(count, map.Count());
        var all = map.ToList();
        Assert.Equal(count, all.Count);
        Assert.Equal(keys, all.Select(e => e.Key).Order());
        Assert.All(all, e => Assert.Equal(e.Key * 3L, e.Value));
        Assert.Equal((count + 1) / 2, map.RemoveBatch([.. keys.Where(k => k % 2 == 0), -1, -2]));
        Assert.Equal(count / 2, map.Count());
        Assert.Equal(count / 2, map.TakeAll().Count());
        Assert.Equal(0, map.Count());
    }

    [Fact]
    public void A_bucket_larger_than_the_batch_makes_it_grow()
    {
        using var map = BpfHashMap<int, long>.Create("buckets", 4096);
        for (int i = 0; i < 4096; i++) map[i] = i;
        var chunks = new MapChunks(map.Map, capacity: 1);
        int seen = 0;
        while (chunks.Next()) seen += chunks.Count;
        Assert.Equal(4096, seen);
    }

    [Fact]
    public void A_full_map_takes_what_fits_of_a_batch_and_names_the_key_that_did_not()
    {
        using var map = BpfHashMap<int, long>.Create("full", 4, options: new() { Flags = MapFlags.NoPrealloc });
        var e = Assert.Throws<BpfSyscallException>(() => map.SetBatch([1, 2, 3, 4, 5, 6], new long[6]));
        Assert.Equal(Errno.E2BIG, e.Errno);
        Assert.Contains("key 0x05000000", e.Message);
        Assert.Equal(4, map.Count());
    }

    [Fact]
    public async Task Elements_that_stay_are_enumerated_exactly_once_while_others_come_and_go()
    {
        using var map = BpfHashMap<int, long>.Create("churn", 20_000);
        int[] stay = [.. Enumerable.Range(0, 5000)];
        map.SetBatch(stay, new long[5000]);
        using var stop = new CancellationTokenSource();
        var churn = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i = (i + 1) % 10_000)
            {
                map[100_000 + i] = i;
                map.Remove(100_000 + i);
            }
        }, TestContext.Current.CancellationToken);
        for (int round = 0; round < 30; round++)
        {
            var seen = map.Select(e => e.Key).Where(k => k < 5000).ToList();
            Assert.Equal(stay, seen.Order());
        }
        await stop.CancelAsync();
        await churn;
    }

    [Fact]
    public void A_walk_without_batches_passes_over_what_it_has_seen_when_the_kernel_starts_again()
    {
        // The element to go on from is removed each time: the kernel begins again at the first.
        using var map = BpfHashMap<int, long>.Create("walk", 1000);
        for (int i = 0; i < 200; i++) map[i] = i;
        List<int> seen = [];
        using (new WithoutBatches())
        {
            var chunks = new MapChunks(map.Map, capacity: 1);
            while (chunks.Next())
            {
                int key = BitConverter.ToInt32(chunks.Key(0));
                seen.Add(key);
                if (key % 3 == 0) map.Remove(key);
            }
        }
        Assert.Equal(Enumerable.Range(0, 200), seen.Order());
    }

    [Fact]
    public void Batches_are_done_element_by_element_where_the_kernel_has_none()
    {
        using var map = BpfHashMap<int, long>.Create("nobatch", 100);
        using (new WithoutBatches())
        {
            map.SetBatch([1, 2, 3], [10, 20, 30]);
            Assert.Equal([10L, 20, 30], map.Select(e => e.Value).Order());
            Assert.Equal(2, map.RemoveBatch([1, 7, 3]));
            Assert.Equal([20L], map.TakeAll().Select(e => e.Value));
        }
        Assert.Equal(0, map.Count());
    }

    [Fact]
    public void An_lru_map_makes_room_by_itself()
    {
        using var map = BpfHashMap<int, long>.Create("lru", 512, lru: true);
        for (int i = 0; i < 5000; i++) map[i] = i;
        Assert.InRange(map.Count(), 1, 512);
        Assert.Equal(4999, map[4999]);
    }

    [Fact]
    public void Operations_allocate_nothing()
    {
        using var map = BpfHashMap<Pair, long>.Create("alloc", 64);
        Pair key = new(1, 2);
        long sum = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            sum = 0;
            for (int i = 0; i < 100; i++)
            {
                map.Set(key, i);
                if (map.TryGetValue(key, out long value)) sum += value;
                if (map.TryGetValue(new(7, 7), out value)) sum++;
                map.TryAdd(key, 1);
                map.Remove(key);
            }
        }));
        Assert.Equal(4950, sum);
    }
}

/// <summary>A kernel that knows no batches: everything else is passed on.</summary>
internal sealed unsafe class WithoutBatches : IDisposable
{
    public WithoutBatches() => Interop.Bpf.Override = static (BpfCommand command, void* attr, int size, out Errno errno) =>
    {
        if (command is BpfCommand.MapLookupBatch or BpfCommand.MapLookupAndDeleteBatch or BpfCommand.MapUpdateBatch or BpfCommand.MapDeleteBatch)
        {
            errno = Errno.ENOTSUPP;
            return -1;
        }
        int result = (int)Libc.Syscall3(Libc.NrBpf, (nint)command, attr, size);
        errno = Libc.LastError;
        return result;
    };

    public void Dispose() => Interop.Bpf.Override = null;
}
