using System.Diagnostics;

namespace Hornet.Core.Tests.Elf;

/// <summary>Objects made at test time: C in, ELF out.</summary>
internal static class Compile
{
    public static byte[] Bpf(string source, string options = "", string target = "bpf") => Run("clang", $"-target {target} -O2 -g {options} -c", source);

    public static byte[] Native(string source, string options = "") => Run("gcc", options, source);

    private static byte[] Run(string compiler, string options, string source)
    {
        string directory = Directory.CreateTempSubdirectory("hornet-cc-").FullName;
        try
        {
            string input = Path.Combine(directory, "in.c"), output = Path.Combine(directory, "out");
            File.WriteAllText(input, source);
            ProcessStartInfo start = new(compiler, $"{options} {input} -o {output}") { RedirectStandardError = true, WorkingDirectory = directory };
            using var process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{compiler} {options}: {errors}");
            return File.ReadAllBytes(output);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
