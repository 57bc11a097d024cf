using System.Runtime.InteropServices;
using Hornet.Kernel;

namespace Hornet.Core.Tests.Kernel;

public class SyscallTableTests
{
    [Fact]
    public void Numbers_and_names_agree_in_both_directions()
    {
        foreach (string name in SyscallTable.Names)
        {
            Assert.True(SyscallTable.TryGetNumber(name, out int number));
            Assert.Equal(name, SyscallTable.NameOf(number));
        }
        Assert.False(SyscallTable.TryGetNumber("no_such_call", out _));
        Assert.Null(SyscallTable.NameOf(-1));
        Assert.Null(SyscallTable.NameOf(100_000));
    }

    [Fact]
    public void Known_numbers_of_this_architecture_are_right()
    {
        bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        Assert.Equal("bpf", SyscallTable.NameOf(arm ? 280 : 321));
        Assert.Equal("openat2", SyscallTable.NameOf(437));
        Assert.Equal("mseal", SyscallTable.NameOf(462));
        Assert.Equal("read", SyscallTable.NameOf(arm ? 63 : 0));
    }
}
