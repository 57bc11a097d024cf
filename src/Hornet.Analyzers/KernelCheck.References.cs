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
        "BpfScheduler.GetPossibleCpus", "BpfScheduler.GetOnlineCpus", "BpfScheduler.GetIdleCpus", "BpfScheduler.GetIdleCores", "BpfScheduler.GetSchedulingGroup",
    ];

    private void CheckReferences(IMethodSymbol method, IOperation at)
    {
        if (!Members.IsHornets(method) || OwnerOf(method) is not { } owner) return;
        // A method may be called with the lock held.
        if (owner is "BpfListExtensions" or "BpfTreeExtensions" && Current.Caller is null && !EntersLock(at))
            Report(DiagnosticRules.LockNotHeld, at.Syntax, $"{method.Name} is called, and no lock is held");
        if (HeldLock(at) && Forbids(owner, method)) ReportOnce(DiagnosticRules.ForbiddenUnderLock, at.Syntax, $"{Members.NameOf(method)} is called while a lock is held");
        if (at is IInvocationOperation { Parent: IExpressionStatementOperation { Parent: IBlockOperation block } statement } back && LateUse(back, statement, block) is { } late)
            ReportOnce(DiagnosticRules.UsedAfterRelease, late.Syntax, $"what {method.Name} gave back is used afterwards");
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

    // In the body of: using (value.Lock.Enter())
    private static bool HeldLock(IOperation at)
    {
        for (var (inner, outer) = (at, at.Parent); outer is not null; (inner, outer) = (outer, outer.Parent))
        {
            if (outer is IAnonymousFunctionOperation or ILocalFunctionOperation) return false;
            if (outer is IUsingOperation { Resources: IInvocationOperation { TargetMethod: { Name: "Enter" } enter } } scope && inner == scope.Body && OwnerOf(enter) == "BpfSpinLockExtensions") return true;
        }
        return false;
    }

    // What is a call of the kernel always, whatever else is known.
    private static bool Forbids(string owner, IMethodSymbol method) => owner switch
    {
        "Bpf" => method.Name is "get_KtimeNs" or "get_BootTimeNs" or "get_Random",
        "BpfHashMap" => method.Name is "Find" or "GetOrAdd" or "Remove",
        "BpfSpinLockExtensions" => method.Name == "Enter",
        _ => false,
    };

    // The first use behind a call that gives a reference back, in the statements that follow it in its block: those are always behind it.
    private IOperation? LateUse(IInvocationOperation back, IOperation statement, IBlockOperation block)
    {
        if (!(back.TargetMethod.Name == "Release" && back.TargetMethod.IsExtensionMethod || back.TargetMethod.Name == "Drop" && OwnerOf(back.TargetMethod) == "BpfObjects")
            || back.Arguments is not [{ Value: var given }] || Syntaxes.Bare(given) is not ILocalReferenceOperation { Local: var local } || !IsTakenOnce(local)) return null;
        return block.Operations.SkipWhile(other => other != statement).Skip(1).SelectMany(other => other.DescendantsAndSelf()).OfType<ILocalReferenceOperation>()
            .Where(use => SymbolEqualityComparer.Default.Equals(use.Local, local)).FirstOrDefault(use => IsRead(use.Parent) || use.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: var used } } && Members.IsHornets(used))?.Parent;
    }

    private bool IsTakenOnce(ILocalSymbol local) =>
        Current.Body.Descendants().OfType<IVariableDeclaratorOperation>().Any(declared => SymbolEqualityComparer.Default.Equals(declared.Symbol, local)
            && declared.GetVariableInitializer()?.Value is { } value && Syntaxes.Bare(value) is IInvocationOperation { TargetMethod: var taken } && s_acquires.Contains($"{OwnerOf(taken)}.{taken.Name}"))
        && !Current.Body.Descendants().OfType<IAssignmentOperation>().Any(assignment => assignment.Target is ILocalReferenceOperation assigned && SymbolEqualityComparer.Default.Equals(assigned.Local, local));

    // A number that is loaded; addresses of what lies inside are only computed.
    private static bool IsRead(IOperation? user) => user is IPropertyReferenceOperation or IFieldReferenceOperation && user.Type is { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_UInt64 };
}
