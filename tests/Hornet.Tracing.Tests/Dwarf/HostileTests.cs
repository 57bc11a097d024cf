using Hornet.Fuzz;

namespace Hornet.Tracing.Tests.Dwarf;

public class HostileTests
{
    /// <summary>A short run of the fuzzer's targets over every kind of debug information: flipped bytes, large numbers, truncation.</summary>
    [Theory]
    [InlineData("gcc", "-g -O1 -gdwarf-5")]
    [InlineData("gcc", "-g -O1 -gdwarf-4 -fdebug-types-section -gz=zlib")]
    [InlineData("clang", "-g -O1 -gdwarf-5")]
    [InlineData("clang", "-g -O0 -gdwarf-4")]
    public void Damaged_files_are_refused_and_nothing_else(string compiler, string arguments)
    {
        byte[] whole;
        using (var program = TestProgram.Compile(compiler, Sources.C, arguments)) whole = File.ReadAllBytes(program.Path);
        Random random = new(1);
        for (int round = 0; round < 150; round++)
        {
            byte[] data = (byte[])whole.Clone();
            for (int i = random.Next(1, 40); i > 0; i--)
            {
                int at = random.Next(data.Length);
                data[at] = random.Next(4) switch { 0 => 0xff, 1 => 0, 2 => 0x80, _ => (byte)random.Next(256) };
            }
            if (round % 10 == 0) data = data[..random.Next(data.Length)];
            foreach (var (name, target) in TracingTargets.All)
            {
                if (name is not ("dwarf" or "frames")) continue;
                try
                {
                    target(data);
                }
                catch (BpfFormatException)
                {
                }
            }
        }
    }
}
