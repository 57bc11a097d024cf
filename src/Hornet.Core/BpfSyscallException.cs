using Hornet.Interop;

namespace Hornet;

/// <summary>The kernel refused a system call. Carries the operation, the error number and, where known, the way out.</summary>
public class BpfSyscallException : BpfException
{
    /// <summary>Creates the exception; the message is put together from the parts.</summary>
    /// <param name="operation">What was asked, as a phrase: <c>create map 'counts' (hash)</c>.</param>
    /// <param name="errno">What the kernel answered.</param>
    /// <param name="hint">What the person can do about it; null when nothing is known.</param>
    /// <param name="inner">The underlying exception, if any.</param>
    public BpfSyscallException(string operation, Errno errno, string? hint = null, Exception? inner = null)
        : base(Describe(operation, errno, hint), inner)
    {
        Operation = operation;
        Errno = errno;
        Hint = hint;
    }

    /// <summary>What was asked of the kernel.</summary>
    public string Operation { get; }

    /// <summary>The kernel's answer.</summary>
    public Errno Errno { get; }

    /// <summary>What to do about it; null when nothing is known.</summary>
    public string? Hint { get; }

    private static string Describe(string operation, Errno errno, string? hint) =>
        hint is null ? $"{operation}: {errno.Describe()}" : $"{operation}: {errno.Describe()}. {hint}";
}
