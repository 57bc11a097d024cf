using Hornet.Kernel;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.Objects;

/// <summary>What objects ask of the running kernel: configuration, symbols, functions, layouts.</summary>
public class ObjectExternTests
{
    private const string Head = """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_core_read.h>
        char _license[] SEC("license") = "GPL";

        """;

    private static readonly ClangSource s_kconfig = new(Head + """
        extern int LINUX_KERNEL_VERSION __kconfig;
        extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
        extern bool LINUX_HAS_BPF_COOKIE __kconfig __weak;
        extern bool LINUX_HAS_NOTHING_LIKE_THIS __kconfig __weak;
        extern bool CONFIG_BPF_SYSCALL __kconfig;
        extern enum libbpf_tristate CONFIG_MODULES_X __kconfig __weak;
        extern char CONFIG_NET __kconfig;
        extern long CONFIG_HZ __kconfig;
        extern char CONFIG_CC_VERSION_TEXT[16] __kconfig;
        extern int CONFIG_NOT_THERE __kconfig __weak;
        extern int CONFIG_REQUIRED_BUT_MISSING __kconfig;

        SEC("socket") int version(void *ctx) { return LINUX_KERNEL_VERSION; }
        SEC("socket") int facts(void *ctx) { return LINUX_HAS_SYSCALL_WRAPPER | LINUX_HAS_BPF_COOKIE << 1 | LINUX_HAS_NOTHING_LIKE_THIS << 2; }
        SEC("socket") int options(void *ctx) {
            if (!CONFIG_BPF_SYSCALL) return 1;
            if (CONFIG_MODULES_X != TRI_NO) return 2;
            if (CONFIG_NET != 'y') return 3;
            if (CONFIG_HZ < 100 || CONFIG_HZ > 1000) return 4;
            if (CONFIG_NOT_THERE) return 5;
            if (!CONFIG_CC_VERSION_TEXT[0] || CONFIG_CC_VERSION_TEXT[15]) return 6;
            return 0;
        }
        SEC("?socket") int missing(void *ctx) { return CONFIG_REQUIRED_BUT_MISSING; }
        """);

    private static readonly ClangSource s_symbols = new(Head + """
        extern const void bpf_prog_alloc __ksym;
        extern const void hornet_not_there __ksym __weak;
        extern const void hornet_required __ksym;
        SEC("raw_tp") int address(void *ctx) { return (unsigned long)&bpf_prog_alloc >> 32; }
        SEC("raw_tp") int weak(void *ctx) { return &hornet_not_there ? 1 : 0; }
        SEC("?raw_tp") int strong(void *ctx) { return (long)&hornet_required; }
        """);

    private static readonly ClangSource s_variables = new(Head + """
        extern const struct rq runqueues __ksym;
        extern const struct rq hornet_no_variable __ksym __weak;
        SEC("raw_tp") int variable(void *ctx) {
            const struct rq *rq = bpf_per_cpu_ptr(&runqueues, 0);
            return rq ? rq->cpu + 5 : 0;
        }
        SEC("raw_tp") int weak(void *ctx) { return &hornet_no_variable ? 1 : 0; }
        """);

    private static readonly ClangSource s_kfuncs = new(Head + """
        extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
        extern void bpf_task_release(struct task_struct *p) __ksym;
        extern int hornet_not_a_kfunc(int x) __ksym __weak;
        extern int hornet_required_kfunc(int x) __ksym;
        SEC("syscall") int call(void *ctx) {
            struct task_struct *task = bpf_task_from_pid((s32)bpf_get_current_pid_tgid());
            if (!task) return 1;
            int same = task->tgid == bpf_get_current_pid_tgid() >> 32;
            bpf_task_release(task);
            return same + 40;
        }
        SEC("syscall") int weak(void *ctx) { return hornet_not_a_kfunc ? hornet_not_a_kfunc(1) : 7; }
        SEC("?syscall") int reached(void *ctx) { return hornet_not_a_kfunc(1); }
        SEC("?syscall") int strong(void *ctx) { return hornet_required_kfunc(1); }
        """);

