using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Compiler.Diagnostics;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Pointers to memory whose length only the kernel knows.</summary>
public class DynptrTests
{
    [InlineArray(64)]
    private struct Text
    {
        private byte _first;
    }

    private struct Numbers
    {
        public ulong A, B, C, D;
    }

    private static byte[] Bytes(Text text) => MemoryMarshal.AsBytes(new ReadOnlySpan<Text>(in text)).ToArray();

    private static uint Run(Func<XdpContext, XdpAction> kernel, byte[]? packet = null)
    {
        using BpfSession session = new();
        using var program = session.LoadXdp(kernel);
        return program.TestRun(packet ?? new byte[64]).ReturnValue;
    }

    private static string[] Refused(Func<XdpContext, XdpAction> kernel)
    {
        using BpfSession session = new();
        return [.. Assert.Throws<CompilationException>(() => session.LoadXdp(kernel)).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];
    }

    [KernelFact(MinKernel = "6.5")]
    public void A_part_of_a_maps_value_is_read_and_written_at_computed_places()
    {
        using var texts = BpfArray<Text>.Create("texts", 1);
        using var results = BpfArray<Numbers>.Create("results", 1);
        uint returned = Run(ctx =>
        {
            ref var text = ref texts.Find(0);
            ref var result = ref results.Find(0);
            if (Unsafe.IsNullRef(ref text) || Unsafe.IsNullRef(ref result)) return XdpAction.Drop;
            if (!BpfDynptr.TryFrom(ref text, out var all)) return XdpAction.Drop;
            result.A = all.Size;
            uint at = ctx.Data[0];
            if (!all.TryWrite(at, 0x1122334455667788ul)) return XdpAction.Drop;
            if (all.TryWrite(60, 1ul)) return XdpAction.Drop;
            if (!all.TryRead(at + 2, out uint middle)) return XdpAction.Drop;
            result.B = middle;
            result.C = all.TryRead(62, out uint _) ? 1u : 0;
            if (!all.TryWrite(at + 20, "text"u8)) return XdpAction.Drop;
            if (!all.TryNarrow(at, at + 24)) return XdpAction.Drop;
            result.D = all.Size + (all.IsReadOnly ? 1000u : 0) + (all.IsNull ? 10_000u : 0);
            return XdpAction.Pass;
        }, [7, .. new byte[63]]);
        Assert.Equal((uint)XdpAction.Pass, returned);
        var numbers = results[0];
        Assert.Equal((64ul, 0x33445566ul, 0ul, 24ul), (numbers.A, numbers.B, numbers.C, numbers.D));
        byte[] bytes = Bytes(texts[0]);
        Assert.Equal("text"u8.ToArray(), bytes[27..31]);
        Assert.Equal(0x88, bytes[7]);
    }

    [KernelFact(MinKernel = "6.5")]
    public void A_value_is_found_in_place()
    {
        using var texts = BpfArray<Text>.Create("texts", 1);
        Assert.Equal((uint)XdpAction.Pass, Run(ctx =>
        {
            ref var text = ref texts.Find(0);
            if (Unsafe.IsNullRef(ref text) || !BpfDynptr.TryFrom(ref text, out var all)) return XdpAction.Drop;
            ref var numbers = ref all.Find<Numbers>(16);
            if (Unsafe.IsNullRef(ref numbers)) return XdpAction.Drop;
            numbers.B = 0x0102030405060708;
            ref var beyond = ref all.Find<Numbers>(40);
            return Unsafe.IsNullRef(ref beyond) ? XdpAction.Pass : XdpAction.Drop;
        }));
        Assert.Equal([8, 7, 6, 5], Bytes(texts[0])[24..28]);
    }

