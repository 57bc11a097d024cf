using Hornet.Compiler;
using Hornet.IL;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet;

/// <summary>
/// Compiles C# to kernel programs, loads and attaches them, and owns what it made: disposing it detaches everything.
/// </summary>
/// <remarks>
/// A lambda becomes a program as it is when the method is called: captured numbers and read-only fields are constants of
/// it, captured maps are the same maps in the kernel.
/// </remarks>
public sealed partial class BpfSession : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>What kernel code is compiled for; null for the running kernel.</summary>
    internal CompilerOptions? Options { get; init; }

    /// <summary>Runs kernel code at a tracepoint (4.7).</summary>
    /// <param name="tracepoint">Written <c>group:name</c>, as in <c>sched:sched_switch</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public TracepointLink AttachTracepoint(string tracepoint, [KernelCode] Action kernel)
    {
        ArgumentException.ThrowIfNullOrEmpty(tracepoint);
        ArgumentNullException.ThrowIfNull(kernel);
        var program = Load(KernelCode.Tracepoint(tracepoint, kernel));
        return Own(TracepointLink.Attach(program, tracepoint));
    }

    /// <summary>Runs kernel code for every packet that an interface receives (4.8).</summary>
    /// <param name="interfaceName">The interface: <c>eth0</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public XdpLink AttachXdp(string interfaceName, [KernelCode] Func<XdpContext, XdpAction> kernel, XdpOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(interfaceName);
        ArgumentNullException.ThrowIfNull(kernel);
        return Own(XdpLink.Attach(LoadXdp(kernel), interfaceName, options));
    }

    /// <summary>Loads kernel code for packets without attaching it: to run it on test packets with <see cref="BpfProgram.TestRun(ReadOnlyMemory{byte}, int)"/>.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadXdp([KernelCode] Func<XdpContext, XdpAction> kernel, string name = "xdp")
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return Load(KernelCode.Xdp(name, kernel));
    }

    /// <summary>Detaches and unloads everything, the newest first.</summary>
    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
        _owned.Clear();
    }

    private BpfProgram Load(KernelCode code)
    {
        var loaded = Own(code.Compile(Options, Prints).Load());
        return loaded.Programs[code.Name];
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
