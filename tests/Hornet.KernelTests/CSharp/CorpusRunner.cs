using System.Reflection;
using System.Runtime.InteropServices;
using Hornet.Compiler;
using Hornet.Tests.Corpus;

namespace Hornet.KernelTests.CSharp;

/// <summary>
/// Runs a method of two arguments here and in the kernel, on edge cases and random inputs, and compares. In the kernel
/// the arguments and the result travel in a packet.
/// </summary>
internal static class CorpusRunner
{
    /// <summary>Runs a method, of an object when one is given; null when all results agree, else the first that does not.</summary>
    public static string? Run(MethodInfo method, int randomInputs, CompilerOptions? options = null, object? target = null)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType).ToArray();
        var run = typeof(CorpusRunner).GetMethod(nameof(RunTyped), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(types);
        var kernel = method.CreateDelegate(typeof(Func<,,>).MakeGenericType(types), target);
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
        var program = session.LoadXdp(CorpusInputs.Program(kernel), name);
        Random random = new(12345);
        var packet = new byte[CorpusInputs.PacketLength];
        for (int i = 0; i < CorpusInputs.EdgeCount + randomInputs; i++)
        {
            Array.Clear(packet);
            var first = CorpusInputs.Next<TFirst>(packet.AsSpan(CorpusInputs.First), random, i < CorpusInputs.EdgeCount ? i : -1);
            var second = CorpusInputs.Next<TSecond>(packet.AsSpan(CorpusInputs.Second), random, -1);
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
            var actual = MemoryMarshal.Read<TResult>(ran.Data.AsSpan(CorpusInputs.Result));
            if (!CorpusInputs.Same(ran.Data.AsSpan(CorpusInputs.Result), expected)) return $"{input} is {expected} here and {actual} in the kernel";
        }
        return null;
    }
}
