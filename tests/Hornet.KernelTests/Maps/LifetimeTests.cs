using Hornet.Buffers;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class LifetimeTests
{
    // Freeing a map waits for the kernel, which an emulated processor makes long.
    private static readonly int s_less = TestMachine.IsVirtualMachine ? 10 : 1;

    private static int Mappings() => File.ReadLines("/proc/self/maps").Count();

    [Fact]
    public void Thousands_of_maps_come_and_go_without_a_trace()
    {
        for (int i = 0; i < 100; i++) BpfHashMap<int, long>.Create("cycle", 8).Dispose();
        int before = KernelDescriptors.Settle();
        GC.Collect();
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 10_000 / s_less; i++)
        {
            using var map = BpfHashMap<int, long>.Create("cycle", 8, options: new() { Flags = MapFlags.NoPrealloc });
            map[i] = i;
        }
        Assert.Equal(before, KernelDescriptors.Count());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 256 * 1024);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Readers_give_back_descriptors_and_memory()
    {
        using var ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuf, MaxEntries = 4096 });
        using var events = BpfPerfEventArray.Create("events");
        using var array = BpfArray<long>.Create("mapped", 8, mapped: true);
        void Cycle()
        {
            new RingBufferReader(ring).Dispose();
            new PerfBufferReader(events.Map, new() { BytesPerCpu = 4096 }).Dispose();
            array.MapMemory().Dispose();
        }
        for (int i = 0; i < 10; i++) Cycle();
        int descriptors = KernelDescriptors.Settle(), mappings = Mappings();
        int cycles = 400 / s_less;
        for (int i = 0; i < cycles; i++) Cycle();
        Assert.Equal(descriptors, KernelDescriptors.Count());
        // The collector maps memory when it likes; a cycle that keeps its rings leaves five.
        Assert.InRange(Mappings(), 0, mappings + cycles);
    }
}
