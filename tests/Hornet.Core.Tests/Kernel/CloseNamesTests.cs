using Hornet.Kernel;

namespace Hornet.Core.Tests.Kernel;

public class CloseNamesTests
{
    private static readonly string[] s_names = ["sched_switch", "sched_wakeup", "sched_waking", "do_sys_openat2", "irq_handler_entry"];

    [Theory]
    [InlineData("sched_swich", "Did you mean 'sched_switch'?")]
    [InlineData("sched_wakup", "Did you mean 'sched_wakeup' or 'sched_waking'?")]
    [InlineData("sys_openat2", "Did you mean 'do_sys_openat2'?")]
    [InlineData("shced_switch", "Did you mean 'sched_switch'?")]
    [InlineData("completely_else", null)]
    [InlineData("", null)]
    public void Near_names_are_suggested_best_first(string name, string? expected) => Assert.Equal(expected, CloseNames.Suggest(name, s_names));

    [Theory]
    [InlineData("eth", "Did you mean 'eth0' or 'eth1'?")]
    [InlineData("tun0", "There are: lo, eth0, eth1, wlan0.")]
    [InlineData("wlan1", "Did you mean 'wlan0'?")]
    public void Short_lists_are_told_whole_when_nothing_is_near(string wanted, string expected) =>
        Assert.Equal(expected, CloseNames.Describe(wanted, ["lo", "eth0", "eth1", "wlan0"]));

    [Fact]
    public void Very_long_names_are_left_out() => Assert.Empty(CloseNames.Find(new string('a', 5000), [new string('a', 4999)]));
}
