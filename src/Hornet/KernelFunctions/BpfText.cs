using System.Runtime.InteropServices;
using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// Text that ends with a zero, in kernel code (6.17). A text of the program's own is a span whose bytes end with a zero, as
/// those of UTF-8 literals do. Reading stops after 4096 bytes. Negative results are errors: -34 (ERANGE) where a text is
/// too long or not readable.
/// </summary>
public static class BpfText
{
    /// <summary>Compares two texts (<c>bpf_strcmp</c>).</summary>
    /// <returns>0 when they are equal, -1 when this one comes first, 1 when the other does.</returns>
    [KernelFunction("bpf_strcmp")]
    public static int CompareTo(this KernelString text, KernelString other) => throw KernelOnly.Error();

    /// <inheritdoc cref="CompareTo(KernelString, KernelString)"/>
    public static int CompareTo(this KernelString text, ReadOnlySpan<byte> other) => Compare(text, ref MemoryMarshal.GetReference(other));

    /// <summary>Compares two texts, with ASCII letters alike in upper and lower case (<c>bpf_strcasecmp</c>, 6.18).</summary>
    public static int CompareIgnoringCase(this KernelString text, ReadOnlySpan<byte> other) => CompareCase(text, ref MemoryMarshal.GetReference(other));

    /// <summary>The length in bytes, without the zero (<c>bpf_strlen</c>).</summary>
    [KernelFunction("bpf_strlen")]
    public static int GetLength(this KernelString text) => throw KernelOnly.Error();

    /// <summary>The length in bytes, at most a number of them (<c>bpf_strnlen</c>).</summary>
    [KernelFunction("bpf_strnlen")]
    public static int GetLength(this KernelString text, ulong most) => throw KernelOnly.Error();

    /// <summary>Where a byte is first (<c>bpf_strchr</c>); -2 (ENOENT) where it is not.</summary>
    [KernelFunction("bpf_strchr")]
    public static int IndexOf(this KernelString text, sbyte wanted) => throw KernelOnly.Error();

    /// <summary>Where a byte is last (<c>bpf_strrchr</c>); -2 (ENOENT) where it is not.</summary>
    [KernelFunction("bpf_strrchr")]
    public static int LastIndexOf(this KernelString text, int wanted) => throw KernelOnly.Error();

    /// <summary>Where another text is in it (<c>bpf_strstr</c>); -2 (ENOENT) where it is not.</summary>
    public static int IndexOf(this KernelString text, ReadOnlySpan<byte> wanted) => Find(text, ref MemoryMarshal.GetReference(wanted));

    /// <summary>How many bytes at its beginning are among others (<c>bpf_strspn</c>).</summary>
    public static int CountOf(this KernelString text, ReadOnlySpan<byte> accepted) => Span(text, ref MemoryMarshal.GetReference(accepted));

    /// <summary>How many bytes at its beginning are not among others (<c>bpf_strcspn</c>).</summary>
    public static int CountUntil(this KernelString text, ReadOnlySpan<byte> rejected) => SpanUntil(text, ref MemoryMarshal.GetReference(rejected));

    [KernelFunction("bpf_strcmp")]
    private static int Compare(KernelString text, ref byte other) => throw KernelOnly.Error();

    [KernelFunction("bpf_strcasecmp")]
    private static int CompareCase(KernelString text, ref byte other) => throw KernelOnly.Error();

    [KernelFunction("bpf_strstr")]
    private static int Find(KernelString text, ref byte wanted) => throw KernelOnly.Error();

    [KernelFunction("bpf_strspn")]
    private static int Span(KernelString text, ref byte accepted) => throw KernelOnly.Error();

    [KernelFunction("bpf_strcspn")]
    private static int SpanUntil(KernelString text, ref byte rejected) => throw KernelOnly.Error();
}
