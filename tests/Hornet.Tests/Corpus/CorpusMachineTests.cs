using System.Reflection;
using System.Runtime.InteropServices;
using Hornet.Compiler;
using Hornet.IL;
using Hornet.Isa;
using Hornet.Vm;

namespace Hornet.Tests.Corpus;

/// <summary>
/// The methods of the corpus on both engines of the machine in user space, compared with .NET, at every level of the
/// instruction set in turn. <c>HORNET_INPUTS</c> says how many random inputs each is given (2000); the edge cases come on top.
/// </summary>
public class CorpusMachineTests
{
    private static readonly int s_inputs = int.TryParse(Environment.GetEnvironmentVariable("HORNET_INPUTS"), out int given) ? given : 2_000;

    private static readonly IsaLevel[] s_levels = [IsaLevel.V1, IsaLevel.V2, IsaLevel.V3, IsaLevel.V4];

    public static TheoryData<string, string> Classes()
    {
        TheoryData<string, string> all = [];
        foreach (string configuration in (string[])["Debug", "Release"])
        {
            foreach (string type in CorpusInputs.Methods(configuration).Select(method => method.DeclaringType!.Name).Distinct()) all.Add(configuration, type);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public void Methods_give_the_same_results_here_and_in_both_engines(string configuration, string type)
    {
        List<string> failures = [];
        int number = 0;
        foreach (var method in CorpusInputs.Methods(configuration).Where(method => method.DeclaringType!.Name == type))
        {
            var types = method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType).ToArray();
            var run = typeof(CorpusMachineTests).GetMethod(nameof(Run), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(types);
            try
            {
                var difference = (string?)run.Invoke(null, [method.CreateDelegate(typeof(Func<,,>).MakeGenericType(types)), method.Name, s_levels[number++ & 3]]);
                if (difference is not null) failures.Add(difference);
            }
            catch (TargetInvocationException e) when (e.InnerException is BpfException error)
            {
                failures.Add($"{method.Name}: {error.Message}");
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    // Null when all agree, else the first result that does not.
    private static string? Run<TFirst, TSecond, TResult>(Func<TFirst, TSecond, TResult> method, string name, IsaLevel level)
        where TFirst : unmanaged where TSecond : unmanaged where TResult : unmanaged
    {
        var code = KernelCode.Xdp(name, CorpusInputs.Program(method)).Compile(new CompilerOptions { IsaLevel = level }).Object;
        VmProgram[] programs = [.. ((VmEngine[])[VmEngine.Interpreter, VmEngine.Jit]).Select(engine => new BpfMachine(new VmOptions { Engine = engine }).Load(code).Program(name))];
        var context = VmContext.Xdp(new byte[CorpusInputs.PacketLength]);
        Random random = new(54321);
        var input = new byte[CorpusInputs.PacketLength];
        for (int i = 0; i < CorpusInputs.EdgeCount + s_inputs; i++)
        {
            var first = CorpusInputs.Next<TFirst>(input.AsSpan(CorpusInputs.First), random, i < CorpusInputs.EdgeCount ? i : -1);
            var second = CorpusInputs.Next<TSecond>(input.AsSpan(CorpusInputs.Second), random, -1);
            TResult expected = default;
            Exception? thrown = null;
            try
            {
                expected = method(first, second);
            }
            catch (Exception error)
            {
                thrown = error;
            }
            foreach (var program in programs)
            {
                input.CopyTo(context.Packet);
                var ran = program.Run(context);
                string Input() => $"{name}({first}, {second}) at level {level} by the {program.Machine.Options.Engine}";
                if (ran.Fault is { } fault) return $"{Input()} ends in a fault: {fault}";
                if (thrown is not null)
                {
                    if (ran.ReturnCode != (int)XdpAction.Aborted) return $"{Input()} returns {ran.ReturnCode}, and here it throws {thrown.GetType().Name}";
                    continue;
                }
                if (ran.ReturnCode != (int)XdpAction.Pass) return $"{Input()} returns {ran.ReturnCode}, and here it is {expected}";
                var result = context.Packet[CorpusInputs.Result..];
                if (!CorpusInputs.Same(result, expected)) return $"{Input()} is {MemoryMarshal.Read<TResult>(result)}, and here {expected}";
            }
        }
        return null;
    }
}
