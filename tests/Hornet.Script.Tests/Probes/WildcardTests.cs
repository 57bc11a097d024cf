using System.Text;
using Hornet.Script.Probes;

namespace Hornet.Script.Tests.Probes;

public class WildcardTests
{
    [Theory]
    [InlineData("vfs_read", "vfs_read", true)]
    [InlineData("vfs_read", "vfs_reads", false)]
    [InlineData("vfs_*", "vfs_read", true)]
    [InlineData("vfs_*", "xvfs_read", false)]
    [InlineData("*read", "vfs_read", true)]
    [InlineData("*read", "vfs_read_x", false)]
    [InlineData("*r*d*", "vfs_read", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("v*s_r*d", "vfs_ready_read", true)]
    [InlineData("*", "", true)]
    [InlineData("*", "x", true)]
    [InlineData("", "x", false)]
    [InlineData("x[1]", "x[1]", true)]
    public void A_star_is_any_text_in_characters_and_in_bytes(string pattern, string name, bool matches)
    {
        Wildcard wildcard = new(pattern);
        Assert.Equal(matches, wildcard.Matches(name));
        Assert.Equal(matches, wildcard.Matches(Encoding.UTF8.GetBytes(name)));
    }
}
