using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hornet.Bench.Code;

/// <summary>What the analyzers add to compiling a project of sixty kernels, and to one whose code has nothing to do with the kernel.</summary>
internal static class AnalyzerComparison
{
    private const int Rounds = 25;

    public static int Run(string[] options)
    {
        if (options.Length > 0) throw new ArgumentException($"'{options[0]}' is no option of analyzers");
        // Two copies of the thirty kernels of bench/run code, their parameter marked as a session's is; and the same text without the mark.
        string text = File.ReadAllText("bench/Hornet.Bench/Code/Kernels.cs");
        string marked = text.Replace("Named(string name, Func<XdpContext, XdpAction> kernel)", "Named(string name, [KernelCode] Func<XdpContext, XdpAction> kernel)", StringComparison.Ordinal);
        if (marked == text) throw new InvalidOperationException("Kernels.cs is not what it was");
        var assembly = Assembly.LoadFrom(Path.GetFullPath("artifacts/bin/Hornet.Analyzers/release/Hornet.Analyzers.dll"));
        ImmutableArray<DiagnosticAnalyzer> analyzers = [(DiagnosticAnalyzer)Activator.CreateInstance(assembly.GetType("Hornet.Analyzers.KernelCodeAnalyzer", throwOnError: true)!)!];
        Console.WriteLine("| what | best | median |\n|---|---|---|");
        var kernels = Compile(marked);
        // The measure must not be of an analyzer that does nothing.
        var broken = Compile(marked.Replace("ctx => XdpAction.Pass)", "ctx => { Console.Beep(); return XdpAction.Pass; })", StringComparison.Ordinal));
        int found = Findings(broken, analyzers).Count(d => d.Id == "HRN2109");
        if (found != 2 || Findings(kernels, analyzers).Any(d => d.Id.StartsWith("HRN", StringComparison.Ordinal)))
            throw new InvalidOperationException($"the analyzers found {found} of the 2 mistakes that were planted, or mistakes where there are none");
        var (alone, with) = Measure(kernels, analyzers);
        Row("60 kernels, compiled", alone);
        Row("60 kernels, compiled with the analyzers", with);
        var (plainAlone, plainWith) = Measure(Compile(text), analyzers);
        Row("the same code, none of it for the kernel, compiled", plainAlone);
        Row("the same code, compiled with the analyzers", plainWith);
        return 0;

        static void Row(string what, List<double> times) => Console.WriteLine(FormattableString.Invariant($"| {what} | {times[0]:F0} ms | {times[times.Count / 2]:F0} ms |"));
    }

    private static CSharpCompilation Compile(string text)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);
        const string Usings = "global using global::System; global using global::System.Collections.Generic; global using global::System.Linq; global using global::System.IO;";
        MetadataReference[] references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path))];
        string[] files = [text.Replace("namespace Hornet.Bench.Code", "namespace Hornet.Measured.First", StringComparison.Ordinal), text.Replace("namespace Hornet.Bench.Code", "namespace Hornet.Measured.Second", StringComparison.Ordinal), Usings];
        var compilation = CSharpCompilation.Create("Measured", files.Select((file, number) => CSharpSyntaxTree.ParseText(file, parse, $"File{number}.cs")), references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        return compilation.GetDiagnostics().FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error) is { } error ? throw new InvalidOperationException(error.ToString()) : compilation;
    }

    // Both in turns, each time from the beginning: a clone knows nothing yet. As dotnet build does, the program is written too.
    private static (List<double> Alone, List<double> With) Measure(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        List<double> alone = [], with = [];
        for (int round = -5; round < Rounds; round++)
        {
            double first = Time([]), second = Time(analyzers);
            if (round < 0) continue;
            alone.Add(first);
            with.Add(second);
        }
        alone.Sort();
        with.Sort();
        return (alone, with);

        double Time(ImmutableArray<DiagnosticAnalyzer> wanted)
        {
            var fresh = compilation.Clone();
            long begin = Stopwatch.GetTimestamp();
            if (wanted.IsEmpty) _ = fresh.GetDiagnostics();
            else _ = Findings(fresh, wanted);
            if (!fresh.Emit(Stream.Null).Success) throw new InvalidOperationException("it does not compile");
            return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }
    }

    private static ImmutableArray<Diagnostic> Findings(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers) =>
        compilation.WithAnalyzers(analyzers, new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: true, logAnalyzerExecutionTime: false))
            .GetAllDiagnosticsAsync().GetAwaiter().GetResult();
}
