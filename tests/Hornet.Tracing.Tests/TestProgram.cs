using System.Diagnostics;

namespace Hornet.Tracing.Tests;

/// <summary>A program compiled for a test, in a folder of its own that goes away with it.</summary>
internal sealed class TestProgram : IDisposable
{
    private TestProgram(string folder, string path) => (Folder, Path) = (folder, path);

    public string Folder { get; }

    public string Path { get; }

    /// <summary>Compiles; skips the test when the compiler is missing.</summary>
    /// <param name="compiler">gcc, g++, clang…</param>
    /// <param name="source">The source.</param>
    /// <param name="arguments">More arguments, separated by spaces.</param>
    /// <param name="file">The name of the source file; its ending chooses the language.</param>
    public static TestProgram Compile(string compiler, string source, string arguments, string file = "program.c")
    {
        Assert.SkipUnless(Exists(compiler), $"{compiler} is not installed");
        string folder = Directory.CreateTempSubdirectory("hornet-program-").FullName;
        try
        {
            File.WriteAllText(System.IO.Path.Combine(folder, file), source);
            Run(folder, compiler, $"{file} -o program {arguments}");
            return new TestProgram(folder, System.IO.Path.Combine(folder, "program"));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public static bool Exists(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(f => File.Exists(System.IO.Path.Combine(f, command)));

    /// <summary>Runs a tool in the program's folder and returns what it printed; skips the test when it is missing.</summary>
    public string Tool(string command, string arguments)
    {
        Assert.SkipUnless(Exists(command), $"{command} is not installed");
        return Run(Folder, command, arguments);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Run(string folder, string command, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command} {arguments}: {errors.Result}");
        return output;
    }
}
