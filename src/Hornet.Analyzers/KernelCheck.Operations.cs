using Hornet.IL;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

// Operation by operation. Branches that a constant may leave out are not entered.
internal sealed partial class KernelCheck
{
    private bool _inFloat;

    private void Visit(IOperation? operation)
    {
        if (operation is null || Current.IsOver) return;
        if (operation.ConstantValue.HasValue && !IsFloat(operation.Type)) return;
        if (IsFloat(operation.Type) && !_inFloat && operation is not (ILocalReferenceOperation { Local.IsConst: false } or IParameterReferenceOperation or IAssignmentOperation or IIncrementOrDecrementOperation))
        {
            ReportOnce(Rules.FloatingPoint, operation.Syntax, "floating-point numbers do not exist in eBPF");
            _inFloat = true;
            VisitCore(operation);
            _inFloat = false;
            return;
        }
        VisitCore(operation);
    }

    private void VisitAll(IEnumerable<IOperation> operations)
    {
        foreach (var operation in operations) Visit(operation);
    }

    private void VisitCore(IOperation operation)
    {
        switch (operation)
        {
            case IInvalidOperation or INameOfOperation or ITypeOfOperation or ILocalFunctionOperation:
                break;
            case IBlockOperation block:
                VisitBlock(block);
                break;
            case IConditionalOperation choice:
                VisitConditional(choice);
                break;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd } and:
                Visit(and.LeftOperand);
                if (MayHold(and.LeftOperand, true)) Visit(and.RightOperand);
                break;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr } or:
                Visit(or.LeftOperand);
                if (MayHold(or.LeftOperand, false)) Visit(or.RightOperand);
                break;
            case ICoalesceOperation coalesce:
                Visit(coalesce.Value);
                if (!Known(coalesce.Value)) Visit(coalesce.WhenNull);
                break;
            case IConditionalAccessOperation access:
                Visit(access.Operation);
                if (!Known(access.Operation)) Visit(access.WhenNotNull);
                break;
            case ISwitchOperation choice:
                Visit(choice.Value);
                if (!Known(choice.Value)) VisitAll(choice.Cases);
                else if (choice.Cases.Any(Syntaxes.Jumps)) Current.IsOver = true;
                break;
            case ISwitchExpressionOperation choice:
                Visit(choice.Value);
                if (!Known(choice.Value)) VisitAll(choice.Arms);
                break;
            case ISwitchExpressionArmOperation arm:
                Visit(arm.Pattern);
                Visit(arm.Guard);
                if (arm.Guard is null || MayHold(arm.Guard, true)) Visit(arm.Value);
                break;
            case IWhileLoopOperation loop:
                if (!loop.ConditionIsTop) Visit(loop.Body);
                Visit(loop.Condition);
                if (loop.ConditionIsTop) VisitBody(loop.Condition, loop.Body);
                break;
            case IForLoopOperation loop:
                VisitAll(loop.Before);
                Visit(loop.Condition);
                VisitBody(loop.Condition, loop.Body);
                if (loop.Condition is null || MayHold(loop.Condition, true)) VisitAll(loop.AtLoopBottom);
                break;
            case IForEachLoopOperation loop:
                VisitForEach(loop);
                break;
            case IVariableDeclaratorOperation declarator:
                VisitAll(declarator.ChildOperations);
                if (declarator.Symbol.RefKind == RefKind.None && (declarator.Initializer ?? (declarator.Parent as IVariableDeclarationOperation)?.Initializer) is { Value: { } copied } && IsKernelsPlace(copied))
                    Report(Rules.KernelFieldCopied, copied.Syntax, $"a whole {declarator.Symbol.Type.Name} is read, which has fields of the kernel");
                break;
            case IThrowOperation thrown when !thrown.IsImplicit:
                Report(Rules.Exceptions, thrown.Syntax, "an exception is thrown");
                break;
            case ILockOperation locked:
                Visit(locked.LockedValue);
                Report(Rules.Locks, locked.Syntax is LockStatementSyntax statement ? Syntaxes.Between(statement.LockKeyword, statement.CloseParenToken) : locked.Syntax.GetLocation(), "a lock is taken");
                Visit(locked.Body);
                break;
            case IAnonymousFunctionOperation lambda:
                VisitLambda(lambda);
                break;
            case IAssignmentOperation assignment:
                VisitAssignment(assignment);
                break;
            case IIncrementOrDecrementOperation increment:
                Assign(increment.Target, increment, reads: true);
                if (increment.OperatorMethod is { } counts) Call(counts, null, [], increment, isWrong: false);
                break;
            case IArgumentOperation argument:
                VisitArgument(argument);
                break;
            case IInvocationOperation call:
                VisitInvocation(call);
                break;
            case IFunctionPointerInvocationOperation call:
                VisitAll(call.ChildOperations);
                Report(Rules.VirtualCall, call.Syntax, "a function pointer is called");
                break;
            case IPropertyReferenceOperation property:
                VisitProperty(property, reads: true, writes: false);
                break;
            case IFieldReferenceOperation field:
                Visit(field.Instance);
                if (IsMutableStatic(field.Field)) Report(Rules.MutableStatic, field.Syntax, $"{Members.NameOf(field.Field)} is a static field that is not readonly");
                break;
            case ILocalReferenceOperation local:
                if (IsChosenAtRunTime(local)) ReportOnce(Rules.NotConstant, local.Syntax, $"{local.Local.Name} is one object or another, as is decided at run time; the compiler must know which");
                break;
            case IObjectCreationOperation creation:
                VisitCreation(creation);
                break;
            case IAnonymousObjectCreationOperation creation:
                VisitAll(creation.Initializers);
                Report(Rules.Allocation, creation.Syntax, "an object of an anonymous type is allocated");
                break;
            case IWithOperation copy:
                VisitAll(copy.ChildOperations);
                if (copy.Type is { IsReferenceType: true }) Report(Rules.Allocation, copy.Syntax, $"a new {copy.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)} is allocated");
                break;
            case IArrayCreationOperation array:
                VisitAll(array.ChildOperations);
                if (!IsConstantData(array)) Report(Rules.Allocation, array.IsImplicit && array.Syntax is ArgumentListSyntax or ArgumentSyntax ? array.Syntax.Parent! : array.Syntax, $"an array of {ElementName(array.Type)} is allocated");
                break;
            case ICollectionExpressionOperation { Type: { IsReferenceType: true } type } collection:
                VisitAll(collection.ChildOperations);
                Report(Rules.Allocation, collection.Syntax, type is IArrayTypeSymbol ? $"an array of {ElementName(type)} is allocated" : $"a new {type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)} is allocated");
                break;
            case IInterpolatedStringOperation { Parent: not IInterpolatedStringHandlerCreationOperation, Type.SpecialType: SpecialType.System_String } text:
                VisitAll(text.ChildOperations);
                ReportOnce(Rules.Strings, text.Syntax, "a string is put together");
                break;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String } sum:
                VisitAll(sum.ChildOperations);
                ReportOnce(Rules.Strings, sum.Syntax, "a string is put together");
                break;
            case IBinaryOperation { OperatorMethod: { } method } binary:
                VisitOperator(method, binary);
                break;
            case IUnaryOperation { OperatorMethod: { } method } unary:
                VisitOperator(method, unary);
                break;
            case IConversionOperation conversion:
                VisitConversion(conversion);
                break;
            case IIsTypeOperation test:
                VisitTypeTest(test.ValueOperand, test);
                break;
            case IIsPatternOperation { Pattern: ITypePatternOperation or IDeclarationPatternOperation } test:
                VisitTypeTest(test.Value, test);
                break;
            case IDelegateCreationOperation { Target: IMethodReferenceOperation method } created:
                VisitMethodGroup(method, created);
                break;
            case IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation or IDynamicObjectCreationOperation:
                ReportOnce(Rules.Unsupported, operation.Syntax, "a member is looked up at run time (dynamic)");
                break;
            case { Kind: OperationKind.None }:
                VisitUnnamed(operation);
                break;
            default:
                VisitAll(operation.ChildOperations);
                break;
        }
    }

    private void VisitBlock(IBlockOperation block)
    {
        bool isReached = true;
        foreach (var statement in block.Operations)
        {
            if (statement is ILabeledOperation) isReached = true;
            if (isReached) Visit(statement);
            if (statement is IReturnOperation or IBranchOperation or IThrowOperation or IExpressionStatementOperation { Operation: IThrowOperation }) isReached = false;
        }
    }

    private void VisitConditional(IConditionalOperation choice)
    {
        Visit(choice.Condition);
        bool yes = MayHold(choice.Condition, true), no = MayHold(choice.Condition, false);
        bool isConstant = choice.Condition.ConstantValue.HasValue;
        if (yes) Visit(choice.WhenTrue);
        if (no) Visit(choice.WhenFalse);
        if (!isConstant && ((!no && Syntaxes.Jumps(choice.WhenTrue)) || (!yes && Syntaxes.Jumps(choice.WhenFalse)))) Current.IsOver = true;
    }

    private void VisitBody(IOperation? condition, IOperation body)
    {
        if (condition is null || MayHold(condition, true)) Visit(body);
        else if (Syntaxes.Jumps(body)) Current.IsOver = true;
    }

    private void VisitLambda(IAnonymousFunctionOperation lambda)
    {
        if (lambda.Symbol.IsAsync)
        {
            Report(Rules.Async, lambda.Syntax, "this lambda is asynchronous");
            return;
        }
        if (FirstCatch(lambda.Body) is { } handler)
        {
            Report(Rules.Exceptions, Header(handler), "this lambda catches exceptions");
            return;
        }
        Visit(lambda.Body);
        Current.IsOver = false;
    }

    private void VisitAssignment(IAssignmentOperation assignment)
    {
        Visit(assignment.Value);
        switch (assignment)
        {
            case ICompoundAssignmentOperation compound:
                Assign(compound.Target, compound, reads: true);
                if (compound is { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String }) ReportOnce(Rules.Strings, compound.Syntax, "a string is put together");
                else if (compound.OperatorMethod is { } method) Call(method, null, [], compound, isWrong: false);
                break;
            case IDeconstructionAssignmentOperation deconstruction:
                foreach (var target in Parts(deconstruction.Target)) Assign(target, deconstruction, reads: false);
                break;
            case ISimpleAssignmentOperation { Target: { Kind: OperationKind.None, Type: IPointerTypeSymbol } pointer } stored:
                VisitAll(pointer.ChildOperations);
                Report(Rules.ReferenceInMemory, stored.Syntax, "a pointer is stored in memory");
                break;
            default:
                Assign(assignment.Target, assignment, reads: assignment is ICoalesceAssignmentOperation);
                break;
        }

        static IEnumerable<IOperation> Parts(IOperation target) => target switch
        {
            ITupleOperation tuple => tuple.Elements.SelectMany(Parts),
            IDeclarationExpressionOperation or IDiscardOperation => [],
            _ => [target],
        };
    }

    private void VisitForEach(IForEachLoopOperation loop)
    {
        int before = _count;
        Visit(loop.Collection);
        var type = Syntaxes.Bare(loop.Collection).Type;
        bool isPlain = type is IArrayTypeSymbol or { SpecialType: SpecialType.System_String } or { Name: "Span" or "ReadOnlySpan" };
        if (!isPlain && before == _count && loop.Syntax is CommonForEachStatementSyntax syntax && loop.SemanticModel is { } model)
        {
            var info = model.GetForEachStatementInfo(syntax);
            // Inline arrays are walked through as spans.
            if (info.GetEnumeratorMethod is { ContainingType.Name: not ("Span" or "ReadOnlySpan") } get)
            {
                Call(get, loop.Collection, [], loop.Collection, isWrong: false);
                // The compiler makes a function of the body of a loop over a map.
                if (Members.IsHornets(get) && Members.Broken(get) is null)
                {
                    Visit(loop.Body);
                    return;
                }
                if (before == _count && info.MoveNextMethod is { } next) Call(next, null, [], loop.Collection, isWrong: false);
                if (before == _count && info.CurrentProperty?.GetMethod is { } current) Call(current, null, [], loop.Collection, isWrong: false);
            }
        }
        Visit(loop.Body);
    }

    private void VisitConversion(IConversionOperation conversion)
    {
        if (conversion.Operand is IArrayCreationOperation array && conversion.Type?.Name == "ReadOnlySpan" && HasConstantElements(array)) return;
        int before = _count;
        Visit(conversion.Operand);
        if (conversion.OperatorMethod is { } method && !IsFloat(conversion.Type) && !IsFloat(conversion.Operand.Type)) Call(method, null, [], conversion, before != _count);
        if (conversion is { IsImplicit: false, Type: { IsValueType: true }, Operand.Type: { IsReferenceType: true } } && conversion.OperatorMethod is null) VisitOpened(conversion.Operand, conversion);
    }

    // A value that was boxed on one way here and not on another has no type that is known.
    private void VisitOpened(IOperation value, IOperation at)
    {
        if (Syntaxes.Bare(value) is IConditionalOperation { Type.IsReferenceType: true } choice && !Known(choice.Condition)) Report(Rules.Boxing, at.Syntax, "a value whose type is decided at run time is opened");
    }

    private void VisitTypeTest(IOperation value, IOperation at)
    {
        Visit(value);
        VisitOpened(value, at);
    }

    // Expressions that have no operation of their own.
    private void VisitUnnamed(IOperation operation)
    {
        switch (operation.Syntax)
        {
            case MakeRefExpressionSyntax or RefValueExpressionSyntax or RefTypeExpressionSyntax:
                ReportOnce(Rules.Unsupported, operation.Syntax, "typed references (__makeref) are used");
                return;
            case LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.ArgListExpression):
                ReportOnce(Rules.Unsupported, operation.Syntax, "variable arguments (__arglist) are used");
                return;
            case StackAllocArrayCreationExpressionSyntax { Type: ArrayTypeSyntax { RankSpecifiers: [{ Sizes: [var size] }] } } when size is not OmittedArraySizeExpressionSyntax
                && operation.SemanticModel is { } model && !model.GetConstantValue(size, _token).HasValue && !Known(model.GetOperation(size, _token)):
                Report(Rules.VariableSize, operation.Syntax, "the size of this memory is not constant");
                break;
        }
        VisitAll(operation.ChildOperations);
    }

    private static bool IsFloat(ITypeSymbol? type) => type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal;

    private static string ElementName(ITypeSymbol? type) => type is IArrayTypeSymbol array ? array.ElementType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) : "objects";

    // Arrays of constants that a read-only span is made of are data of the assembly.
    private static bool IsConstantData(IArrayCreationOperation array) => array.Parent is IConversionOperation { Type.Name: "ReadOnlySpan" } && HasConstantElements(array);

    private static bool HasConstantElements(IArrayCreationOperation array) => array.Initializer is { } initializer && initializer.ElementValues.All(value => value.ConstantValue.HasValue);
}
