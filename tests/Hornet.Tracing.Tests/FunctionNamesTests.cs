namespace Hornet.Tracing.Tests;

public class FunctionNamesTests
{
    [Fact]
    public void A_list_of_what_can_be_traced_has_modules_in_brackets()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "vfs_read\nvfs_write\next4_read [ext4]\next4_write [ext4]\n\nxfs_read [xfs]\nvfs_read\nlast");
            var names = FunctionNames.FromFile(file);
            Assert.True(names.IsTraceable);
            Assert.Equal([(null, "vfs_read"), ("ext4", "ext4_read"), ("xfs", "xfs_read"), (null, "vfs_read")], names.Find(null, new NamePattern("*_read")));
            Assert.Equal([("ext4", "ext4_write"), ("ext4", "ext4_read")], names.Find(new NamePattern("ext?"), new NamePattern("*")).Order(Comparer<(string?, string)>.Create((a, b) => string.CompareOrdinal(b.Item2, a.Item2))));
            Assert.Equal([(null, "last")], names.Find(new NamePattern("vmlinux"), new NamePattern("l*")));
            Assert.Empty(names.Find(null, new NamePattern("none")));
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Contains(file, Assert.Throws<BpfException>(() => FunctionNames.FromFile(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Symbols_are_functions_only()
    {
        Assert.SkipUnless(File.Exists("/proc/kallsyms"), "this kernel has no /proc/kallsyms");
        var all = FunctionNames.All();
        Assert.False(all.IsTraceable);
        Assert.Contains((null, "vfs_read"), all.Find(null, new NamePattern("vfs_rea*")));
        // A variable.
        Assert.Empty(all.Find(null, new NamePattern("init_task")));
    }
}
