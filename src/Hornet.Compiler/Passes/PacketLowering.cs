using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Makes checked packet pointers into the comparison with the packet's end that the verifier wants to see. A variable
/// offset is compared with the largest packet first: the verifier follows a packet pointer only when it knows a bound.
/// </summary>
internal sealed class PacketLowering : Pass
{
    /// <summary>The verifier's MAX_PACKET_OFF: it follows no pointer that could get farther, with what is read behind it.</summary>
    public const int LongestPacket = 0xffff;

    public override bool Run(IrFunction function)
    {
        if (!function.Instructions.Any(i => i is PacketPointer or PacketLength)) return false;
        bool changed = PacketFacts.Run(function);
        // The list grows while blocks are split; what is behind a split is looked at in its new block.
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            var block = function.Blocks[b];
            foreach (var instruction in block.Instructions.ToList())
            {
                if (instruction is PacketLength length)
                {
                    var (begin, end) = Ends(block, length, length.Context);
                    var from = block.InsertBefore(length, new Conversion(ConversionKind.PointerToInteger, begin, IrType.I64) { Location = length.Location });
                    var to = block.InsertBefore(length, new Conversion(ConversionKind.PointerToInteger, end, IrType.I64) { Location = length.Location });
                    block.Replace(length, new Binary(BinaryOperator.Sub, to, from));
                    changed = true;
                }
                else if (instruction is PacketPointer pointer)
                {
                    Lower(block, pointer);
                    changed = true;
                    break;
                }
            }
        }
        return changed;
    }

    private static (Value Begin, Value End) Ends(BasicBlock block, Instruction before, Value context)
    {
        var (begin, end, width) = Offsets(block.Function.Module.ProgramType);
        return (
            block.InsertBefore(before, new Load(context, begin, width, IrType.Pointer(Region.Packet)) { Location = before.Location }),
            block.InsertBefore(before, new Load(context, end, width, IrType.Pointer(Region.PacketEnd)) { Location = before.Location }));
    }

    /// <summary>Where contexts hold the packet's beginning and end, and how wide: older contexts have pointers of 4 bytes.</summary>
    public static (int Begin, int End, MemoryWidth Width) Offsets(ProgramType type) => type switch
    {
        ProgramType.Xdp => (0, 4, MemoryWidth.U32),
        // struct sk_msg_md, struct sk_reuseport_md
        ProgramType.SkMsg or ProgramType.SkReusePort => (0, 8, MemoryWidth.U64),
        // struct bpf_sockopt: the option's value.
        ProgramType.CgroupSockOpt => (8, 16, MemoryWidth.U64),
        // struct bpf_sock_ops: the TCP header's packet.
        ProgramType.SockOps => (192, 200, MemoryWidth.U64),
        // struct __sk_buff
        ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.CgroupSkb or ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit
            or ProgramType.LwtSeg6local or ProgramType.SkSkb or ProgramType.FlowDissector => (76, 80, MemoryWidth.U32),
        _ => throw new NotSupportedException($"Programs of type {type} do not reach their packet directly."),
    };

    /// <summary>Lowers one pointer; its packet's ends are loaded there, unless they are given.</summary>
    public static void Lower(BasicBlock block, PacketPointer packet, Value? first = null, Value? behindLast = null)
    {
        var function = block.Function;
        var location = packet.Location;
        var rest = function.AddBlockAfter(block, $"{block.Name}.packet");
        block.MoveTail(block.Instructions.ToList().IndexOf(packet) + 1, rest);
        // The phis behind now come from where the rest went.
        foreach (var successor in rest.Successors.Distinct())
        {
            foreach (var p in successor.Phis) p.ReplaceIncomingBlock(block, rest);
        }
        var @null = Constant.Null(packet.Type.Region);
        Phi phi = new(packet.Type) { Location = location, Name = packet.Name };
        rest.Append(phi);
        packet.ReplaceAllUsesWith(phi);
        var (context, offset, size) = (packet.Context, packet.Offset, packet.Size);
        packet.Remove();

        var at = block;
        IrBuilder builder = new(at) { Location = location };
        int farthest = LongestPacket - size;
        if (offset is not Constant { Number: >= 0 and var known } || known > farthest)
        {
            var inside = function.AddBlockAfter(block, $"{block.Name}.inside");
            builder.Branch(builder.Compare(Predicate.Above, offset, Constant.Int64(farthest)), rest, inside);
            phi.AddIncoming(at, @null);
            builder.Block = at = inside;
        }
        var (begin, end, width) = Offsets(function.Module.ProgramType);
        Value data = first ?? builder.Load(context, begin, width, IrType.Pointer(Region.Packet));
        Value last = behindLast ?? builder.Load(context, end, width, IrType.Pointer(Region.PacketEnd));
        Value start = builder.PointerAdd(data, offset);
        Value behind = builder.PointerAdd(start, size);
        var found = function.AddBlockAfter(at, $"{block.Name}.found");
        builder.Branch(builder.Compare(Predicate.Above, behind, last), rest, found);
        phi.AddIncoming(at, @null);
        builder.Block = found;
        builder.Jump(rest);
        phi.AddIncoming(found, start);
    }
}
