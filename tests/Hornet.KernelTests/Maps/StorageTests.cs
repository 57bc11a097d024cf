using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Maps;

public class StorageTests
{
    private static void LivesAndDies<T>(LocalStorageMap<T> storage, System.Runtime.InteropServices.SafeHandle owner, T one, T two) where T : unmanaged
    {
        Assert.False(storage.TryGetValue(owner, out _));
        Assert.False(storage.Remove(owner));
        storage.Set(owner, one);
        Assert.True(storage.TryGetValue(owner, out var value));
        Assert.Equal(one, value);
        storage.Set(owner, two);
        Assert.True(storage.TryGetValue(owner, out value));
        Assert.Equal(two, value);
        Assert.Throws<BpfSyscallException>(() => storage.Set(owner, one, MapUpdateFlags.NoExist));
        Assert.True(storage.Remove(owner));
        Assert.False(storage.TryGetValue(owner, out _));
    }

    [Fact]
    public void A_socket_keeps_a_value()
    {
        using var storage = BpfSocketStorage<long>.Create("sockets");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        LivesAndDies(storage, socket.SafeHandle, 5, 6);
        storage.Set(socket, 7);
        Assert.True(storage.TryGetValue(socket, out long value));
        Assert.Equal(7, value);
        Assert.True(storage.Remove(socket));
        using var file = File.OpenHandle("/proc/self/status");
        Assert.Throws<BpfSyscallException>(() => storage.Set(file, 1));
    }

    [KernelFact(Needs.TaskStorage)]
    public void A_task_keeps_a_value()
    {
        using var storage = BpfTaskStorage<Guid>.Create("tasks");
        int self = Environment.ProcessId;
        Assert.False(storage.TryGetValue(self, out _));
        var value = Guid.NewGuid();
        storage.Set(self, value);
        Assert.True(storage.TryGetValue(self, out var read));
        Assert.Equal(value, read);
        Assert.True(storage.Remove(self));
        Assert.False(storage.Remove(self));
        Assert.Equal(Errno.ESRCH, Assert.Throws<BpfSyscallException>(() => storage.TryGetValue(4_000_000, out _)).Errno);
    }

    [KernelFact(Needs.InodeStorage)]
    public void An_inode_keeps_a_value()
    {
        using var storage = BpfInodeStorage<int>.Create("inodes");
        string path = Path.GetTempFileName();
        try
        {
            using var file = File.OpenHandle(path);
            LivesAndDies(storage, file, 1, 2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [KernelFact(Needs.CgroupStorage, Needs.Cgroup2)]
    public void A_control_group_keeps_a_value()
    {
        using var group = new TestCgroup();
        using var storage = BpfCgroupStorage<long>.Create("groups");
        using var folder = BpfCgroupStorage<long>.OpenGroup(group.Path);
        LivesAndDies(storage, folder, 1, 2);
    }

    [KernelFact(Needs.Cgroup2)]
    public unsafe void An_attachment_to_a_control_group_has_a_value_while_it_lasts()
    {
        using var group = new TestCgroup();
        using var storage = BpfAttachedCgroupStorage<long>.Create("attached");
        using var perCpu = BpfAttachedPerCpuCgroupStorage<long>.Create("attached_cpu");
        using var program = BpfProgram.Load(
            new()
            {
                Name = "uses_storage",
                Type = ProgramType.CgroupSkb,
                AttachType = AttachType.CgroupInetEgress,
                Instructions = new Assembler()
                    .LoadMap(R1, "attached").Mov(R2, 0).Call(BpfHelper.GetLocalStorage)
                    .LoadMap(R1, "attached_cpu").Mov(R2, 0).Call(BpfHelper.GetLocalStorage)
                    .Mov(R0, 1).Exit().Build(),
            },
            new() { Maps = new Dictionary<string, BpfMap> { ["attached"] = storage.Map, ["attached_cpu"] = perCpu.Map } });
        using var folder = BpfCgroupStorage<long>.OpenGroup(group.Path);
        ProgramAttachAttr attach = new() { TargetFd = (uint)folder.Value, AttachBpfFd = (uint)program.Descriptor.Value, AttachType = (uint)AttachType.CgroupInetEgress };
        ulong id = FileId(group.Path);
        Assert.False(storage.TryGetValue(id, out _));
        Assert.True(Interop.Bpf.Call(BpfCommand.ProgramAttach, ref attach) >= 0, Libc.LastError.Describe());
        try
        {
            Assert.True(storage.TryGetValue(id, out long value));
            Assert.Equal(0, value);
            Assert.True(storage.TrySet(id, 12));
            Assert.True(storage.TryGetValue(id, out value));
            Assert.Equal(12, value);
            Assert.Equal([id], storage.Groups());
            var values = new PerCpuValues<long>();
            values.Fill(3);
            Assert.True(perCpu.TrySet(id, values));
            values.Fill(0);
            Assert.True(perCpu.TryGetValues(id, values));
            Assert.All(values, v => Assert.Equal(3, v));
        }
        finally
        {
            Interop.Bpf.Call(BpfCommand.ProgramDetach, ref attach);
        }
    }

    // On cgroup2 the id is the inode number (64-bit since 5.5).
    private static unsafe ulong FileId(string path)
    {
        // struct file_handle: u32 bytes, s32 type, then the 8 bytes of kernfs's id.
        byte* handle = stackalloc byte[64];
        *(uint*)handle = 8;
        int mount;
        nint text = System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(path);
        const int NrNameToHandleAt = 303;
        nint result = Libc.Syscall(NrNameToHandleAt, Libc.AT_FDCWD, text, (nint)handle, (nint)(&mount), 0, 0);
        System.Runtime.InteropServices.Marshal.FreeCoTaskMem(text);
        Assert.True(result >= 0, Libc.LastError.Describe());
        return *(ulong*)(handle + 8);
    }
}
