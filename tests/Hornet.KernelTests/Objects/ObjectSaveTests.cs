using System.Diagnostics;
using Hornet.Objects;

namespace Hornet.KernelTests.Objects;

/// <summary>What is written back is a standard object: another loader takes it, and it does the same.</summary>
public class ObjectSaveTests
{
    private static readonly ClangSource s_object = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_core_read.h>
        char _license[] SEC("license") = "GPL";
        struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int); } one SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, int); __array(values, struct inner); } outer SEC(".maps") = { .values = { [1] = &one } };
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, int); __type(value, long); } table SEC(".maps");
        extern int LINUX_KERNEL_VERSION __kconfig;
        int counter = 5, zeroed; const volatile int limit = 10;
        static __attribute__((noinline)) int add(int a, int b) { return a + b + zeroed; }
        static long each(void *map, int *k, long *v, int *sum) { *sum += *v; return 0; }
        SEC("tc") int use(void *ctx) {
            int k = 1, sum = 0; long v = 30; bpf_map_update_elem(&table, &k, &v, BPF_ANY);
            bpf_for_each_map_elem(&table, each, &sum, 0);
            return add(add(++counter, limit), sum) + (bpf_map_lookup_elem(&outer, &k) ? 1000 : 0) + (LINUX_KERNEL_VERSION > 0 ? 10000 : 0);
        }
        int pid;
        SEC("raw_tp/sys_enter") int core(void *ctx) { pid = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), tgid); return pid; }
        """);

    [KernelFact(Needs.Clang, Needs.VmlinuxBtf, MinKernel = "5.13")]
    public void A_saved_object_loads_and_does_the_same()
    {
        using var first = BpfObject.Parse(s_object.Object, "object.o").Load();
        using var second = BpfObject.Parse(BpfObject.Parse(s_object.Object, "object.o").ToElf(), "object.o").Load();
        Assert.Null(first.BtfFailure);
        Assert.Null(second.BtfFailure);
        Assert.Equal(6 + 10 + 30 + 1000 + 10000u, first.Program("use").TestRun(new byte[64]).ReturnValue);
        Assert.Equal(6 + 10 + 30 + 1000 + 10000u, second.Program("use").TestRun(new byte[64]).ReturnValue);
        second.Program("core").TestRun(new Hornet.Programs.TestRunOptions());
        Assert.Equal(Environment.ProcessId, second.Globals.Get<int>("pid"));
    }

    [KernelFact(Needs.Clang, Needs.Bpftool, Needs.VmlinuxBtf, MinKernel = "5.13")]
    public void Another_loader_takes_a_saved_and_edited_object()
    {
        var spec = BpfObject.Parse(s_object.Object, "object.o");
        spec.Maps["table"].MaxEntries = 99;
        spec.SetGlobal("limit", 20);
        spec.RenameProgram("use", "used");
        using TestPins pins = new();
        string path = Path.Combine(Path.GetTempPath(), $"hornet-saved-{Environment.ProcessId}.o");
        spec.Save(path);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("bpftool", ["prog", "loadall", path, pins.Path]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            using var program = Hornet.Programs.BpfProgram.OpenPinned(pins["used"]);
            Assert.Equal(6 + 20 + 30 + 1000 + 10000u, program.TestRun(new byte[64]).ReturnValue);
            Assert.Contains("core", Directory.GetFiles(pins.Path).Select(Path.GetFileName));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
