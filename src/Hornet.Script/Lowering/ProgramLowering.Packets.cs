using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    // What a capture file gets of a packet at most; the record is made in scratch memory, which has 32 KiB.
    private const int LargestPacket = 16 << 10;

    // Time and length, then the bytes: records have the size of their packet, so they are copied into the ring as a whole.
    private Value PacketOutput(BoundCall call)
    {
        const int Time = Head, Length = Head + 8, Bytes = Head + 12;
        var packet = Scalar(call.Arguments[0]);
        var length = AtMost(Scalar(call.Arguments[1]), LargestPacket);
        var record = _frame.Take(Bytes + LargestPacket);
        B.Store(record, 0, MemoryWidth.U64, Number(call.Number));
        B.Store(record, Time, MemoryWidth.U64, B.Helper(BpfHelper.KtimeGetBootNs, IrType.I64));
        B.Store(record, Length, MemoryWidth.U32, length);
        var pointer = B.Convert(ConversionKind.IntegerToPointer, packet, IrType.Pointer(Region.KernelUntrusted("sk_buff")));
        var data = B.Append(new KernelLoad(pointer, "sk_buff", "data", IrType.Pointer(Region.KernelUntrusted())));
        var address = B.Convert(ConversionKind.PointerToInteger, data, IrType.I64);
        if (call.Arguments.Count > 2) address = B.Add(address, Scalar(call.Arguments[2]));
        var read = ReadRemote(new RemotePlace(address, 0, false), Offset(record, Bytes), length, text: false);
        return Choose(B.Compare(Predicate.NotEqual, read, Number(0)), () => Low(read), () =>
        {
            var asleep = B.GlobalReference(Map(_whole.Asleep));
            var result = B.Helper(BpfHelper.RingbufOutput, IrType.I64, B.MapReference(Map(_whole.Events)), record, B.Add(length, Number(Bytes)), WakeFlags(asleep));
            When(B.Compare(Predicate.NotEqual, result, Number(0)), () => CountLoss(B));
            WakeAfterwards(asleep);
            return Low(result);
        });
    }
}
