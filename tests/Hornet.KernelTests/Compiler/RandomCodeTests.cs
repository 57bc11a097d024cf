using Hornet.Compiler.Tests.Execution;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Programs;

namespace Hornet.KernelTests.Compiler;

/// <summary>Random programs do in the kernel what the interpreter does with their IR.</summary>
public class RandomCodeTests
{
    private const int Seeds = 32;

    [KernelFact]
    public void Random_programs_do_what_their_ir_says() => Run(CompiledCode.Options.IsaLevel, 0, Seeds, 60);

    [KernelFact]
    public void With_many_values_at_once_they_still_do() => Run(CompiledCode.Options.IsaLevel, 10_000, Seeds / 2, 200);

    [KernelFact]
    public void They_do_with_the_oldest_instructions_too() => Run(IsaLevel.V1, 20_000, Seeds / 2, 60);

    [KernelFact]
    public void They_do_with_the_instructions_of_level_3_too() => Run(IsaLevel.V3, 30_000, Seeds / 2, 60);

    private static void Run(IsaLevel level, int first, int count, int statements)
    {
        var options = CompiledCode.Options with { IsaLevel = level };
        if (Environment.GetEnvironmentVariable("HORNET_RANDOM_SEEDS") is { } more) (first, count) = (first + 100_000, int.Parse(more));
        int tooMuch = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            Random random = new(seed);
            for (int run = 0; run < 2; run++)
            {
                var input = new byte[RandomIr.IoSize];
                random.NextBytes(input.AsSpan(0, RandomIr.InputSize));
                // Small numbers and zeros take other paths than random ones.
                for (int i = 0; i < RandomIr.InputSize; i += 8)
                {
                    if (random.Next(3) == 0) BitConverter.TryWriteBytes(input.AsSpan(i), random.NextInt64(-3, 8));
                }
                int s = seed;
                try
                {
                    CompiledCode.Compare(() => RandomIr.Make(s, statements, options.FetchingAtomics), input, options);
                }
                catch (InvalidOperationException e) when (e.InnerException is VerifierException { Errno: Errno.E2BIG })
                {
                    // Nested branches have too many paths for the verifier's million instructions; nothing is wrong with the code.
                    tooMuch++;
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"seed {seed}, level {level}: {e.Message}", e);
                }
            }
        }
        Assert.True(tooMuch <= count / 10, $"{tooMuch} of {2 * count} programs were too much for the verifier");
    }
}
