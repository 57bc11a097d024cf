using Hornet.IL;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

// What is written to, and variables that hold objects.
internal sealed partial class KernelCheck
{
    private void Assign(IOperation target, IOperation at, bool reads)
    {
        switch (target)
        {
            case ILocalReferenceOperation local:
                if (!Current.Declares(local.Local)) Captured(local.Local.Name, at);
                break;
            case IParameterReferenceOperation parameter:
                if (!Current.Declares(parameter.Parameter)) Captured(parameter.Parameter.Name, at);
                break;
            case IFieldReferenceOperation { Field.IsStatic: true } field:
                if (!field.Field.IsReadOnly || at is IAssignmentOperation) Report(Rules.MutableStatic, at.Syntax, $"the static field {Members.NameOf(field.Field)} is assigned");
                break;
            case IFieldReferenceOperation field:
                Visit(field.Instance);
                if (IsCapturedPlace(field)) Captured(field.Field.Name, at);
                break;
            case IPropertyReferenceOperation property:
                VisitProperty(property, reads, writes: true);
                if (property.Property.ReturnsByRef && IsReadOnlyData(property.Instance)) Report(Rules.ReadOnlyWrite, at.Syntax, "constant data is written");
                break;
            case IArrayElementReferenceOperation element:
                VisitAll(element.ChildOperations);
                if (Known(element.ArrayReference)) Report(reads ? Rules.ReadOnlyWrite : Rules.CapturedWrite, at.Syntax, reads ? "constant data is written" : "an element of a captured array is assigned");
                break;
            case IDeclarationExpressionOperation or IDiscardOperation:
                break;
            default:
                Visit(target);
                break;
        }
    }

    private void Captured(string name, IOperation at) => Report(Rules.CapturedWrite, at.Syntax, $"{name} is assigned, which was captured from outside of the kernel code");

    // Whether a place is part of something that was captured.
    private bool IsCapturedPlace(IOperation place) => place switch
    {
        ILocalReferenceOperation local => !Current.Declares(local.Local),
        IParameterReferenceOperation parameter => !Current.Declares(parameter.Parameter),
        IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance, Type: { } type } => type.IsValueType ? Current.IsThisCaptured : Current.IsThisKnown,
        IInstanceReferenceOperation => false,
        IFieldReferenceOperation { Instance: { } owner } => owner.Type is { IsReferenceType: true } && owner is not IInstanceReferenceOperation ? Known(owner) : IsCapturedPlace(owner),
        _ => false,
    };

    // A value in a map, or an object, that has fields of the kernel: seen by the reference that a member of Hornet gave.
    private bool IsKernelsPlace(IOperation place)
    {
        if (place.Type is null || !Members.HasKernelFields(place.Type)) return false;
        if (place is ILocalReferenceOperation { Local.RefKind: RefKind.Ref } local && Current.Find(local.Local) is { IsChanged: false, Values: [var only] }) place = only;
        return place is IInvocationOperation { TargetMethod: { ReturnsByRef: true } method } && Members.IsHornets(method);
    }

    // A span over a captured array or a literal, as far as one can see.
    private bool IsReadOnlyData(IOperation? span)
    {
        if (span is null) return false;
        if (span is ILocalReferenceOperation { Local: { RefKind: RefKind.None } local } && Current.Find(local) is { IsChanged: false, Values: [var only] }) span = only;
        return span switch
        {
            IConversionOperation { Operand: { Type: IArrayTypeSymbol } array } => Known(array),
            IInvocationOperation { TargetMethod: { Name: "AsSpan", ContainingType.Name: "MemoryExtensions" }, Arguments: [{ Value: { } array }, ..] } => Syntaxes.Bare(array).Type is IArrayTypeSymbol && Known(array),
            IObjectCreationOperation { Type.Name: "Span", Arguments: [{ Value: { Type: IArrayTypeSymbol } array }, ..] } => Known(array),
            _ => false,
        };
    }

    private static bool IsMutableStatic(IFieldSymbol field) => field is { IsStatic: true, IsReadOnly: false, IsConst: false } && !field.IsFixedSizeBuffer && field.ContainingType?.TypeKind != TypeKind.Enum;

    // A variable that holds one object or another, depending on what only the running program knows.
    private bool IsChosenAtRunTime(ILocalReferenceOperation local)
    {
        if (local.Type is not { IsReferenceType: true, SpecialType: not SpecialType.System_String } || local.IsDeclaration) return false;
        if (Current.Find(local.Local) is not { } variable) return false;
        return variable.Values.Exists(value => Syntaxes.Bare(value) is IConditionalOperation choice && !Known(choice.Condition) && !IsBoxedSomewhere(choice));

        static bool IsBoxedSomewhere(IConditionalOperation choice) => choice.DescendantsAndSelf().Any(operation => operation is IConversionOperation { Operand.Type.IsValueType: true, Type.IsReferenceType: true });
    }
}
