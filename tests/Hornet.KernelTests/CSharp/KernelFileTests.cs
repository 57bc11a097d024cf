using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Files, their attributes and signatures as members: most of it for security hooks.</summary>
public sealed partial class KernelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory($"/dev/shm/hornet-{Environment.ProcessId}-{Guid.NewGuid():N}").FullName;

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, Span<byte> value, nuint size);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string NewFile(string name, string text = "text")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static void Give(string path, string attribute, ReadOnlySpan<byte> value)
    {
        if (SetAttribute(path, attribute, value, (nuint)value.Length, 0) == 0) return;
        Assert.Skip($"{attribute} cannot be set on {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private struct Seen
    {
        public ulong Value;
        public int Status, Other, Times;
    }

    private static string[] Refused(Action load) => [.. Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.17")]
    public void Attributes_of_a_control_group_are_read()
    {
        using TestCgroup group = new();
        Give(group.Path, "user.hornet", "buzz"u8);
        ulong id = group.Id;
        using var seen = BpfArray<Seen>.Create("seen", 1);
        using BpfSession session = new();
        var program = session.LoadSyscall((ref int unused) =>
        {
            ref var row = ref seen.Find(0);
            if (Unsafe.IsNullRef(ref row) || !BpfDynptr.TryFrom(ref row.Value, out var value)) return 1;
            var found = BpfCgroup.FromId(id);
            if (found is null) return 2;
            row.Status = found.GetAttribute("user.hornet\0"u8, ref value);
            row.Other = found.GetAttribute("user.none\0"u8, ref value);
            found.Release();
            return 0;
        });
        int unused = 0;
        Assert.Equal(0, program.Run(ref unused));
        Assert.Equal((4, -61, (ulong)BitConverter.ToUInt32("buzz"u8)), (seen[0].Status, seen[0].Other, seen[0].Value));
    }

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.12")]
    public void A_security_hook_reads_attributes_of_the_file_that_is_opened()
    {
        string path = NewFile("marked"), plain = NewFile("plain");
        Give(path, "user.hornet", "buzz"u8);
        uint me = (uint)Environment.ProcessId;
        using var seen = BpfArray<Seen>.Create("seen", 1);
        using BpfSession session = new();
        using (session.AttachLsm("file_open", (KernelFile file) =>
        {
            if (Bpf.Tgid != me || !(file.Name.SequenceEqual("marked"u8) || file.Name.SequenceEqual("plain"u8))) return 0;
            ref var row = ref seen.Find(0);
            if (Unsafe.IsNullRef(ref row) || !BpfDynptr.TryFrom(ref row.Value, out var value)) return 0;
            row.Status = file.GetAttribute("user.hornet\0"u8, ref value);
            row.Times++;
            return row.Status > 0 ? -13 : 0;
        }, sleepable: true))
        {
            Assert.ThrowsAny<UnauthorizedAccessException>(() => File.ReadAllText(path));
            Assert.Equal((4, 1, (ulong)BitConverter.ToUInt32("buzz"u8)), (seen[0].Status, seen[0].Times, seen[0].Value));
            Assert.Equal("text", File.ReadAllText(plain));
            Assert.Equal((-61, 2), (seen[0].Status, seen[0].Times));
        }
        Assert.Equal("text", File.ReadAllText(path));
    }

    // Somebody asks for an attribute that is not there: the hook is called with the file by its name.
    private static void Knock(string path) => Assert.Equal(-1, GetAttribute(path, "user.knock", [], 0));

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.12")]
    public void Attributes_are_read_by_the_name_of_a_file()
    {
        string path = NewFile("named");
        Give(path, "user.hornet", "buzz"u8);
        using var seen = BpfArray<Seen>.Create("seen", 1);
        using BpfSession session = new();
        using (session.AttachLsm("inode_getxattr", (Dentry dentry) =>
        {
            ref var row = ref seen.Find(0);
            if (Unsafe.IsNullRef(ref row) || !dentry.Name.SequenceEqual("named"u8) || !BpfDynptr.TryFrom(ref row.Value, out var value)) return 0;
            row.Status = dentry.GetAttribute("user.hornet\0"u8, ref value);
            row.Other = dentry.GetAttribute("user.none\0"u8, ref value);
            return 0;
        }, sleepable: true)) Knock(path);
        Assert.Equal((4, -61, (ulong)BitConverter.ToUInt32("buzz"u8)), (seen[0].Status, seen[0].Other, seen[0].Value));
    }

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.15")]
    public void A_security_hook_sets_and_removes_attributes()
    {
        string path = NewFile("given");
        using var values = BpfArray<ulong>.Create("values", 1);
        values[0] = BitConverter.ToUInt64("hornets!"u8);
        using var status = BpfArray<int>.Create("status", 2);
        using BpfSession session = new();
        using (session.AttachLsm("inode_getxattr", (Dentry dentry) =>
        {
            ref ulong bytes = ref values.Find(0);
            if (Unsafe.IsNullRef(ref bytes) || !dentry.Name.SequenceEqual("given"u8) || !BpfDynptr.TryFrom(ref bytes, out var value)) return 0;
            status[0] = dentry.SetAttribute("security.bpf.hornet\0"u8, ref value);
            return 0;
        }, sleepable: true)) Knock(path);
        Span<byte> found = stackalloc byte[16];
        Assert.Equal((0, 0), (status[0], status[1]));
        Assert.Equal(8, GetAttribute(path, "security.bpf.hornet", found, 16));
        Assert.Equal("hornets!"u8.ToArray(), found[..8].ToArray());
        using (session.AttachLsm("inode_getxattr", (Dentry dentry) =>
        {
            if (dentry.Name.SequenceEqual("given"u8)) status[1] = 1 + dentry.RemoveAttribute("security.bpf.hornet\0"u8);
            return 0;
        }, sleepable: true)) Knock(path);
        Assert.Equal(1, status[1]);
        Assert.Equal(-1, GetAttribute(path, "security.bpf.hornet", found, 16));
    }

    private struct Paths
    {
        public Text First, Second;
        public int FirstLength, SecondLength;
        public uint Magic;
        public int Opened;
    }

    [InlineArray(256)]
    private struct Text
    {
        private byte _first;
    }

    private static string Read(Text text) => System.Text.Encoding.UTF8.GetString(((ReadOnlySpan<byte>)text)[..((ReadOnlySpan<byte>)text).IndexOf((byte)0)]);

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.12")]
    public void The_program_of_a_process_and_paths_are_told()
    {
        string path = NewFile("opened");
        uint me = (uint)Environment.ProcessId;
        using var paths = BpfArray<Paths>.Create("paths", 1);
        using BpfSession session = new();
        using (session.AttachLsm("file_open", (KernelFile file) =>
        {
            if (Bpf.Tgid != me || !file.Name.SequenceEqual("opened"u8)) return 0;
            ref var row = ref paths.Find(0);
            if (Unsafe.IsNullRef(ref row)) return 0;
            row.FirstLength = file.FPath.GetPath(row.First);
            var program = Bpf.CurrentTask.GetExecutable();
            if (program is null) return 0;
            row.SecondLength = program.FPath.GetPath(row.Second);
            program.Release();
            return 0;
        }, sleepable: true)) File.ReadAllText(path);
        Assert.Equal((path, path.Length + 1), (Read(paths[0].First), paths[0].FirstLength));
        Assert.Equal((Environment.ProcessPath, Environment.ProcessPath!.Length + 1), (Read(paths[0].Second), paths[0].SecondLength));
    }

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.19")]
    public void What_is_in_a_file_is_read_through_a_dynptr()
    {
        string path = NewFile("readable");
        uint me = (uint)Environment.ProcessId;
        using var seen = BpfArray<Seen>.Create("seen", 1);
        using BpfSession session = new();
        using (session.AttachLsm("file_open", (KernelFile file) =>
        {
            if (Bpf.Tgid != me || !file.Name.SequenceEqual("readable"u8)) return 0;
            var program = Bpf.CurrentTask.GetExecutable();
            if (program is null) return 0;
            bool isOpen = BpfDynptr.TryFrom(program, out var content);
            if (isOpen && content.TryRead(0, out uint magic)) seen[0] = new Seen { Value = magic, Times = 1 };
            content.Close();
            program.Release();
            return 0;
        }, sleepable: true)) File.ReadAllText(path);
        // What every ELF file begins with.
        Assert.Equal((0x464c457ful, 1), (seen[0].Value, seen[0].Times));
    }

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.8")]
    public void A_file_without_verity_has_no_digest()
    {
        Assert.SkipUnless(KernelBtf.Vmlinux.TryFind("bpf_get_fsverity_digest", BtfKind.Function, out _), "needs CONFIG_FS_VERITY");
        string path = NewFile("unprotected");
        uint me = (uint)Environment.ProcessId;
        using var rows = BpfArray<Text>.Create("rows", 1);
        using var status = BpfArray<int>.Create("status", 1);
        using BpfSession session = new();
        using (session.AttachLsm("file_open", (KernelFile file) =>
        {
            if (Bpf.Tgid != me || !file.Name.SequenceEqual("unprotected"u8)) return 0;
            ref var row = ref rows.Find(0);
            if (Unsafe.IsNullRef(ref row) || !BpfDynptr.TryFrom(ref row, out var digest)) return 0;
            status[0] = file.GetVerityDigest(ref digest);
            return 0;
        }, sleepable: true)) File.ReadAllText(path);
        Assert.Equal(-61, status[0]);
    }

    [KernelFact(Needs.Lsm, Needs.SleepablePrograms, MinKernel = "6.12")]
    public void Signatures_are_checked()
    {
        string path = NewFile("signed");
        uint me = (uint)Environment.ProcessId;
        using var rows = BpfArray<Text>.Create("rows", 2);
        using var status = BpfArray<int>.Create("status", 3);
        using BpfSession session = new();
        using (session.AttachLsm("file_open", (KernelFile file) =>
        {
            if (Bpf.Tgid != me || !file.Name.SequenceEqual("signed"u8)) return 0;
            ref var first = ref rows.Find(0);
            ref var second = ref rows.Find(1);
            if (Unsafe.IsNullRef(ref first) || Unsafe.IsNullRef(ref second) || !BpfDynptr.TryFrom(ref first, out var data) || !BpfDynptr.TryFrom(ref second, out var signature)) return 0;
            var keyring = BpfKeys.FindSystemKeyring(SystemKeyring.Builtin);
            if (keyring is null) return 0;
            status[0] = keyring.Verify(ref data, ref signature);
            keyring.Release();
            var mine = BpfKeys.FindUserKey(int.MaxValue);
            if (mine is null) status[1] = 1;
            else mine.Release();
            var none = BpfKeys.FindSystemKeyring((SystemKeyring)99);
            if (none is null) status[2] = 1;
            else none.Release();
            return 0;
        }, sleepable: true)) File.ReadAllText(path);
        // EBADMSG: zeros are no signature.
        Assert.Equal((-74, 1, 1), (status[0], status[1], status[2]));
    }

    [KernelFact(Needs.TpBtf, MinKernel = "6.12")]
    public void Functions_of_security_hooks_are_refused_elsewhere()
    {
        using BpfSession session = new();
        Assert.Contains("HRN2203 programs of type SocketFilter cannot call bpf_lookup_system_key", Refused(() => session.LoadSocketFilter(_ =>
        {
            var keyring = BpfKeys.FindSystemKeyring(SystemKeyring.Builtin);
            if (keyring is null) return 1;
            keyring.Release();
            return 0;
        })));
        Assert.Contains("HRN2203 programs of type SocketFilter cannot call bpf_get_task_exe_file", Refused(() => session.LoadSocketFilter(_ =>
        {
            var program = Bpf.CurrentTask.GetExecutable();
            if (program is null) return 1;
            program.Release();
            return 0;
        })));
    }
}
