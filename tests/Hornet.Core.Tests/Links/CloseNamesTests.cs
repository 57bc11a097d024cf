using Hornet.Kernel;

namespace Hornet.Core.Tests.Links;

public class CloseNamesTests
{
    [Theory]
    [InlineData("eth", "Did you mean 'eth0' or 'eth1'?")]
    [InlineData("tun0", "There are: lo, eth0, eth1, wlan0.")]
    [InlineData("wlan1", "Did you mean 'wlan0'?")]
    public void Close_names_are_offered_and_all_when_none_is_close(string wanted, string expected) =>
        Assert.Equal(expected, CloseNames.Describe(wanted, ["lo", "eth0", "eth1", "wlan0"]));
}
