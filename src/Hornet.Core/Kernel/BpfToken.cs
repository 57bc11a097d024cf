using System.Globalization;
using Hornet.Interop;

namespace Hornet.Kernel;

/// <summary>
/// A BPF token (6.9): rights that a privileged process delegated to a user namespace, in place of capabilities. The
/// privileged process mounts a BPF file system for the namespace with <c>delegate_cmds</c>, <c>delegate_maps</c>,
/// <c>delegate_progs</c> and <c>delegate_attachs</c>; a process inside that has <c>CAP_BPF</c> there makes a token of
/// it and hands it to what it creates and loads.
/// </summary>
/// <remarks>
/// Programs, maps and types made with the token need it no longer. What the program type wants besides (<c>CAP_PERFMON</c>,
/// <c>CAP_NET_ADMIN</c>) the process must have in its namespace.
/// </remarks>
public sealed class BpfToken : IDisposable
{
    private BpfToken(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The kernel's descriptor.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>What the token allows; null when the kernel does not tell.</summary>
    public TokenRights? Rights => ReadRights($"/proc/self/fdinfo/{Descriptor.Value}");

    /// <summary>Makes a token of a BPF file system that delegates (<c>BPF_TOKEN_CREATE</c>).</summary>
    /// <param name="path">Where it is mounted; its own root, no folder in it.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; the message says why.</exception>
    public static BpfToken Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int fd = Libc.Open(path, Libc.O_DIRECTORY | Libc.O_RDONLY | Libc.O_CLOEXEC);
        if (fd < 0) throw new BpfSyscallException($"open the BPF file system {path}", Libc.LastError);
        using FileDescriptor folder = new(fd, $"bpffs {path}");
        TokenCreateAttr attr = new() { BpffsFd = (uint)folder.Value };
        if (Bpf.TryOpen(BpfCommand.TokenCreate, ref attr, $"token of {path}") is { } descriptor) return new BpfToken(descriptor);
        var errno = Libc.LastError;
        if (errno == Errno.EINVAL && KernelVersion.Running < new KernelVersion(6, 9))
        {
            throw new BpfNotSupportedException("BPF tokens", UnsupportedCause.Version,
                $"create a BPF token of {path}: {errno.Describe()}. Tokens need Linux 6.9; this is {KernelVersion.Running}.", new Version(6, 9));
        }
        throw new BpfSyscallException($"create a BPF token of {path}", errno, errno switch
        {
            Errno.ENOENT => "The file system delegates nothing: it must be mounted with delegate_cmds, delegate_maps, delegate_progs and delegate_attachs, by a process with CAP_SYS_ADMIN in the first user namespace.",
            Errno.EPERM => "The file system belongs to another user namespace, the process lacks CAP_BPF in its own, or the path is a folder inside the file system.",
            Errno.EOPNOTSUPP => "Tokens are for user namespaces; in the first one there is nothing to delegate.",
            Errno.EINVAL => "The path is not the root of a BPF file system.",
            _ => null,
        });
    }

    /// <summary>Closes the descriptor. What was made with the token stays.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static TokenRights? ReadRights(string path)
    {
        Dictionary<string, ulong> masks = [];
        foreach (string line in File.ReadLines(path))
        {
            // allowed_cmds:	any    or    allowed_cmds:	0x21
            int colon = line.IndexOf(':');
            if (colon < 0 || !line.StartsWith("allowed_", StringComparison.Ordinal)) continue;
            string value = line[(colon + 1)..].Trim();
            if (value == "any") masks[line[..colon]] = ulong.MaxValue;
            else if (value.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong mask)) masks[line[..colon]] = mask;
        }
        return masks.Count == 0 ? null : new TokenRights(masks.GetValueOrDefault("allowed_cmds"), masks.GetValueOrDefault("allowed_maps"), masks.GetValueOrDefault("allowed_progs"), masks.GetValueOrDefault("allowed_attachs"));
    }
}

/// <summary>What a token allows: in each mask the bit with the number of the thing is set.</summary>
/// <param name="Commands">Commands of <c>bpf(2)</c>: map creation is 0, program loading 5, BTF loading 18.</param>
/// <param name="Maps">Kinds of maps, by <see cref="MapType"/>.</param>
/// <param name="Programs">Kinds of programs, by <see cref="ProgramType"/>.</param>
/// <param name="AttachTypes">Attach types, by <see cref="AttachType"/>.</param>
public readonly record struct TokenRights(ulong Commands, ulong Maps, ulong Programs, ulong AttachTypes)
{
    /// <summary>Whether maps of this kind may be made.</summary>
    public bool Allows(MapType type) => (Maps >> (int)type & 1) != 0;

    /// <summary>Whether programs of this kind may be loaded.</summary>
    public bool Allows(ProgramType type) => (Programs >> (int)type & 1) != 0;

    /// <summary>Whether programs for this attach type may be loaded.</summary>
    public bool Allows(AttachType type) => (AttachTypes >> (int)type & 1) != 0;
}
