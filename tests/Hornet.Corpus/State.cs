using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hornet.Corpus;

/// <summary>State that programs keep: buckets, histograms, flows, windows.</summary>
public static class State
{
    public readonly record struct Endpoint(uint Address, ushort Port);

    public readonly record struct Flow(Endpoint Source, Endpoint Destination, byte Protocol)
    {
        public Flow Reversed() => new(Destination, Source, Protocol);

        public Flow Normalized() => Source.Address > Destination.Address || (Source.Address == Destination.Address && Source.Port > Destination.Port) ? Reversed() : this;
    }

    private struct Bucket
    {
        public ulong Tokens, LastNs;

        public bool TryTake(ulong now, ulong cost, ulong perSecond, ulong burst)
        {
            if (now > LastNs)
            {
                ulong added = (now - LastNs) / 1000 * perSecond / 1000;
                Tokens = Math.Min(burst, Tokens + added);
                LastNs = now;
            }
            if (Tokens < cost) return false;
            Tokens -= cost;
            return true;
        }
    }

    private struct Ewma(int shift)
    {
        private long _value;

        public readonly long Value => _value >> shift;

        public void Add(long sample) => _value = _value == 0 ? sample << shift : _value - (_value >> shift) + sample;
    }

    private record struct Totals
    {
        public ulong Packets { get; set; }

        public ulong Bytes { get; set; }

        public uint Retransmits { get; private set; }

        public void Retransmitted() => Retransmits++;

        public static Totals operator +(Totals left, Totals right) => new() { Packets = left.Packets + right.Packets, Bytes = left.Bytes + right.Bytes, Retransmits = left.Retransmits + right.Retransmits };
    }

    private enum TcpState { Closed, SynSent, Established, FinWait, TimeWait }

    [InlineArray(32)]
    private struct Slots
    {
        private uint _first;
    }

    private struct Histogram
    {
        private Slots _slots;

        public void Add(ulong value) => _slots[Math.Min(BitOperations.Log2(value | 1), 31)]++;

        public readonly uint this[int slot] => _slots[slot];

        public readonly int Highest
        {
            get
            {
                for (int i = 31; i >= 0; i--)
                {
                    if (_slots[i] != 0) return i;
                }
                return -1;
            }
        }
    }

    private struct Counter
    {
        public long Value;

        // The compound assignment operators of C# 14.
        public void operator +=(long by) => Value += by;

        public void operator ++() => Value++;

        public void operator <<=(int by) => Value <<= by;
    }

    private readonly struct Duration(ulong ns) : IComparable<Duration>, IEquatable<Duration>, IAdditionOperators<Duration, Duration, Duration>
    {
        public ulong Ns { get; } = ns;

        public static Duration operator +(Duration left, Duration right) => new(left.Ns + right.Ns);

        public static Duration operator -(Duration left, Duration right) => new(left.Ns < right.Ns ? 0 : left.Ns - right.Ns);

        public static bool operator <(Duration left, Duration right) => left.CompareTo(right) < 0;

        public static bool operator >(Duration left, Duration right) => left.CompareTo(right) > 0;

        public static bool operator ==(Duration left, Duration right) => left.Equals(right);

        public static bool operator !=(Duration left, Duration right) => !(left == right);

        public static implicit operator Duration(uint ms) => new(ms * 1_000_000ul);

        public static explicit operator ulong(Duration duration) => duration.Ns / 1_000_000;

        public int CompareTo(Duration other) => Ns.CompareTo(other.Ns);

        public bool Equals(Duration other) => Ns == other.Ns;

        public override bool Equals([NotNullWhen(true)] object? obj) => obj is Duration other && Equals(other);

        public override int GetHashCode() => (int)Ns;
    }

    [Kernel]
    public static ulong TokenBucket(uint a, uint b)
    {
        Bucket bucket = new() { Tokens = 100, LastNs = 1000 };
        ulong taken = 0;
        for (int i = 0; i < 5; i++)
        {
            if (bucket.TryTake(1000 + a * (ulong)i, b & 0xff, 1_000_000, 1000)) taken++;
        }
        return taken * 10000 + bucket.Tokens;
    }

    [Kernel]
    public static long Smoothed(int a, int b)
    {
        Ewma average = new(3);
        for (int i = 1; i < 6; i++) average.Add(i % 2 == 0 ? a : b);
        return average.Value;
    }

    [Kernel]
    public static bool FlowsEqual(Flow a, Flow b) => a.Normalized() == b.Reversed().Normalized() || a == a.Reversed() || a.Equals(b);

    [Kernel]
    public static uint FlowParts(Flow a, uint b)
    {
        var ((source, port), (destination, _), protocol) = a;
        var other = a with { Source = a.Source with { Port = (ushort)b } };
        return source + port * 3u + destination * 5 + protocol + (other == a ? 1u : 0) + (other.Source.Port == port ? 2u : 0);
    }

    [Kernel]
    public static Flow FlowResult(Flow a, uint b) => b % 2 == 0 ? a.Reversed() : a with { Protocol = 17, Destination = new(b, 53) };

    [Kernel]
    public static int FlowHash(Flow a, int b)
    {
        int hash = 17;
        hash = hash * 31 + (int)a.Source.Address;
        hash = hash * 31 + a.Source.Port;
        hash = hash * 31 + (int)a.Destination.Address;
        return hash * 31 + a.Protocol + b;
    }

    [Kernel]
    public static ulong TotalsAdded(uint a, uint b)
    {
        Totals first = new() { Packets = 1, Bytes = a };
        if (a > b) first.Retransmitted();
        var second = first with { Bytes = b };
        second.Packets++;
        first += second;
        return first.Packets * 1000 + first.Bytes + first.Retransmits + (first == second ? 7u : 0);
    }

