using Hornet.Btf;
using Hornet.Buffers;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Buffers;

public class UserRingBufferTests
{
    /// <summary>A program that drains the ring and adds the records, which are 64-bit numbers, up.</summary>
    private sealed class Summing : IDisposable
    {
        private readonly BpfMap _state = BpfMap.Create(new() { Name = "state", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 1 });
        private readonly BpfBtf _btf;
        private readonly BpfProgram _program;

        public Summing(BpfMap ring)
        {
            var code = new Assembler()
                .Function("main")
                .LoadMap(R1, "ring").LoadFunction(R2, "take").Mov(R3, 0).Mov(R4, 0).Call(BpfHelper.UserRingbufDrain).Exit()
                .Function("take")
                .Mov(R3, R1).Mov(R1, R10).Add(R1, -8).Mov(R2, 8).Mov(R4, 0).Mov(R5, 0).Call(BpfHelper.DynptrRead)
                .JumpIfNotZero(R0, "out")
                .LoadMapValue(R1, "state").Load(R2, R10, -8).AtomicAdd(R1, 0, R2).Mov(R2, 1).AtomicAdd(R1, 8, R2)
                .Label("out").Mov(R0, 0).Exit()
                .Build();
            // The kernel takes the address only of functions that BTF describes as static.
            var types = new BtfBuilder();
            uint number = types.AddInt("long", 8, BtfIntEncoding.Signed);
            uint prototype = types.AddPrototype(number);
            uint main = types.AddFunction("main", prototype, BtfLinkage.Global);
            uint take = types.AddFunction("take", prototype);
            _btf = BpfBtf.Load(types.ToArray());
            int second = code.TakeWhile(i => i.Metadata?.Symbol != "take").Sum(i => i.Slots);
            byte[] functions = [.. BitConverter.GetBytes(0), .. BitConverter.GetBytes(main), .. BitConverter.GetBytes(second), .. BitConverter.GetBytes(take)];
            _program = BpfProgram.Load(
                new() { Name = "main", Type = ProgramType.SocketFilter, Instructions = code },
                new() { Maps = new Dictionary<string, BpfMap> { ["ring"] = ring, ["state"] = _state }, Btf = _btf.Descriptor, FunctionInfo = functions });
        }

        public int Drain() => (int)_program.TestRun(new byte[64]).ReturnValue;

        public (long Sum, long Count) State
        {
            get
            {
                byte[] state = _state.Lookup(new byte[4])!;
                return (BitConverter.ToInt64(state), BitConverter.ToInt64(state, 8));
            }
        }

        public void Dispose()
        {
            _program.Dispose();
            _btf.Dispose();
            _state.Dispose();
        }
    }

    [KernelFact(Needs.UserRingBuffer)]
    public void Programs_take_what_was_submitted_and_pass_over_what_was_discarded()
    {
        using var ring = UserRingBuffer.Create("user", 4096);
        using var summing = new Summing(ring.Map);
        Assert.Equal(0, summing.Drain());
        Assert.True(ring.TryWrite(5L));
        Assert.True(ring.TryReserve(8, out var record));
        BitConverter.TryWriteBytes(record.Data, 100L);
        record.Discard();
        Assert.True(ring.TryReserve(8, out record));
        BitConverter.TryWriteBytes(record.Data, 7L);
        record.Submit();
        using (Reserved(ring))
        {
        }
        Assert.Equal(2, summing.Drain());
        Assert.Equal((12, 2), summing.State);
        Assert.Equal(0, ring.PendingBytes);
    }

    private static UserRingBufferRecord Reserved(UserRingBuffer ring) => ring.TryReserve(8, out var record) ? record : throw new InvalidOperationException();

    [KernelFact(Needs.UserRingBuffer)]
    public void A_full_ring_says_so_and_wraps_around_once_drained()
    {
        using var ring = UserRingBuffer.Create("user", 4096);
        using var summing = new Summing(ring.Map);
        long written = 0;
        for (int round = 0; round < 20; round++)
        {
            long before = written;
            while (ring.TryWrite(1L)) written++;
            Assert.Equal(256, written - before);
            Assert.False(ring.Write(BitConverter.GetBytes(1L), TimeSpan.FromMilliseconds(5)));
            Assert.Equal(256, summing.Drain());
        }
        Assert.Equal((written, written), summing.State);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryReserve(4096, out _));
    }

    [KernelFact(Needs.UserRingBuffer)]
    public async Task Several_threads_write_and_wait_for_room()
    {
        using var ring = UserRingBuffer.Create("user", 4096);
        using var summing = new Summing(ring.Map);
        var writers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (long i = 1; i <= 3000; i++) Assert.True(ring.Write(BitConverter.GetBytes(i), TestThread.Patience));
        }, TestContext.Current.CancellationToken)).ToList();
        var all = Task.WhenAll(writers);
        while (!all.IsCompleted) summing.Drain();
        await all;
        summing.Drain();
        Assert.Equal((3 * 3000L * 3001 / 2, 9000), summing.State);
    }

    [KernelFact(Needs.UserRingBuffer)]
    public void Writing_allocates_nothing_and_a_disposed_ring_refuses()
    {
        var ring = UserRingBuffer.Create("user", 1 << 16);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++) ring.TryWrite(1L);
        }));
        ring.Dispose();
        ring.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ring.TryWrite(1L));
        using var array = BpfArray<int>.Create("array", 1);
        Assert.Throws<BpfException>(() => new UserRingBuffer(array.Map));
    }
}
