using Hornet.Interop;

namespace Hornet.Programs;

/// <summary>A program in the kernel. Owns its descriptor: the program lives until this, every link and every pin are gone.</summary>
public sealed partial class BpfProgram : IDisposable
{
    internal BpfProgram(FileDescriptor descriptor, string name, ProgramType type, AttachType? attachType = null)
    {
        Descriptor = descriptor;
        Name = name;
        Type = type;
        AttachType = attachType;
    }

    /// <summary>The kernel's descriptor.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>The program's kind.</summary>
    public ProgramType Type { get; }

    /// <summary>
    /// The attach type it was loaded for. Null for a program that was opened rather than loaded, since the kernel does not
    /// tell: set it where an attachment has to know (sessions, cgroup and sockmap hooks).
    /// </summary>
    public AttachType? AttachType { get; set; }

    /// <summary>What the verifier wrote when the program was loaded, where <see cref="ProgramLoadOptions.LogLevel"/> asked for it; else empty.</summary>
    public string VerifierLog { get; init; } = "";

    /// <summary>Has the kernel verify and translate a program.</summary>
    /// <remarks>
    /// Needs <c>CAP_BPF</c>, for tracing programs also <c>CAP_PERFMON</c>, for networking ones <c>CAP_NET_ADMIN</c>
    /// (before 5.8 <c>CAP_SYS_ADMIN</c>), or a token. Signals do not disturb the load: those that can be blocked are,
    /// and the kernel's EAGAIN is tried again.
    /// </remarks>
    /// <param name="spec">The program.</param>
    /// <param name="options">What it refers to; null for a program that refers to nothing.</param>
    /// <exception cref="VerifierException">The kernel refused; the exception says why and has the whole log.</exception>
    /// <exception cref="BpfException">The program refers to something that was not given.</exception>
    public static BpfProgram Load(ProgramSpec spec, ProgramLoadOptions? options = null) =>
        ProgramLoader.Load(spec, options ?? ProgramLoadOptions.Default);

    /// <summary>Closes the descriptor. Links made from the program keep it in the kernel.</summary>
    public void Dispose() => Descriptor.Dispose();
}
