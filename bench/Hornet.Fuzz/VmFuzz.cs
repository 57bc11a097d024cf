using System.Diagnostics;
using Hornet.Isa;
using Hornet.Vm.Tests.RandomPrograms;

namespace Hornet.Fuzz;

/// <summary>
/// Random programs through both engines of the user-space machine: programs that are right, programs that are wrong, bytes
/// that are none. A difference between the engines ends the run with the program.
/// </summary>
internal static class VmFuzz
{
    /// <summary><c>vm [PROGRAMS [FIRST SEED]]</c>.</summary>
    public static int Run(string[] arguments)
    {
        int count = 10_000, first = 0;
        if (arguments.Length > 2 || (arguments.Length > 0 && !int.TryParse(arguments[0], out count)) || (arguments.Length > 1 && !int.TryParse(arguments[1], out first)))
        {
            Console.Error.WriteLine("fuzz: vm takes two numbers: vm [PROGRAMS [FIRST SEED]]");
            return 2;
        }
        SortedDictionary<string, int> kinds = new(StringComparer.Ordinal);
        long begin = Stopwatch.GetTimestamp();
        for (int seed = first; seed < first + count; seed++)
        {
            try
            {
                string kind = "safe";
                if (seed % 3 == 0) Differential.Safe(seed, IsaLevel.V4);
                else kind = Differential.Wild(seed);
                kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            }
            catch (InvalidOperationException e)
            {
                Console.WriteLine(e.Message);
                return 1;
            }
        }
        Console.WriteLine($"{count} programs from seed {first} in {Stopwatch.GetElapsedTime(begin).TotalSeconds:F0} s, the engines agree: {string.Join(", ", kinds.Select(k => $"{k.Value} {k.Key}"))}");
        return 0;
    }
}
