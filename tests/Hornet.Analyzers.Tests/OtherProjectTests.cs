using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;

namespace Hornet.Analyzers.Tests;

/// <summary>Methods of other projects: looked at in their own build, when they say that they are kernel code.</summary>
public class OtherProjectTests
{
    private const string Library = """
        using Hornet;

        namespace Hornet.Tests.Library;

        public static class Helpers
        {
            [KernelCode]
            public static int Marked(int value)
            {
                Console.WriteLine(value);
                return value;
            }

            public static int Unmarked(int value)
            {
                Console.WriteLine(value);
                return value;
            }
        }
        """;

    private const string Application = """
        using Hornet;
        using Hornet.Tests.Library;

        namespace Hornet.Tests.Application;

        internal static class Programs
        {
            [KernelCode]
            static XdpAction Kernel(XdpContext ctx)
            {
                return Helpers.Unmarked(ctx.Data.Length) > Helpers.Marked(3) ? XdpAction.Pass : XdpAction.Drop;
            }
        }
        """;

    [Fact]
    public async Task A_marked_method_is_checked_in_its_own_project_and_the_compiler_finds_both()
    {
        var library = Sources.Compile(OutputKind.DynamicallyLinkedLibrary, optimize: false, ("Library.cs", Library)).WithAssemblyName("Hornet.Analyzers.Tests.Library");
        var own = await Sources.Analyze(library);
        Assert.Equal(["HRN2109 10:9"], own.Select(finding => Sources.Describe(finding)[..12]));

        string folder = Directory.CreateTempSubdirectory("hornet-analyzers-").FullName;
        try
        {
            string path = Path.Combine(folder, "Hornet.Analyzers.Tests.Library.dll");
            EmitResult emitted;
            using (FileStream assembly = File.Create(path), symbols = File.Create(Path.ChangeExtension(path, ".pdb")))
                emitted = library.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb), cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(emitted.Success, string.Join("\n", emitted.Diagnostics));
            var application = Sources.Compile(OutputKind.DynamicallyLinkedLibrary, optimize: false, ("Application.cs", Application)).AddReferences(MetadataReference.CreateFromFile(path));
            Assert.Empty((await Sources.Analyze(application)).Select(Sources.Describe));
            // In an editor other projects are seen as source: the answer must not be another one.
            Assert.Empty((await Sources.Analyze(Sources.Compile(OutputKind.DynamicallyLinkedLibrary, optimize: false, ("Application.cs", Application)).AddReferences(library.ToMetadataReference()))).Select(Sources.Describe));

            var loaded = Sources.Load(application, path);
            var compiled = Verdicts.Compile(loaded.GetType("Hornet.Tests.Application.Programs")!.GetMethod("Kernel", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!);
            Assert.Equal(["HRN2109 10:9", "HRN2109 16:9"], compiled.Select(finding => $"{finding.Id} {finding.Location!.Line}:{finding.Location.Column}").Order(StringComparer.Ordinal));
            Assert.All(compiled, finding => Assert.EndsWith("Library.cs", finding.Location!.File, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
