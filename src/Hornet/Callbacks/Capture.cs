using Hornet.Links;

namespace Hornet;

/// <summary>Where a program finds a value of its event.</summary>
internal enum CaptureFrom
{
    /// <summary>A number in the context: <see cref="Capture.At"/>, <see cref="Capture.Width"/> bytes.</summary>
    Word,

    /// <summary>Bytes in the context.</summary>
    Bytes,

    /// <summary>Bytes of the context whose place and length a number in it tells (<c>__data_loc</c>).</summary>
    DataLocation,

    /// <summary>The same, counted from behind that number (<c>__rel_loc</c>).</summary>
    RelativeLocation,

    /// <summary>An argument of a static probe: <see cref="Capture.At"/> is its number.</summary>
    Usdt,
}

/// <summary>Whose memory an address is in.</summary>
internal enum PointedMemory
{
    User,
    Kernel,

    /// <summary>A function's parameter does not say: the kernel's is tried first.</summary>
    Either,
}

/// <summary>One value on its way from the context into the record.</summary>
internal sealed record Capture(ProbeField Field, CaptureFrom From, int At, int Width = 8)
{
    /// <summary>For text: whose memory it is in.</summary>
    public PointedMemory Memory { get; init; }

    /// <summary>For a socket address: where its length is in the context, and whether that is an address too (the kernel fills both).</summary>
    public int LengthAt { get; init; } = -1;

    public bool LengthIsPointer { get; init; }

    /// <summary>Where the value is a number: how many bytes of it are written. A struct's field may be smaller or wider than the value.</summary>
    public int StoredBytes { get; init; } = 8;

    /// <summary>Whether the place is cleared first, since all of it is looked at: a field of the user's struct.</summary>
    public bool Clear { get; init; }

    public UsdtProbe? Probe { get; init; }
}

/// <summary>What one program copies.</summary>
internal sealed class CapturePlan(IReadOnlyList<Capture> captures, int recordSize)
{
    public IReadOnlyList<Capture> Captures { get; } = captures;

    public int RecordSize { get; } = recordSize;

    /// <summary>The same with room for the fields that the stages of a query make in the place of these.</summary>
    public CapturePlan WithRoomFor(IReadOnlyList<KernelStage> stages)
    {
        int most = stages.Count == 0 ? 0 : RecordLayout.Fields + stages.Max(stage => stage.FieldsSize);
        return most <= RecordSize ? this : new CapturePlan(Captures, (most + 7) / 8 * 8);
    }
}
