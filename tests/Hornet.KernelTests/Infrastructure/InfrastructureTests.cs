using System.Reflection;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>The tests of the ground the other tests stand on.</summary>
public class InfrastructureTests
{
    public static IEnumerable<TheoryDataRow<Needs>> AllNeeds => NeedCatalog.All.Select(need => new TheoryDataRow<Needs>(need));

    [KernelTheory]
    [MemberData(nameof(AllNeeds))]
    public void What_the_version_promises_is_what_the_probe_finds(Needs need)
    {
        if (NeedCatalog.Get(need).Contradiction() is { } wrong) Assert.Fail(wrong);
    }

    [KernelFact]
    public void A_probe_leaves_no_descriptor()
    {
        int before = DescriptorRegistry.Live.Count;
        foreach (Needs need in NeedCatalog.All) _ = NeedCatalog.Get(need).Result;
        Assert.Equal(before, DescriptorRegistry.Live.Count);
    }

    [KernelFact]
    public void Every_declared_C_source_compiles()
    {
        Assert.SkipUnless(TestFiles.HasTool("clang"), "clang is not installed");
        Assert.SkipWhen(TestMachine.IsVirtualMachine, "the host compiles for the virtual machines");
        const BindingFlags statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        ClangSource[] sources =
        [
            .. typeof(InfrastructureTests).Assembly.GetTypes().Where(t => !t.ContainsGenericParameters).SelectMany(t => t.GetFields(statics))
                .Where(f => f.FieldType == typeof(ClangSource)).Select(f => (ClangSource)f.GetValue(null)!),
        ];
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.NotEmpty(source.Object));
    }

    private static readonly ClangSource s_minimal = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        SEC("raw_tp/sys_enter") int enter(void *ctx) { return 0; }
        char _license[] SEC("license") = "GPL";
        """);

    [KernelFact(Needs.Clang, Needs.VmlinuxBtf)]
    public void C_compiles_to_a_BPF_object()
    {
        byte[] elf = s_minimal.Object;
        Assert.Equal((byte[])[0x7f, (byte)'E', (byte)'L', (byte)'F'], elf[..4]);
        Assert.Equal(247, BitConverter.ToUInt16(elf, 18)); // EM_BPF
    }

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_namespace_has_its_own_interfaces()
    {
        using var ns = new TestNamespace();
        (int first, int second) = ns.AddVeth("hornet-a", "hornet-b");
        Assert.NotEqual(first, second);
        string[] inside = ns.Run(() => File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(l => l.Split(':')[0].Trim()).ToArray());
        Assert.Superset(new HashSet<string> { "lo", "hornet-a", "hornet-b" }, inside.ToHashSet());
        Assert.DoesNotContain("hornet-a:", File.ReadAllText("/proc/self/net/dev"));
    }

    [KernelFact(Needs.Cgroup2)]
    public void A_cgroup_takes_processes_and_is_removed_with_them_inside()
    {
        string path;
        using (var cgroup = new TestCgroup())
        {
            path = cgroup.Path;
            using var child = ChildProcess.Start("/bin/sleep", "60");
            cgroup.Add(child.Id);
            Assert.Contains(Path.GetFileName(path), File.ReadAllText($"/proc/{child.Id}/cgroup"));
            cgroup.Dispose();
            Assert.False(Directory.Exists(path));
            Directory.CreateDirectory(path);
        }
        Assert.False(Directory.Exists(path));
    }

    [KernelFact]
    public void A_child_runs_a_method_of_this_assembly()
    {
        using var child = ChildProcess.Start(Echo, "hello", "world");
        Assert.Equal("hello-world", child.ReadLine());
        Assert.Equal(7, child.Wait());
    }

    private static int Echo(string[] arguments)
    {
        Console.WriteLine(string.Join('-', arguments));
        return 7;
    }

    [KernelFact]
    public void A_killed_child_reports_its_signal()
    {
        using var child = ChildProcess.Start("/bin/sleep", "60");
        child.KillHard();
        Assert.Equal(137, child.Wait());
    }

    [KernelFact]
    public void The_file_systems_of_the_kernel_are_found()
    {
        Assert.NotNull(Mounts.Tracefs);
        Assert.True(File.Exists(Mounts.Tracefs + "/events/header_page"));
        Assert.NotNull(Mounts.Bpffs);
    }
}
