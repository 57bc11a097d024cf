using System.Buffers.Binary;
using System.Globalization;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Vm;

namespace Hornet.KernelTests.Script.Random;

/// <summary>Random scripts print in the kernel and in both engines of the user-space machine what their own evaluation says.</summary>
/// <remarks><c>bench/run random-scripts COUNT [FIRST]</c> runs as many as one likes.</remarks>
public class RandomScriptTests(ITestOutputHelper output)
{
    [KernelFact(MinKernel = "5.13")]
    public void Random_scripts_print_what_they_must()
    {
        var wanted = (Environment.GetEnvironmentVariable("HORNET_RANDOM_SCRIPTS") ?? "60").Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        int first = wanted.Length > 1 ? wanted[1] : 0, refused = 0, printed = 0;
        List<string> wrong = [];
        for (int seed = first; seed < first + wanted[0] && wrong.Count < 10; seed++)
        {
            RandomScript script = new(seed);
            printed += script.Expected.Count;
            try
            {
                if (Compare(seed, script, ref refused) is { } difference) wrong.Add($"seed {seed}: {difference}\n{script.Text}");
            }
            catch (Exception e) when (e is BpfException or InvalidOperationException or ScriptException)
            {
                wrong.Add($"seed {seed}: {e.Message}\n{script.Text}");
            }
        }
        Assert.True(printed > 3 * wanted[0], $"{wanted[0]} scripts printed {printed} numbers");
        output.WriteLine($"{wanted[0]} scripts from seed {first}; {refused} were too much for the verifier; {printed} numbers");
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        Assert.True(refused <= wanted[0] / 20, $"{refused} of {wanted[0]} were too much for the verifier");
    }

    private static string? Compare(int seed, RandomScript script, ref int refused)
    {
        DiagnosticBag diagnostics = new();
        SourceText source = new("stdin", script.Text);
        if (ScriptCompiler.Parse(source, diagnostics) is not { } parsed || ScriptCompiler.Bind(parsed, new ScriptOptions(), diagnostics) is not { } bound)
            return "refused: " + diagnostics.All.First(d => d.Severity == ScriptSeverity.Error).Message;
        var compiled = ScriptCompiler.Lower(bound, new ScriptOptions());
        // .NET's own compiler takes longer than all the rest.
        foreach (var engine in seed % 16 == 0 ? (VmEngine[])[VmEngine.Interpreter, VmEngine.Jit] : [VmEngine.Interpreter])
        {
            if (Difference(script, InMachine(compiled, engine)) is { } other) return $"{engine}: {other}";
        }
        try
        {
            using ScriptRun run = new(compiled);
            run.Run();
            return Difference(script, Numbers(run.Records())) is { } different ? "kernel: " + different : null;
        }
        catch (Hornet.Programs.VerifierException e) when (e.Message.Contains("too large", StringComparison.Ordinal) || e.Message.Contains("too many", StringComparison.Ordinal) || e.Message.Contains("too complex", StringComparison.Ordinal))
        {
            refused++;
            return null;
        }
    }

    private static List<long> InMachine(CompiledScript compiled, VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var loaded = machine.Load(compiled.Compilation.Object);
        loaded.Program(compiled.Programs[0].ProgramName).Run(VmContext.Memory(new byte[64])).EnsureSucceeded();
        return Numbers(((VmEventMap)loaded.Map(CompiledScript.EventsMap)).Drain().Select(r => (compiled.Actions[BinaryPrimitives.ReadInt32LittleEndian(r.Data)], r.Data[8..])));
    }

    private static List<long> Numbers(IEnumerable<(AsyncAction Action, byte[] Payload)> records) =>
        [.. records.Where(r => r.Action is AsyncAction.Print).Select(r => ScriptRun.Number(r.Action, r.Payload, 0))];

    private static string? Difference(RandomScript script, List<long> printed)
    {
        for (int i = 0; i < Math.Max(printed.Count, script.Expected.Count); i++)
        {
            string printedOne = i < printed.Count ? printed[i].ToString(CultureInfo.InvariantCulture) : "nothing", wanted = i < script.Expected.Count ? script.Expected[i].ToString(CultureInfo.InvariantCulture) : "nothing";
            if (printedOne != wanted) return $"line {i + 1} is {printedOne}, not {wanted}";
        }
        return null;
    }
}
