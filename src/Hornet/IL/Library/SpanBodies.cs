namespace Hornet.IL.Library;

/// <summary>Of <see cref="MemoryExtensions"/> what the search intrinsics do not have.</summary>
[Substitutes(typeof(MemoryExtensions))]
internal static class SpanBodies
{
    public static void Reverse<T>(Span<T> span)
    {
        for (int i = 0; i < span.Length / 2; i++)
        {
            int other = span.Length - 1 - i;
            (span[i], span[other]) = (span[other], span[i]);
        }
    }

    public static void Replace<T>(Span<T> span, T oldValue, T newValue) where T : IEquatable<T>
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (Same(span[i], oldValue)) span[i] = newValue;
        }
    }

    public static void Replace<T>(ReadOnlySpan<T> source, Span<T> destination, T oldValue, T newValue) where T : IEquatable<T>
    {
        var target = destination[..source.Length];
        for (int i = 0; i < source.Length; i++) target[i] = Same(source[i], oldValue) ? newValue : source[i];
    }

    public static int SequenceCompareTo<T>(ReadOnlySpan<T> span, ReadOnlySpan<T> other) where T : IComparable<T>
    {
        int shorter = span.Length < other.Length ? span.Length : other.Length;
        for (int i = 0; i < shorter; i++)
        {
            int order = span[i].CompareTo(other[i]);
            if (order != 0) return order;
        }
        return span.Length.CompareTo(other.Length);
    }

    public static int SequenceCompareTo<T>(Span<T> span, ReadOnlySpan<T> other) where T : IComparable<T> => SequenceCompareTo((ReadOnlySpan<T>)span, other);

    public static int CommonPrefixLength<T>(ReadOnlySpan<T> span, ReadOnlySpan<T> other)
    {
        int shorter = span.Length < other.Length ? span.Length : other.Length, same = 0;
        while (same < shorter && Same(span[same], other[same])) same++;
        return same;
    }

    public static int CommonPrefixLength<T>(Span<T> span, ReadOnlySpan<T> other) => CommonPrefixLength((ReadOnlySpan<T>)span, other);

    public static int IndexOfAnyInRange<T>(ReadOnlySpan<T> span, T lowInclusive, T highInclusive) where T : IComparable<T>
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (IsBetween(span[i], lowInclusive, highInclusive)) return i;
        }
        return -1;
    }

    public static int IndexOfAnyExceptInRange<T>(ReadOnlySpan<T> span, T lowInclusive, T highInclusive) where T : IComparable<T>
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (!IsBetween(span[i], lowInclusive, highInclusive)) return i;
        }
        return -1;
    }

    public static int IndexOfAnyInRange<T>(Span<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> => IndexOfAnyInRange((ReadOnlySpan<T>)span, lowInclusive, highInclusive);

    public static int IndexOfAnyExceptInRange<T>(Span<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> => IndexOfAnyExceptInRange((ReadOnlySpan<T>)span, lowInclusive, highInclusive);

    public static bool ContainsAnyInRange<T>(ReadOnlySpan<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> => IndexOfAnyInRange(span, lowInclusive, highInclusive) >= 0;

    public static bool ContainsAnyExceptInRange<T>(ReadOnlySpan<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> => IndexOfAnyExceptInRange(span, lowInclusive, highInclusive) >= 0;

    public static bool ContainsAnyInRange<T>(Span<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> => IndexOfAnyInRange((ReadOnlySpan<T>)span, lowInclusive, highInclusive) >= 0;

    public static bool ContainsAnyExceptInRange<T>(Span<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> => IndexOfAnyExceptInRange((ReadOnlySpan<T>)span, lowInclusive, highInclusive) >= 0;

    public static bool ContainsAnyExcept<T>(ReadOnlySpan<T> span, T value) where T : IEquatable<T> => span.IndexOfAnyExcept(value) >= 0;

    public static bool ContainsAnyExcept<T>(Span<T> span, T value) where T : IEquatable<T> => ((ReadOnlySpan<T>)span).IndexOfAnyExcept(value) >= 0;

    public static int LastIndexOfAny<T>(ReadOnlySpan<T> span, T value0, T value1) where T : IEquatable<T>
    {
        for (int left = span.Length; left > 0; left--)
        {
            if (Same(span[left - 1], value0) || Same(span[left - 1], value1)) return left - 1;
        }
        return -1;
    }

    public static int LastIndexOfAny<T>(ReadOnlySpan<T> span, T value0, T value1, T value2) where T : IEquatable<T>
    {
        for (int left = span.Length; left > 0; left--)
        {
            if (Same(span[left - 1], value0) || Same(span[left - 1], value1) || Same(span[left - 1], value2)) return left - 1;
        }
        return -1;
    }

    public static int LastIndexOfAny<T>(Span<T> span, T value0, T value1) where T : IEquatable<T> => LastIndexOfAny((ReadOnlySpan<T>)span, value0, value1);

    public static int LastIndexOfAnyExcept<T>(ReadOnlySpan<T> span, T value) where T : IEquatable<T>
    {
        for (int left = span.Length; left > 0; left--)
        {
            if (!Same(span[left - 1], value)) return left - 1;
        }
        return -1;
    }

    public static int LastIndexOfAnyExcept<T>(Span<T> span, T value) where T : IEquatable<T> => LastIndexOfAnyExcept((ReadOnlySpan<T>)span, value);

    public static int LastIndexOf<T>(ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>
    {
        for (int places = span.Length - value.Length + 1; places > 0; places--)
        {
            if (span.Slice(places - 1, value.Length).SequenceEqual(value)) return places - 1;
        }
        return -1;
    }

    public static int LastIndexOf<T>(Span<T> span, ReadOnlySpan<T> value) where T : IEquatable<T> => LastIndexOf((ReadOnlySpan<T>)span, value);

    public static int Count<T>(ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>
    {
        if (value.IsEmpty) return 0;
        int count = 0;
        for (int at = 0; at + value.Length <= span.Length;)
        {
            bool found = span.Slice(at, value.Length).SequenceEqual(value);
            if (found) count++;
            at += found ? value.Length : 1;
        }
        return count;
    }

    public static bool StartsWith<T>(ReadOnlySpan<T> span, T value) where T : IEquatable<T> => span.Length != 0 && Same(span[0], value);

    public static ReadOnlySpan<T> TrimStart<T>(ReadOnlySpan<T> span, T trimElement) where T : IEquatable<T> => span[Leading(span, trimElement)..];

    public static ReadOnlySpan<T> TrimEnd<T>(ReadOnlySpan<T> span, T trimElement) where T : IEquatable<T> => span[..(LastIndexOfAnyExcept(span, trimElement) + 1)];

    public static ReadOnlySpan<T> Trim<T>(ReadOnlySpan<T> span, T trimElement) where T : IEquatable<T>
    {
        int end = LastIndexOfAnyExcept(span, trimElement) + 1;
        return end == 0 ? default : span[..end][Leading(span, trimElement)..];
    }

    public static Span<T> TrimStart<T>(Span<T> span, T trimElement) where T : IEquatable<T> => span[Leading(span, trimElement)..];

    public static Span<T> TrimEnd<T>(Span<T> span, T trimElement) where T : IEquatable<T> => span[..(LastIndexOfAnyExcept((ReadOnlySpan<T>)span, trimElement) + 1)];

    private static int Leading<T>(ReadOnlySpan<T> span, T element)
    {
        int at = 0;
        while (at < span.Length && Same(span[at], element)) at++;
        return at;
    }

    private static bool Same<T>(T a, T b) => EqualityComparer<T>.Default.Equals(a, b);

    private static bool IsBetween<T>(T value, T low, T high) where T : IComparable<T> => value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0;
}
