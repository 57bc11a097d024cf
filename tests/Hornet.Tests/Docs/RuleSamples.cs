using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Hornet.Maps;

namespace Hornet.Tests.Docs;

#pragma warning disable CA1859, CA2211, CA1805, CA1826, CA1827, CA1829, CA1860, IDE0059

/// <summary>
/// The samples of docs/csharp-in-the-kernel.md: for each rule code that keeps it and code that breaks it. The page shows
/// the methods' text; the tests compile them.
/// </summary>
internal static class RuleSamples
{
    private static readonly int[] s_table = [3, 1, 4, 1, 5];
    private static readonly Func<int, int> s_double = v => v * 2, s_square = v => v * v;
    private static readonly List<uint> s_list = [];
    private static readonly object? s_nothing = null;
    private static readonly Exception s_error = new InvalidOperationException();
    private static int s_limit = 100;
    private const int Limit = 100;
    // Maps of no kernel: they are compiled only.
    private static readonly BpfHashMap<uint, ulong> s_counts = new(Described(new MapSpec { Name = "counts", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 10 }));
    private static readonly BpfHashMap<uint, Account> s_accounts = new(Described(new MapSpec { Name = "accounts", Type = MapType.Hash, KeySize = 4, ValueSize = 24, MaxEntries = 10 }));

    private struct Account
    {
        public BpfSpinLock Lock;
        public ulong Packets, Bytes;
    }

    internal static BpfMap Described(MapSpec spec)
    {
        using MapDeclarationScope scope = new();
        return BpfMap.Create(spec);
    }

    private struct Pair(int x, int y)
    {
        public int X = x, Y = y;
    }

    private interface IScale
    {
        int Apply(int value);
    }

    private readonly struct Triple : IScale
    {
        public int Apply(int value) => value * 3;
    }

    private static XdpAction HRN1001_Accepted(XdpContext ctx)
    {
        Span<int> sums = stackalloc int[4];
        sums[ctx.Data.Length & 3] += 5;
        var pair = new Pair(sums[0], sums[1]);
        return pair.X > pair.Y ? XdpAction.Pass : XdpAction.Drop;
    }

    private static XdpAction HRN1001_Rejected(XdpContext ctx)
    {
        int[] sums = new int[4];
        sums[ctx.Data.Length & 3] += 5;
        return sums[0] > sums[1] ? XdpAction.Pass : XdpAction.Drop;
    }

    private static XdpAction HRN1002_Accepted(XdpContext ctx)
    {
        if (ctx.Data.Length < 34) return XdpAction.Aborted;
        return XdpAction.Pass;
    }

    private static XdpAction HRN1002_Rejected(XdpContext ctx)
    {
        if (ctx.Data.Length < 34) throw s_error;
        return XdpAction.Pass;
    }

