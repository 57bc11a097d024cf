namespace Hornet.Kernel;

/// <summary>How far the kernel is locked against its own root user (<c>kernel_lockdown(7)</c>, 5.4).</summary>
public enum LockdownMode
{
    /// <summary>Not at all, or the kernel has no lockdown.</summary>
    None,
    /// <summary>Against changing the kernel. BPF still works, but programs may not write user memory.</summary>
    Integrity,
    /// <summary>Also against reading it: kernel memory, kprobes and tracing are refused.</summary>
    Confidentiality,
}

/// <summary>The lockdown mode of the running kernel.</summary>
public static class Lockdown
{
    /// <summary>
    /// The mode now. It only ever rises while a kernel runs. Read from <c>/sys/kernel/security/lockdown</c> where
    /// securityfs is mounted; null when it is not, so that nobody takes "unknown" for "none".
    /// </summary>
    public static LockdownMode? Current
    {
        get
        {
            string? securityfs = Mounts.Find("securityfs")?.Path;
            if (securityfs is null) return null;
            try
            {
                return Parse(File.ReadAllText(Path.Combine(securityfs, "lockdown")));
            }
            catch (FileNotFoundException)
            {
                return LockdownMode.None;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Reads <c>none [integrity] confidentiality</c>: the mode in brackets is the one in force.</summary>
    internal static LockdownMode? Parse(string text)
    {
        int open = text.IndexOf('[', StringComparison.Ordinal), close = text.IndexOf(']', StringComparison.Ordinal);
        if (open < 0 || close < open) return null;
        return text[(open + 1)..close] switch
        {
            "none" => LockdownMode.None,
            "integrity" => LockdownMode.Integrity,
            "confidentiality" => LockdownMode.Confidentiality,
            _ => null,
        };
    }
}
