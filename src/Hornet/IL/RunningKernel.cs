using Hornet.Compiler;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.IL;

/// <summary>What code is compiled for when nothing else is said: the kernel it is going to run in.</summary>
internal static class RunningKernel
{
    private static readonly Lazy<CompilerOptions> s_options = new(Find);

    /// <summary>The options for this kernel.</summary>
    public static CompilerOptions Options => s_options.Value;

    private static CompilerOptions Find()
    {
        // Elsewhere it can only run in a machine in user space.
        if (!OperatingSystem.IsLinux()) return new CompilerOptions { IsaLevel = IsaLevel.V4 };
        var version = KernelVersion.Running;
        return new CompilerOptions { IsaLevel = version >= new KernelVersion(6, 6) ? IsaLevel.V4 : IsaLevel.V3, FetchingAtomics = version >= new KernelVersion(5, 12), Kernel = new Version(version.Major, version.Minor) };
    }
}
