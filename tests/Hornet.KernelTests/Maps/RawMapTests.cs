using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class RawMapTests
{
    private static MapSpec Hash(string name = "raw_hash", uint entries = 4) =>
        new() { Name = name, Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = entries };

    private static byte[] Key(int key) => BitConverter.GetBytes(key);

    private static byte[] Value(long value) => BitConverter.GetBytes(value);

    [Fact]
    public void An_element_is_written_read_and_removed()
    {
        using var map = BpfMap.Create(Hash());
        Assert.Null(map.Lookup(Key(1)));
        map.Update(Key(1), Value(41));
        Assert.Equal(Value(41), map.Lookup(Key(1)));
        Assert.True(map.Remove(Key(1)));
        Assert.False(map.Remove(Key(1)));
        Assert.Null(map.Lookup(Key(1)));
    }

    [Fact]
    public void A_full_map_says_that_it_is_full_and_how_large_it_is()
    {
        using var map = BpfMap.Create(Hash(entries: 2));
        map.Update(Key(1), Value(1));
        map.Update(Key(2), Value(2));
        var e = Assert.Throws<BpfSyscallException>(() => map.Update(Key(3), Value(3)));
        Assert.Equal(Errno.E2BIG, e.Errno);
        Assert.Contains("hash map 'raw_hash', key 0x03000000", e.Message);
        Assert.Contains("max_entries is 2", e.Message);
    }

    [Fact]
    public void A_conditional_update_answers_instead_of_throwing()
    {
        using var map = BpfMap.Create(Hash());
        Assert.False(map.TryUpdate(Key(1), Value(1), MapUpdateFlags.Exist));
        Assert.True(map.TryUpdate(Key(1), Value(1), MapUpdateFlags.NoExist));
        Assert.False(map.TryUpdate(Key(1), Value(2), MapUpdateFlags.NoExist));
        Assert.True(map.TryUpdate(Key(1), Value(3), MapUpdateFlags.Exist));
        Assert.Equal(Value(3), map.Lookup(Key(1)));
    }

    [Fact]
    public void Keys_and_values_of_the_wrong_length_never_reach_the_kernel()
    {
        using var map = BpfMap.Create(Hash());
        Assert.Throws<ArgumentException>(() => map.TryLookup(new byte[3], new byte[8]));
        Assert.Throws<ArgumentException>(() => map.TryLookup(new byte[4], new byte[7]));
        Assert.Throws<ArgumentException>(() => map.Update(new byte[4], new byte[7]));
    }

    [Fact]
    public void Info_says_what_was_created()
    {
        using var map = BpfMap.Create(Hash("a name that is too long"));
        var info = map.GetInfo();
        Assert.Equal("a_name_that_is_", info.Name);
        Assert.Equal(MapType.Hash, info.Type);
        Assert.Equal((4u, 8u, 4u), (info.KeySize, info.ValueSize, info.MaxEntries));
        Assert.NotEqual(0u, info.Id);
        Assert.Equal(info.Id, map.Id);
        Assert.NotEqual(0ul, info.MemoryBytes);
        Assert.False(info.Frozen);
    }

    [Fact]
    public void A_map_is_opened_by_its_number()
    {
        using var map = BpfMap.Create(Hash());
        map.Update(Key(7), Value(70));
        using var same = BpfMap.OpenById(map.Id);
        Assert.Equal("raw_hash", same.Name);
        Assert.Equal(Value(70), same.Lookup(Key(7)));
        Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => BpfMap.OpenById(int.MaxValue)).Errno);
    }

    [Fact]
    public void A_frozen_map_refuses_writes_and_says_so()
    {
        using var map = BpfMap.Create(new()
        {
            Name = "frozen",
            Type = MapType.Array,
            KeySize = 4,
            ValueSize = 8,
            MaxEntries = 1,
            Flags = MapFlags.ReadOnlyProgram,
            Freeze = true,
            Contents = { (Key(0), Value(5)) },
        });
        Assert.Equal(Value(5), map.Lookup(Key(0)));
        Assert.True(map.GetInfo().Frozen);
        var e = Assert.Throws<BpfSyscallException>(() => map.Update(Key(0), Value(6)));
        Assert.Equal(Errno.EPERM, e.Errno);
        Assert.Contains("frozen", e.Hint);
    }

    [Fact]
    public void Keys_are_walked_in_order_and_the_end_is_an_answer()
    {
        using var map = BpfMap.Create(Hash());
        byte[] key = new byte[4];
        Assert.False(map.TryGetNextKey(default, key));
        map.Update(Key(1), Value(1));
        map.Update(Key(2), Value(2));
        HashSet<int> seen = [];
        for (bool more = map.TryGetNextKey(default, key); more; more = map.TryGetNextKey(key, key)) seen.Add(BitConverter.ToInt32(key));
        Assert.Equal([1, 2], seen.Order());
    }
}
