using System.Collections.Immutable;
using Hornet.IL;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

// Calls: methods of the program are followed, those of libraries looked up, as the compiler does.
internal sealed partial class KernelCheck
{
    private void VisitInvocation(IInvocationOperation call)
    {
        if (IsLeftOut(call.TargetMethod, call.Syntax)) return;
        int before = _count;
        Visit(call.Instance);
        bool isWrong = _count != before;
        for (int i = 0; i < call.Arguments.Length; i++)
        {
            // Only the condition of an assertion is compiled.
            if (i > 0 && call.TargetMethod is { Name: "Assert", ContainingType.Name: "Debug" }) break;
            before = _count;
            Visit(call.Arguments[i]);
            if (i == 0 && call.TargetMethod.IsExtensionMethod) isWrong |= _count != before;
        }
        if (call.TargetMethod.MethodKind == MethodKind.DelegateInvoke)
        {
            if (call.Instance is { } target) FollowDelegate(target, call);
            return;
        }
        if (call.IsVirtual && call.Instance is { } instance && IsBoxed(instance))
        {
            Report(Rules.VirtualCall, call.Syntax, $"{Members.NameOf(call.TargetMethod)} is called on an object that is not known");
            return;
        }
        Call(call.TargetMethod, call.Instance, call.Arguments, call, isWrong);
    }

    // A call that an attribute leaves out of this build.
    private static bool IsLeftOut(IMethodSymbol method, SyntaxNode at)
    {
        bool isConditional = false;
        foreach (var attribute in method.GetAttributes())
        {
            if (attribute is not { AttributeClass.Name: "ConditionalAttribute", ConstructorArguments: [{ Value: string symbol }] }) continue;
            if (at.SyntaxTree.Options.PreprocessorSymbolNames.Contains(symbol)) return false;
            isConditional = true;
        }
        return isConditional;
    }

    private void Call(IMethodSymbol method, IOperation? instance, ImmutableArray<IArgumentOperation> arguments, IOperation at, bool isWrong)
    {
        CheckReferences(method, at);
        if (CopiesKernelFields(method, at) || _types.IsKernelFunction(method)) return;
        if (BodyOf(method, out var declaration) is { } body)
        {
            if (!IsOverridable(method, instance)) Follow(method, declaration!, body, instance, arguments, at);
            return;
        }
        if (method is { IsExtern: true, DeclaringSyntaxReferences.IsEmpty: false })
        {
            Report(Rules.NoBody, at.Syntax, $"{Members.NameOf(method)} has no IL that could be compiled");
            return;
        }
        if (isWrong || !method.DeclaringSyntaxReferences.IsEmpty || instance is { Type.TypeKind: TypeKind.TypeParameter } || method.ContainingType?.TypeKind == TypeKind.Interface && method.IsStatic) return;
        // What a captured object's own method does is not known here.
        if (instance is { Type.IsReferenceType: true } && (method.IsVirtual || method.IsAbstract) && method.ContainingType is { SpecialType: SpecialType.System_Object } or { TypeKind: TypeKind.Interface }) return;
        if (Members.Broken(method) is not { } rule || OfOwnType(method, instance) is { } own && Members.Broken(own) is null) return;
        ReportOnce(rule, at.Syntax, $"{Members.NameOf(method)} {(rule == Rules.MapMember ? "is for user space" : "cannot run in the kernel")}");
    }

    // Methods of System.Object, or of an interface, on a value: the type's own, when it has one.
    private static IMethodSymbol? OfOwnType(IMethodSymbol method, IOperation? instance)
    {
        if (instance is null || Syntaxes.Bare(instance).Type is not INamedTypeSymbol { IsValueType: true } type) return null;
        foreach (var member in type.GetMembers(method.Name))
        {
            if (member is IMethodSymbol candidate && candidate.Parameters.Length == method.Parameters.Length) return candidate;
        }
        return null;
    }

    // The object decides which method is called; only the compiler has it.
    private static bool IsOverridable(IMethodSymbol method, IOperation? instance) =>
        (method.IsVirtual || method.IsAbstract || method.IsOverride && !method.IsSealed) && method.ContainingType is { IsSealed: false, IsValueType: false } && instance is not IInstanceReferenceOperation { Syntax: BaseExpressionSyntax };

    private static bool IsBoxed(IOperation instance) => instance is IConversionOperation { Operand.Type.IsValueType: true, Type.IsReferenceType: true, OperatorMethod: null };

    private void Follow(IMethodSymbol method, SyntaxNode declaration, IOperation body, IOperation? instance, ImmutableArray<IArgumentOperation> arguments, IOperation at)
    {
        for (var caller = _current; caller is not null; caller = caller.Caller)
        {
            if (!SymbolEqualityComparer.Default.Equals(caller.Symbol, method)) continue;
            Report(Rules.Recursion, at.Syntax, $"{Members.NameOf(method)} calls itself");
            return;
        }
        if (Current.Depth >= DeepestCall) return;
        bool isThisCaptured = instance is { Type.IsValueType: true } && IsCapturedPlace(instance);
        Function function = new(declaration, method, body, _current, at.Syntax.GetLocation()) { IsThisKnown = instance is null || Known(instance), IsThisCaptured = isThisCaptured };
        foreach (var argument in arguments)
        {
            if (argument.Parameter is { RefKind: RefKind.None or RefKind.In } parameter && Known(argument.Value)) function.Known.Add(parameter.OriginalDefinition);
        }
        Enter(function);
    }

