using Hornet.Compiler.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

// References that have to be given back, and lists and trees that have a lock: what is wrong on every way. What is wrong on some
// way only, the compiler finds.
internal sealed partial class KernelCheck
{
    private static readonly HashSet<string> s_acquires =
    [
        "BpfObjects.New", "BpfObjects.Acquire", "BpfListExtensions.PopFront", "BpfListExtensions.PopBack", "BpfTreeExtensions.Remove", "BpfTask.FromPid", "BpfTask.FromVpid", "BpfTask.Acquire",
        "BpfTask.GetCgroup1", "BpfCgroup.FromId", "BpfCgroup.Acquire", "BpfCgroup.GetAncestor", "BpfCpuMask.Create", "BpfCpuMask.Acquire", "BpfCrypto.Create", "BpfCrypto.Acquire",
        "BpfFile.GetExecutable", "BpfKeys.FindUserKey", "BpfKeys.FindSystemKeyring", "BpfMemoryCgroup.Find", "BpfMemoryCgroup.FindRoot", "BpfXfrm.FindXfrmState", "BpfListExtensions.Remove",
    ];

    private void CheckReferences(IMethodSymbol method, IOperation at)
    {
        if (!Members.IsHornets(method) || OwnerOf(method) is not { } owner) return;
        // A method may be called with the lock held.
        if (owner is "BpfListExtensions" or "BpfTreeExtensions" && Current.Caller is null && !EntersLock(at))
            Report(DiagnosticRules.LockNotHeld, at.Syntax, $"{method.Name} is called, and no lock is held");
        if (s_acquires.Contains($"{owner}.{method.Name}") && IsForgotten(at)) Report(DiagnosticRules.ReferenceNotReleased, at.Syntax, $"what {method.Name} gave is not given back");
    }

    // Extension members stand in a type of their own inside.
    private static string? OwnerOf(IMethodSymbol method)
    {
        var type = method.ContainingType;
        while (type?.ContainingType is { } outer) type = outer;
        return type?.Name;
    }

    private bool EntersLock(IOperation at) => Current.Body.Descendants().OfType<IInvocationOperation>()
        .Any(call => call.Syntax.SpanStart < at.Syntax.SpanStart && call.TargetMethod.Name == "Enter" && OwnerOf(call.TargetMethod) == "BpfSpinLockExtensions");

    private bool IsForgotten(IOperation at)
    {
        var holder = at.Parent;
        while (holder is IConversionOperation or IParenthesizedOperation) holder = holder.Parent;
        if (holder is IExpressionStatementOperation) return true;
        if (holder is not IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { } local } }) return false;
        return !Current.Body.Descendants().OfType<ILocalReferenceOperation>().Any(use => SymbolEqualityComparer.Default.Equals(use.Local, local) && MayHandOn(use));
    }

    // Everything but reading a field and asking for null.
    private static bool MayHandOn(IOperation use)
    {
        var user = use.Parent;
        while (user is IConversionOperation or IParenthesizedOperation) (use, user) = (user, user.Parent);
        return user switch
        {
            IFieldReferenceOperation or IPropertyReferenceOperation or IIsPatternOperation or IBinaryOperation => false,
            IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "IsNullRef" } } => false,
            _ => true,
        };
    }
}
