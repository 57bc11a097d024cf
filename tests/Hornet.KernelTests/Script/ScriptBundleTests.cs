namespace Hornet.KernelTests.Script;

/// <summary>Scripts as programs (<c>--aot</c>), run without the files they were made of.</summary>
public class ScriptBundleTests
{
    private const string Script = """
        #include "seven.h"
        import "lib";
        begin { printf("%d %d %s %s\n", SEVEN, doubled(add_one(4)), str($1), getopt("who", "nobody")); exit(); }
        """;

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.Clang)]
    public void A_bundle_runs_without_what_it_was_made_of_and_takes_parameters()
    {
        string folder = Directory.CreateTempSubdirectory("hornet-bundle-").FullName;
        try
        {
            string source = Path.Combine(folder, "source"), bundle = Path.Combine(folder, "bundle");
            Directory.CreateDirectory(Path.Combine(source, "lib"));
            File.WriteAllText(Path.Combine(source, "main.bt"), Script);
            File.WriteAllText(Path.Combine(source, "seven.h"), "#define SEVEN 7\n");
            File.WriteAllText(Path.Combine(source, "lib", "twice.bt"), "macro doubled(value) { value * 2 }");
            File.WriteAllText(Path.Combine(source, "lib", "one.bpf.c"), "int add_one(int value) { return value + 1; }\n");
            var made = ScriptRunner.Run("--aot", bundle, "-I", source, Path.Combine(source, "main.bt"), "then");
            Assert.Equal(("", "", 0), made);
            Assert.NotEqual(0, (int)(File.GetUnixFileMode(bundle) & UnixFileMode.UserExecute));
            Assert.StartsWith("#!/bin/sh\n", File.ReadAllText(bundle), StringComparison.Ordinal);
            Directory.Delete(source, recursive: true);

            Assert.Equal("7 10 then nobody", First(ScriptRunner.Run("--bundle", bundle)));
            Assert.Equal("7 10 now nobody", First(ScriptRunner.Run("--bundle", bundle, "now")));
            Assert.Equal("7 10 then me", First(ScriptRunner.Run("--bundle", bundle, "--", "--who=me")));
            Assert.Contains("{\"type\": \"printf\", \"data\": \"7 10 then nobody\\n\"}", ScriptRunner.Run("--bundle", bundle, "-f", "json").Output, StringComparison.Ordinal);

            File.WriteAllBytes(bundle, File.ReadAllBytes(bundle)[..600]);
            var (_, errors, status) = ScriptRunner.Run("--bundle", bundle);
            Assert.Equal(1, status);
            Assert.Contains("is a broken bundle", errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void A_bundle_keeps_what_decides_how_the_script_runs()
    {
        string bundle = Path.Combine(Path.GetTempPath(), $"hornet-{Guid.NewGuid():N}");
        try
        {
            Environment.SetEnvironmentVariable("BPFTRACE_PRINT_MAPS_ON_EXIT", "false");
            var made = ScriptRunner.Run("--aot", bundle, "--unsafe", "--no-warnings", "-e", "begin { system(\"echo from the shell\"); @hidden = 1; exit(); }");
            Environment.SetEnvironmentVariable("BPFTRACE_PRINT_MAPS_ON_EXIT", null);
            Assert.Equal(("", "", 0), made);
            var (output, _, status) = ScriptRunner.Run("--bundle", bundle);
            Assert.Equal(0, status);
            Assert.Equal("from the shell", output.Trim());
        }
        finally
        {
            Environment.SetEnvironmentVariable("BPFTRACE_PRINT_MAPS_ON_EXIT", null);
            File.Delete(bundle);
        }
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void What_is_no_bundle_is_said_and_a_wrong_script_makes_none()
    {
        string bundle = Path.Combine(Path.GetTempPath(), $"hornet-{Guid.NewGuid():N}");
        Assert.Equal(1, ScriptRunner.Run("--aot", bundle, "-e", "begin { $x }").Status);
        Assert.False(File.Exists(bundle));
        Assert.Contains("is no bundle of a script", ScriptRunner.Run("--bundle", "/etc/passwd").Errors, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", ScriptRunner.Run("--bundle", bundle).Errors, StringComparison.Ordinal);
    }

    private static string First((string Output, string Errors, int Status) run)
    {
        Assert.True(run.Status == 0, run.Errors);
        return run.Output.Split('\n')[0];
    }
}
