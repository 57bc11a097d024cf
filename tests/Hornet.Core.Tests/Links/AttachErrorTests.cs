using Hornet.Interop;
using Hornet.Links;

namespace Hornet.Core.Tests.Links;

public class AttachErrorTests
{
    private static readonly AttachNeeds s_future = new("time travel", new Version(99, 1));
    private static readonly AttachNeeds s_old = new("tracepoint", new Version(4, 7));

    [Fact]
    public void A_permission_error_is_never_called_unsupported()
    {
        var e = Assert.IsType<BpfSyscallException>(AttachError.Create("attach 'p'", Errno.EPERM, s_future));
        Assert.Equal(Errno.EPERM, e.Errno);
        Assert.NotNull(e.Hint);
    }

    [Fact]
    public void A_kernel_that_is_too_old_is_named_with_the_version_it_takes()
    {
        var e = Assert.IsType<BpfNotSupportedException>(AttachError.Create("attach 'p'", Errno.EINVAL, s_future));
        Assert.Equal(new Version(99, 1), e.MinimumVersion);
        Assert.Equal(UnsupportedCause.Version, e.Cause);
        Assert.Contains("time travel needs Linux 99.1", e.Message);
    }

    [Fact]
    public void An_established_reason_wins()
    {
        var e = Assert.IsType<BpfSyscallException>(AttachError.Create("attach 'p'", Errno.ENOENT, s_old, "Did you mean 'x'?"));
        Assert.Equal("attach 'p': ENOENT (No such file or directory). Did you mean 'x'?", e.Message);
    }
}
