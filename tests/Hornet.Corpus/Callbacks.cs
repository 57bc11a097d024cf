namespace Hornet.Corpus;

/// <summary>Lambdas that the kernel calls back, and what they share with the code around them.</summary>
public static class Callbacks
{
    [Kernel]
    public static long LoopSum(int count, int step)
    {
        long sum = 0;
        Bpf.Loop(count & 63, i => sum += i * step);
        return sum;
    }

    [Kernel]
    public static int LoopStops(int count, int limit)
    {
        int last = -1;
        int ran = Bpf.Loop(count & 127, i =>
        {
            last = i;
            return i < (limit & 31);
        });
        return ran * 1000 + last;
    }

    [Kernel]
    public static int LoopNever(int count, int unused)
    {
        int calls = 0;
        return Bpf.Loop(Math.Min(count, 0), _ => { calls++; }) * 10 + calls + unused;
    }

    [Kernel]
    public static ulong LoopOfConstantCount(ulong seed, uint factor)
    {
        ulong hash = seed;
        Bpf.Loop(20, i => hash = (hash ^ (uint)i) * (factor | 1));
        return hash;
    }

    [Kernel]
    public static long LoopInLoop(int outer, int inner)
    {
        long total = 0;
        int rows = outer & 7, columns = inner & 7;
        Bpf.Loop(rows, y =>
        {
            long row = 0;
            Bpf.Loop(columns, x => row += x * y);
            total += row;
        });
        return total;
    }

    [Kernel]
    public static long LoopInForLoop(int a, int b)
    {
        long total = 0;
        for (int i = 0; i < 4; i++)
        {
            int own = i * 10;
            Bpf.Loop(b & 15, x => { own += x; total += own; });
            total += own ^ a;
        }
        return total;
    }

    [Kernel]
    public static int LoopWithSeveralTypes(short a, byte b)
    {
        short narrow = a;
        byte small = b;
        bool odd = false;
        uint wide = 7;
        Bpf.Loop(9, i =>
        {
            narrow += small;
            small++;
            odd = !odd;
            wide *= 3;
        });
        return narrow + small + (odd ? 100000 : 0) + (int)(wide & 0xff);
    }

    [Kernel]
    public static int LoopFailsInside(int count, int divisor)
    {
        int sum = 0;
        Bpf.Loop(count & 7, i => sum += 100 / (divisor & 3));
        return sum;
    }

    [Kernel]
    public static long LoopWithStruct(long a, long b)
    {
        Pair pair = new() { A = a };
        Bpf.Loop((int)(b & 15), i =>
        {
            pair.B += pair.A;
            Advance(ref pair, i);
        });
        return pair.A ^ pair.B;
    }

    [Kernel]
    public static int LoopWithBuffer(int a, int b)
    {
        Sixteen bytes = default;
        Bpf.Loop(16, i => bytes[i & 15] = (byte)(a + i * b));
        int sum = 0;
        foreach (byte one in bytes) sum = sum * 31 + one;
        return sum;
    }

    [Kernel]
    public static int LoopCallsLocalFunction(int a, int b)
    {
        int sum = a & 0xff;
        void Add(int x) => sum += x;
        Bpf.Loop(b & 15, Add);
        Add(1000);
        return sum;
    }

    [Kernel]
    public static int LoopWithStaticLambda(int a, int b) => Bpf.Loop(a & 31, static i => i < 5) + b;

    [Kernel]
    public static long LoopSeesWhatComesLater(int a, int b)
    {
        int scale = a & 3;
        long sum = 0;
        Action<int> add = i => sum += i * scale;
        scale += 2;
        Bpf.Loop(b & 7, add);
        scale = 1;
        Bpf.Loop(b & 3, add);
        return sum;
    }

    private static void Advance(ref Pair pair, int by) => pair.A += by;

    private struct Pair
    {
        public long A, B;
    }

    [System.Runtime.CompilerServices.InlineArray(16)]
    private struct Sixteen
    {
        private byte _first;
    }
}