    private static readonly ClangSource s_core = new(Head + """
        struct task_struct___old { int pid; int no_such_member; } __attribute__((preserve_access_index));
        struct no_such_struct { int a; } __attribute__((preserve_access_index));
        int pid_offset_is_right, comm_size, has_state, has_nothing, type_there, type_missing, enum_value, my_pid;
        SEC("raw_tp") int layout(void *ctx) {
            struct task_struct *task = (void *)bpf_get_current_task();
            my_pid = BPF_CORE_READ(task, tgid);
            comm_size = bpf_core_field_size(task->comm);
            has_state = bpf_core_field_exists(task->pid);
            struct task_struct___old *old = (void *)task;
            has_nothing = bpf_core_field_exists(old->no_such_member);
            if (has_nothing) has_nothing += BPF_CORE_READ(old, no_such_member);
            type_there = bpf_core_type_exists(struct task_struct);
            type_missing = bpf_core_type_exists(struct no_such_struct);
            enum_value = bpf_core_enum_value(enum bpf_map_type, BPF_MAP_TYPE_LPM_TRIE);
            return 0;
        }
        SEC("?raw_tp") int missing_member(void *ctx) {
            struct task_struct___old *old = (void *)bpf_get_current_task();
            return BPF_CORE_READ(old, no_such_member);
        }
        """);

    [KernelFact(Needs.Clang)]
    public void The_kernels_version_and_facts_are_filled_in()
    {
        var spec = BpfObject.Parse(s_kconfig.Object, "kconfig.o");
        spec.Programs["options"].AutoLoad = false;
        using var loaded = spec.Load();
        Assert.Equal(KernelVersion.Running.Code, Run(loaded, "version"));
        // x86-64 kernels have the wrappers since 4.17, whether or not a probe on one would work.
        Assert.Equal(KernelVersion.Running >= new KernelVersion(5, 15) ? 3u : 1u, Run(loaded, "facts"));
    }

    [KernelFact(Needs.Clang)]
    public void Configuration_values_arrive_in_every_type()
    {
        Assert.SkipWhen(Kconfig.Running is null, "the kernel's configuration cannot be read here");
        var spec = BpfObject.Parse(s_kconfig.Object, "kconfig.o");
        using var loaded = spec.Load();
        Assert.Equal(0u, Run(loaded, "options"));
    }

    [KernelFact(Needs.Clang)]
    public void Configuration_values_can_come_from_a_text_or_from_the_object()
    {
        var spec = BpfObject.Parse(s_kconfig.Object, "kconfig.o");
        spec.SetGlobal("CONFIG_HZ", 250L);
        spec.SetGlobal("CONFIG_NET", (byte)'y');
        LoadOptions options = new() { Kconfig = Kconfig.Parse(new StringReader("CONFIG_BPF_SYSCALL=y\nCONFIG_CC_VERSION_TEXT=\"gcc (a very long text) 14\"\nCONFIG_HZ=9999\nCONFIG_NOT_THERE=0x0\n"), "text") };
        using (var loaded = spec.Load(options)) Assert.Equal(0u, Run(loaded, "options"));
        spec.SetGlobal("CONFIG_HZ", 25L);
        using (var loaded = spec.Load(options)) Assert.Equal(4u, Run(loaded, "options"));
        var module = options with { Kconfig = Kconfig.Parse(new StringReader("CONFIG_BPF_SYSCALL=m\nCONFIG_CC_VERSION_TEXT=\"gcc\"\n"), "text") };
        Assert.Contains("program 'options': it uses 'CONFIG_BPF_SYSCALL' as a bool, and the option is a module", Assert.Throws<BpfException>(() => spec.Load(module)).Message);
    }

    [KernelFact(Needs.Clang)]
    public void A_missing_configuration_value_concerns_only_the_program_that_uses_it()
    {
        var spec = BpfObject.Parse(s_kconfig.Object, "kconfig.o");
        spec.Programs["options"].AutoLoad = false;
        spec.Programs["missing"].AutoLoad = true;
        var e = Assert.Throws<BpfException>(() => spec.Load());
        Assert.StartsWith("program 'missing': it uses 'CONFIG_REQUIRED_BUT_MISSING', ", e.Message);
    }

