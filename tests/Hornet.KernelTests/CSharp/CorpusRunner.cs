using System.Reflection;
using System.Runtime.InteropServices;
using Hornet.Compiler;
using Hornet.IL.Values;

namespace Hornet.KernelTests.CSharp;

/// <summary>
/// Runs a method of two arguments here and in the kernel, on edge cases and random inputs, and compares. In the kernel
/// the arguments and the result travel in a packet.
/// </summary>
internal static class CorpusRunner
{
    private const int First = 16, Second = 64, Result = 112, PacketLength = 192;

    private static readonly long[] s_edges =
    [
        0, 1, -1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, 100, 127, 128, -128, -129, 255, 256, 32767, -32768, 32768, 65535, 65536,
        int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1000000000000, long.MaxValue, long.MinValue, unchecked((long)0x8000000080000000), 0x5555555555555555,
    ];

    /// <summary>Runs a method; null when all results agree, else the first that does not.</summary>
    public static string? Run(MethodInfo method, int randomInputs, CompilerOptions? options = null)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType).ToArray();
        var run = typeof(CorpusRunner).GetMethod(nameof(RunTyped), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(types);
        var kernel = method.CreateDelegate(typeof(Func<,,>).MakeGenericType(types));
        try
        {
            return (string?)run.Invoke(null, [kernel, method.Name, randomInputs, options]);
        }
        catch (TargetInvocationException error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.InnerException!);
            throw;
        }
    }

    private static string? RunTyped<TFirst, TSecond, TResult>(Func<TFirst, TSecond, TResult> kernel, string name, int randomInputs, CompilerOptions? options)
        where TFirst : unmanaged where TSecond : unmanaged where TResult : unmanaged
    {
        using BpfSession session = new() { Options = options };
        var program = session.LoadXdp(ctx =>
        {
            if (!ctx.TryRead<TFirst>(First, out var first) || !ctx.TryRead<TSecond>(Second, out var second)) return XdpAction.Drop;
            var result = kernel(first, second);
            MemoryMarshal.Write(ctx.Data.Slice(Result), in result);
            return XdpAction.Pass;
        }, name);
        Random random = new(12345);
        var packet = new byte[PacketLength];
        for (int i = 0; i < s_edges.Length + randomInputs; i++)
        {
            Array.Clear(packet);
            var first = Input<TFirst>(packet.AsSpan(First), random, i < s_edges.Length ? i : -1);
            var second = Input<TSecond>(packet.AsSpan(Second), random, -1);
            TResult expected = default;
            Exception? thrown = null;
            try
            {
                expected = kernel(first, second);
            }
            catch (Exception error)
            {
                thrown = error;
            }
            var ran = program.TestRun(packet);
            string input = $"{name}({first}, {second})";
            if (thrown is not null)
            {
                if (ran.ReturnValue != (uint)XdpAction.Aborted) return $"{input} throws {thrown.GetType().Name} here, and the kernel returned {ran.ReturnValue}";
                continue;
            }
            if (ran.ReturnValue != (uint)XdpAction.Pass) return $"{input} is {expected} here, and the kernel returned {ran.ReturnValue}";
            var actual = MemoryMarshal.Read<TResult>(ran.Data.AsSpan(Result));
            if (!Same(ran.Data.AsSpan(Result), expected)) return $"{input} is {expected} here and {actual} in the kernel";
        }
        return null;
    }

    private static T Input<T>(Span<byte> place, Random random, int edge) where T : unmanaged
    {
        foreach (var (offset, scalar) in Scalars(typeof(T)))
        {
            long number = edge >= 0 ? s_edges[edge] : random.Next(3) switch
            {
                0 => s_edges[random.Next(s_edges.Length)],
                1 => random.Next(-20, 200),
                _ => random.NextInt64(long.MinValue, long.MaxValue),
            };
            if (scalar.Type == typeof(bool)) number &= 1;
            BitConverter.GetBytes(number).AsSpan(0, scalar.Size).CopyTo(place[offset..]);
        }
        return MemoryMarshal.Read<T>(place);
    }

    private static bool Same<T>(ReadOnlySpan<byte> actual, T expected) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in expected));
        // Of a nullable without a value the rest does not matter; padding never does.
        if (Nullable.GetUnderlyingType(typeof(T)) is not null && bytes[0] == 0) return actual[0] == 0;
        foreach (var (offset, scalar) in Scalars(typeof(T)))
        {
            if (!bytes.Slice(offset, scalar.Size).SequenceEqual(actual.Slice(offset, scalar.Size))) return false;
        }
        return true;
    }

    private static IEnumerable<(int Offset, Shape Scalar)> Scalars(Type type)
    {
        foreach (var leaf in Shape.Of(type).Leaves)
        {
            if (leaf.Shape is MemoryShape memory)
            {
                for (int i = 0; i < memory.Size; i++) yield return (leaf.Offset + i, Shape.Of(typeof(byte)));
            }
            else
            {
                yield return (leaf.Offset, leaf.Shape);
            }
        }
    }
}
