using Hornet.Isa;

namespace Hornet.Vm.Tests.RandomPrograms;

/// <summary>Both engines on programs nobody wrote. The same runs by the million: <c>bench/fuzz vm</c>.</summary>
public class RandomProgramTests
{
    [Fact]
    public void Both_engines_agree_on_programs_that_are_right()
    {
        HashSet<ulong> results = [];
        for (int seed = 0; seed < 400; seed++) results.Add(Differential.Safe(seed, IsaLevel.V4));
        Assert.True(results.Count > 390, $"only {results.Count} different results: the programs compute nothing");
    }

    // What bench/fuzz vm found: a 32-bit comparing exchange that succeeds left the upper half of r0.
    [Theory]
    [InlineData(21717)]
    public void What_the_engines_once_differed_on_they_agree_on(int seed) => Differential.Safe(seed, IsaLevel.V4);

    [Fact]
    public void Both_engines_agree_on_programs_that_are_wrong_down_to_the_fault()
    {
        Dictionary<string, int> kinds = [];
        for (int seed = 0; seed < 1000; seed++)
        {
            string kind = Differential.Wild(seed);
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        }
        // The generator reaches the faults there are, and programs also end well.
        foreach (string kind in (string[])["end", "NullPointer", "OutOfBounds", "BadArgument", "BudgetExceeded", "Misaligned"])
            Assert.True(kinds.GetValueOrDefault(kind) > 5, $"{kind}: {kinds.GetValueOrDefault(kind)} of 1000; all: {string.Join(", ", kinds)}");
    }

    [Fact]
    public void Random_bytes_break_nothing()
    {
        System.Random random = new(1);
        int accepted = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = new byte[8 * random.Next(1, 12)];
            random.NextBytes(bytes);
            // Mostly real opcodes and registers with few reserved fields, so that some programs are accepted.
            for (int at = 0; at < bytes.Length; at += 8)
            {
                bytes[at + 1] &= 0x77;
                if (random.Next(2) == 0) bytes.AsSpan(at + 2, 6).Clear();
                if (random.Next(3) == 0) (bytes[at], bytes[at + 1]) = (0xb7, (byte)random.Next(10));
            }
            bytes.AsSpan(bytes.Length - 8).Clear();
            bytes[^8] = 0x95;
            if (Differential.Bytes(bytes)) accepted++;
        }
        Assert.True(accepted > 50, $"{accepted} accepted");
    }
}
