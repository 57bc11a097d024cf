using System.Diagnostics;
using Hornet.Elf;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class UprobeLinkTests
{
    private static readonly CounterOptions s_anyone = new() { OnlyThisThread = false };

    [KernelFact(Needs.Uprobes)]
    public void A_function_of_a_library_is_found_by_the_librarys_name_and_counted_exactly()
    {
        using var counter = Counter.Load(ProgramType.Kprobe);
        using (var link = UprobeLink.Attach(counter.Program, "libc.so.6", "getsid"))
        {
            Assert.Contains("/libc.so.6", link.BinaryPath);
            Provoke.GetSid(7);
            Assert.Equal(7ul, counter.Count);
        }
        Provoke.GetSid(5);
        Assert.Equal(7ul, counter.Count);
    }

    [KernelTheory]
    [InlineData("c")]
    [InlineData("libc")]
    public void A_library_is_found_as_the_linker_option_names_it(string name) => Assert.EndsWith("/libc.so.6", UserBinary.Find(name));

    [KernelFact(Needs.Uprobes)]
    public void An_executable_is_found_in_the_path_and_a_missing_one_is_named()
    {
        Assert.EndsWith("/sh", UserBinary.Find("sh"));
        var e = Assert.Throws<BpfSyscallException>(() => UserBinary.Find("no-such-thing-here"));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("no-such-thing-here", e.Message);
    }

    [KernelFact(Needs.Uprobes)]
    public void Calls_returns_and_offsets_are_counted_in_every_process()
    {
        using var target = TargetProcess.Start();
        using var calls = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var returns = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var inside = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var a = UprobeLink.Attach(calls.Program, TargetProcess.Executable, "hornet_nested", new() { Process = target.Id });
        using var b = UprobeLink.Attach(returns.Program, TargetProcess.Executable, "hornet_two", new() { IsReturn = true, Process = target.Id });
        using var file = ElfFile.Open(TargetProcess.Executable);
        using var c = UprobeLink.AttachAt(inside.Program, TargetProcess.Executable, file.FindFunction("hornet_one")!.FileOffset, new() { Process = target.Id });
        target.Call("nested", 4);
        target.Call("two", 3);
        Assert.Equal((4ul, 7ul, 4ul), (calls.Count, returns.Count, inside.Count));
    }

    [KernelFact(Needs.Uprobes)]
    public void Only_the_chosen_process_is_counted()
    {
        using var chosen = TargetProcess.Start();
        using var other = TargetProcess.Start();
        using var counter = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var link = UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_one", new() { Process = chosen.Id });
        other.Call("one", 10);
        chosen.Call("one", 6);
        other.Call("one", 10);
        Assert.Equal(6ul, counter.Count);
    }

    [KernelFact(Needs.Uprobes)]
    public void The_cookie_reaches_the_program_or_the_version_it_takes_is_named()
    {
        using var target = TargetProcess.Start();
        UprobeOptions options = new() { Cookie = 0x1234_5678_9abc, Process = target.Id };
        if (KernelFacts.Version >= new Version(5, 15))
        {
            using var counter = Counter.Load(ProgramType.Kprobe, s_anyone with { Cookie = true });
            using var link = UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_one", options);
            target.Call("one", 1);
            Assert.Equal(0x1234_5678_9abcul, counter.Cookie);
            if (link.GetInfo() is PerfEventLinkInfo { Kind: PerfEventKind.Uprobe } info) Assert.Equal(TargetProcess.Executable, info.Name);
        }
        else
        {
            using var counter = Counter.Load(ProgramType.Kprobe, s_anyone);
            var e = Assert.Throws<BpfNotSupportedException>(() => UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_one", options));
            Assert.Equal(new Version(5, 15), e.MinimumVersion);
        }
    }

    [KernelFact(Needs.Uprobes)]
    public void The_reference_counter_is_raised_while_the_probe_is_attached()
    {
        using var target = TargetProcess.Start();
        using var counter = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var file = ElfFile.Open(TargetProcess.Executable);
        var semaphore = file.Symbols.First(s => s.Name == "hornet_semaphore");
        Assert.Equal(0, target.Semaphore);
        using (UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_one", new() { Process = target.Id, ReferenceCounterOffset = file.FileOffset(semaphore.Value)!.Value }))
            Assert.Equal(1, target.Semaphore);
        Assert.Equal(0, target.Semaphore);
    }

    [KernelFact(Needs.Uprobes)]
    public void A_binary_is_found_as_a_process_in_another_mount_namespace_sees_it()
    {
        const string Inside = "/mnt/hornet-inside";
        string script = $"mount -t tmpfs none /mnt && cp {TargetProcess.Executable} {Inside} && ln -s {Inside} /mnt/link && exec {Inside}";
        using var target = TargetProcess.StartThrough("unshare", "--mount", "--propagation", "private", "sh", "-c", script);
        Assert.False(File.Exists(Inside));
        using var counter = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var link = UprobeLink.Attach(counter.Program, "/mnt/link", "hornet_one", new() { Process = target.Id });
        Assert.Equal($"/proc/{target.Id}/root{Inside}", link.BinaryPath);
        target.Call("one", 3);
        Assert.Equal(3ul, counter.Count);
        using var all = Counter.Load(ProgramType.Kprobe, s_anyone);
        using var second = UprobeLink.Attach(all.Program, Inside, "hornet_one", new() { NamespaceOf = target.Id });
        target.Call("one", 2);
        Assert.Equal(2ul, all.Count);
    }

    [KernelFact(Needs.Uprobes)]
    public void What_is_wrong_is_said_before_or_instead_of_the_kernels_number()
    {
        using var counter = Counter.Load(ProgramType.Kprobe);
        Assert.Contains("'hornet_one'", Assert.Throws<BpfSyscallException>(() => UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_on")).Hint);
        Assert.Contains("outside the function", Assert.Throws<BpfException>(() => UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_one", new() { Offset = 4000 })).Message);
        Assert.Contains("outside the file", Assert.Throws<BpfSyscallException>(() => UprobeLink.AttachAt(counter.Program, TargetProcess.Executable, 1 << 30)).Hint);
        using var dead = Process.Start("true")!;
        dead.WaitForExit();
        Assert.Equal(Errno.ESRCH, Assert.Throws<BpfSyscallException>(() => UprobeLink.Attach(counter.Program, TargetProcess.Executable, "hornet_one", new() { Process = dead.Id })).Errno);
        using var wrong = Counter.Load(ProgramType.Tracepoint);
        Assert.Contains("programs of type Kprobe", Assert.Throws<BpfException>(() => UprobeLink.Attach(wrong.Program, TargetProcess.Executable, "hornet_one")).Message);
    }
}
