using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

/// <summary>
/// Finds code that runs in the kernel, and reports what the compiler would refuse: the same rules, where the code is written.
/// It says only what it is sure of; what depends on captured values is the compiler's to decide.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KernelCodeAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Descriptors.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (HornetTypes.Find(start.Compilation) is not { } types) return;
            Findings findings = new();
            start.RegisterOperationAction(c => OnArgument(c, types, findings), OperationKind.Argument);
            start.RegisterOperationAction(c => OnLocalFunction(c, types, findings), OperationKind.LocalFunction);
            start.RegisterOperationBlockAction(c => OnMember(c, types, findings));
        });
    }

    // A lambda or a method that is handed to a parameter marked as kernel code.
    private static void OnArgument(OperationAnalysisContext context, HornetTypes types, Findings findings)
    {
        var argument = (IArgumentOperation)context.Operation;
        if (argument.Parameter is not { } parameter || !types.IsKernelCode(parameter)) return;
        KernelCheck check = new(context.Compilation, types, findings, context.ReportDiagnostic, context.CancellationToken);
        check.Delegate(argument.Value);
    }

    private static void OnLocalFunction(OperationAnalysisContext context, HornetTypes types, Findings findings)
    {
        var function = (ILocalFunctionOperation)context.Operation;
        if (!types.IsProgram(function.Symbol) || function.Body is null) return;
        new KernelCheck(context.Compilation, types, findings, context.ReportDiagnostic, context.CancellationToken).Program(function.Symbol);
    }

    private static void OnMember(OperationBlockAnalysisContext context, HornetTypes types, Findings findings)
    {
        if (context.OwningSymbol is not IMethodSymbol method) return;
        KernelCheck check = new(context.Compilation, types, findings, context.ReportDiagnostic, context.CancellationToken);
        if (types.IsProgram(method)) check.Program(method);
        if (!types.ReturnsKernelCode(method)) return;
        foreach (var block in context.OperationBlocks)
        {
            foreach (var returned in block.Descendants().OfType<IReturnOperation>())
            {
                if (returned.ReturnedValue is { } value && Syntaxes.FunctionOf(returned) is null) check.Delegate(value);
            }
        }
    }
}
