using System.Reflection;
using System.Runtime.InteropServices;
using Hornet.IL.Values;

namespace Hornet.Tests.Corpus;

/// <summary>
/// The methods that must give the same results wherever they run, and what they are given: edge cases and random numbers.
/// Arguments and result travel in a packet. Linked into the kernel tests, too.
/// </summary>
internal static class CorpusInputs
{
    /// <summary>Where in the packet the arguments and the result are.</summary>
    public const int First = 16, Second = 64, Result = 112, PacketLength = 192;

    private static readonly long[] s_edges =
    [
        0, 1, -1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, 100, 127, 128, -128, -129, 255, 256, 32767, -32768, 32768, 65535, 65536,
        int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1000000000000, long.MaxValue, long.MinValue, unchecked((long)0x8000000080000000), 0x5555555555555555,
    ];

    /// <summary>How many edge cases there are.</summary>
    public static int EdgeCount => s_edges.Length;

    /// <summary>The methods as a configuration of the compiler made them.</summary>
    public static IEnumerable<MethodInfo> Methods(string configuration) =>
        from type in Assembly.Load($"Hornet.Corpus.{configuration}").GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
        where method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "KernelAttribute")
        select method;

    /// <summary>A program that takes the arguments from a packet, calls a method, and leaves the result in the packet.</summary>
    public static Func<XdpContext, XdpAction> Program<TFirst, TSecond, TResult>(Func<TFirst, TSecond, TResult> method)
        where TFirst : unmanaged where TSecond : unmanaged where TResult : unmanaged => ctx =>
    {
        if (!ctx.TryRead<TFirst>(First, out var first) || !ctx.TryRead<TSecond>(Second, out var second)) return XdpAction.Drop;
        var result = method(first, second);
        MemoryMarshal.Write(ctx.Data.Slice(Result), in result);
        return XdpAction.Pass;
    };

    /// <summary>Writes the next input to its place.</summary>
    /// <param name="place">Where.</param>
    /// <param name="random">The source of numbers.</param>
    /// <param name="edge">The number of an edge case; negative for a random number or edge case.</param>
    public static T Next<T>(Span<byte> place, Random random, int edge) where T : unmanaged
    {
        foreach (var (offset, size, isBool) in Leaves<T>.All)
        {
            long number = edge >= 0 ? s_edges[edge] : random.Next(3) switch
            {
                0 => s_edges[random.Next(s_edges.Length)],
                1 => random.Next(-20, 200),
                _ => random.NextInt64(long.MinValue, long.MaxValue),
            };
            if (isBool) number &= 1;
            MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in number))[..size].CopyTo(place[offset..]);
        }
        return MemoryMarshal.Read<T>(place);
    }

    /// <summary>Whether a result is the expected one, padding aside.</summary>
    public static bool Same<T>(ReadOnlySpan<byte> actual, T expected) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in expected));
        // Of a nullable without a value the rest does not matter; padding never does.
        if (Leaves<T>.IsNullable && bytes[0] == 0) return actual[0] == 0;
        foreach (var (offset, size, _) in Leaves<T>.All)
        {
            if (!bytes.Slice(offset, size).SequenceEqual(actual.Slice(offset, size))) return false;
        }
        return true;
    }

    // The numbers of a type, by place.
    private static class Leaves<T> where T : unmanaged
    {
        public static readonly bool IsNullable = Nullable.GetUnderlyingType(typeof(T)) is not null;

        public static readonly (int Offset, int Size, bool IsBool)[] All =
        [
            .. from leaf in Shape.Of(typeof(T)).Leaves
               from part in leaf.Shape is MemoryShape memory ? Enumerable.Range(0, memory.Size).Select(i => (leaf.Offset + i, 1, false)) : [(leaf.Offset, leaf.Shape.Size, leaf.Shape.Type == typeof(bool))]
               select part,
        ];
    }
}
