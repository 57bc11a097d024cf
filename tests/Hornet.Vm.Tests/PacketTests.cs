using Hornet.Isa;

namespace Hornet.Vm.Tests;

/// <summary>Packets: contexts, moving their ends, legacy loads, checksums.</summary>
public class PacketTests
{
    private static readonly byte[] s_packet = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];

    private static VmProgram Load(VmEngine engine, string text) => new BpfMachine(new VmOptions { Engine = engine }).Load(TextAssembler.Assemble(text));

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void An_XDP_program_reads_what_it_checked_and_no_more(VmEngine engine)
    {
        var program = Load(engine, """
            r2 = *(u32 *)(r1 + 0)
            r3 = *(u32 *)(r1 + 4)
            r4 = r2
            r4 += 14
            r0 = 1
            if r4 > r3 goto out
            r0 = *(u16 *)(r2 + 12)
            *(u8 *)(r2 + 0) = 0xaa
            out:
            exit
            """);
        var context = VmContext.Xdp(s_packet);
        Assert.Equal(0x0d0cUL, program.Run(context).EnsureSucceeded().ReturnValue);
        Assert.Equal(0xaa, context.Packet[0]);
        Assert.Equal(1UL, program.Run(VmContext.Xdp(s_packet.AsSpan(0, 13))).EnsureSucceeded().ReturnValue);
        foreach (string beyond in (string[])["r0 = *(u8 *)(r2 + 64)", "r0 = *(u32 *)(r2 + 61)", "r0 = *(u8 *)(r2 - 1)", "*(u32 *)(r1 + 0) = r2"])
        {
            var fault = Load(engine, "r2 = *(u32 *)(r1 + 0)\n" + beyond + "\nexit").Run(VmContext.Xdp(s_packet)).Fault;
            Assert.Equal(beyond[0] == '*' ? VmFaultKind.ReadOnly : VmFaultKind.OutOfBounds, fault?.Kind);
        }
        context.IngressInterface = 7;
        Assert.Equal(7UL, Load(engine, "r0 = *(u32 *)(r1 + 12)\nexit").Run(context).ReturnValue);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Both_ends_of_an_XDP_packet_move(VmEngine engine)
    {
        string move(string helper, int delta) => $"""
            r6 = r1
            r2 = {delta}
            call {helper}
            if r0 != 0 goto out
            r2 = *(u32 *)(r6 + 0)
            r3 = *(u32 *)(r6 + 4)
            r3 -= r2
            r0 = r3
            out:
            exit
            """;
        (long, byte[]) run(string helper, int delta)
        {
            var context = VmContext.Xdp(s_packet);
            long result = (long)Load(engine, move(helper, delta)).Run(context).EnsureSucceeded().ReturnValue;
            return (result, context.Packet.ToArray());
        }
        var (length, packet) = run("bpf_xdp_adjust_head", 14);
        Assert.Equal(50, length);
        Assert.Equal(s_packet[14..], packet);
        (length, packet) = run("bpf_xdp_adjust_head", -20);
        Assert.Equal((84L, 84), (length, packet.Length));
        Assert.Equal(s_packet, packet[20..]);
        Assert.Equal(-22, run("bpf_xdp_adjust_head", -217).Item1);
        Assert.Equal(280, run("bpf_xdp_adjust_head", -216).Item1);
        Assert.Equal(-22, run("bpf_xdp_adjust_head", 51).Item1);
        (length, packet) = run("bpf_xdp_adjust_tail", -40);
        Assert.Equal(24, length);
        Assert.Equal(s_packet[..24], packet);
        (length, packet) = run("bpf_xdp_adjust_tail", 100);
        Assert.Equal(164, length);
        Assert.Equal(s_packet, packet[..64]);
        Assert.All(packet[64..], b => Assert.Equal(0, b));
        Assert.Equal(-22, run("bpf_xdp_adjust_tail", -51).Item1);
        Assert.Equal(-22, run("bpf_xdp_adjust_tail", 10_000).Item1);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void After_a_move_old_pointers_are_checked_against_the_new_packet(VmEngine engine)
    {
        var fault = Load(engine, """
            r6 = r1
            r7 = *(u32 *)(r1 + 0)
            r0 = *(u8 *)(r7 + 63)
            r2 = -10
            call bpf_xdp_adjust_tail
            r0 = *(u8 *)(r7 + 53)
            r0 = *(u8 *)(r7 + 54)
            exit
            """).Run(VmContext.Xdp(s_packet)).Fault;
        Assert.Equal((VmFaultKind.OutOfBounds, 6), (fault?.Kind, fault?.InstructionIndex));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Metadata_lies_before_the_packet(VmEngine engine)
    {
        var context = VmContext.Xdp(s_packet);
        var program = Load(engine, """
            r6 = r1
            r2 = -8
            call bpf_xdp_adjust_meta
            if r0 != 0 goto out
            r2 = *(u32 *)(r6 + 8)
            *(u64 *)(r2 + 0) = 0x55
            r0 = *(u8 *)(r2 + 9)
            out:
            exit
            """);
        Assert.Equal(1UL, program.Run(context).EnsureSucceeded().ReturnValue);
        Assert.Equal([0x55, 0, 0, 0, 0, 0, 0, 0], context.Metadata.ToArray());
        Assert.Equal(s_packet, context.Packet.ToArray());
        Assert.Equal(-13L, (long)Load(engine, "r2 = -3\ncall bpf_xdp_adjust_meta\nexit").Run(VmContext.Xdp(s_packet)).ReturnValue);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Legacy_loads_read_in_network_order_and_end_the_program_beyond_the_packet(VmEngine engine)
    {
        foreach (var (load, wanted) in ((string, ulong)[])
        [
            ("r0 = *(u8 *)skb[3]", 3), ("r0 = *(u16 *)skb[2]", 0x0203), ("r0 = *(u32 *)skb[60]", 0x3c3d3e3f), ("r0 = *(u32 *)skb[61]", 0),
            ("r2 = 5\nr0 = *(u16 *)skb[r2 + 1]", 0x0607), ("r2 = -1\nr0 = *(u8 *)skb[r2 + 1]", 0), ("r2 = -9\nr0 = *(u8 *)skb[r2 + 1]", 0),
            ("r0 = *(u8 *)skb[-1048576]", 14), ("r0 = *(u8 *)skb[-2097152]", 0),
        ])
        {
            Assert.Equal(wanted, Load(engine, $"r6 = r1\nr0 = 77\n{load}\nexit").Run(VmContext.Skb(s_packet)).EnsureSucceeded().ReturnValue);
        }
        // The program ends there: what follows is not executed.
        Assert.Equal(0UL, Load(engine, "r6 = r1\nr0 = *(u8 *)skb[64]\nr0 = 9\nexit").Run(VmContext.Skb(s_packet)).EnsureSucceeded().ReturnValue);
        Assert.Equal(VmFaultKind.NoPacket, Load(engine, "r6 = r1\nr0 = *(u8 *)skb[0]\nexit").Run().Fault?.Kind);
        Assert.Equal(VmFaultKind.BadArgument, Load(engine, "r6 = 0\nr0 = *(u8 *)skb[0]\nexit").Run(VmContext.Skb(s_packet)).Fault?.Kind);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Some_fields_of_a_socket_buffer_can_be_written(VmEngine engine)
    {
        var context = VmContext.Skb(s_packet);
        Assert.True(Load(engine, "*(u32 *)(r1 + 8) = 7\n*(u32 *)(r1 + 48) = 5\n*(u32 *)(r1 + 52) = 6\nr0 = *(u32 *)(r1 + 8)\nexit").Run(context).Succeeded);
        Assert.Equal((7u, 5, 6), (context.Mark, context.ControlBlock[0], context.ControlBlock[4]));
        foreach (int offset in (int[])[0, 4, 16, 36, 76])
            Assert.Equal(VmFaultKind.ReadOnly, Load(engine, $"*(u32 *)(r1 + {offset}) = 7\nexit").Run(VmContext.Skb(s_packet)).Fault?.Kind);
        Assert.Equal(64UL, Load(engine, "r0 = *(u32 *)(r1 + 0)\nexit").Run(VmContext.Skb(s_packet)).ReturnValue);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Replacing_bytes_with_their_checksum_keeps_the_sum_right(VmEngine engine)
    {
        // An IPv4 header whose TTL is lowered, as a router does.
        byte[] packet = [.. new byte[12], 8, 0, 0x45, 0, 0, 0x54, 0, 0, 0x40, 0, 0x40, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, .. new byte[20]];
        ushort sum = Checksum(packet.AsSpan(14, 20));
        packet[24] = (byte)(sum >> 8);
        packet[25] = (byte)sum;
        var context = VmContext.Skb(packet);
        Assert.Equal(0UL, Load(engine, """
            r6 = r1
            r2 = 24
            r3 = 0x0140
            r4 = 0x013f
            r5 = 2
            call bpf_l3_csum_replace
            *(u8 *)(r10 - 1) = 0x3f
            r1 = r6
            r2 = 22
            r3 = r10
            r3 += -1
            r4 = 1
            r5 = 0
            call bpf_skb_store_bytes
            exit
            """).Run(context).EnsureSucceeded().ReturnValue);
        Assert.Equal(0x3f, context.Packet[22]);
        Assert.Equal(0, Checksum(context.Packet.Slice(14, 20)));
    }

    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2) sum += (uint)((bytes[i] << 8) | bytes[i + 1]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Redirecting_says_where_to(VmEngine engine)
    {
        var xdp = VmContext.Xdp(s_packet);
        Assert.Equal(4UL, Load(engine, "r1 = 12\nr2 = 0\ncall bpf_redirect\nexit").Run(xdp).ReturnValue);
        Assert.Equal(12u, xdp.RedirectInterface);
        var skb = VmContext.Skb(s_packet);
        Assert.Equal(7UL, Load(engine, "r1 = 13\nr2 = 0\ncall bpf_redirect\nexit").Run(skb).ReturnValue);
        Assert.Equal(13u, skb.RedirectInterface);
        Assert.True(Load(engine, "r0 = 2\nexit").Run(skb).Succeeded);
        Assert.Null(skb.RedirectInterface);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Registers_and_arguments_are_where_probes_look(VmEngine engine)
    {
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64)
        {
            // di, si and ax of struct pt_regs.
            var registers = VmContext.PtRegs(new VmRegisters { Arguments = [100, 20], ReturnValue = 3 });
            Assert.Equal(123UL, Load(engine, "r0 = *(u64 *)(r1 + 112)\nr2 = *(u64 *)(r1 + 104)\nr0 += r2\nr2 = *(u64 *)(r1 + 80)\nr0 += r2\nexit").Run(registers).EnsureSucceeded().ReturnValue);
        }
        Assert.Equal(9UL, Load(engine, "r0 = *(u64 *)(r1 + 8)\nexit").Run(VmContext.Arguments(8, 9)).EnsureSucceeded().ReturnValue);
    }
}
