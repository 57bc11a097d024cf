using Hornet.Interop;

namespace Hornet.Core.Tests.Interop;

public class NetlinkTests
{
    [Fact]
    public void A_request_is_laid_out_as_the_kernel_reads_it()
    {
        var message = NetlinkWriter.Start(Netlink.SetLink, NetlinkFlags.Ack, new InterfaceMessage { Index = 7 })
            .Nest(43, xdp => xdp.Add<uint>(1, 5).Add(9, "ab"))
            .Finish(3);
        Assert.Equal(
            "34000000" + "1300" + "0500" + "03000000" + "00000000" // header: 52 bytes, RTM_SETLINK, REQUEST|ACK, sequence 3
            + "00000000" + "07000000" + "00000000" + "00000000" // ifinfomsg: interface 7
            + "1400" + "2b80" // nest of 20 bytes, type 43 with the nested bit
            + "0800" + "0100" + "05000000" // u32 5
            + "0700" + "0900" + "61620000", // "ab" with its zero and a byte of padding
            Convert.ToHexStringLower(message), ignoreCase: true);
    }

    [Fact]
    public void Attributes_are_found_by_type_whatever_their_order_and_nesting()
    {
        byte[] bytes = Convert.FromHexString("0800" + "0100" + "05000000" + "0c00" + "2b80" + "0500" + "0200" + "09000000" + "0700" + "0300" + "6f6b00");
        var attributes = new NetlinkAttributes(bytes);
        Assert.Equal(5u, attributes.UInt32(1));
        Assert.Equal((byte)9, attributes.Nested(43).Byte(2));
        Assert.Equal("ok", attributes.String(3));
        Assert.Null(attributes.UInt32(99));
        Assert.Null(attributes.Nested(99).UInt32(1));
    }

    [Theory]
    [InlineData("0300" + "0100")] // shorter than its own header
    [InlineData("0900" + "0100" + "05000000")] // longer than what is left
    [InlineData("0800" + "0100" + "05000000" + "0102")] // stray bytes behind
    public void A_damaged_attribute_is_refused(string hex) =>
        Assert.Throws<BpfFormatException>(() => new NetlinkAttributes(Convert.FromHexString(hex)).UInt32(77));

    [Fact]
    public void A_value_that_is_too_short_for_its_type_is_refused() =>
        Assert.Throws<BpfFormatException>(() => new NetlinkAttributes(Convert.FromHexString("0600" + "0100" + "05000000")).UInt32(1));

    [Fact]
    public void A_message_shorter_than_its_struct_is_refused() =>
        Assert.Throws<BpfFormatException>(() => new NetlinkMessage(16, 0, new byte[15]).Header<InterfaceMessage>());

    [Fact]
    public void Random_bytes_end_in_the_declared_exception_or_a_value()
    {
        var random = new Random(4711);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            // Small lengths make it walk further than pure noise would.
            if (bytes.Length > 1) (bytes[0], bytes[1]) = ((byte)random.Next(12), 0);
            try
            {
                foreach (var attribute in new NetlinkAttributes(bytes)) _ = attribute.Nested.UInt32(1);
            }
            catch (BpfFormatException)
            {
            }
        }
    }

    [Fact]
    public void The_kernels_own_words_come_into_the_error()
    {
        var answer = new NetlinkAnswer(Errno.EBUSY, "XDP program already attached", []);
        var e = Assert.Throws<BpfSyscallException>(() => answer.Check("attach", "Detach it first."));
        Assert.Equal("attach: EBUSY (Device or resource busy). The kernel says: XDP program already attached. Detach it first.", e.Message);
    }
}
