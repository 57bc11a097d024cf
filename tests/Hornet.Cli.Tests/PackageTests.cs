using System.IO.Compression;
using System.Xml.Linq;

namespace Hornet.Cli.Tests;

/// <summary>The packages as they ship: what is in them, and a project that has nothing else, built and run without a network.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string[] s_libraries = ["Hornet.Core", "Hornet.Compiler", "Hornet.Tracing", "Hornet.Vm", "Hornet.Script"];

    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_packages_hold_what_they_should_and_a_project_needs_nothing_else()
    {
        await Pack();
        Assert.Equal([.. s_libraries.Append("Hornet").Order(StringComparer.Ordinal)], Directory.GetFiles(_folder, "*.nupkg").Select(Id).Order(StringComparer.Ordinal));
        foreach (string library in s_libraries) Check(library);
        Check("Hornet", "analyzers/dotnet/cs/Hornet.Analyzers.dll", "analyzers/dotnet/cs/Hornet.Analyzers.Fixes.dll", "build/Hornet.targets",
            "tools/hornet/Hornet.Cli.dll", "tools/hornet/Hornet.Cli.deps.json", "tools/hornet/Hornet.Cli.runtimeconfig.json", "tools/hornet/System.CommandLine.dll",
            "tools/hornet/Hornet.dll", "tools/hornet/Hornet.Compiler.dll", "tools/hornet/Hornet.Core.dll", "tools/hornet/Hornet.Script.dll", "tools/hornet/Hornet.Tracing.dll", "tools/hornet/Hornet.Vm.dll");

        WriteProject();
        // The analyzers come with the package.
        Write("Program.cs", Program.Replace("drops[0]++;", "Console.WriteLine();", StringComparison.Ordinal));
        var (output, status) = await Dotnet(DotnetProcess.Build);
        Assert.NotEqual(0, status);
        Assert.Matches(@"Program\.cs\(\d+,\d+\): error HRN2109: Console\.WriteLine\(\) ", output);
        Write("Program.cs", Program);
        (output, status) = await Dotnet([.. DotnetProcess.Build, "--no-restore"]);
        Assert.True(status == 0, output);
        (output, status) = await Dotnet("bin/Debug/net10.0/app.dll");
        Assert.Equal(("Drop, Pass, 1 dropped; Filter.bpf.o\n", 0), (output, status));
    }

    // The kernel's part runs in user space: no root, no kernel. The marked one is compiled by the package's target.
    // The lambda runs in user space: no root, no kernel. The marked method is compiled by the package's target.
    private const string Program = """
        using Hornet;
        using Hornet.Maps;
        using Hornet.Vm;

        using VmSession session = new();
        var drops = BpfArray<ulong>.Create("drops", 1);
        var program = session.LoadXdp(packet =>
        {
            if (packet.Data.Length > 20) return XdpAction.Pass;
            drops[0]++;
            return XdpAction.Drop;
        });
        string Verdict(int length) => ((XdpAction)program.Run(VmContext.Xdp(new byte[length])).EnsureSucceeded().ReturnCode).ToString();
        Console.WriteLine($"{Verdict(14)}, {Verdict(64)}, {drops[0]} dropped; {string.Join(' ', typeof(Filter).Assembly.GetManifestResourceNames())}");

        static class Filter
        {
            [Xdp]
            public static XdpAction OnPacket(XdpContext packet) => packet.Data.Length > 20 ? XdpAction.Pass : XdpAction.Drop;
        }
        """;

    private void WriteProject()
    {
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <HornetCompile>true</HornetCompile>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Hornet" Version="*" />
              </ItemGroup>
            </Project>
            """);
        Write("nuget.config", """
            <configuration>
              <packageSources>
                <clear />
                <add key="here" value="." />
              </packageSources>
              <fallbackPackageFolders>
                <clear />
              </fallbackPackageFolders>
            </configuration>
            """);
    }

    private async Task Pack()
    {
        string[] projects = [.. s_libraries.Append("Hornet").Select(name => $"""<Project Include="{DocumentationTests.Root}/src/{name}/{name}.csproj" />""")];
        Write("pack.proj", $"""
            <Project>
              <ItemGroup>{string.Concat(projects)}</ItemGroup>
              <Target Name="Pack">
                <MSBuild Projects="@(Project)" Targets="Pack" Properties="Configuration=Release;PackageOutputPath={_folder};RunAnalyzers=false;NoBuild=true" />
              </Target>
            </Project>
            """);
        var (output, status) = await Dotnet("msbuild", "-t:Pack", "pack.proj", "-nodeReuse:false", "-v:q", "-nologo");
        Assert.True(status == 0, output);
        File.Delete(Path.Combine(_folder, "pack.proj"));
    }

    // The library with its documentation, for one framework; packages of ours alone; and nothing that is not named.
    private void Check(string id, params string[] more)
    {
        using var package = ZipFile.OpenRead(Directory.GetFiles(_folder, $"{id}.*.nupkg").Single(path => Id(path) == id));
        var files = package.Entries.Select(entry => entry.FullName).Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml");
        Assert.Equal([.. new[] { $"{id}.nuspec", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" }.Concat(more).Order(StringComparer.Ordinal)], files.Order(StringComparer.Ordinal));
        using var stream = package.GetEntry($"{id}.nuspec")!.Open();
        var nuspec = XDocument.Load(stream).Root!;
        XNamespace names = nuspec.Name.Namespace;
        Assert.Equal("MIT", nuspec.Descendants(names + "license").Single().Value);
        Assert.NotEqual("Package Description", nuspec.Descendants(names + "description").Single().Value);
        string[] dependencies = [.. nuspec.Descendants(names + "dependency").Select(dependency => dependency.Attribute("id")!.Value)];
        Assert.All(dependencies, dependency => Assert.StartsWith("Hornet.", dependency, StringComparison.Ordinal));
        if (id == "Hornet.Core") Assert.Empty(dependencies);
        if (id == "Hornet") Assert.DoesNotContain("Hornet.Script", dependencies);
    }

    // Hornet.Core.0.1.0.nupkg is Hornet.Core.
    private static string Id(string path) => string.Join('.', Path.GetFileNameWithoutExtension(path).Split('.').TakeWhile(part => !char.IsAsciiDigit(part[0])));

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private Task<(string Output, int Status)> Dotnet(params string[] arguments) => DotnetProcess.Run(_folder, arguments);
}
