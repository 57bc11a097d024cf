using System.Text;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Btf;

/// <summary>A set of types in the kernel: a program's, or the kernel's own. Owns its descriptor.</summary>
public sealed unsafe class BpfBtf : IDisposable
{
    private const string CapabilityHint = "Types are loaded by root, or with CAP_BPF (5.8), or with a BPF token.";
    private const string EnumerateHint = "Looking at other people's types needs CAP_SYS_ADMIN.";

    private static BtfFeatures? s_features;

    private BpfBtf(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The kernel's descriptor.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>What the running kernel accepts in <see cref="Load(ReadOnlySpan{byte}, BpfToken?, string)"/>, found out by loading a little of each.</summary>
    /// <exception cref="BpfSyscallException">This process may not load types, so nothing can be found out.</exception>
    public static BtfFeatures KernelFeatures => FeaturesWith(null);

    /// <summary>Loads types into the kernel (4.18).</summary>
    /// <param name="data">Raw BTF in this machine's byte order.</param>
    /// <param name="token">A BPF token that allows it (6.9); null for the process's own rights.</param>
    /// <param name="name">Whose types they are, for messages.</param>
    /// <exception cref="BtfLoadException">The kernel refused; the message has the verifier's last words, and the whole log is there.</exception>
    public static BpfBtf Load(ReadOnlySpan<byte> data, BpfToken? token = null, string name = "BTF")
    {
        if (TryLoad(data, token, name, 0, 0, out _) is { } descriptor) return new BpfBtf(descriptor);
        Errno errno = Libc.LastError;
        if (errno == Errno.EPERM && MemoryLockLimit.TryRaise())
        {
            if (TryLoad(data, token, name, 0, 0, out _) is { } second) return new BpfBtf(second);
            errno = Libc.LastError;
        }
        if (errno == Errno.EPERM) throw new BtfLoadException(name, errno, "", CapabilityHint);

        // Again, for the log. It is as long as the types are many, so it starts at a size that fits most programs.
        string log = "";
        for (uint size = 64 * 1024; size <= 1u << 26;)
        {
            byte[] buffer = GC.AllocateUninitializedArray<byte>((int)size);
            buffer[0] = 0;
            uint trueSize;
            fixed (byte* p = buffer)
            {
                if (TryLoad(data, token, name, (ulong)p, size, out trueSize) is { } late) return new BpfBtf(late);
            }
            Errno answer = Libc.LastError;
            log = Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Max(0, buffer.AsSpan().IndexOf((byte)0))));
            if (answer != Errno.ENOSPC) break;
            // The size it needs is told since 6.4.
            size = Math.Max(size * 2, trueSize);
        }
        throw new BtfLoadException(name, errno, log, null);
    }

    /// <summary>Loads types as the running kernel understands them: see <see cref="BtfSpec.Sanitize"/>.</summary>
    public static BpfBtf Load(BtfSpec spec, BpfToken? token = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Load(spec.Sanitize(FeaturesWith(token)), token, spec.Name);
    }

    /// <summary>Opens a set of types by id (4.18).</summary>
    /// <exception cref="BpfSyscallException">There is no such id, or it is not allowed.</exception>
    public static BpfBtf Open(uint id)
    {
        IdAttr attr = new() { BtfId = id };
        var descriptor = Bpf.TryOpen(BpfCommand.BtfGetFdById, ref attr, $"BTF {id}");
        return descriptor is not null
            ? new BpfBtf(descriptor)
            : throw new BpfSyscallException($"open BTF {id}", Libc.LastError, Libc.LastError == Errno.EPERM ? EnumerateHint : null);
    }

    /// <summary>All sets of types that are in the kernel now: vmlinux, modules, and programs' (5.11 for the kernel's own).</summary>
    /// <exception cref="BpfSyscallException">It is not allowed.</exception>
    public static IReadOnlyList<BtfObjectInfo> Enumerate()
    {
        List<BtfObjectInfo> list = [];
        uint id = 0;
        while (true)
        {
            IdAttr attr = new() { StartId = id };
            if (Bpf.Call(BpfCommand.BtfGetNextId, ref attr) < 0)
            {
                if (Libc.LastError == Errno.ENOENT) return list;
                throw new BpfSyscallException("enumerate BTF", Libc.LastError, Libc.LastError == Errno.EPERM ? EnumerateHint : null);
            }
            id = attr.NextId;
            IdAttr open = new() { BtfId = id };
            using var descriptor = Bpf.TryOpen(BpfCommand.BtfGetFdById, ref open, $"BTF {id}");
            if (descriptor is null)
            {
                // It went away between the two calls.
                if (Libc.LastError == Errno.ENOENT) continue;
                throw new BpfSyscallException($"open BTF {id}", Libc.LastError, Libc.LastError == Errno.EPERM ? EnumerateHint : null);
            }
            list.Add(ReadInfo(descriptor));
        }
    }

    /// <summary>Id, name and size.</summary>
    public BtfObjectInfo Info => ReadInfo(Descriptor);

    /// <summary>Reads the types back from the kernel.</summary>
    /// <param name="baseSpec">The base, for a module's types; vmlinux's when left out.</param>
    public BtfSpec ReadSpec(BtfSpec? baseSpec = null)
    {
        var info = Info;
        var data = new byte[info.Size];
        fixed (byte* p = data)
        {
            BtfInfoRaw raw = new() { Btf = (ulong)p, BtfSize = info.Size };
            if (!Bpf.TryGetInfo(Descriptor, ref raw)) throw new BpfSyscallException($"read BTF {info.Id}", Libc.LastError);
            if (raw.BtfSize < info.Size) data = data[..(int)raw.BtfSize];
        }
        string name = info.Name.Length != 0 ? info.Name : $"BTF {info.Id}";
        return BtfSpec.Parse(data, info.IsKernel && info.Name != "vmlinux" ? baseSpec ?? KernelBtf.Vmlinux : baseSpec, name);
    }

    /// <summary>Closes the descriptor. Programs and maps that use the types keep them in the kernel.</summary>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>As <see cref="KernelFeatures"/>, for a process whose right to load types is a token.</summary>
    internal static BtfFeatures FeaturesWith(BpfToken? token) => s_features ??= BtfProbe.Run(token);

    internal static FileDescriptor? TryLoad(ReadOnlySpan<byte> data, BpfToken? token, string name, ulong log, uint logSize, out uint trueSize)
    {
        fixed (byte* p = data)
        {
            BtfLoadAttr attr = new()
            {
                Btf = (ulong)p,
                BtfSize = (uint)data.Length,
                BtfLogBuf = log,
                BtfLogSize = logSize,
                BtfLogLevel = logSize == 0 ? 0u : 1,
            };
            if (token is not null)
            {
                attr.BtfFlags = 1u << 16; // BPF_F_TOKEN_FD
                attr.BtfTokenFd = token.Descriptor.Value;
            }
            var descriptor = Bpf.TryOpen(BpfCommand.BtfLoad, ref attr, $"BTF {name}");
            trueSize = attr.BtfLogTrueSize;
            return descriptor;
        }
    }

    private static BtfObjectInfo ReadInfo(FileDescriptor descriptor)
    {
        // The name is a module's or "vmlinux": at most MODULE_NAME_LEN (56) bytes.
        byte* name = stackalloc byte[64];
        new Span<byte>(name, 64).Clear();
        BtfInfoRaw raw = new() { Name = (ulong)name, NameLen = 64 };
        if (!Bpf.TryGetInfo(descriptor, ref raw))
        {
            // Kernels before 5.11 do not know the fields of the name and refuse a struct that sets them.
            raw = default;
            if (!Bpf.TryGetInfo(descriptor, ref raw)) throw new BpfSyscallException("read BTF info", Libc.LastError);
        }
        return new BtfObjectInfo(raw.Id, Bpf.ReadName(name, 64), raw.KernelBtf != 0, raw.BtfSize);
    }
}

/// <summary>What the kernel says of a set of types.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name"><c>vmlinux</c> or a module's name; empty for a program's.</param>
/// <param name="IsKernel">Whether it is the kernel's own, or a module's.</param>
/// <param name="Size">Bytes of raw BTF.</param>
public readonly record struct BtfObjectInfo(uint Id, string Name, bool IsKernel, uint Size);

/// <summary>The kernel refused a set of types.</summary>
public sealed class BtfLoadException : BpfSyscallException
{
    internal BtfLoadException(string name, Errno errno, string log, string? hint)
        : base($"load the types of '{name}'", errno, hint ?? Summary(log)) => Log = log;

    /// <summary>The whole log of the kernel's check; empty when it did not come that far.</summary>
    public string Log { get; }

    private static string? Summary(string log)
    {
        string? last = log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return last is null ? null : $"The kernel says: {last}";
    }
}
