using Hornet.Interop;
using Hornet.Links;

namespace Hornet.Core.Tests.Links;

public class UserMappingsTests
{
    private const string Maps = """
        555555554000-555555555000 r--p 00000000 fe:00 42                         /usr/bin/thing
        555555555000-555555557000 r-xp 00001000 fe:00 42                         /usr/bin/thing
        7ffff7c00000-7ffff7c28000 r--p 00000000 fe:00 131                        /usr/lib/libx.so.1
        7ffff7c28000-7ffff7db0000 r-xp 00028000 fe:00 131                        /usr/lib/libx.so.1
        7ffff8000000-7ffff8001000 r-xp 00028000 fe:00 131                        /usr/lib/libx.so.1
        7ffff9000000-7ffff9001000 r-xp 00000000 fe:00 7                          /opt/with space/libx.so.1
        7ffff9100000-7ffff9101000 r-xp 00000000 00:00 0
        7ffff9200000-7ffff9201000 r-xp 00000000 00:00 0                          [vdso]
        nonsense
        """;

    [Fact]
    public void Executable_pieces_of_a_file_are_found_by_path_and_every_time_it_is_mapped()
    {
        var pieces = UserMappings.Parse(Maps.Split('\n'), "/usr/lib/libx.so.1", "libx.so.1", 131);
        Assert.Equal([new(0x7ffff7c28000, 0x7ffff7db0000, 0x28000), new(0x7ffff8000000, 0x7ffff8001000, 0x28000)], pieces);
        Assert.Equal(0x555555555000ul, Assert.Single(UserMappings.Parse(Maps.Split('\n'), "/usr/bin/thing", "thing", 0)).Start);
        Assert.Equal(0x7ffff9000000ul, Assert.Single(UserMappings.Parse(Maps.Split('\n'), "/opt/with space/libx.so.1", "libx.so.1", 7)).Start);
    }

    [Fact]
    public void A_file_reached_by_another_path_is_known_by_name_and_inode_together()
    {
        Assert.Equal(2, UserMappings.Parse(Maps.Split('\n'), "/lib/libx.so", "libx.so.1", 131).Count);
        Assert.Empty(UserMappings.Parse(Maps.Split('\n'), "/lib/libx.so", "libx.so.1", 9));
        Assert.Empty(UserMappings.Parse(Maps.Split('\n'), "/lib/libx.so", "liby.so.1", 131));
        Assert.Empty(UserMappings.Parse(Maps.Split('\n'), "[vdso]x", "[vdso]x", 0));
    }

    [Fact]
    public void A_process_that_is_not_there_is_said_to_be_missing() =>
        Assert.Equal(Errno.ESRCH, Assert.Throws<BpfSyscallException>(() => UserMappings.OfCode(int.MaxValue, "/bin/sh")).Errno);
}
