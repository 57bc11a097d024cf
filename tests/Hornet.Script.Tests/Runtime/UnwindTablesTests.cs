using Hornet.Script.Runtime;

namespace Hornet.Script.Tests.Runtime;

public class UnwindTablesTests
{
    [Theory]
    [InlineData(0x1000, 0x2000, 1)]
    [InlineData(0x1000, 0x3000, 2)]
    [InlineData(0x2000, 0x4000, 1)]
    [InlineData(0x7f0000001000, 0x7f0000fff000, 22)]
    [InlineData(0, 0x1000, 1)]
    [InlineData(0xffffffffff600000, 0xffffffffff601000, 1)]
    [InlineData(0x5000, 0x5000, 0)]
    public void A_range_is_the_fewest_prefixes(ulong start, ulong end, int count)
    {
        var prefixes = UnwindTables.Prefixes(start, end).ToList();
        Assert.Equal(count, prefixes.Count);
        ulong next = start;
        foreach (var (address, bits) in prefixes)
        {
            Assert.Equal(next, address);
            ulong size = 1UL << (64 - bits);
            Assert.Equal(0UL, address & (size - 1));
            next += size;
        }
        Assert.Equal(end, next);
    }
}