    [KernelFact(Needs.Clang)]
    public void Kernel_symbols_are_found_by_address_and_missing_ones_named()
    {
        var spec = BpfObject.Parse(s_symbols.Object, "ksyms.o");
        using (var loaded = spec.Load())
        {
            Assert.Equal(0xffffffffu, loaded.Program("address").TestRun(new TestRunOptions()).ReturnValue);
            Assert.Equal(0u, loaded.Program("weak").TestRun(new TestRunOptions()).ReturnValue);
        }
        spec.Programs["strong"].AutoLoad = true;
        Assert.StartsWith("program 'strong': it uses the kernel symbol 'hornet_required', which this kernel does not have", Assert.Throws<BpfException>(() => spec.Load()).Message);
    }

    // Debian's 5.10 has no per-CPU variables in its BTF.
    [KernelFact(Needs.Clang, Needs.VmlinuxBtf, Needs.TpBtf, MinKernel = "6.1")]
    public void Kernel_variables_are_read_by_type()
    {
        var spec = BpfObject.Parse(s_variables.Object, "variables.o");
        if (!KernelSymbols.Exists("runqueues"))
        {
            Assert.StartsWith("program 'variable': it uses the kernel variable 'runqueues', but the kernel", Assert.Throws<BpfException>(() => spec.Load()).Message);
            spec.Programs["variable"].AutoLoad = false;
            using var other = spec.Load();
            Assert.Equal(0u, other.Program("weak").TestRun(new TestRunOptions()).ReturnValue);
            return;
        }
        using var loaded = spec.Load();
        Assert.Equal(5u, loaded.Program("variable").TestRun(new TestRunOptions()).ReturnValue);
        Assert.Equal(0u, loaded.Program("weak").TestRun(new TestRunOptions()).ReturnValue);
    }

    [KernelFact(Needs.Clang, Needs.Kfuncs, MinKernel = "6.2")]
    public void Kernel_functions_are_called_and_missing_ones_named()
    {
        var spec = BpfObject.Parse(s_kfuncs.Object, "kfuncs.o");
        using (var loaded = spec.Load())
        {
            Assert.Equal(41u, loaded.Program("call").TestRun(new TestRunOptions()).ReturnValue);
            Assert.Equal(7u, loaded.Program("weak").TestRun(new TestRunOptions()).ReturnValue);
        }
        spec.Programs["strong"].AutoLoad = true;
        Assert.StartsWith("program 'strong': it calls the kernel function 'hornet_required_kfunc', which this kernel does not have", Assert.Throws<BpfException>(() => spec.Load()).Message);
        spec.Programs["strong"].AutoLoad = false;
        spec.Programs["reached"].AutoLoad = true;
        var reached = Assert.Throws<VerifierException>(() => spec.Load());
        Assert.Contains("It uses the kernel function 'hornet_not_a_kfunc', which this kernel does not have", reached.Message);
        Assert.Contains("<the kernel function 'hornet_not_a_kfunc', which this kernel does not have>", reached.Log);
    }

    [KernelFact(Needs.Clang, Needs.VmlinuxBtf)]
    public void Programs_are_adjusted_to_the_kernels_layouts()
    {
        using var loaded = BpfObject.Parse(s_core.Object, "core.o").Load();
        loaded.Program("layout").TestRun(new TestRunOptions());
        Assert.Equal(Environment.ProcessId, loaded.Globals.Get<int>("my_pid"));
        Assert.Equal(16, loaded.Globals.Get<int>("comm_size"));
        Assert.Equal((1, 0), (loaded.Globals.Get<int>("has_state"), loaded.Globals.Get<int>("has_nothing")));
        Assert.Equal((1, 0), (loaded.Globals.Get<int>("type_there"), loaded.Globals.Get<int>("type_missing")));
        Assert.Equal((int)MapType.LpmTrie, loaded.Globals.Get<int>("enum_value"));
    }

    [KernelFact(Needs.Clang, Needs.VmlinuxBtf)]
    public void A_member_the_kernel_lacks_is_named_with_its_source_line()
    {
        var spec = BpfObject.Parse(s_core.Object, "core.o");
        spec.Programs["missing_member"].AutoLoad = true;
        var e = Assert.Throws<VerifierException>(() => spec.Load());
        Assert.Contains("struct task_struct___old.no_such_member", e.Message);
        Assert.Contains("which does not exist in this kernel", e.Message);
        Assert.Matches(@"\.c:2[1-3]: ", e.Message);
        Assert.Contains("<CO-RE: ", e.Log);
    }

    private static uint Run(LoadedObject loaded, string program) => loaded.Program(program).TestRun(new byte[64]).ReturnValue;
}
