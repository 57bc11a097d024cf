namespace Hornet.Vm.Execution;

/// <summary>
/// A stretch of the programs' address space with memory behind it. It is either one block, or elements of one size with
/// gaps between them, so that running off the end of a map's value is seen although the next value follows in memory.
/// </summary>
internal sealed unsafe class VmRegion
{
    /// <summary>What it is, for messages: <c>the packet</c>, <c>a value of map 'counts'</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The address of the first byte.</summary>
    public ulong Start { get; set; }

    /// <summary>Bytes of the block, or of one element.</summary>
    public ulong Size { get; set; }

    /// <summary>How many elements there are; 1 for a block.</summary>
    public ulong Count { get; set; } = 1;

    /// <summary>From one element's address to the next's.</summary>
    public ulong Stride { get; init; }

    /// <summary>From one element's memory to the next's.</summary>
    public ulong HostStride { get; init; }

    /// <summary>The memory. Whoever sets it keeps it where it is for as long as the region is used.</summary>
    public byte* Host { get; set; }

    /// <summary>What keeps the memory alive, when it is pinned managed memory.</summary>
    public byte[]? Owner { get; init; }

    /// <summary>Whether programs may write.</summary>
    public bool IsWritable { get; set; }

    /// <summary>Where only some bytes may be written: one bit for each. Null when <see cref="IsWritable"/> says it all.</summary>
    public ulong[]? WritableBytes { get; init; }

    /// <summary>A block of pinned managed memory.</summary>
    public static VmRegion OfBlock(string name, ulong start, byte[] pinned, bool writable)
    {
        fixed (byte* host = pinned) return new VmRegion { Name = name, Start = start, Size = (ulong)pinned.Length, Host = host, Owner = pinned, IsWritable = writable };
    }

    /// <summary>Whether the bytes from an offset on may be written.</summary>
    public bool AllowsWrite(ulong offset, uint size)
    {
        if (WritableBytes is null) return IsWritable;
        for (ulong at = offset; at < offset + size; at++)
        {
            if (at >> 6 >= (ulong)WritableBytes.Length || (WritableBytes[at >> 6] >> (int)(at & 63) & 1) == 0) return false;
        }
        return true;
    }
}

/// <summary>
/// A part of memory that an access was checked against, kept to check the next one quickly: as long as an address lies in
/// the window, nothing else need be asked. Zero sizes make an empty window, which every access misses.
/// </summary>
internal unsafe struct VmWindow
{
    /// <summary>The address of the first byte.</summary>
    public ulong Start;

    /// <summary>The memory of the first byte.</summary>
    public byte* Host;

    /// <summary>How many bytes can be read.</summary>
    public ulong Readable;

    /// <summary>How many bytes can be written: as many, or none.</summary>
    public ulong Writable;
}
