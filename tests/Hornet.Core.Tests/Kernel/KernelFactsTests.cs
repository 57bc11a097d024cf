using System.IO.Compression;
using System.Text;
using Hornet.Kernel;

namespace Hornet.Core.Tests.Kernel;

public class KernelFactsTests
{
    [Theory]
    [InlineData("6.12", 6, 12, 0)]
    [InlineData("6.1.176", 6, 1, 176)]
    [InlineData("5.10.0-32-amd64", 5, 10, 0)]
    [InlineData("7.2.12+deb13-amd64", 7, 2, 12)]
    [InlineData("6.18.0-rc3", 6, 18, 0)]
    public void A_version_is_read_from_what_releases_look_like(string text, int major, int minor, int patch) =>
        Assert.Equal(new KernelVersion(major, minor, patch), KernelVersion.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("6")]
    [InlineData("6.")]
    [InlineData("v6.1")]
    [InlineData(".6.1")]
    [InlineData("99999999999.1")]
    public void What_is_no_version_is_refused(string text) => Assert.Throws<BpfFormatException>(() => KernelVersion.Parse(text));

    [Fact]
    public void Versions_compare_as_numbers()
    {
        Assert.True(new KernelVersion(6, 9) < new KernelVersion(6, 12));
        Assert.True(new KernelVersion(6, 12, 1) > new KernelVersion(6, 12));
        Assert.True(new KernelVersion(7, 0) >= new KernelVersion(6, 99, 99));
    }

    [Fact]
    public void The_version_code_caps_the_patch_as_the_kernel_does()
    {
        Assert.Equal(0x060c6bu, new KernelVersion(6, 12, 107).Code);
        Assert.Equal(0x0409ffu, new KernelVersion(4, 9, 337).Code);
        Assert.Equal(new KernelVersion(6, 1, 176), KernelVersion.FromCode(0x0601b0));
    }

    [Fact]
    public void The_running_kernel_says_which_it_is()
    {
        Assert.True(KernelVersion.Running.Major >= 4, KernelVersion.Running.ToString());
        Assert.NotNull(Vdso.ReadVersionCode());
    }

    [Fact]
    public void The_version_note_is_found_among_others()
    {
        byte[] other = [4, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, .. "GNU\0"u8, 1, 2, 3, 0];
        byte[] linux = [6, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, .. "Linux\0\0\0"u8, 0xb0, 1, 6, 0];
        Assert.Equal(0x0601b0u, Vdso.FindVersion([.. other, .. linux]));
        Assert.Null(Vdso.FindVersion(other));
        Assert.Null(Vdso.FindVersion([.. other, .. linux[..^4]]));
        Assert.Null(Vdso.FindVersion([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void A_configuration_tells_built_in_module_text_and_absent_apart()
    {
        Kconfig config = Kconfig.Parse(new StringReader("# comment\nCONFIG_BPF=y\nCONFIG_VETH=m\n# CONFIG_KPROBES is not set\nCONFIG_HZ=250\nCONFIG_LSM=\"bpf\"\n"), "test");
        Assert.True(config.IsEnabled("BPF"));
        Assert.True(config.IsEnabled("CONFIG_VETH"));
        Assert.False(config.IsEnabled("KPROBES"));
        Assert.Null(config["KPROBES"]);
        Assert.Equal("250", config["HZ"]);
        Assert.Equal("\"bpf\"", config["CONFIG_LSM"]);
        Assert.Equal(4, config.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_configuration_file_may_be_compressed(bool compressed)
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(path))
            using (Stream stream = compressed ? new GZipStream(file, CompressionLevel.Fastest) : file)
            {
                stream.Write(Encoding.ASCII.GetBytes("CONFIG_BPF_SYSCALL=y\n"));
            }
            Assert.Equal("y", Kconfig.Load(path)["BPF_SYSCALL"]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3", new[] { 0, 1, 2, 3 })]
    [InlineData("0-1,4,6-7\n", new[] { 0, 1, 4, 6, 7 })]
    [InlineData("\n", new int[0])]
    public void A_list_of_cpus_may_have_gaps(string text, int[] expected) => Assert.Equal(expected, CpuList.Parse(text));

    [Theory]
    [InlineData("3-1")]
    [InlineData("a")]
    [InlineData("0-")]
    [InlineData("-1")]
    [InlineData("0-4000000000")]
    [InlineData("0-99999999")]
    public void What_is_no_list_of_cpus_is_refused(string text) => Assert.Throws<BpfFormatException>(() => CpuList.Parse(text));

    [Theory]
    [InlineData("[none] integrity confidentiality\n", LockdownMode.None)]
    [InlineData("none [integrity] confidentiality\n", LockdownMode.Integrity)]
    [InlineData("none integrity [confidentiality]\n", LockdownMode.Confidentiality)]
    public void The_lockdown_mode_is_the_one_in_brackets(string text, LockdownMode expected) => Assert.Equal(expected, Lockdown.Parse(text));

    [Fact]
    public void An_unknown_lockdown_mode_is_not_taken_for_none()
    {
        Assert.Null(Lockdown.Parse("none [paranoia]"));
        Assert.Null(Lockdown.Parse("]none["));
        Assert.Null(Lockdown.Parse(""));
    }

    [Fact]
    public void CAP_SYS_ADMIN_stands_for_the_capabilities_split_off_from_it()
    {
        Capabilities admin = new(1ul << (int)Capability.SysAdmin), bpf = new(1ul << (int)Capability.Bpf);
        Assert.True(admin.Has(Capability.Bpf));
        Assert.True(admin.Has(Capability.PerfMon));
        Assert.False(admin.Has(Capability.NetAdmin));
        Assert.False(bpf.Has(Capability.PerfMon));
        Assert.Equal("CAP_SYS_ADMIN", admin.ToString());
        Assert.Equal("CAP_BPF", bpf.ToString());
    }

    [Fact]
    public void Mounts_are_read_with_escapes_optional_fields_and_parts()
    {
        IReadOnlyList<MountPoint> mounts = Mounts.Parse(new StringReader("""
            22 27 0:21 / /proc rw,relatime - proc proc rw
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:5 master:1 - cgroup2 cgroup2 rw,nsdelegate
            50 31 0:40 /sub /mnt/with\040blank ro,nosuid - bpf bpf rw,delegate_cmds=any
            broken line
            """));
        Assert.Equal(3, mounts.Count);
        Assert.Equal(new MountPoint("/sys/fs/cgroup/unified", "cgroup2", "/", false, "rw,nsdelegate"), mounts[1]);
        Assert.Equal(new MountPoint("/mnt/with blank", "bpf", "/sub", true, "rw,delegate_cmds=any"), mounts[2]);
    }

    [Fact]
    public void A_type_without_a_usual_place_needs_a_path() => Assert.Throws<ArgumentException>(() => Mounts.Ensure("no-such-type"));
}
