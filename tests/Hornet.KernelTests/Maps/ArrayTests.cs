using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class ArrayTests
{
    [Fact]
    public void Slots_are_there_from_the_start_and_none_beside_them()
    {
        using var array = BpfArray<long>.Create("array", 4);
        Assert.Equal([0L, 0, 0, 0], array);
        array[3] = 5;
        Assert.Equal(5, array[3]);
        Assert.False(array.TryGetValue(4, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => array[4]);
        var e = Assert.Throws<BpfSyscallException>(() => array.Set(4, 1));
        Assert.Equal(Errno.E2BIG, e.Errno);
        Assert.Contains("key 4", e.Message);
        Assert.Contains("not below max_entries, 4", e.Message);
        Assert.Contains("exist from the start", Assert.Throws<BpfSyscallException>(() => array.Set(1, 1, MapUpdateFlags.NoExist)).Message);
        Assert.Contains("cannot be removed", Assert.Throws<BpfSyscallException>(() => array.Map.Remove(new byte[4])).Message);
    }

    [Fact]
    public void Ranges_are_written_and_read_in_batches()
    {
        using var array = BpfArray<int>.Create("range", 50_000);
        int[] values = [.. Enumerable.Range(1, 49_990)];
        array.SetRange(10, values);
        int[] all = array.ToArray();
        Assert.Equal(50_000, all.Length);
        Assert.Equal(values, all[10..]);
        Assert.Equal(new int[10], all[..10]);
        Assert.Equal(all, array);
    }

    [Fact]
    public void Mapped_memory_is_the_array()
    {
        using var array = BpfArray<long>.Create("mapped", 1000, mapped: true);
        using var memory = array.MapMemory();
        array[7] = 70;
        Assert.Equal(70, memory[7]);
        memory[8] = 80;
        Assert.Equal(80, array[8]);
        memory.Span[999] = 1;
        Assert.Equal(1, array[999]);
        Interlocked.Add(ref memory[7], 5);
        Assert.Equal(75, array[7]);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory[1000]);
        var e = Assert.Throws<BpfSyscallException>(array.Map.Freeze);
        Assert.Equal(Errno.EBUSY, e.Errno);
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory[0]);
    }

    [Fact]
    public void Values_that_lie_apart_are_no_span_but_have_an_indexer()
    {
        using var array = BpfArray<int>.Create("apart", 3, mapped: true);
        using var memory = array.MapMemory();
        array[2] = 22;
        Assert.Equal(22, memory[2]);
        Assert.Contains("8 bytes apart", Assert.Throws<InvalidOperationException>(() => memory.Span[0] = 1).Message);
    }

    [Fact]
    public void A_frozen_array_is_mapped_for_reading()
    {
        using var array = BpfArray<long>.Create("frozen", 2, mapped: true, options: new() { Flags = MapFlags.ReadOnlyProgram });
        array[1] = 11;
        array.Map.Freeze();
        using var memory = array.MapMemory();
        Assert.True(memory.IsReadOnly);
        Assert.Equal(11, memory.Read(1));
        Assert.Equal(11, memory.ReadOnlySpan[1]);
        Assert.Throws<InvalidOperationException>(() => memory[1] = 2);
    }

    [Fact]
    public void An_array_that_was_not_made_for_mapping_says_so()
    {
        using var array = BpfArray<long>.Create("plain", 2);
        Assert.Contains("MapFlags.Mmapable", Assert.Throws<BpfException>(() => array.MapMemory()).Message);
    }
}
