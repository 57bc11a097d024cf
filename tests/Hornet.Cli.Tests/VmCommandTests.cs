using System.Diagnostics;

namespace Hornet.Cli.Tests;

/// <summary>
/// <c>hornet vm exec</c>, which conformance suites talk to: instructions on standard input, memory as the argument, R0 on
/// standard output. Needs neither root nor a kernel.
/// </summary>
public class VmCommandTests
{
    private const string Exit = "9500000000000000";

    public static TheoryData<string> Engines => ["interpreter", "jit", "auto"];

    private static (string Output, string Errors, int Status) Exec(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(CommandLine.Hornet, ["vm", "exec", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(program);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(120_000), "hornet vm exec does not end");
        return (output, errors.Result, process.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void R0_is_printed_in_hexadecimal(string engine)
    {
        // r0 = -2
        Assert.Equal(("fffffffffffffffe\n", "", 0), Exec($"b7000000feffffff\n{Exit}", "--engine", engine));
        // r0 = *(u8 *)(r1 + 2); r0 += r2: the third byte and the length.
        Assert.Equal(("36\n", "", 0), Exec($"71 10 02 00 00 00 00 00 0f 20 00 00 00 00 00 00 {Exit}", "--engine", engine, "--", "11 22 33"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_program_that_misbehaves_or_never_ends_is_ended_with_one_error(string engine)
    {
        // r0 = *(u8 *)(r1 + 3), behind three bytes
        var beyond = Exec($"7110030000000000{Exit}", "--engine", engine, "--", "112233");
        Assert.Equal(("", 1), (beyond.Output, beyond.Status));
        Assert.Contains("instruction 0", beyond.Errors, StringComparison.Ordinal);
        Assert.Contains("the context", beyond.Errors, StringComparison.Ordinal);
        // goto itself
        var endless = Exec($"0500ffff00000000{Exit}", "--engine", engine);
        Assert.Equal(("", 1), (endless.Output, endless.Status));
        Assert.Contains("budget", endless.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no instructions")]
    [InlineData("xyz", "hexadecimal")]
    [InlineData("b7", "8")]
    [InlineData("b70000000000000", "hexadecimal")]
    [InlineData("ff00000000000000", "0xff")]
    [InlineData("b700000000000000", "exit")]
    public void What_is_no_program_is_refused_with_one_error(string program, string says)
    {
        var (output, errors, status) = Exec(program);
        Assert.Equal("", output);
        Assert.NotEqual(0, status);
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }
}
