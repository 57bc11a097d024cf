using Hornet.Interop;

namespace Hornet.Links;

/// <summary>An attachment that is a link object of the kernel, held by a descriptor: closing the last one detaches.</summary>
public class BpfFdLink : BpfLink
{
    private readonly string _description;

    /// <summary>Takes over the descriptor of a link.</summary>
    internal BpfFdLink(FileDescriptor descriptor, string description)
    {
        _description = description;
        Descriptor = Own(descriptor);
    }

    /// <inheritdoc/>
    public override string Description => _description;

    /// <inheritdoc/>
    public override FileDescriptor Descriptor { get; }

    /// <summary>Opens a pinned link (<c>BPF_OBJ_GET</c>). The pin stays when the link is disposed; <see cref="BpfLink.Unpin"/> removes it.</summary>
    public static BpfFdLink OpenPinned(string path)
    {
        var descriptor = Pinning.Open(path, "link");
        try
        {
            // The path may hold a map or a program: the kernel then fills another kind of info, so its type is asked first.
            if (!LinkOperations.IsLink(descriptor))
                throw new BpfException($"What is pinned at '{path}' is not a link.");
            var info = LinkInfo.Of(descriptor);
            return new BpfFdLink(descriptor, info.Describe()) { PinnedPath = path };
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Opens a link by its id (<c>BPF_LINK_GET_FD_BY_ID</c>, 5.8). Needs CAP_SYS_ADMIN.</summary>
    /// <returns>Null when there is no link of that id (any more).</returns>
    public static BpfFdLink? OpenById(uint id)
    {
        var descriptor = LinkOperations.OpenById(id);
        if (descriptor is null) return null;
        try
        {
            return new BpfFdLink(descriptor, LinkInfo.Of(descriptor).Describe());
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What the kernel says about every link there is, in the order of their ids. Needs CAP_SYS_ADMIN. Links that go away
    /// during the enumeration are left out.
    /// </summary>
    public static IEnumerable<LinkInfo> Enumerate()
    {
        for (uint id = 0; LinkOperations.NextId(id) is { } next; id = next)
        {
            using var descriptor = LinkOperations.OpenById(next);
            if (descriptor is not null) yield return LinkInfo.Of(descriptor);
        }
    }
}
