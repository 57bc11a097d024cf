extern alias Analyzers;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using KernelCodeAnalyzer = Analyzers::Hornet.Analyzers.KernelCodeAnalyzer;

namespace Hornet.Analyzers.Tests;

/// <summary>Compiles source in memory, and asks the analyzers about it.</summary>
internal static class Sources
{
    private const string Usings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(path => !Path.GetFileName(path).StartsWith("Hornet.Analyzers", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly CSharpParseOptions s_parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14).WithFeatures([new("FileBasedProgram", "true")]);

    /// <summary>The repository.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    /// <summary>A source as a document of an editor's, with what it refers to.</summary>
    public static Document Open(AdhocWorkspace workspace, string text)
    {
        var project = ProjectId.CreateNewId();
        var document = DocumentId.CreateNewId(project);
        var solution = workspace.CurrentSolution.AddProject(ProjectInfo.Create(project, VersionStamp.Create(), "Hornet.Tests", "Hornet.Tests", LanguageNames.CSharp, parseOptions: s_parse,
                compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable), metadataReferences: s_references))
            .AddDocument(DocumentId.CreateNewId(project), "Usings.cs", SourceText.From(Usings)).AddDocument(document, "Kernel.cs", SourceText.From(text));
        return solution.GetDocument(document)!;
    }

    /// <summary>A file of the repository.</summary>
    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Repository, .. path]));

    /// <summary>Sources as one compilation. It has the name of an assembly that sees Hornet's internals.</summary>
    public static CSharpCompilation Compile(OutputKind kind, bool optimize, params IEnumerable<(string Path, string Text)> files) => CSharpCompilation.Create("Hornet.Tests",
        files.Append((Path: "Usings.cs", Text: Usings)).Select(file => CSharpSyntaxTree.ParseText(SourceText.From(file.Text, System.Text.Encoding.UTF8), s_parse, file.Path)), s_references,
        new CSharpCompilationOptions(kind, optimizationLevel: optimize ? OptimizationLevel.Release : OptimizationLevel.Debug, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>What the analyzers say, in the order of the source.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Analyze(Compilation compilation, Dictionary<string, ReportDiagnostic>? severities = null)
    {
        if (severities is not null) compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions(severities));
        List<Exception> thrown = [];
        CompilationWithAnalyzersOptions options = new(new AnalyzerOptions([]), (error, _, _) => { lock (thrown) thrown.Add(error); }, concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        ImmutableArray<DiagnosticAnalyzer> analyzers = [new KernelCodeAnalyzer()];
        var found = await compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.Empty(thrown);
        return [.. found.OrderBy(finding => finding.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(finding => finding.Location.SourceSpan.Start).ThenBy(finding => finding.Id, StringComparer.Ordinal)];
    }

    /// <summary>The compilation as a loaded assembly with its line numbers.</summary>
    /// <param name="compilation">What to load.</param>
    /// <param name="library">An assembly that it refers to and that is not the tests' own.</param>
    public static Assembly Load(Compilation compilation, string? library = null)
    {
        string folder = Directory.CreateTempSubdirectory("hornet-analyzers-").FullName;
        string path = Path.Combine(folder, "Hornet.Tests.dll");
        EmitResult result;
        using (FileStream assembly = File.Create(path), symbols = File.Create(Path.ChangeExtension(path, ".pdb")))
            result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb, pdbFilePath: Path.ChangeExtension(path, ".pdb")));
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        AssemblyLoadContext context = new(folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        if (library is not null) context.LoadFromAssemblyPath(library);
        return context.LoadFromAssemblyPath(path);
    }

    /// <summary>A finding as tests show it.</summary>
    public static string Describe(Diagnostic finding)
    {
        var at = finding.Location.GetLineSpan().StartLinePosition;
        return $"{finding.Id} {at.Line + 1}:{at.Character + 1} {finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
