using AltCover.Recorder;
using static Coverlet.Core.Instrumentation.Tracker.Corpus_5c0ffee;

namespace Hornet.Corpus;

/// <summary>Code under coverage gives the same results.</summary>
public static class Coverage
{
    [Kernel]
    public static int Blocks(int a, int b)
    {
        RecordHit(0);
        if (a > b)
        {
            RecordHit(1);
            return a - b;
        }
        RecordHit(2);
        int sum = 0;
        for (int i = 0; i < 5; i++)
        {
            RecordHit(3);
            if ((a >> i & 1) == 0)
            {
                RecordHit(4);
                continue;
            }
            RecordHit(5);
            sum += b;
        }
        RecordHit(6);
        return sum;
    }

    [Kernel]
    public static int InCalls(int a, int b)
    {
        RecordHit(7);
        Func<int, int> half = v =>
        {
            RecordHit(8);
            return v / 2;
        };
        return half(a) + Local(b);

        int Local(int v)
        {
            RecordHit(9);
            return v switch { 0 => Hit(10, 1), > 0 => Hit(11, a), _ => Hit(12, v) };
        }
    }

    [Kernel]
    public static int InCallbacks(int a, int b)
    {
        RecordHit(13);
        int sum = a;
        Bpf.Loop(b & 7, i =>
        {
            RecordHit(14);
            sum = sum * 3 + i;
        });
        RecordHit(15);
        return sum;
    }

    [Kernel]
    public static int InFinally(int a, int b)
    {
        int result = a;
        try
        {
            RecordHit(16);
            if (b > 3) return result;
            result += b;
        }
        finally
        {
            RecordHit(17);
            result *= 2;
        }
        return result;
    }

    [Kernel]
    public static int OfAltCover(int a, int b)
    {
        Instance.Visit("module", 1);
        if (a == b)
        {
            Instance.Visit("module", 2);
            return 7;
        }
        Instance.Visit("module", 3);
        return a ^ b;
    }

    private static int Hit(int block, int value)
    {
        RecordHit(block);
        return value;
    }
}
