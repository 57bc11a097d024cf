using System.Reflection;
using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL;
using Hornet.Isa;
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
            else return CompiledFurther(CodeOf(kernel).Translate());
            return [];
        }
        catch (CompilationException error)
        {
            return error.Diagnostics;
        }
    }

    private static readonly string[] s_further = [DiagnosticRules.ReferenceNotReleased.Id, DiagnosticRules.UsedAfterRelease.Id, DiagnosticRules.LockNotHeld.Id, DiagnosticRules.ForbiddenUnderLock.Id];

    // Of what is found in the translated code, the analyzers know these.
    private static IReadOnlyList<Finding> CompiledFurther(IrModule module)
    {
        // References and lists are the business of the kernel's functions, and locks of two helpers.
        if (!module.Functions.Any(function => function.Instructions.Any(instruction => instruction is KernelFunctionCall or HelperCall { Helper: BpfHelper.SpinLock }))) return [];
        try
        {
            BpfCompiler.Compile(module);
            return [];
        }
        catch (CompilationException error)
        {
            return [.. error.Diagnostics.Where(finding => s_further.Contains(finding.Id))];
        }
    }

    private static KernelCode CodeOf(Delegate kernel)
    {
        var given = kernel.Method.GetParameters() is [.., { ParameterType: var type }] ? type : null;
        return given == typeof(XdpContext) ? KernelCode.Xdp("test", kernel)
            : given == typeof(SkbContext) ? KernelCode.Network("test", "socket filter:test", ProgramType.SocketFilter, kernel)
            : KernelCode.Tracepoint("group:test", kernel);
    }

    /// <summary>Whether both mean the same: the rule, and the same step of the debugger.</summary>
    public static bool Agree(Microsoft.CodeAnalysis.Diagnostic seen, Finding compiled)
    {
        if (seen.Id != compiled.Id) return false;
        if (compiled.Location is not { } at) return true;
        return Steps.Of(seen.Location) == new LinePositionSpan(new(at.Line - 1, at.Column - 1), new(at.EndLine - 1, at.EndColumn - 1));
    }

    // A foreach becomes several calls: the analyzers underline what it goes over, the compiler names its other steps too.
    private static bool IsOfSameLoop(Microsoft.CodeAnalysis.Diagnostic seen, Finding compiled) => seen.Id == compiled.Id && compiled.Location is { } at
        && Steps.OfLoopOver(seen.Location).Contains(new LinePositionSpan(new(at.Line - 1, at.Column - 1), new(at.EndLine - 1, at.EndColumn - 1)));

    /// <summary>Both verdicts, where they differ; empty when they do not.</summary>
    public static string Difference(IReadOnlyList<Microsoft.CodeAnalysis.Diagnostic> seen, IReadOnlyList<Finding> compiled)
    {
        List<string> lines = [];
        foreach (var one in seen.Where(one => !compiled.Any(other => Agree(one, other)))) lines.Add($"only the analyzers: {Sources.Describe(one)}, in the step {Steps.Of(one.Location)}");
        foreach (var one in compiled.Where(one => !seen.Any(other => Agree(other, one) || IsOfSameLoop(other, one)))) lines.Add($"only the compiler:  {one.Id} {one.Location?.Line}:{one.Location?.Column}-{one.Location?.EndLine}:{one.Location?.EndColumn} {one.Message}");
        return string.Join("\n", lines);
    }
}
