using Hornet.Interop;

namespace Hornet.Features;

/// <summary>
/// Turns the kernel's error number into the exception a person can use: is the feature not there, and why, or is it a
/// matter of rights, or of what was asked for?
/// </summary>
internal static class FeatureExplainer
{
    /// <summary>
    /// The exception for a refused operation that stands or falls with a feature. A permission error stays one, with the
    /// missing capability named; where the kernel lacks the feature, that is said with version and cause; otherwise the
    /// error is about the request, and <paramref name="hint"/> says what about it.
    /// </summary>
    /// <param name="feature">What the operation needs.</param>
    /// <param name="operation">What was asked: <c>attach 'count' to …</c>.</param>
    /// <param name="errno">What the kernel answered.</param>
    /// <param name="hint">What else may be the matter, when the feature is not.</param>
    public static BpfException Explain(KernelFeature feature, string operation, Errno errno, string? hint = null)
    {
        if (errno is Errno.EPERM or Errno.EACCES)
            return new BpfSyscallException(operation, errno, FeatureJudge.Permission(feature).Detail + (hint is null ? "" : " " + hint));

        if (errno is Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOTSUPP or Errno.ENOSYS or Errno.E2BIG or Errno.ENODEV or Errno.ENOENT or Errno.EBADF)
        {
            var result = feature.Probe();
            if (result.State == FeatureState.Unavailable)
            {
                return new BpfNotSupportedException(feature.Name, result.Cause ?? UnsupportedCause.Unknown,
                    $"{operation}: {errno.Describe()}. {result.Detail}", feature.MinimumVersion, new BpfSyscallException(operation, errno));
            }
        }
        return new BpfSyscallException(operation, errno, hint);
    }
}
