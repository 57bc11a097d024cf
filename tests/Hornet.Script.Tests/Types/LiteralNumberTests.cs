using Hornet.Script.Types;

namespace Hornet.Script.Tests.Types;

public sealed class LiteralNumberTests
{
    private static readonly Int128[] s_edges =
    [
        0, 1, -1, 2, -2, 7, -7, 63, 64, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MaxValue - 1, long.MinValue, long.MinValue + 1,
        (Int128)long.MaxValue + 1, ulong.MaxValue, ulong.MaxValue - 1,
    ];

    private static LiteralNumber Of(Int128 value) => value > long.MaxValue ? (ulong)value : (long)value;

    private static string? Shown(Int128? value) => value is { } v && v >= long.MinValue && v <= ulong.MaxValue ? v.ToString() : null;

    [Fact]
    public void Computes_as_128_bits_would_as_long_as_64_hold_the_result()
    {
        foreach (var a in s_edges)
        {
            foreach (var b in s_edges)
            {
                Assert.Equal(Shown(a + b), LiteralNumber.Add(Of(a), Of(b))?.ToString());
                Assert.Equal(Shown(a - b), LiteralNumber.Add(Of(a), -Of(b))?.ToString());
                Assert.Equal(Shown(a * b), LiteralNumber.Multiply(Of(a), Of(b))?.ToString());
                Assert.Equal(Shown(b == 0 ? null : a / b), LiteralNumber.Divide(Of(a), Of(b))?.ToString());
                Assert.Equal(Shown(b == 0 ? null : a % b), LiteralNumber.Remainder(Of(a), Of(b))?.ToString());
                Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(Of(a).CompareTo(Of(b))));
                Assert.Equal(a == b, Of(a) == Of(b));
            }
            Assert.Equal(unchecked((long)a), (long)Of(a));
            Assert.Equal(unchecked((ulong)a), (ulong)Of(a));
            Assert.Equal(a.ToString(), Of(a).ToString());
            if (a >= 0) Assert.Equal((int)Int128.Min(a, 1000), Of(a).AtMost(1000));
        }
    }
}
