using Hornet.Interop;

namespace Hornet.Features;

/// <summary>What the kernel's answer to one probe says, before it is held against version and configuration.</summary>
/// <param name="State">What the answer proves.</param>
/// <param name="Errno">The kernel's answer; none when it did what was asked.</param>
/// <param name="Note">What else is known, for the detail.</param>
internal readonly record struct ProbeAnswer(FeatureState State, Errno Errno = Errno.None, string Note = "")
{
    public static ProbeAnswer Yes => new(FeatureState.Available);

    public static ProbeAnswer No(Errno errno = Errno.None, string note = "") => new(FeatureState.Unavailable, errno, note);

    public static ProbeAnswer Unclear(Errno errno = Errno.None, string note = "") => new(FeatureState.Undetermined, errno, note);

    public static ProbeAnswer If(bool there, string note = "") => there ? Yes : No(Errno.None, note);

    /// <summary>
    /// The usual reading of a refusal: what is not known is invalid or not supported; not permitted, out of memory and
    /// the like say nothing.
    /// </summary>
    public static ProbeAnswer Of(Errno errno, string note = "") => errno switch
    {
        Errno.None => Yes,
        Errno.EINVAL or Errno.E2BIG or Errno.EOPNOTSUPP or Errno.ENOTSUPP or Errno.ENOSYS => No(errno, note),
        _ => Unclear(errno, note),
    };

    /// <summary>For calls with a wrong target: the kernel knows the call exactly when it complains of the target.</summary>
    public static ProbeAnswer Complains(Errno errno, params ReadOnlySpan<Errno> ofTarget) => ofTarget.Contains(errno) ? Yes : Of(errno);
}