    private static XdpAction HRN1003_Accepted(XdpContext ctx)
    {
        return ctx.Data.Length * 3 / 2 > 1000 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1003_Rejected(XdpContext ctx)
    {
        return ctx.Data.Length * 1.5 > 1000 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1004_Accepted(XdpContext ctx)
    {
        return Scaled(new Triple(), ctx.Data.Length) > 1000 ? XdpAction.Drop : XdpAction.Pass;

        static int Scaled<T>(T scale, int value) where T : struct, IScale => scale.Apply(value);
    }

    private static unsafe XdpAction HRN1004_Rejected(XdpContext ctx)
    {
        delegate*<int, int> scale = &Scaled;
        return scale(ctx.Data.Length) > 1000 ? XdpAction.Drop : XdpAction.Pass;

        static int Scaled(int value) => value * 3;
    }

    private static XdpAction HRN1005_Accepted(XdpContext ctx)
    {
        int sum = 0;
        for (int i = ctx.Data.Length & 15; i > 0; i--) sum += i;
        return sum > 50 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1005_Rejected(XdpContext ctx)
    {
        return Sum(ctx.Data.Length & 15) > 50 ? XdpAction.Drop : XdpAction.Pass;

        static int Sum(int n) => n == 0 ? 0 : n + Sum(n - 1);
    }

    private static XdpAction HRN1006_Accepted(XdpContext ctx)
    {
        return Same(ctx.Data.Length, 60) ? XdpAction.Drop : XdpAction.Pass;

        static bool Same<T>(T a, T b) where T : IEquatable<T> => a.Equals(b);
    }

    private static XdpAction HRN1006_Rejected(XdpContext ctx)
    {
        object length = ctx.Data.Length;
        return (ctx.Data.Length > 60 ? length : null) is int ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1007_Accepted(XdpContext ctx)
    {
        Span<byte> copy = stackalloc byte[64];
        int length = Math.Min(ctx.Data.Length, copy.Length);
        return copy[..length].Length > 20 ? XdpAction.Pass : XdpAction.Drop;
    }

    private static XdpAction HRN1007_Rejected(XdpContext ctx)
    {
        Span<byte> copy = stackalloc byte[ctx.Data.Length];
        return copy.Length > 20 ? XdpAction.Pass : XdpAction.Drop;
    }

    private static XdpAction HRN1008_Accepted(XdpContext ctx)
    {
        return ctx.Data.Length > Limit + s_table[0] ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1008_Rejected(XdpContext ctx)
    {
        return ctx.Data.Length > s_limit ? XdpAction.Drop : XdpAction.Pass;
    }

    private static Func<XdpContext, XdpAction> HRN1009_Accepted()
    {
        int limit = 100;
        return ctx => ctx.Data.Length > limit ? XdpAction.Drop : XdpAction.Pass;
    }

    private static Func<XdpContext, XdpAction> HRN1009_Rejected()
    {
        int packets = 0;
        return ctx => ++packets > 100 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1010_Accepted(XdpContext ctx)
    {
        int result = ctx.Data.Length > 60 ? s_double(ctx.Data.Length) : s_square(ctx.Data.Length);
        return result > 1000 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1010_Rejected(XdpContext ctx)
    {
        var compute = ctx.Data.Length > 60 ? s_double : s_square;
        return compute(ctx.Data.Length) > 1000 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1011_Accepted(XdpContext ctx)
    {
        return s_nothing is null && ctx.Data.Length > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1011_Rejected(XdpContext ctx)
    {
        return s_nothing!.Equals(s_error) ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1012_Accepted(XdpContext ctx)
    {
        Span<int> starts = [14, 34];
        int start = starts[ctx.Data.Length & 1];
        return ctx.Data[start] == 0x45 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static unsafe XdpAction HRN1012_Rejected(XdpContext ctx)
    {
        int first = 1, second = 2;
        int** both = stackalloc int*[2];
        both[0] = &first;
        both[1] = &second;
        return *both[ctx.Data.Length & 1] == 2 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1013_Accepted(XdpContext ctx)
    {
        Span<int> copy = stackalloc int[5];
        s_table.AsSpan().CopyTo(copy);
        copy[ctx.Data.Length & 3]++;
        return copy[0] > 3 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1013_Rejected(XdpContext ctx)
    {
        Span<int> table = s_table;
        table[ctx.Data.Length & 3]++;
        return table[0] > 3 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1014_Accepted(XdpContext ctx)
    {
        int mixed = ctx.Data.Length;
        for (int i = 0; i < 100; i++) mixed = mixed * 31 + i;
        return mixed > 0 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1014_Rejected(XdpContext ctx)
    {
        var data = ctx.Data;
        return Many(ref data, Many(ref data, Many(ref data, data.Length))) > 0 ? XdpAction.Drop : XdpAction.Pass;

        // What takes a reference to a span cannot be a function of its own.
        static int Many(ref Span<byte> data, int v) => Ten(ref data, Ten(ref data, Ten(ref data, Ten(ref data, Ten(ref data, Ten(ref data, v))))));
        static int Ten(ref Span<byte> data, int v) => Sixty(ref data, Sixty(ref data, Sixty(ref data, Sixty(ref data, Sixty(ref data, Sixty(ref data, v))))));
        static int Sixty(ref Span<byte> data, int v) => Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(Six(v)))))))))))))))))))) + data.Length;
        static int Six(int v) => Two(Two(Two(v * 31 + 1) ^ 5) * 7);
        static int Two(int v) => (v * 3 ^ v >> 3) + (v * 5 ^ v >> 7) + (v * 9 ^ v >> 11) + (v * 17 ^ v >> 13) + (v * 33 ^ v >> 17);
    }

    private static unsafe XdpAction HRN1015_Accepted(XdpContext ctx)
    {
        int length = ctx.Data.Length;
        int* pointer = &length;
        return *pointer > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN1015_Rejected(XdpContext ctx)
    {
        int length = ctx.Data.Length;
        var reference = __makeref(length);
        return __refvalue(reference, int) > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2104_Accepted(XdpContext ctx)
    {
        return Math.Max(ctx.Data.Length, 60) > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2104_Rejected(XdpContext ctx)
    {
        s_list.Add((uint)ctx.Data.Length);
        return XdpAction.Pass;
    }

    private static XdpAction HRN2105_Accepted(XdpContext ctx)
    {
        foreach (int length in s_table)
        {
            if (length == ctx.Data.Length) return XdpAction.Drop;
        }
        return XdpAction.Pass;
    }

    private static XdpAction HRN2105_Rejected(XdpContext ctx)
    {
        return s_table.Where(length => length > 3).Any() ? XdpAction.Drop : XdpAction.Pass;
    }

    private static void HRN2106_Accepted()
    {
        _ = Bpf.KtimeNs;
    }

    private static async void HRN2106_Rejected()
    {
        await Task.Delay(1);
    }

    private static XdpAction HRN2107_Accepted(XdpContext ctx)
    {
        int total = 0;
        Interlocked.Add(ref total, ctx.Data.Length);
        return total > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2107_Rejected(XdpContext ctx)
    {
        lock (s_list) return ctx.Data.Length > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2108_Accepted(XdpContext ctx)
    {
        return ctx.Data.StartsWith("GET"u8) ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2108_Rejected(XdpContext ctx)
    {
        return ctx.Data.Length.ToString() == "60" ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2109_Accepted(XdpContext ctx)
    {
        return ctx.Data.Length > 60 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2109_Rejected(XdpContext ctx)
    {
        Console.WriteLine(ctx.Data.Length);
        return XdpAction.Pass;
    }

    private static XdpAction HRN2112_Accepted(XdpContext ctx)
    {
        s_counts[(uint)ctx.Data.Length]++;
        return s_counts.Contains(60) ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2112_Rejected(XdpContext ctx)
    {
        return s_counts.Count() > 3 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static XdpAction HRN2113_Accepted(XdpContext ctx)
    {
        ref var account = ref s_accounts.GetOrAdd(ctx.InterfaceIndex);
        using (account.Lock.Enter())
        {
            account.Packets++;
            account.Bytes += (ulong)ctx.Data.Length;
        }
        return XdpAction.Pass;
    }

    private static XdpAction HRN2113_Rejected(XdpContext ctx)
    {
        var account = s_accounts[ctx.InterfaceIndex];
        return account.Packets > 100 ? XdpAction.Drop : XdpAction.Pass;
    }

    private static Action HRN2110_Accepted()
    {
        return () => _ = Bpf.Tgid;
    }

    private static Action HRN2110_Rejected()
    {
        Action both = () => _ = Bpf.Tgid;
        both += () => _ = Bpf.Uid;
        return both;
    }

    private static Action HRN2111_Accepted()
    {
        return () => _ = Bpf.Tgid;
    }

    private static Action HRN2111_Rejected()
    {
        return Expression.Lambda<Action>(Expression.Empty()).Compile();
    }

    private static Func<ProbeEvent, bool> HRN2130_Accepted()
    {
        return e => e["fd"].ToInt64() > 2;
    }

    private static Func<ProbeEvent, bool> HRN2130_Rejected()
    {
        return e => e["file"].ToInt64() > 2;
    }

    private static Func<SkbContext, int> HRN2120_Accepted()
    {
        return packet => packet.Mark == 7 ? 0 : packet.TryRead(0, out ushort port) ? port : 0;
    }

    private static Func<SkbContext, int> HRN2120_Rejected()
    {
        return packet => packet.Data.Length > 60 ? 0 : 60; // a socket filter gets its packet only as copies
    }

    /// <summary>The source of this file.</summary>
    public static string Source { get; } = File.ReadAllText(Path());

    private static string Path([CallerFilePath] string path = "") => path;
}
