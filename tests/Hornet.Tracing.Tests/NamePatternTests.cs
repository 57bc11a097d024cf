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
    public void Bytes_and_characters_match_alike(string pattern, string name, bool expected)
    {
        Assert.Equal(expected, new NamePattern(pattern).Matches(name.AsSpan()));
        Assert.Equal(expected, new NamePattern(pattern).Matches(Encoding.UTF8.GetBytes(name)));
    }

    [Fact]
    public void A_name_of_any_length_and_any_bytes_is_answered()
    {
        Assert.False(new NamePattern("a*z").Matches(Encoding.UTF8.GetBytes("a" + new string('b', 10_000) + "z")));
        Assert.True(new NamePattern("a*").Matches(Encoding.UTF8.GetBytes("a" + new string('b', 10_000))));
        Assert.False(new NamePattern("a*z").Matches([(byte)'a', 0xff, 0xfe]));
    }
}
