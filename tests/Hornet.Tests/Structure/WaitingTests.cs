namespace Hornet.Tests.Structure;

public class WaitingTests
{
    [Fact]
    public void Waiting_ends_when_the_time_is_over()
    {
        using BpfSession session = new();
        Assert.False(session.WaitForShutdown(TimeSpan.Zero));
        Assert.False(session.WaitForShutdown(() => true));
        Assert.Equal("limit", Assert.Throws<ArgumentOutOfRangeException>(() => session.WaitForShutdown(TimeSpan.FromTicks(-1))).ParamName);
        Assert.Equal("limit", Assert.Throws<ArgumentOutOfRangeException>(() => session.WaitForShutdown(TimeSpan.FromDays(25))).ParamName);
    }
}
