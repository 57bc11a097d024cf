using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

// What the compiler may know when it compiles: captured values, and what follows from them. Code under a condition on such
// values may be left out of the program, so nothing is said about it.
internal sealed partial class KernelCheck
{
    private readonly HashSet<ISymbol> _asking = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, bool> _returnsKnown = new(SymbolEqualityComparer.Default);

    // Whether a value may be a constant of the program.
    private bool Known(IOperation? operation)
    {
        switch (operation)
        {
            case null or ILiteralOperation or ITypeOfOperation or ISizeOfOperation or INameOfOperation or IDefaultValueOperation or IInvalidOperation:
            case IAnonymousFunctionOperation or IConditionalAccessInstanceOperation:
                return true;
            case { ConstantValue.HasValue: true }:
                return true;
            case ILocalReferenceOperation local:
                return KnownVariable(local.Local);
            case IParameterReferenceOperation parameter:
                return Current.Known.Contains(parameter.Parameter) ? Current.Find(parameter.Parameter) is not { } changes || (!changes.IsChanged && changes.Values.Count == 0)
                    : !Current.Declares(parameter.Parameter);
            case IInstanceReferenceOperation instance:
                return instance.ReferenceKind == InstanceReferenceKind.ImplicitReceiver || Current.IsThisKnown;
            case IFieldReferenceOperation field:
                return field.Field.IsStatic || Known(field.Instance);
            case IPropertyReferenceOperation property:
                if (Members.IsHornets(property.Property)) return false;
                return Known(property.Instance) && property.Arguments.All(argument => Known(argument.Value)) && ReturnsKnown(property.Property.GetMethod);
            case IInvocationOperation call:
                if (Members.IsHornets(call.TargetMethod)) return call.TargetMethod.Name == "Exists";
                return Known(call.Instance) && call.Arguments.All(argument => Known(argument.Value)) && ReturnsKnown(call.TargetMethod);
            case IAssignmentOperation or IIncrementOrDecrementOperation or IAddressOfOperation or IAwaitOperation or IFunctionPointerInvocationOperation:
                return false;
            case IDelegateCreationOperation or IMethodReferenceOperation or IConversionOperation or IParenthesizedOperation or IUnaryOperation or IBinaryOperation or ITupleOperation:
            case IConditionalOperation or ICoalesceOperation or IConditionalAccessOperation or IIsTypeOperation or IArrayElementReferenceOperation or IObjectCreationOperation:
            case IArgumentOperation or IInterpolatedStringOperation or IInterpolationOperation or IInterpolatedStringTextOperation or IImplicitIndexerReferenceOperation or IRangeOperation:
            case ISwitchExpressionOperation or ISwitchExpressionArmOperation or IPatternOperation or IPropertySubpatternOperation or ITupleBinaryOperation:
                return operation.ChildOperations.All(Known);
            case IIsPatternOperation test:
                return Known(test.Value);
            default:
                return false;
        }
    }

    private bool KnownVariable(ISymbol symbol)
    {
        if (!Current.Declares(symbol)) return true;
        if (Current.Find(symbol) is not { } variable || variable.IsChanged || !_asking.Add(symbol)) return false;
        bool known = variable.Values.TrueForAll(Known);
        _asking.Remove(symbol);
        return known;
    }

    // Whether a method of the program gives constants for constants: it asks nothing of the kernel.
    private bool ReturnsKnown(IMethodSymbol? method)
    {
        if (method is null) return true;
        method = method.OriginalDefinition;
        if (_returnsKnown.TryGetValue(method, out bool known)) return known;
        _returnsKnown[method] = false;
        if (BodyOf(method, out _) is not { } body) known = true;
        else
        {
            known = !body.Descendants().Any(operation => operation is IInvocationOperation { TargetMethod: { } called } && Members.IsHornets(called) && called.Name != "Exists"
                || operation is IPropertyReferenceOperation { Property: { } read } && Members.IsHornets(read)
                || operation is IInvocationOperation { TargetMethod: { } own } && !ReturnsKnown(own));
        }
        return _returnsKnown[method] = known;
    }

    // Whether the program surely has the code for a condition that holds.
    private bool MayHold(IOperation condition, bool wanted)
    {
        condition = Bare(condition);
        if (condition.ConstantValue is { HasValue: true, Value: bool constant }) return constant == wanted;
        switch (condition)
        {
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not:
                return MayHold(not.Operand, !wanted);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd } and:
                return wanted ? MayHold(and.LeftOperand, true) && MayHold(and.RightOperand, true) : MayHold(and.LeftOperand, false) || MayHold(and.RightOperand, false);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr } or:
                return wanted ? MayHold(or.LeftOperand, true) || MayHold(or.RightOperand, true) : MayHold(or.LeftOperand, false) && MayHold(or.RightOperand, false);
            default:
                return !Known(condition);
        }

        static IOperation Bare(IOperation operation) => operation is IParenthesizedOperation inner ? Bare(inner.Operand) : operation;
    }
}