    [KernelFact(MinKernel = "6.5")]
    public void A_packet_is_read_written_and_sliced()
    {
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            if (!BpfDynptr.TryFrom(ctx, out var packet) || packet.Size != 200) return XdpAction.Drop;
            if (!packet.TryRead(150, out ushort number)) return XdpAction.Drop;
            uint buffer = 0;
            ref readonly uint slice = ref packet.Slice(number, ref buffer);
            if (Unsafe.IsNullRef(in slice)) return XdpAction.Aborted;
            return packet.TryWrite(160, slice + 1) ? XdpAction.Pass : XdpAction.Drop;
        });
        byte[] packet = new byte[200];
        packet[150] = 170;
        BitConverter.TryWriteBytes(packet.AsSpan(170), 41u);
        var ran = program.TestRun(packet);
        Assert.Equal((uint)XdpAction.Pass, ran.ReturnValue);
        Assert.Equal(42u, BitConverter.ToUInt32(ran.Data.AsSpan(160)));
        packet[150] = 199;
        Assert.Equal((uint)XdpAction.Aborted, program.TestRun(packet).ReturnValue);
    }

    [KernelFact(MinKernel = "6.5")]
    public void A_record_has_the_length_that_the_program_says()
    {
        using var records = BpfRingBuffer<byte>.Create("records");
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            uint length = ctx.Data[0];
            if (!records.ReserveBytes(length, out var record))
            {
                record.Discard();
                return XdpAction.Drop;
            }
            if (!record.TryWrite(0, length) || !record.TryWrite(length - 2, (ushort)0xabcd))
            {
                record.Discard();
                return XdpAction.Aborted;
            }
            record.Submit();
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        List<int> lengths = [];
        foreach (byte length in (byte[])[10, 33, 200, 3])
        {
            packet[0] = length;
            Assert.Equal((uint)(length > 3 ? XdpAction.Pass : XdpAction.Aborted), program.TestRun(packet).ReturnValue);
        }
        foreach (var record in records.Lease())
        {
            Assert.Equal(record.Length, MemoryMarshal.Read<int>(record));
            Assert.Equal(0xabcd, MemoryMarshal.Read<ushort>(record[^2..]));
            lengths.Add(record.Length);
        }
        Assert.Equal([10, 33, 200], lengths);
    }

    [KernelFact(MinKernel = "6.5")]
    public void One_points_to_the_memory_of_another()
    {
        using var texts = BpfArray<Text>.Create("texts", 1);
        Assert.Equal((uint)XdpAction.Pass, Run(ctx =>
        {
            ref var text = ref texts.Find(0);
            if (Unsafe.IsNullRef(ref text) || !BpfDynptr.TryFrom(ref text, out var all) || !all.TryClone(out var other)) return XdpAction.Drop;
            if (!other.TryNarrow(8, 16) || !other.TryWrite(0, 5ul)) return XdpAction.Drop;
            return all.TryRead(8, out ulong five) && five == 5 && all.Size == 64 && other.Size == 8 ? XdpAction.Pass : XdpAction.Drop;
        }));
    }

    [KernelFact(MinKernel = "6.17")]
    public void Bytes_are_filled_and_copied_from_one_to_another()
    {
        using var texts = BpfArray<Text>.Create("texts", 2);
        Assert.Equal((uint)XdpAction.Pass, Run(ctx =>
        {
            ref var text = ref texts.Find(0);
            ref var second = ref texts.Find(1);
            if (Unsafe.IsNullRef(ref text) || Unsafe.IsNullRef(ref second)) return XdpAction.Drop;
            if (!BpfDynptr.TryFrom(ref text, out var from) || !BpfDynptr.TryFrom(ref second, out var to)) return XdpAction.Drop;
            return from.TryFill(10, 5, 7) && from.TryCopyTo(8, ref to, 0, 8) && !from.TryFill(60, 5, 7) ? XdpAction.Pass : XdpAction.Drop;
        }));
        Assert.Equal([0, 0, 7, 7, 7, 7, 7, 0], Bytes(texts[1])[..8]);
    }

    [KernelFact(MinKernel = "6.5")]
    public void Mistakes_are_told()
    {
        using var texts = BpfArray<Text>.Create("texts", 1);
        using var records = BpfRingBuffer<byte>.Create("records");
        Assert.Contains("HRN2203 a dynptr is made of memory that is not the value of a map", Refused(ctx =>
        {
            Span<byte> bytes = stackalloc byte[16];
            return BpfDynptr.TryFrom(bytes, out var all) && all.TryWrite(0, 5) ? XdpAction.Pass : XdpAction.Drop;
        }));
        Assert.Contains("HRN2113 a BpfDynptr is copied", Refused(ctx =>
        {
            ref var text = ref texts.Find(0);
            if (Unsafe.IsNullRef(ref text) || !BpfDynptr.TryFrom(ref text, out var all)) return XdpAction.Drop;
            var copy = all;
            return copy.TryWrite(0, 5) ? XdpAction.Pass : XdpAction.Drop;
        }));
        Assert.StartsWith("HRN3004 this record is neither submitted nor discarded when", Assert.Single(Refused(ctx =>
        {
            if (!records.ReserveBytes((uint)ctx.Data.Length, out var record)) return XdpAction.Drop;
            record.Submit();
            return XdpAction.Pass;
        })), StringComparison.Ordinal);
        Assert.StartsWith("HRN3002 the result of bpf_dynptr_data is followed without a test", Assert.Single(Refused(ctx =>
        {
            ref var text = ref texts.Find(0);
            if (Unsafe.IsNullRef(ref text) || !BpfDynptr.TryFrom(ref text, out var all)) return XdpAction.Drop;
            all.Find<Numbers>(0).A = 1;
            return XdpAction.Pass;
        })), StringComparison.Ordinal);
    }
}
