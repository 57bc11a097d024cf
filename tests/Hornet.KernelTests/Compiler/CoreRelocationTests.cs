using Hornet.Btf;
using Hornet.Compiler;
using Hornet.Compiler.IR;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.Compiler;

/// <summary>Fields of kernel types that are left to whoever loads the object.</summary>
public class CoreRelocationTests
{
    // Another kernel: its task_struct has everything elsewhere, and in other sizes.
    private static BtfSpec OtherKernel()
    {
        BtfBuilder btf = new();
        uint task = btf.NextId + 6;
        uint wide = btf.AddInt("long", 8, BtfIntEncoding.Signed);
        uint narrow = btf.AddInt("short", 2, BtfIntEncoding.Signed);
        uint byteType = btf.AddInt("char", 1);
        uint index = btf.AddInt("unsigned int", 4);
        uint name = btf.AddArray(byteType, index, 16);
        uint pointer = btf.AddPointer(task);
        Assert.Equal(task, btf.AddStruct("task_struct", 64, new("comm", name, 0), new("group_leader", pointer, 16 * 8), new("pid", narrow, 24 * 8), new("tgid", wide, 32 * 8), new("no_such_field", wide, 40 * 8)));
        return btf.Build();
    }

    private static BpfObject Compile(string text)
    {
        var made = BpfCompiler.Compile(IrParser.Parse(text), CompiledCode.Options with { Relocatable = true, KernelTypes = OtherKernel(), VerifyPasses = true }).Object;
        made.Programs[0].SectionName = "syscall";
        return BpfObject.Parse(made.ToElf(), "t.bpf.o");
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "5.14")]
    public void Offsets_and_sizes_are_those_of_the_kernel_that_loads()
    {
        using var loaded = Compile(
            """
            module task : Syscall
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %address = helper bpf_get_current_task i64 ()
              %task = inttoptr ptr untrusted:task_struct %address
              %tgid = kload i32 %task, "task_struct", "tgid"
              %leader = kload ptr untrusted:task_struct %task, "task_struct", "group_leader"
              %pid = kload i32 %leader, "task_struct", "pid"
              %same = cmp eq %tgid, %pid
              br %same, yes, no
            yes:
              ret %tgid
            no:
              ret 0
            }
            """).Load();
        Assert.Equal((uint)Environment.ProcessId, loaded.Program("task").TestRun(new TestRunOptions()).ReturnValue);
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "5.14")]
    public void Facts_are_asked_where_the_object_is_loaded()
    {
        Assert.True(KernelBtf.Vmlinux.TryFind("task_struct", BtfKind.Struct, out var task));
        Assert.True(task.TryFindField("tgid", out var tgid));
        uint Ask(string question)
        {
            using var loaded = Compile($"module ask : Syscall\nfunc main(%ctx: ptr ctx) -> i32 {{\nentry:\n  %a = kquery {question}\n  ret %a\n}}").Load();
            return loaded.Program("ask").TestRun(new TestRunOptions()).ReturnValue;
        }
        Assert.Equal((uint)tgid.BitOffset / 8, Ask("offset \"task_struct\", \"tgid\""));
        Assert.Equal(4u, Ask("size \"task_struct\", \"tgid\""));
        Assert.Equal(task.ByteSize, Ask("size \"task_struct\", \"\""));
        Assert.Equal(1u, Ask("signed \"task_struct\", \"tgid\""));
        Assert.Equal(1u, Ask("exists \"task_struct\", \"tgid\""));
        Assert.Equal(0u, Ask("exists \"task_struct\", \"no_such_field\""));
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "5.14")]
    public void An_element_of_an_array_is_found()
    {
        using var loaded = Compile(
            """
            module letter : Syscall
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %address = helper bpf_get_current_task i64 ()
              %task = inttoptr ptr untrusted:task_struct %address
              %c = kload i32 %task, "task_struct", "comm[1]"
              ret %c
            }
            """).Load();
        // The main thread runs the tests or another; its name is in the kernel's file.
        string name = File.ReadAllText("/proc/thread-self/comm");
        Assert.Equal(name[1], (char)loaded.Program("letter").TestRun(new TestRunOptions()).ReturnValue);
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "5.14")]
    public void A_field_that_only_the_other_kernel_has_is_told_when_it_is_loaded()
    {
        var spec = Compile(
            """
            module task : Syscall
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %address = helper bpf_get_current_task i64 ()
              %task = inttoptr ptr untrusted:task_struct %address
              %x = kload i32 %task, "task_struct", "no_such_field"
              ret %x
            }
            """);
        Assert.Contains("no_such_field", Assert.ThrowsAny<BpfException>(() => spec.Load().Dispose()).Message);
    }
}
