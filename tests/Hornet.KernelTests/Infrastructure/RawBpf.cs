using System.Text;
using Hornet.Interop;

namespace Hornet.KernelTests;

/// <summary>The few system calls the probes make, on bare numbers. Everything returned must be disposed.</summary>
internal static unsafe class RawBpf
{
    public const ulong Return0 = 0x00000000_000000b7, Return1 = 0x00000001_000000b7, ReturnMinus1 = 0xffffffff_000000b7;
    public const ulong Exit = 0x95;

    /// <summary>A program that returns what the instruction says.</summary>
    public static ulong[] Program(ulong result = Return0) => [result, Exit];

    /// <summary>Loads a program; null with <paramref name="errno"/> set when the kernel refuses.</summary>
    public static FileDescriptor? Load(
        ProgramType type, ulong[] instructions, out Errno errno, AttachType attachType = 0, uint attachBtfId = 0, uint flags = 0,
        FileDescriptor? target = null, FileDescriptor? btf = null, uint[]? functionInfo = null)
    {
        byte[] license = "GPL\0"u8.ToArray();
        fixed (ulong* code = instructions)
        fixed (byte* gpl = license)
        fixed (uint* functions = functionInfo)
        {
            ProgramLoadAttr attr = new()
            {
                ProgType = (uint)type,
                InsnCnt = (uint)instructions.Length,
                Insns = (ulong)code,
                License = (ulong)gpl,
                ExpectedAttachType = (uint)attachType,
                AttachBtfId = attachBtfId,
                ProgFlags = flags,
                AttachProgFd = (uint)(target?.Value ?? 0),
                ProgBtfFd = (uint)(btf?.Value ?? 0),
                FuncInfo = (ulong)functions,
                FuncInfoCnt = (uint)(functionInfo?.Length / 2 ?? 0),
                FuncInfoRecSize = functionInfo is null ? 0u : 8u,
            };
            return Open(BpfCommand.ProgramLoad, ref attr, $"probe {type}", out errno);
        }
    }

    /// <summary>Creates a map.</summary>
    public static FileDescriptor? CreateMap(
        MapType type, uint key, uint value, uint entries, out Errno errno, uint flags = 0, uint vmlinuxValueTypeId = 0, FileDescriptor? btf = null, uint keyType = 0, uint valueType = 0)
    {
        MapCreateAttr attr = new()
        {
            MapType = (uint)type,
            KeySize = key,
            ValueSize = value,
            MaxEntries = entries,
            MapFlags = flags,
            BtfVmlinuxValueTypeId = vmlinuxValueTypeId,
            BtfFd = (uint)(btf?.Value ?? 0),
            BtfKeyTypeId = keyType,
            BtfValueTypeId = valueType,
        };
        return Open(BpfCommand.MapCreate, ref attr, $"probe {type}", out errno);
    }

    /// <summary>Loads BTF.</summary>
    public static FileDescriptor? LoadBtf(byte[] btf, out Errno errno)
    {
        fixed (byte* data = btf)
        {
            BtfLoadAttr attr = new() { Btf = (ulong)data, BtfSize = (uint)btf.Length };
            return Open(BpfCommand.BtfLoad, ref attr, "probe btf", out errno);
        }
    }

    /// <summary>Makes a link.</summary>
    public static FileDescriptor? Link(ref LinkCreateAttr attr, out Errno errno) => Open(BpfCommand.LinkCreate, ref attr, "probe link", out errno);

    /// <summary>Attaches a tracing program to what it was loaded for.</summary>
    public static FileDescriptor? AttachTracing(FileDescriptor program, out Errno errno)
    {
        RawTracepointAttr attr = new() { ProgFd = (uint)program.Value };
        return Open(BpfCommand.RawTracepointOpen, ref attr, "probe attachment", out errno);
    }

    /// <summary>
    /// Opens a perf event on all processes of CPU 0. For the probe types (kprobe, uprobe) <paramref name="name"/> is the
    /// function or file and <paramref name="offset"/> what is added to it.
    /// </summary>
    public static FileDescriptor? OpenPerfEvent(uint type, ulong config, string? name, ulong offset, out Errno errno, int pid = -1)
    {
        byte[] text = Encoding.UTF8.GetBytes((name ?? "") + "\0");
        byte* attr = stackalloc byte[112];
        new Span<byte>(attr, 112).Clear();
        fixed (byte* p = text)
        {
            *(uint*)attr = type;
            *(uint*)(attr + 4) = 112;
            *(ulong*)(attr + 8) = config;
            *(ulong*)(attr + 16) = 1_000_000;
            if (name is not null) *(ulong*)(attr + 56) = (ulong)p;
            *(ulong*)(attr + 64) = offset;
            int fd = (int)Libc.Syscall(Libc.NrPerfEventOpen, (nint)attr, pid, 0, -1, 8, 0);
            errno = fd < 0 ? Libc.LastError : Errno.None;
            return fd < 0 ? null : new FileDescriptor(fd, "probe perf event");
        }
    }

    private static FileDescriptor? Open<T>(BpfCommand command, ref T attr, string what, out Errno errno) where T : unmanaged
    {
        FileDescriptor? fd = Interop.Bpf.TryOpen(command, ref attr, what);
        errno = fd is null ? Libc.LastError : Errno.None;
        return fd;
    }
}
