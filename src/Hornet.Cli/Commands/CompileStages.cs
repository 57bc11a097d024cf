using System.Reflection;
using System.Text;
using Hornet.Cli.Common;
using Hornet.Compiler;
using Hornet.IL.Decoding;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary>A method on its way from IL to machine code.</summary>
internal static class CompileStages
{
    public static void Write(Stream text, MethodInfo method, CompilerOptions options)
    {
        Section(text, $"IL of {method.DeclaringType!.Name}.{method.Name}", ILListing.Of(method));
        var result = AheadOfTimeCompiler.Compile([method], method.Name, options with { KeepStages = true });
        foreach (var stage in result.Stages) Section(text, stage.Name == "code" ? "eBPF" : $"IR: {stage.Name}", stage.Text);
        foreach (var warning in result.Diagnostics) Section(text, "warning", warning.ToString());
        if (!Environment.IsPrivilegedProcess)
        {
            Errors.Note("what the verifier says and the machine code are left out: loading a program needs root");
            return;
        }
        using var loaded = result.Object.Load(new LoadOptions { LogLevel = VerifierLogLevel.Paths | VerifierLogLevel.Statistics });
        foreach (var program in loaded.Programs.Values)
        {
            Section(text, "verifier", program.VerifierLog);
            Section(text, "machine code", ProgDump.Machine(program.Dump(), source: true));
        }
    }

    private static void Section(Stream into, string title, string text)
    {
        StringBuilder section = new();
        section.Append("== ").Append(title).Append(" ==\n");
        foreach (string line in text.TrimEnd('\n').Split('\n')) section.Append(ProgDump.Safe(line)).Append('\n');
        section.Append('\n');
        into.Write(Encoding.UTF8.GetBytes(section.ToString()));
    }
}
