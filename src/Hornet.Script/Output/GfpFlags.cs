namespace Hornet.Script.Output;

/// <summary>The flags of the kernel's allocations by name (<c>%gr</c>), as its own trace events write them: combinations first, then single ones.</summary>
internal static class GfpFlags
{
    // Bits of include/linux/gfp_types.h (6.x).
    private const ulong Dma = 1 << 0, HighMem = 1 << 1, Dma32 = 1 << 2, Movable = 1 << 3, High = 1 << 5, Io = 1 << 6, Fs = 1 << 7, Zero = 1 << 8,
        DirectReclaim = 1 << 10, KswapdReclaim = 1 << 11, WriteHint = 1 << 12, NoWarn = 1 << 13, RetryMayFail = 1 << 14, NoFail = 1 << 15,
        NoRetry = 1 << 16, MemAlloc = 1 << 17, Comp = 1 << 18, NoMemAlloc = 1 << 19, HardWall = 1 << 20, ThisNode = 1 << 21, Account = 1 << 22,
        ZeroTags = 1 << 23, SkipZero = 1 << 24, SkipKasan = 1 << 25, NoObjExt = 1 << 26;

    private const ulong Reclaim = DirectReclaim | KswapdReclaim, Kernel = Reclaim | Io | Fs, User = Kernel | HardWall, HighUser = User | HighMem,
        HighUserMovable = HighUser | Movable | SkipKasan, TransHugeLight = (HighUserMovable | Comp | NoMemAlloc | NoWarn) & ~Reclaim;

    private static readonly (ulong Bits, string Name)[] s_names =
    [
        (TransHugeLight | DirectReclaim, "GFP_TRANSHUGE"), (TransHugeLight, "GFP_TRANSHUGE_LIGHT"), (HighUserMovable, "GFP_HIGHUSER_MOVABLE"),
        (HighUser, "GFP_HIGHUSER"), (User, "GFP_USER"), (Kernel | Account, "GFP_KERNEL_ACCOUNT"), (Kernel, "GFP_KERNEL"), (Reclaim | Io, "GFP_NOFS"),
        (High | KswapdReclaim, "GFP_ATOMIC"), (Reclaim, "GFP_NOIO"), (KswapdReclaim | NoWarn, "GFP_NOWAIT"), (Dma, "GFP_DMA"), (HighMem, "__GFP_HIGHMEM"),
        (Dma32, "GFP_DMA32"), (High, "__GFP_HIGH"), (Io, "__GFP_IO"), (Fs, "__GFP_FS"), (Zero, "__GFP_ZERO"), (DirectReclaim, "__GFP_DIRECT_RECLAIM"),
        (KswapdReclaim, "__GFP_KSWAPD_RECLAIM"), (WriteHint, "__GFP_WRITE"), (NoWarn, "__GFP_NOWARN"), (RetryMayFail, "__GFP_RETRY_MAYFAIL"),
        (NoFail, "__GFP_NOFAIL"), (NoRetry, "__GFP_NORETRY"), (MemAlloc, "__GFP_MEMALLOC"), (Comp, "__GFP_COMP"), (NoMemAlloc, "__GFP_NOMEMALLOC"),
        (HardWall, "__GFP_HARDWALL"), (ThisNode, "__GFP_THISNODE"), (Account, "__GFP_ACCOUNT"), (ZeroTags, "__GFP_ZEROTAGS"),
        (SkipZero, "__GFP_SKIP_ZERO"), (SkipKasan, "__GFP_SKIP_KASAN"), (NoObjExt, "__GFP_NO_OBJ_EXT"),
    ];

    public static void Write(ByteWriter writer, ulong flags)
    {
        if (flags == 0)
        {
            writer.Byte((byte)'0');
            return;
        }
        bool isFirst = true;
        foreach (var (bits, name) in s_names)
        {
            if ((flags & bits) != bits) continue;
            if (!isFirst) writer.Byte((byte)'|');
            isFirst = false;
            writer.Text(name);
            flags &= ~bits;
        }
        if (flags == 0) return;
        if (!isFirst) writer.Byte((byte)'|');
        writer.Bytes("0x"u8);
        writer.Hex(flags);
    }
}
