using Hornet.Script.Probes;

namespace Hornet.Script.Tests.Probes;

// What matches a pattern is tested where patterns are, in Hornet.Tracing.
public class WildcardTests
{
    [Theory]
    [InlineData("vfs_read", false)]
    [InlineData("vfs_*", true)]
    [InlineData("vfs_rea?", false)]
    [InlineData("x[1]", true)]
    [InlineData("x]1[", true)]
    [InlineData("x[1", false)]
    public void Stars_and_brackets_make_a_pattern(string text, bool isPattern) => Assert.Equal(isPattern, Wildcard.Is(text));
}