    [Kernel]
    public static int StateMachine(uint a, int b)
    {
        var state = TcpState.Closed;
        for (int i = 0; i < 10; i++)
        {
            uint step = a >> (i * 3) & 7;
            state = (state, step) switch
            {
                (TcpState.Closed, 1) => TcpState.SynSent,
                (TcpState.SynSent, 2 or 3) => TcpState.Established,
                (TcpState.Established, >= 4) => TcpState.FinWait,
                (TcpState.FinWait, var s) when s != 0 => TcpState.TimeWait,
                (not TcpState.Closed, 7) => TcpState.Closed,
                _ => state,
            };
        }
        return (int)state + b;
    }

    [Kernel]
    public static int Histograms(ulong a, ulong b)
    {
        Histogram histogram = default;
        histogram.Add(a);
        histogram.Add(b >> 20);
        histogram.Add(a & 0xff);
        return histogram.Highest * 100 + (int)histogram[histogram.Highest & 31];
    }

    [Kernel]
    public static long CompoundOperators(int a, int b)
    {
        Counter counter = new() { Value = a };
        counter += b;
        counter++;
        ++counter;
        counter <<= 2;
        return counter.Value;
    }

    [Kernel]
    public static ulong Durations(uint a, uint b)
    {
        Duration first = a, second = b;
        var sum = Sum(first, second, new Duration(5));
        var longer = first > second ? first : second;
        return (ulong)(sum - longer) + (first == second ? 1u : 0) + (first < second ? 2u : 0) + (first != sum ? 4u : 0);
    }

    private static T Sum<T>(params ReadOnlySpan<T> values) where T : struct, IAdditionOperators<T, T, T>
    {
        T sum = default;
        foreach (var value in values) sum += value;
        return sum;
    }

    [Kernel]
    public static int SlidingWindow(ulong a, int b)
    {
        Span<int> window = stackalloc int[8];
        int next = 0;
        for (int i = 0; i < 12; i++)
        {
            window[next] = (int)(a >> (i * 5)) & 31;
            next = (next + 1) % window.Length;
        }
        int least = int.MaxValue, most = int.MinValue;
        foreach (int value in window) (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return most * 100 + least + b;
    }

    [Kernel]
    public static int InsertionSort(ulong a, int b)
    {
        Span<byte> values = stackalloc byte[6];
        for (int i = 0; i < values.Length; i++) values[i] = (byte)(a >> (i * 8));
        for (int i = 1; i < values.Length; i++)
        {
            byte value = values[i];
            int j = i - 1;
            for (; j >= 0 && values[j] > value; j--) values[j + 1] = values[j];
            values[j + 1] = value;
        }
        return values[0] + values[2] * 256 + values[^1] * 65536 + b;
    }

    [Kernel]
    public static int BinarySearch(int a, int b)
    {
        ReadOnlySpan<int> sorted = [1, 3, 7, 15, 31, 63, 127, 255];
        int low = 0, high = sorted.Length - 1;
        // A loop that the verifier sees the end of.
        for (int round = 0; round < 4 && low <= high; round++)
        {
            int middle = low + (high - low) / 2;
            if (sorted[middle] == a) return middle;
            if (sorted[middle] < a) low = middle + 1;
            else high = middle - 1;
        }
        return ~low + (b & 1);
    }

    [Kernel]
    public static int BitSet(ulong a, int b)
    {
        Span<ulong> set = stackalloc ulong[2];
        for (int i = 0; i < 8; i++)
        {
            int bit = (int)(a >> (i * 7)) & 127;
            set[bit >> 6] |= 1ul << (bit & 63);
        }
        ulong low = set[0];
        int first = -1;
        for (int i = 0; i < 4 && low != 0; i++)
        {
            first = BitOperations.TrailingZeroCount(low);
            low &= low - 1;
        }
        return BitOperations.PopCount(set[0]) + BitOperations.PopCount(set[1]) * 100 + first * 1000 + (b & 1);
    }

    [Kernel]
    public static (uint Low, ushort High) TupleOfSizes(ulong a, byte b)
    {
        (uint Low, ushort High) parts = ((uint)a, (ushort)(a >> 32));
        var (low, high) = parts;
        parts.High += b;
        return (low ^ high, parts.High);
    }

    [Kernel]
    public static long OptionalChain(int a, long b)
    {
        long? Find(int key) => key switch { > 100 => key * b, < 0 => null, _ => 5 };
        Endpoint? Where(int key) => key > 10 ? new((uint)key, (ushort)b) : null;
        return (Find(a) ?? Find((int)b) ?? -1) + (Where(a)?.Port ?? 1) + (Where((int)b) is { Address: var address, Port: > 5 } ? address : 0) + (Where(a) == Where((int)b) ? 1000 : 0);
    }

    [Kernel]
    public static int NestedArrays(int a, int b)
    {
        Matrix m = default;
        for (int y = 0; y < 3; y++)
        {
            for (int x = 0; x < 4; x++) m[y][x] = a * y + b * x;
        }
        m[a & 1][b & 3] -= 9;
        int trace = 0;
        for (int i = 0; i < 3; i++) trace += m[i][i];
        return trace;
    }

    [InlineArray(4)]
    private struct Row
    {
        private int _first;
    }

    [InlineArray(3)]
    private struct Matrix
    {
        private Row _first;
    }

    [Kernel]
    public static int Deadline(long a, long b)
    {
        const long Second = 1_000_000_000L;
        checked
        {
            long deadline = a + 5 * Second;
            return deadline > b ? (int)((deadline - b) / Second) : -1;
        }
    }
}
