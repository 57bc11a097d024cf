namespace Hornet;

/// <summary>Counts through a range: <c>foreach (int i in 0..8)</c>, in kernel code and elsewhere.</summary>
public static class RangeEnumerable
{
    /// <summary>The numbers of a range, without its end. Both ends count from the start.</summary>
    /// <remarks>In kernel code the end must be constant or bounded, as that of every loop: <c>0..Math.Min(count, 64)</c>.</remarks>
    public static Enumerator GetEnumerator(this Range range) => new(range);

    /// <summary>A number after the other.</summary>
    public struct Enumerator
    {
        private readonly int _end;
        private int _next;

        internal Enumerator(Range range)
        {
            if (range.Start.IsFromEnd || range.End.IsFromEnd) RefuseFromEnd();
            _next = range.Start.Value;
            _end = range.End.Value;
            Current = 0;
        }

        /// <summary>The number.</summary>
        public int Current { get; private set; }

        /// <summary>Goes to the next one; false at the end.</summary>
        public bool MoveNext()
        {
            if (_next >= _end) return false;
            Current = _next++;
            return true;
        }

        private static void RefuseFromEnd() => throw new ArgumentException("A range that is walked through has no end to count from: write 0..8, not ..^1.");
    }
}
