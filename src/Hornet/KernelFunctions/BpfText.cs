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

    /// <summary>Compares the beginnings of two texts, with ASCII letters alike in upper and lower case (<c>bpf_strncasecmp</c>, 7.0).</summary>
    /// <param name="text">The one.</param>
    /// <param name="other">The other.</param>
    /// <param name="most">How many bytes are compared at most.</param>
    public static int CompareIgnoringCase(this KernelString text, ReadOnlySpan<byte> other, ulong most) => CompareStart(text, ref MemoryMarshal.GetReference(other), most);

    /// <summary>The length in bytes, without the zero (<c>bpf_strlen</c>).</summary>
    [KernelFunction("bpf_strlen")]
    public static int GetLength(this KernelString text) => throw KernelOnly.Error();

    /// <summary>The length in bytes, at most a number of them (<c>bpf_strnlen</c>).</summary>
    [KernelFunction("bpf_strnlen")]
    public static int GetLength(this KernelString text, ulong most) => throw KernelOnly.Error();

    /// <summary>Where a byte is first (<c>bpf_strchr</c>); -2 (ENOENT) where it is not.</summary>
    [KernelFunction("bpf_strchr")]
    public static int IndexOf(this KernelString text, sbyte wanted) => throw KernelOnly.Error();

    /// <summary>Where a byte is first among the first bytes (<c>bpf_strnchr</c>); -2 (ENOENT) where it is not.</summary>
    /// <param name="text">The text.</param>
    /// <param name="wanted">What is looked for.</param>
    /// <param name="most">How many bytes are looked at.</param>
    public static int IndexOf(this KernelString text, sbyte wanted, ulong most) => FindByte(text, most, wanted);

    /// <summary>Where a byte is first (<c>bpf_strchrnul</c>); the text's length where it is not.</summary>
    [KernelFunction("bpf_strchrnul")]
    public static int IndexOfOrEnd(this KernelString text, sbyte wanted) => throw KernelOnly.Error();

    /// <summary>Where a byte is last (<c>bpf_strrchr</c>); -2 (ENOENT) where it is not.</summary>
    [KernelFunction("bpf_strrchr")]
    public static int LastIndexOf(this KernelString text, int wanted) => throw KernelOnly.Error();

    /// <summary>Where another text is in it (<c>bpf_strstr</c>); -2 (ENOENT) where it is not.</summary>
    public static int IndexOf(this KernelString text, ReadOnlySpan<byte> wanted) => Find(text, ref MemoryMarshal.GetReference(wanted));

    /// <summary>Where another text is in the first bytes of it (<c>bpf_strnstr</c>); -2 (ENOENT) where it is not.</summary>
    /// <param name="text">The text.</param>
    /// <param name="wanted">What is looked for.</param>
    /// <param name="most">How many bytes are looked at.</param>
    public static int IndexOf(this KernelString text, ReadOnlySpan<byte> wanted, ulong most) => FindStart(text, ref MemoryMarshal.GetReference(wanted), most);

    /// <summary>Where another text is in it, with ASCII letters alike in upper and lower case (<c>bpf_strcasestr</c>, 6.19); -2 (ENOENT) where it is not.</summary>
    public static int IndexOfIgnoringCase(this KernelString text, ReadOnlySpan<byte> wanted) => FindCase(text, ref MemoryMarshal.GetReference(wanted));

    /// <summary>Where another text is in the first bytes of it, with ASCII letters alike in upper and lower case (<c>bpf_strncasestr</c>, 6.19); -2 (ENOENT) where it is not.</summary>
    /// <param name="text">The text.</param>
    /// <param name="wanted">What is looked for.</param>
    /// <param name="most">How many bytes are looked at.</param>
    public static int IndexOfIgnoringCase(this KernelString text, ReadOnlySpan<byte> wanted, ulong most) => FindCaseStart(text, ref MemoryMarshal.GetReference(wanted), most);

    /// <summary>How many bytes at its beginning are among others (<c>bpf_strspn</c>).</summary>
    public static int CountOf(this KernelString text, ReadOnlySpan<byte> accepted) => Span(text, ref MemoryMarshal.GetReference(accepted));

    /// <summary>How many bytes at its beginning are not among others (<c>bpf_strcspn</c>).</summary>
    public static int CountUntil(this KernelString text, ReadOnlySpan<byte> rejected) => SpanUntil(text, ref MemoryMarshal.GetReference(rejected));

    [KernelFunction("bpf_strcmp")]
    private static int Compare(KernelString text, ref byte other) => throw KernelOnly.Error();

    [KernelFunction("bpf_strcasecmp")]
    private static int CompareCase(KernelString text, ref byte other) => throw KernelOnly.Error();

    [KernelFunction("bpf_strncasecmp")]
    private static int CompareStart(KernelString text, ref byte other, ulong most) => throw KernelOnly.Error();

    [KernelFunction("bpf_strnstr")]
    private static int FindStart(KernelString text, ref byte wanted, ulong most) => throw KernelOnly.Error();

    [KernelFunction("bpf_strcasestr")]
    private static int FindCase(KernelString text, ref byte wanted) => throw KernelOnly.Error();

    [KernelFunction("bpf_strncasestr")]
    private static int FindCaseStart(KernelString text, ref byte wanted, ulong most) => throw KernelOnly.Error();

    [KernelFunction("bpf_strnchr")]
    private static int FindByte(KernelString text, ulong most, sbyte wanted) => throw KernelOnly.Error();

    [KernelFunction("bpf_strstr")]
    private static int Find(KernelString text, ref byte wanted) => throw KernelOnly.Error();

    [KernelFunction("bpf_strspn")]
    private static int Span(KernelString text, ref byte accepted) => throw KernelOnly.Error();

    [KernelFunction("bpf_strcspn")]
    private static int SpanUntil(KernelString text, ref byte rejected) => throw KernelOnly.Error();
}
