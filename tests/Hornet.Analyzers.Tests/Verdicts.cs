using System.Reflection;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Microsoft.CodeAnalysis.Text;
using Finding = Hornet.Compiler.Diagnostics.Diagnostic;

namespace Hornet.Analyzers.Tests;

/// <summary>The compiler's verdict on code, and how it compares with the analyzers'.</summary>
internal static class Verdicts
{
    private static readonly ProbeSchema s_bind = new("syscall:bind", [new("fd", "int", ProbeFieldKind.Integer) { Offset = 72 }, new("addrlen", "int", ProbeFieldKind.Integer) { Offset = 80 }], true);

    /// <summary>What the compiler says about a method, or about the lambda that a method makes.</summary>
    public static IReadOnlyList<Finding> Compile(MethodInfo method)
    {
        bool makes = method.GetParameters().Length == 0 && typeof(Delegate).IsAssignableFrom(method.ReturnType);
        var kernel = makes ? (Delegate)method.Invoke(null, null)! : method.CreateDelegate(method.ReturnType == typeof(void) ? typeof(Action) : typeof(Func<XdpContext, XdpAction>));
        try
        {
            if (kernel is Func<ProbeEvent, bool> predicate) KernelStages.Compile([KernelStage.Where(predicate)], s_bind, 512, ProgramType.RawTracepoint, isExclusive: false).Dispose();
            else _ = CodeOf(kernel).Translate();
            return [];
        }
        catch (CompilationException error)
        {
            return error.Diagnostics;
        }
    }

    private static KernelCode CodeOf(Delegate kernel)
    {
        var given = kernel.Method.GetParameters() is [.., { ParameterType: var type }] ? type : null;
        return given == typeof(XdpContext) ? KernelCode.Xdp("test", kernel)
            : given == typeof(SkbContext) ? KernelCode.Network("test", "socket filter:test", ProgramType.SocketFilter, kernel)
            : KernelCode.Tracepoint("group:test", kernel);
    }

    /// <summary>Whether both mean the same: the rule, and a place inside of the range that the debug information gives the compiler.</summary>
    public static bool Agree(Microsoft.CodeAnalysis.Diagnostic seen, Finding compiled)
    {
        if (seen.Id != compiled.Id) return false;
        if (compiled.Location is not { } at) return true;
        var span = seen.Location.GetLineSpan().Span;
        for (var place = at; place is not null; place = place.InlinedAt)
        {
            LinePosition start = new(place.Line - 1, place.Column - 1), end = new(place.EndLine - 1, place.EndColumn - 1);
            if (start <= span.Start && span.Start < end) return true;
            // Members without a body of their own (automatic properties) are told where they are used.
            if (!seen.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("propert", StringComparison.Ordinal) && place == at && !IsAccessor(place)) return false;
        }
        return false;
    }

    // A statement may become several instructions that break the same rule (foreach: GetEnumerator, MoveNext, Current).
    private static bool IsOfSameLine(Microsoft.CodeAnalysis.Diagnostic seen, Finding compiled) =>
        seen.Id == compiled.Id && seen.Location.GetLineSpan().StartLinePosition.Line + 1 == compiled.Location?.Line;

    private static bool IsAccessor(Hornet.Compiler.IR.SourceLocation place) => place.EndLine == place.Line && place.EndColumn - place.Column == 4;

    /// <summary>Both verdicts, where they differ; empty when they do not.</summary>
    public static string Difference(IReadOnlyList<Microsoft.CodeAnalysis.Diagnostic> seen, IReadOnlyList<Finding> compiled)
    {
        List<string> lines = [];
        foreach (var one in seen.Where(one => !compiled.Any(other => Agree(one, other)))) lines.Add($"only the analyzers: {Sources.Describe(one)}");
        foreach (var one in compiled.Where(one => !seen.Any(other => Agree(other, one) || IsOfSameLine(other, one)))) lines.Add($"only the compiler:  {one.Id} {one.Location?.Line}:{one.Location?.Column}-{one.Location?.EndLine}:{one.Location?.EndColumn} {one.Message}");
        return string.Join("\n", lines);
    }
}
