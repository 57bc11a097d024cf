using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class PinnedMapTests
{
    private static MapSpec Spec(uint entries = 8) => new() { Name = "pinned", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = entries };

    [Fact]
    public void A_pinned_map_outlives_its_owner_and_is_opened_again()
    {
        using var pins = new TestPins();
        string path = pins["map"];
        using (var map = BpfMap.Create(Spec()))
        {
            map.Update(new byte[4], BitConverter.GetBytes(5L));
            map.Pin(path);
            Assert.Equal(path, map.PinnedPath);
            Assert.Equal(Errno.EEXIST, Assert.Throws<BpfSyscallException>(() => map.Pin(path)).Errno);
        }
        using var again = BpfMap.OpenPinned(path);
        Assert.Equal(5, BitConverter.ToInt64(again.Lookup(new byte[4])));
        using var reading = BpfMap.OpenPinned(path, MapAccess.ReadOnly);
        Assert.Equal(Errno.EPERM, Assert.Throws<BpfSyscallException>(() => reading.Update(new byte[4], new byte[8])).Errno);
        again.Unpin();
        Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => BpfMap.OpenPinned(path)).Errno);
        Assert.Throws<InvalidOperationException>(again.Unpin);
    }

    [Fact]
    public void The_same_definition_shares_a_map_and_another_is_told_every_difference()
    {
        using var pins = new TestPins();
        using var first = BpfMap.OpenOrCreatePinned(pins["shared"], Spec());
        using var second = BpfMap.OpenOrCreatePinned(pins["shared"], Spec());
        Assert.Equal(first.Id, second.Id);
        var other = Spec(entries: 16);
        other.ValueSize = 4;
        string message = Assert.Throws<BpfException>(() => BpfMap.OpenOrCreatePinned(pins["shared"], other)).Message;
        Assert.Contains("the value size is 8, not 4", message);
        Assert.Contains("max_entries is 8, not 16", message);
        Assert.Contains(pins["shared"], message);
    }

    [Fact]
    public void Missing_folders_are_made_inside_the_bpf_file_system_and_nowhere_else()
    {
        using var pins = new TestPins();
        using var map = BpfMap.Create(Spec());
        map.Pin(pins["a/b/map"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(pins["a/b"]));
        map.Unpin();
        // The folders may be in use by others by now; a pin's end leaves them.
        Assert.True(Directory.Exists(pins["a/b"]));
        using (BpfMap.OpenOrCreatePinned(pins["c/shared"], Spec())) { }
        Assert.True(File.Exists(pins["c/shared"]));

        string elsewhere = Path.Combine(Path.GetTempPath(), $"hornet-{Guid.NewGuid():N}");
        var refused = Assert.Throws<BpfSyscallException>(() => map.Pin($"{elsewhere}/map"));
        Assert.Equal(Errno.ENOENT, refused.Errno);
        Assert.Contains($"The folder '{elsewhere}' does not exist, and is not made since '{Path.GetDirectoryName(elsewhere)}' is not in a BPF file system", refused.Message);
        Assert.False(Directory.Exists(elsewhere));
    }

    [Fact]
    public void A_pin_that_is_refused_leaves_no_folders()
    {
        using var pins = new TestPins();
        using var map = BpfMap.Create(Spec());
        Assert.Contains("cannot contain a full stop", Assert.Throws<BpfSyscallException>(() => map.Pin(pins["new/deep/a.b"])).Message);
        Assert.Contains("cannot contain a full stop", Assert.Throws<BpfSyscallException>(() => map.Pin(pins["new/de.ep/map"])).Message);
        Assert.Empty(Directory.GetFileSystemEntries(pins.Path));
    }

    [Fact]
    public async Task Of_many_that_create_at_once_all_get_the_same()
    {
        using var pins = new TestPins();
        var maps = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => BpfMap.OpenOrCreatePinned(pins["new/race"], Spec()))));
        Assert.Single(maps.Select(m => m.Id).Distinct());
        foreach (var map in maps) map.Dispose();
    }
}
