using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class ArenaTests
{
    [KernelFact(Needs.Arena)]
    public void An_arena_is_memory_here()
    {
        using var arena = BpfArena.Create("arena", 10);
        Assert.Equal(10 * Environment.SystemPageSize, arena.Length);
        Assert.NotEqual(0ul, arena.BaseAddress);
        arena.At<long>(4096) = 5;
        Assert.Equal(5, arena.Slice(4096, 8)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.At<long>(arena.Length - 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Slice(0, (int)arena.Length + 1).Length);
        arena.Unmap();
        Assert.Throws<ObjectDisposedException>(() => arena.BaseAddress);
    }

    [KernelFact(Needs.Arena)]
    public void An_arena_is_where_it_was_asked_to_be()
    {
        const ulong Address = 0x1000_0000_0000;
        using var arena = BpfArena.Create("there", 4, Address);
        Assert.Equal(Address, arena.BaseAddress);
        Assert.Equal(Address, arena.Map.GetInfo().Extra);
    }

    [KernelFact(MinKernel = "6.19")]
    public void An_instruction_array_holds_offsets()
    {
        using var array = BpfInstructionArray.Create("jumps", 2);
        array.Set(1, 5);
        Assert.True(array.TryGet(1, out var address));
        Assert.Equal(5u, address.Original);
        Assert.False(array.TryGet(2, out _));
    }
}
