using Hornet.Interop;

namespace Hornet.Objects;

/// <summary>
/// A BPF token (6.9): rights that a privileged process delegated to whoever may open a BPF file system of a user namespace.
/// </summary>
internal static class BpfToken
{
    public static FileDescriptor Create(string path)
    {
        int fd = Libc.Open(path, Libc.O_DIRECTORY | Libc.O_RDONLY | Libc.O_CLOEXEC);
        if (fd < 0) throw new BpfSyscallException($"open the BPF file system {path}", Libc.LastError);
        using FileDescriptor folder = new(fd, $"bpffs {path}");
        TokenCreateAttr attr = new() { BpffsFd = (uint)folder.Value };
        return Bpf.TryOpen(BpfCommand.TokenCreate, ref attr, $"token of {path}")
            ?? throw new BpfSyscallException($"create a BPF token of {path}", Libc.LastError, Libc.LastError switch
            {
                Errno.ENOENT => "The file system delegates nothing: mount it with delegate_cmds, delegate_maps, delegate_progs and delegate_attachs",
                Errno.EPERM => "The file system belongs to another user namespace, or the process lacks CAP_BPF in its own",
                Errno.EOPNOTSUPP => "Tokens are for user namespaces; in the first one there is nothing to delegate",
                Errno.EINVAL => "The path is not the root of a BPF file system, or the kernel is older than 6.9",
                _ => null,
            });
    }
}
