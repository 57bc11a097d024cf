using Hornet.Interop;

namespace Hornet.Maps;

public sealed partial class BpfMap
{
    /// <summary>The numbers of all maps in the kernel, rising (4.13). Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<uint> ListIds() => ObjectIds.List(BpfCommand.MapGetNextId, "maps");

    /// <summary>
    /// Opens every map in the kernel, one after the other; the caller disposes each. Maps that go away meanwhile are
    /// left out.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IEnumerable<BpfMap> OpenAll()
    {
        foreach (uint id in ListIds())
        {
            if (ObjectIds.TryOpen(BpfCommand.MapGetFdById, id, "map") is { } descriptor) yield return FromDescriptor(descriptor);
        }
    }
}
