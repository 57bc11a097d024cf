using System.Runtime.CompilerServices;
using Hornet.Maps;

namespace Hornet.Corpus;

/// <summary>foreach over maps: the same maps here and in the kernel, and nothing that depends on the order of a hash.</summary>
public sealed class MapWalks(BpfHashMap<uint, ulong> counts, BpfArray<int> slots, BpfHashMap<WalkKey, WalkValue> flows)
{
    [KernelCode]
    public long Sum(int first, int second)
    {
        long sum = first;
        foreach (var entry in counts) sum += (long)entry.Value * entry.Key + second;
        return sum;
    }

    [KernelCode]
    public long Deconstructed(int first, int second)
    {
        ulong keys = 0, values = 0;
        foreach (var (key, value) in counts)
        {
            if ((key & 1) == (uint)(first & 1)) continue;
            keys += key;
            values ^= value;
        }
        return (long)(keys * 1000 + values) - second;
    }

    [KernelCode]
    public int Breaks(int first, int second)
    {
        int at = 0, last = -1;
        foreach (int slot in slots)
        {
            if (at == (first & 15)) break;
            last = slot;
            at++;
        }
        return at * 100 + last + second;
    }

    [KernelCode]
    public int Returns(int first, int second)
    {
        int at = 0;
        foreach (int slot in slots)
        {
            if (slot > (first & 31)) return slot * 10 + at;
            at++;
        }
        return -second;
    }

    [KernelCode]
    public ulong Finds(uint first, int second)
    {
        uint wanted = first & 31;
        foreach (var entry in counts)
        {
            if (entry.Key == wanted) return entry.Value;
        }
        return (ulong)second + 7;
    }

    [KernelCode]
    public bool IsEmpty(int first, int second)
    {
        foreach (var _ in counts) return first == second;
        return true;
    }

    [KernelCode]
    public long Nested(int first, int second)
    {
        long total = 0;
        foreach (int outer in slots)
        {
            if (outer > 20) break;
            long row = 0;
            foreach (int inner in slots)
            {
                if (inner == (second & 7)) continue;
                if (inner > (first & 15)) break;
                row += inner * outer;
            }
            total = total * 3 + row;
        }
        return total;
    }

    [KernelCode]
    public long LoopInside(int first, int second)
    {
        long total = 0;
        foreach (int slot in slots)
        {
            for (int i = 0; i < 4; i++)
            {
                if (i == (first & 3)) continue;
                if (slot + i == (second & 15)) goto done;
                total += slot * i;
            }
        }
        total = -total;
    done:
        return total;
    }

    [KernelCode]
    public long InsideLoop(int first, int second)
    {
        long total = 0;
        for (int i = 0; i < 3; i++)
        {
            int most = int.MinValue;
            foreach (int slot in slots)
            {
                if ((slot & 3) == i && slot > most) most = slot;
            }
            total = total * 100 + most % 97;
            if (i == (first & 3)) break;
        }
        return total + second;
    }

    [KernelCode]
    public long Ternary(int first, int second)
    {
        (int Low, int High) range = (int.MaxValue, int.MinValue);
        int? found = null;
        foreach (int slot in slots)
        {
            range = (Math.Min(range.Low, slot), slot > range.High ? slot : range.High);
            if (slot == (first & 15)) found = slot;
        }
        return found is { } value ? value + range.Low : range.High - second;
    }

    [KernelCode]
    public long Memory(int first, int second)
    {
        Span<int> buckets = stackalloc int[8];
        foreach (int slot in slots) buckets[slot & 7] += slot + first;
        long hash = second;
        foreach (int bucket in buckets) hash = hash * 31 + bucket;
        return hash;
    }

    [KernelCode]
    public long ByReference(int first, int second)
    {
        int small = 0, large = 0;
        foreach (int slot in slots)
        {
            ref int which = ref slot > (first & 15) ? ref large : ref small;
            which += slot;
            Add(ref large, second & 1);
        }
        return small * 1000L + large;
    }

    private static void Add(ref int to, int amount) => to += amount;

    [KernelCode]
    public long Structs(uint first, int second)
    {
        WalkValue all = default;
        foreach (var (key, value) in flows)
        {
            if (key.Port == (ushort)(first & 3)) continue;
            all.Packets += value.Packets;
            all.Bytes += value.Bytes * key.Address;
            for (int i = 0; i < 32; i++) all.Tags[i] ^= value.Tags[i];
        }
        long hash = all.Packets + second;
        for (int i = 0; i < 32; i++) hash = hash * 31 + all.Tags[i];
        return hash + (long)all.Bytes;
    }

    [KernelCode]
    public long Checked(int first, int second)
    {
        int sum = 0;
        foreach (int slot in slots) sum = checked(sum + slot * (first & 0xffff));
        return (long)sum / (second & 3);
    }

    [KernelCode]
    public long Divides(int first, int second)
    {
        long sum = 0;
        foreach (int slot in slots) sum += 1000 / (slot - (first & 15));
        return sum + second;
    }

    [KernelCode]
    public long WithLambda(int first, int second)
    {
        long total = 0;
        Action<int> add = amount => total += amount * (first & 7);
        foreach (int slot in slots) add(slot + second);
        return total;
    }

    [KernelCode]
    public long Twice(int first, int second)
    {
        long total = 0;
        foreach (int slot in slots) total += slot;
        foreach (int slot in slots)
        {
            if (total < (first & 0xff)) return total;
            total -= slot;
        }
        return total + Helper(second);
    }

    private long Helper(int second)
    {
        long most = 0;
        foreach (var (key, value) in counts) most = Math.Max(most, (long)value + key);
        return most + second;
    }
}

/// <summary>A key.</summary>
public struct WalkKey
{
    public uint Address;
    public ushort Port, Kind;
}

/// <summary>A value that is too large for registers.</summary>
public struct WalkValue
{
    public uint Packets, Unused;
    public ulong Bytes;
    public WalkTags Tags;
}

/// <summary>Bytes.</summary>
[InlineArray(32)]
public struct WalkTags
{
    private byte _first;
}
