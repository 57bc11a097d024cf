using Hornet.Interop;

namespace Hornet.Core.Tests;

public class InteropTests
{
    [Fact]
    public unsafe void A_name_for_the_kernel_is_cut_to_fifteen_bytes_and_made_legal()
    {
        byte* name = stackalloc byte[16];
        Bpf.CopyName("my map-name/with.more", name);
        Assert.Equal("my_map_name_wit", Bpf.ReadName(name));
    }

    [Fact]
    public void A_refused_call_names_the_operation_the_error_and_the_way_out()
    {
        var e = new BpfSyscallException("create map 'counts'", Errno.EPERM, "Run as root.");
        Assert.Equal("create map 'counts': EPERM (Operation not permitted). Run as root.", e.Message);
    }
}
