using Hornet.Interop;

namespace Hornet.Links;

/// <summary>The commands of <c>bpf(2)</c> that work on any link, with the reason when the kernel says no.</summary>
internal static class LinkOperations
{
    private const uint BpfFReplace = 1 << 2;

    public static void Update(FileDescriptor link, string description, FileDescriptor replacement, FileDescriptor? expectedOld)
    {
        LinkUpdateAttr attr = new()
        {
            LinkFd = (uint)link.Value,
            NewProgFd = (uint)replacement.Value,
            Flags = expectedOld is null ? 0 : BpfFReplace,
            OldProgFd = expectedOld is null ? 0 : (uint)expectedOld.Value,
        };
        if (Bpf.Call(BpfCommand.LinkUpdate, ref attr) >= 0) return;
        var errno = Libc.LastError;
        throw new BpfSyscallException($"update link '{description}'", errno, errno switch
        {
            // Every kind that can be updated answers EPERM when the old program is not the expected one.
            Errno.EPERM or Errno.EINVAL when expectedOld is not null => "The program attached now is not the expected one, or this kind of link cannot be updated.",
            Errno.EINVAL => "Links of this kind cannot be updated, or the new program is of another type: dispose the link and attach anew.",
            Errno.ENOLINK => "The link was detached, or its interface, cgroup or namespace is gone.",
            _ => null,
        });
    }

    public static void Detach(FileDescriptor link, string description)
    {
        LinkDetachAttr attr = new() { LinkFd = (uint)link.Value };
        if (Bpf.Call(BpfCommand.LinkDetach, ref attr) >= 0) return;
        var errno = Libc.LastError;
        throw errno is Errno.EOPNOTSUPP or Errno.EINVAL
            ? new BpfNotSupportedException("link detach", UnsupportedCause.Unknown,
                $"Links of this kind ('{description}') cannot be detached by force: dispose the link, and unpin it where it is pinned.", new Version(5, 9))
            : new BpfSyscallException($"detach link '{description}'", errno);
    }

    public static FileDescriptor? OpenById(uint id)
    {
        IdAttr attr = new() { LinkId = id };
        if (Bpf.TryOpen(BpfCommand.LinkGetFdById, ref attr, $"link id {id}") is { } descriptor) return descriptor;
        var errno = Libc.LastError;
        // EAGAIN: the link has an id but is not settled yet (link->id is published before the descriptor).
        return errno is Errno.ENOENT or Errno.EAGAIN
            ? null
            : throw new BpfSyscallException($"open link {id}", errno, errno == Errno.EPERM ? "Opening links by id needs CAP_SYS_ADMIN." : null);
    }

    public static uint? NextId(uint id)
    {
        IdAttr attr = new() { StartId = id };
        if (Bpf.Call(BpfCommand.LinkGetNextId, ref attr) >= 0) return attr.NextId;
        var errno = Libc.LastError;
        return errno == Errno.ENOENT
            ? null
            : throw new BpfSyscallException("list links", errno, errno switch
            {
                Errno.EPERM => "Listing links needs CAP_SYS_ADMIN.",
                Errno.EINVAL => "Listing links needs Linux 5.8.",
                _ => null,
            });
    }

    /// <summary>Whether the descriptor stands for a link: its file is named so in /proc (<c>anon_inode:bpf_link</c>, <c>bpf-link</c> before 5.8).</summary>
    public static bool IsLink(FileDescriptor descriptor)
    {
        var target = new FileInfo($"/proc/self/fd/{descriptor.Value}").LinkTarget;
        // 6.10+ names some links apart: anon_inode:[perf_link], [uprobe_multi_link], [kprobe_multi_link].
        return target is not null && (target.Contains("bpf-link", StringComparison.Ordinal) || target.Contains("_link", StringComparison.Ordinal));
    }
}
