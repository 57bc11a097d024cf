namespace Hornet;

/// <summary>Why something cannot be had on the running kernel.</summary>
public enum UnsupportedCause
{
    /// <summary>The kernel is older than the feature.</summary>
    Version,
    /// <summary>The kernel was built without the configuration option it needs.</summary>
    Config,
    /// <summary>The kernel's lockdown mode forbids it.</summary>
    Lockdown,
    /// <summary>The process lacks a capability, or a sysctl or token forbids it. Nothing is said about the kernel.</summary>
    Permission,
    /// <summary>The kernel refused, and the reason could not be established.</summary>
    Unknown,
}

/// <summary>A feature is not available on the running kernel, or not to this process.</summary>
public sealed class BpfNotSupportedException : BpfException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="feature">The feature's name, as in <c>hornet feature</c>.</param>
    /// <param name="cause">Why it cannot be had.</param>
    /// <param name="message">The whole sentence, with what to do about it.</param>
    /// <param name="minimumVersion">The first kernel that has it, where known.</param>
    /// <param name="inner">The underlying exception, if any.</param>
    public BpfNotSupportedException(string feature, UnsupportedCause cause, string message, Version? minimumVersion = null, Exception? inner = null)
        : base(message, inner)
    {
        Feature = feature;
        Cause = cause;
        MinimumVersion = minimumVersion;
    }

    /// <summary>The feature's name.</summary>
    public string Feature { get; }

    /// <summary>Why it cannot be had.</summary>
    public UnsupportedCause Cause { get; }

    /// <summary>The first kernel version that has it; null when unknown.</summary>
    public Version? MinimumVersion { get; }
}
