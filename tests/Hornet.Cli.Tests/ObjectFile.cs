using System.Diagnostics;

namespace Hornet.Cli.Tests;

/// <summary>A BPF object made by clang from C, in a folder of its own that is removed with it.</summary>
internal sealed class ObjectFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-object-").FullName;

    public ObjectFile(string source)
    {
        string input = System.IO.Path.Combine(_folder, "t.bpf.c");
        File.WriteAllText(input, source);
        string system = System.IO.Path.Combine("/usr/include", $"{(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu");
        using var clang = Process.Start(new ProcessStartInfo("clang", ["-target", "bpf", "-O2", "-g", "-I", system, "-c", input, "-o", Path]) { RedirectStandardError = true })!;
        string errors = clang.StandardError.ReadToEnd();
        clang.WaitForExit();
        Assert.True(clang.ExitCode == 0, errors);
    }

    public string Path => System.IO.Path.Combine(_folder, "t.bpf.o");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
