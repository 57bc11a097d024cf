namespace Hornet.Vm.Execution;

/// <summary>
/// The 64-bit space that programs see. The upper half of an address says which region it is in, so that arithmetic on a
/// pointer cannot reach another region unless it adds 4 GiB, and a number that was never a pointer rarely is one. Packets lie
/// in the lowest 4 GiB, because programs read their addresses from 32-bit context fields.
/// </summary>
internal static class VmAddress
{
    /// <summary>Below this, an access counts as one through a null pointer.</summary>
    public const ulong NullEnd = 1 << 16;

    public const uint PacketRegion = 0, ContextRegion = 1, StackRegion = 2;

    /// <summary>The first region that belongs to the machine and not to one run.</summary>
    public const uint FirstMachineRegion = 16;

    /// <summary>From here on, regions are records reserved during a run; a number is never used twice in a run.</summary>
    public const uint FirstRecordRegion = 0x4000_0000;

    /// <summary>The packet buffer's first byte; the packet begins after the headroom.</summary>
    public const ulong PacketBuffer = 0x1000_0000;

    public const ulong Context = (ulong)ContextRegion << 32 | 0x1_0000;

    /// <summary>The bytes of a stack frame, which is what the kernel gives a program.</summary>
    public const int FrameSize = 512;

    /// <summary>From one frame to the next. The gap between them makes overruns visible.</summary>
    public const int FrameStride = 1024;

    /// <summary>The lowest byte of the first frame.</summary>
    public const ulong Stack = (ulong)StackRegion << 32 | 0x1_0000;

    /// <summary>R10 of the frame at a depth: the end of the frame.</summary>
    public static ulong FrameEnd(int depth) => Stack + (ulong)depth * FrameStride + FrameSize;

    private const ulong FunctionTag = 0xf0UL << 56, MapTag = 0xf1UL << 56, TagMask = 0xffUL << 56;

    /// <summary>The address of a function: it can be called and passed on, not read.</summary>
    public static ulong OfFunction(uint program, int slot) => FunctionTag | (ulong)(program & 0xffffff) << 32 | (uint)slot;

    /// <summary>The address that stands for a map: it can be given to helpers, not read.</summary>
    public static ulong OfMap(uint id) => MapTag | id;

    public static bool IsMap(ulong value, out uint id)
    {
        id = (uint)value;
        return value == (MapTag | id);
    }

    public static bool IsFunction(ulong value, uint program, out int slot)
    {
        slot = (int)value;
        return value == OfFunction(program, slot);
    }
}
