using System.Text;

namespace Hornet.Tracing.Tests;

public class NamePatternTests
{
    [Theory]
    [InlineData("vfs_read", "vfs_read", true)]
    [InlineData("vfs_read", "vfs_readv", false)]
    [InlineData("vfs_*", "vfs_read", true)]
    [InlineData("vfs_*", "xvfs_read", false)]
    [InlineData("*_read", "vfs_read", true)]
    [InlineData("*_read", "vfs_readv", false)]
    [InlineData("v?s_r*d", "vfs_read", true)]
    [InlineData("v?s_r*d", "vffs_read", false)]
    [InlineData("VFS_*", "vfs_read", false)]
    [InlineData("?", "v", true)]
    [InlineData("?", "", false)]
    [InlineData("?fs", "vfs_read", false)]
    [InlineData("*r?ad", "vfs_read", true)]
    [InlineData("*s?r*d", "vfs_ready_read", true)]
    [InlineData("*s?r*d", "vfsread", false)]
    [InlineData("a*?a", "aa", false)]
    [InlineData("a*?a", "aba", true)]
    [InlineData("*r*d*", "vfs_read", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("v*s_r*d", "vfs_ready_read", true)]
    [InlineData("x[1]", "x[1]", true)]
    [InlineData("*", "", true)]
    [InlineData("**", "x", true)]
    [InlineData("", "x", false)]
    public void Bytes_and_characters_match_alike(string pattern, string name, bool expected)
    {
        Assert.Equal(expected, new NamePattern(pattern).Matches(name.AsSpan()));
        Assert.Equal(expected, new NamePattern(pattern).Matches(Encoding.UTF8.GetBytes(name)));
    }

    [Fact]
    public void A_question_mark_means_itself_where_only_stars_are_wanted()
    {
        NamePattern name = new("v?s", starsOnly: true), behind = new NamePattern("?s*", starsOnly: true).Behind("v");
        Assert.True(name.IsExact);
        Assert.True(name.Matches("v?s"));
        Assert.False(name.Matches("vfs"));
        Assert.True(behind.Matches("v?s_read"));
        Assert.False(behind.Matches("vfs_read"));
        Assert.False(new NamePattern("v?s").IsExact);
    }

    [Fact]
    public void A_name_of_any_length_and_any_bytes_is_answered()
    {
        Assert.True(new NamePattern("a*z").Matches(Encoding.UTF8.GetBytes("a" + new string('b', 10_000) + "z")));
        Assert.True(new NamePattern("a*").Matches(Encoding.UTF8.GetBytes("a" + new string('b', 10_000))));
        Assert.False(new NamePattern("a*z").Matches([(byte)'a', 0xff, 0xfe]));
    }
}