    private void FollowDelegate(IOperation value, IOperation at)
    {
        foreach (var target in Targets(value))
        {
            switch (target)
            {
                // A lambda inside of the kernel code was looked at where it is written.
                case IAnonymousFunctionOperation lambda when !Current.Declares(lambda.Symbol):
                    Follow(lambda.Symbol, lambda.Syntax, lambda.Body, null, [], at);
                    break;
                case IMethodReferenceOperation method when !Within(method.Syntax):
                    Call(method.Method, method.Instance, [], at, isWrong: false);
                    break;
            }
        }

        bool Within(SyntaxNode syntax)
        {
            for (var function = _current; function is not null; function = function.Caller)
            {
                if (function.Declaration.SyntaxTree == syntax.SyntaxTree && function.Declaration.Span.Contains(syntax.Span)) return true;
            }
            return false;
        }
    }

    private void VisitMethodGroup(IMethodReferenceOperation method, IOperation created)
    {
        Visit(method.Instance);
        if (method.IsVirtual && method.Method is { IsSealed: false, ContainingType: { IsSealed: false, IsValueType: false } })
        {
            Report(Rules.VirtualCall, created.Syntax, "a virtual method is taken as a delegate");
            return;
        }
        if (BodyOf(method.Method, out var declaration) is { } body) Follow(method.Method, declaration!, body, method.Instance, [], created);
    }

    private void VisitArgument(IArgumentOperation argument)
    {
        if (argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out) Assign(argument.Value, argument, reads: argument.Parameter.RefKind == RefKind.Ref);
        else Visit(argument.Value);
        if (argument.Value is ILocalReferenceOperation or IFieldReferenceOperation && argument.Value.Type?.TypeKind == TypeKind.Delegate) FollowDelegate(argument.Value, argument);
    }

    private void VisitOperator(IMethodSymbol method, IOperation operation)
    {
        int before = _count;
        VisitAll(operation.ChildOperations);
        if (!IsFloat(method.ReturnType) && !IsFloat(method.Parameters[0].Type)) Call(method, null, [], operation, before != _count);
    }

    private void VisitCreation(IObjectCreationOperation creation)
    {
        int before = _count;
        VisitAll(creation.Arguments);
        var type = creation.Type!;
        if (type.IsReferenceType)
        {
            bool isException = false;
            for (var at = type.BaseType; at is not null; at = at.BaseType) isException |= at is { Name: "Exception", ContainingNamespace.Name: "System" };
            isException |= type is { Name: "Exception", ContainingNamespace.Name: "System" };
            Report(isException ? Rules.Exceptions : Rules.Allocation, creation.Syntax, $"a new {type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)} is allocated");
        }
        else if (creation.Constructor is { IsImplicitlyDeclared: false } constructor)
        {
            Call(constructor, null, creation.Arguments, creation, before != _count);
        }
        if (creation.Initializer is { } initializer) VisitAll(initializer.ChildOperations);
    }

    private void VisitProperty(IPropertyReferenceOperation property, bool reads, bool writes)
    {
        int before = _count;
        Visit(property.Instance);
        bool isWrong = before != _count;
        VisitAll(property.Arguments);
        var symbol = property.Property;
        if (symbol.ContainingType is { SpecialType: SpecialType.System_Array } && symbol.Name is "Length" or "LongLength") return;
        if (symbol.ReturnsByRef || symbol.ReturnsByRefReadonly) (reads, writes) = (true, false);
        if (IsAuto(symbol))
        {
            if (symbol.IsStatic && symbol.SetMethod is not null) Report(Rules.MutableStatic, property.Syntax, $"{Members.NameOf(symbol)} is a static property that can change");
            else if (writes && property.Instance is { } owner && (owner.Type is { IsReferenceType: true } ? owner is not IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ImplicitReceiver } && Known(owner) : IsCapturedPlace(owner)))
                Report(Rules.CapturedWrite, property.Syntax, $"{symbol.Name} is assigned, which was captured from outside of the kernel code");
            return;
        }
        if (IsBoxed(property.Instance ?? property)) Report(Rules.VirtualCall, property.Syntax, $"{Members.NameOf(symbol)} is called on an object that is not known");
        if (reads && symbol.GetMethod is { } get) Call(get, property.Instance, property.Arguments, property, isWrong);
        if (writes && symbol.SetMethod is { } set) Call(set, property.Instance, property.Arguments, property, isWrong);
    }

    // A property of the program whose accessors the C# compiler writes.
    private static bool IsAuto(IPropertySymbol property) => property is { IsAbstract: false, IsExtern: false, ContainingType.TypeKind: not TypeKind.Interface } && property.DeclaringSyntaxReferences is [var reference]
        && reference.GetSyntax() is ParameterSyntax or PropertyDeclarationSyntax { ExpressionBody: null, AccessorList.Accessors: [{ Body: null, ExpressionBody: null }, ..] };

    private bool CopiesKernelFields(IMethodSymbol method, IOperation at)
    {
        if (!Members.IsHornets(method) || method.ReturnsByRef || method.ContainingType?.ContainingNamespace?.Name != "Maps") return false;
        bool copies = Members.HasKernelFields(method.ReturnType) || method.Parameters.Any(parameter => parameter.RefKind is RefKind.Out or RefKind.In or RefKind.None && Members.HasKernelFields(parameter.Type));
        if (copies) Report(Rules.KernelFieldCopied, at.Syntax, $"{Members.NameOf(method)} copies a value with a lock or a timer");
        return copies;
    }
}
