using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A program on a perf event (tracepoint, kprobe, uprobe, clock, counter). On Linux 5.15 and later it is a BPF link over
/// the event; before, the program is set on the event with an ioctl, and closing the event detaches it.
/// </summary>
public abstract class PerfLink : BpfLink
{
    internal static readonly AttachNeeds CookieNeeds = new("bpf_cookie", FirstKernel.PerfEventLink);

    private readonly List<FileDescriptor> _events = [];
    private readonly List<FileDescriptor> _links = [];
    private readonly string _description;

    private protected PerfLink(string description) => _description = description;

    /// <inheritdoc/>
    public override string Description => _description;

    /// <inheritdoc/>
    /// <remarks>Null before Linux 5.15, and for an attachment over several events (one per CPU), which is several links.</remarks>
    public override FileDescriptor? Descriptor => _links.Count == 1 && _events.Count == 1 ? _links[0] : null;

    /// <summary>The perf events under the attachment: one, or one per CPU.</summary>
    public IReadOnlyList<FileDescriptor> Events => _events;

    /// <summary>
    /// Puts the program on an event, and takes the event over. When the kernel refuses, everything attached so far is
    /// released and the refusal explained.
    /// </summary>
    private protected void AttachTo(FileDescriptor perfEvent, BpfProgram program, ulong cookie, in AttachNeeds needs)
    {
        _events.Add(Own(perfEvent));
        string operation = $"attach '{program.Name}' to {_description}";
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetFd = (uint)perfEvent.Value,
            AttachType = (uint)AttachType.PerfEvent,
            PerfEventBpfCookie = cookie,
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {_description}") is { } link)
        {
            _links.Add(Own(link));
        }
        else
        {
            var errno = Libc.LastError;
            if (errno != Errno.EINVAL) throw AttachError.Create(operation, errno, needs);
            // EINVAL: the kernel does not know perf links (before 5.15), or the program does not fit. The ioctl tells.
            if (cookie != 0) throw AttachError.Create(operation, errno, KernelFacts.Version < CookieNeeds.Since ? CookieNeeds : needs);
            if (!PerfEvent.TrySetBpf(perfEvent, program.Descriptor)) throw AttachError.Create(operation, Libc.LastError, needs);
        }
        if (!PerfEvent.TryEnable(perfEvent)) throw AttachError.Create($"enable {_description}", Libc.LastError, needs);
    }
}
