using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Hornet.Analyzers.Tests;

/// <summary>A user's project with the analyzers, built with <c>dotnet build</c>.</summary>
public sealed partial class BuildTests : IDisposable
{
    private const string Wrong = """
        using Hornet;

        static class Wrong
        {
            public static void Attach(BpfSession session)
            {
                session.AttachTracepoint("syscalls:sys_enter_openat", () =>
                {
                    var name = new object(); // HRN1001
                    Tell(Bpf.Tgid);
                });
                session.AttachTracepoint("syscalls:sys_enter_close", Close);
            }

            static void Tell(uint pid) => Console.WriteLine(pid); // HRN2109

            static void Close()
            {
                Bpf.Print($"closed by {Bpf.Tgid}");
                Thread.Sleep(1); // HRN2104
            }
        }
        """;

    private const string Right = """
        using Hornet;
        using Hornet.Maps;

        static class Right
        {
            public static BpfHashMap<uint, ulong> Attach(BpfSession session)
            {
                var calls = BpfHashMap<uint, ulong>.Create("calls", 64);
                session.AttachTracepoint("syscalls:sys_enter_openat", () =>
                {
                    calls[Bpf.Tgid] += Weight(Bpf.Tgid);
                    Bpf.Print($"opened by {Bpf.Tgid}");
                });
                Console.WriteLine("in user space anything goes");
                return calls;
            }

            static ulong Weight(uint pid) => pid == 1 ? 10UL : 1;
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-analyzers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_build_says_what_is_wrong_at_its_line_and_nothing_about_the_rest()
    {
        string references = string.Concat(((string[])["Hornet", "Hornet.Core", "Hornet.Compiler", "Hornet.Tracing"]).Select(name => $"""<Reference Include="{name}" HintPath="{AppContext.BaseDirectory}{name}.dll" />"""));
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>{references}<Analyzer Include="{AppContext.BaseDirectory}Hornet.Analyzers.dll" /></ItemGroup>
            </Project>
            """);
        Write("Wrong.cs", Wrong);
        Write("Right.cs", Right);
        var (output, status) = Build();
        Assert.True(status != 0, output);
        // Warnings of an analyzer that cannot be loaded would be among them.
        var said = Said().Matches(output).Select(match => $"{match.Groups["file"].Value}({match.Groups["line"].Value}) {match.Groups["what"].Value}").Distinct().Order(StringComparer.Ordinal);
        var lines = Wrong.Split('\n').Index().Where(line => line.Item.Contains("// HRN", StringComparison.Ordinal)).Select(line => $"Wrong.cs({line.Index + 1}) error {line.Item[^7..]}");
        Assert.True(lines.Order(StringComparer.Ordinal).SequenceEqual(said), output);
        Assert.Contains("Wrong.Tell(uint) called at Wrong.cs:10:13", output);
    }

    [GeneratedRegex(@"^(?:.*/)?(?<file>[^/(: ]*)(?:\((?<line>\d+),\d+\))? ?: (?<what>(?:error|warning) \w+)", RegexOptions.Multiline)]
    private static partial Regex Said();

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    // No process may stay behind that holds the output open: no build nodes, no compiler server, nothing to read from.
    private (string Output, int Status) Build()
    {
        ProcessStartInfo start = new("dotnet", ["build", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:NuGetAudit=false", "--disable-build-servers", "-v:q", "-nologo", "-clp:NoSummary"])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment.Remove("MSBUILD_EXE_PATH");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the build takes more than five minutes");
        }
        return (output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult(), process.ExitCode);
    }
}
