using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    /// <summary>The result type of <c>return</c>; null where a probe's 64 bits are meant.</summary>
    protected virtual ScriptType? ReturnType => null;

    /// <summary>As it was written.</summary>
    protected virtual string ReturnTypeName => ReturnType?.ToString() ?? "";

    /// <summary>What messages call the function; null for probes.</summary>
    protected virtual string? FunctionName => null;

    /// <summary>Binds a block whose value does not matter.</summary>
    protected BoundBlock BindBlock(BlockSyntax block) => InScope(block, () => BindStatements(block));

    private BoundBlock InScope(BlockSyntax block, Func<List<BoundStatement>> bind) => InScope(block, block.Span, bind);

    private BoundBlock InScope(Node node, SourceSpan span, Func<List<BoundStatement>> bind)
    {
        Scope scope = new(_scope, node);
        _scope = scope;
        var statements = bind();
        CloseScope();
        return new BoundBlock(span, statements) { Locals = scope.Locals };
    }

    private void CloseScope()
    {
        if (Context.IsFinal)
        {
            foreach (var variable in _scope.Variables)
            {
                if (!variable.IsAssigned) Warning(variable.Local.Span, $"Variable ${variable.Name} was never assigned to.");
            }
        }
        _scope = _scope.Outer!;
    }

    // The statements, and the value as one more.
    private List<BoundStatement> BindStatements(BlockSyntax block)
    {
        List<BoundStatement> into = new(block.Statements.Count + 1);
        bool ended = BindAll(block.Statements, into);
        if (block.Result is { } result)
        {
            if (ended) Warning(result.Span, "Unreachable expression; block type is implicitly none.");
            List<BoundStatement> last = [];
            Append(last, BindExpression(result), result, isResult: true);
            if (!ended) into.AddRange(last);
        }
        return into;
    }

    // Whether the end is never reached. What follows a jump still says what types things have, and is left out.
    private bool BindAll(IReadOnlyList<StatementSyntax> statements, List<BoundStatement> into)
    {
        bool ended = false, warned = false;
        foreach (var statement in statements)
        {
            if (ended && !warned)
            {
                Warning(statement.Span, "Unreachable statement.");
                warned = true;
            }
            if (ended) BindStatement(statement, []);
            else
            {
                BindStatement(statement, into);
                ended = into.Count > 0 && Ends(into[^1]);
            }
        }
        return ended;
    }

    /// <summary>Whether control never comes out behind a statement.</summary>
    protected static bool Ends(BoundStatement statement) => statement switch
    {
        BoundReturn or BoundBreak or BoundContinue or BoundAsync { EndsProgram: true } => true,
        BoundBlock block => block.Statements.Count > 0 && Ends(block.Statements[^1]),
        BoundIf { Else: { } otherwise } choice => Ends(choice.Then) && Ends(otherwise),
        _ => false,
    };

    private void BindStatement(StatementSyntax statement, List<BoundStatement> into)
    {
        switch (statement)
        {
            case ExpressionStatementSyntax expression: Append(into, BindExpression(expression.Expression), expression.Expression, isResult: false); break;
            case AssignmentSyntax assignment: BindAssignment(assignment, into); break;
            case LetSyntax let: BindLet(let, into); break;
            case BlockSyntax block: into.Add(BindBlock(block)); break;
            case IfSyntax choice: BindIf(choice, into); break;
            case WhileSyntax loop: BindWhile(loop, into); break;
            case UnrollSyntax unroll: BindUnroll(unroll, into); break;
            case ForRangeSyntax range: BindForRange(range, into); break;
            case ForMapSyntax map: BindForMap(map, into); break;
            case BreakSyntax: Jump(statement, "break", new BoundBreak(statement.Span), into); break;
            case ContinueSyntax: Jump(statement, "continue", new BoundContinue(statement.Span), into); break;
            case ReturnSyntax jump: BindReturn(jump, into); break;
            case ImportSyntax:
                if (_frame?.Macro.IsStandard != true)
                    Error(statement.Span, "Import statements that are not at the top level are primarily for the standard library. If this is functionality you need, please file an issue to explain why.");
                break;
            default: throw new NotSupportedException(statement.GetType().Name);
        }
    }

    // An expression as a statement: a call without a value is only what it does.
    private void Append(List<BoundStatement> into, BoundExpression expression, ExpressionSyntax syntax, bool isResult)
    {
        if (expression is BoundBlockExpression { Result: null } block)
        {
            if (block.Block.Locals.Count == 0) into.AddRange(block.Block.Statements);
            else into.Add(block.Block);
            return;
        }
        if (expression.Type is not (VoidType or UnknownType) && expression is not BoundIncrement && !IsEffect(expression) && _frame is null && !(isResult && syntax is not CallSyntax))
            Warning(syntax.Span, "Return value discarded.");
        into.Add(new BoundExpressionStatement(syntax.Span, expression));
    }

    private static bool IsEffect(BoundExpression expression) => expression is BoundConditional { Type: VoidType };

    private void Jump(StatementSyntax statement, string word, BoundStatement jump, List<BoundStatement> into)
    {
        if (_loopDepth == 0) Error(statement.Span, $"'{word}' statement is not allowed in a {(_frame is not null ? "macro" : FunctionName is null ? "probe" : "function")}");
        into.Add(jump);
    }

    private void BindIf(IfSyntax choice, List<BoundStatement> into)
    {
        if (choice.IsComptime)
        {
            if (Answer(choice.Condition) is not { } answer) return;
            if (answer) into.Add(BindBlock(choice.Then));
            else if (choice.Else is not null) BindStatement(choice.Else, into);
            return;
        }
        var condition = BindCondition(choice.Condition, choice.Span);
        var then = BindBlock(choice.Then);
        BoundStatement? otherwise = null;
        if (choice.Else is not null)
        {
            List<BoundStatement> list = [];
            BindStatement(choice.Else, list);
            otherwise = list is [var only] ? only : new BoundBlock(choice.Else.Span, list);
        }
        into.Add(new BoundIf(choice.Span, condition, then, otherwise));
    }

    private void BindWhile(WhileSyntax loop, List<BoundStatement> into)
    {
        Warning(loop.Span, "While loops are deprecated and may be removed in the future.").Hints.Add(
            "For loops support ranges (e.g. `for ($x : $start..$end) { ... }`), and can be used in place of while. These are more easily proven to be bounded by the verifier.");
        var condition = BindCondition(loop.Condition, loop.Span);
        into.Add(new BoundWhile(loop.Span, condition, BindLoop(loop.Body)));
    }

    private BoundBlock BindLoop(BlockSyntax body)
    {
        _loopDepth++;
        var block = BindBlock(body);
        _loopDepth--;
        return block;
    }

    private void BindUnroll(UnrollSyntax unroll, List<BoundStatement> into)
    {
        var count = BindExpression(unroll.Count);
        if (!Literals.IsInteger(count, out var number))
        {
            if (count.Type is not UnknownType) Error(unroll.Span, "invalid unroll value");
        }
        else if (number > 100)
        {
            Error(unroll.Span, "unroll maximum value is 100");
        }
        else if (number < 1)
        {
            Error(unroll.Span, "unroll minimum value is 1");
        }
        into.Add(new BoundUnroll(unroll.Span, number >= 1 && number <= 100 ? (int)number : 1, BindBlock(unroll.Body)));
    }

    private void BindForRange(ForRangeSyntax loop, List<BoundStatement> into)
    {
        var from = BindExpression(loop.From);
        var to = BindExpression(loop.To);
        if (!Known(from) || !Known(to))
        {
            BindLoopBody(loop, loop.Variable, null, loop.Body, _ => { });
            return;
        }
        var range = loop.RangeSpan.Source is null ? loop.Span : loop.RangeSpan;
        if (!TypeRules.IsInteger(from.Type)) Error(range, "Loop range requires an integer for the start value");
        if (!TypeRules.IsInteger(to.Type)) Error(range, "Loop range requires an integer for the end value");
        var type = TypeRules.IsInteger(from.Type) && TypeRules.IsInteger(to.Type) ? TypeRules.Promote(from.Type, to.Type)! : from.Type;
        // The variable counts in at least as many bits as both ends have.
        var start = Convert(from, type) ?? from;
        var end = Convert(to, type) ?? to;
        BindLoopBody(loop, loop.Variable, type, loop.Body, v => into.Add(new BoundForRange(loop.Span, v.Variable, start, end, v.Body)));
    }

    private void BindForMap(ForMapSyntax loop, List<BoundStatement> into)
    {
        if (MapOf(loop.Map) is not { } slot) return;
        slot.IsScalar ??= false;
        if (slot.IsScalar == true)
        {
            Error(loop.Map.Span, $"@{slot.Name} has no explicit keys (scalar map), and cannot be used for iteration");
            return;
        }
        ScriptType? type = null;
        if (slot.Key is { } key && slot.Value is { } value)
        {
            if (value is AggregateType && !TypeRules.IsCastable(value)) Error(loop.Map.Span, $"Loop expression does not support type: {value}");
            type = new TupleType([key, value is AggregateType ? TypeRules.NumberOf(value) : value]);
        }
        else if (Context.IsFinal)
        {
            ReportUndefined(loop.Map.Span, slot.Name);
        }
        BindLoopBody(loop, loop.Variable, type, loop.Body, v => into.Add(new BoundForMap(loop.Span, v.Variable, slot.Bound, v.Body)));
    }

    private void BindLoopBody(Node loop, VariableSyntax variable, ScriptType? type, BlockSyntax body, Action<(BoundLocal Variable, BoundBlock Body)> add)
    {
        _frame?.Own(variable.Name);
        string name = VariableName(variable.Name);
        if (_scope.Find(name) is { } shadowed)
            Error(variable.Span, $"Loop declaration shadows existing variable: ${name}").Context.Add((shadowed.Local.Span, shadowed.OriginText));
        _scope = new Scope(_scope, loop);
        var declared = Declare(loop, name, variable.Span, "This is the loop variable.");
        declared.IsAssigned = true;
        if (type is not null)
        {
            if (declared.Slot.Type is null || !Same(type, declared.Slot.Type))
            {
                // What is gone through says the type, whatever the body assigns.
                (declared.Slot.Type, _changed) = (type, true);
            }
            declared.Local.Type = type;
            declared.Slot.IsFixed = true;
        }
        var block = BindLoop(body);
        CloseScope();
        add((declared.Local, block));
    }

    private void BindReturn(ReturnSyntax jump, List<BoundStatement> into)
    {
        if (_frame is not null) Error(jump.Span, "'return' statement is not allowed in a macro");
        var value = jump.Value is null ? null : BindExpression(jump.Value);
        if (FunctionName is null)
        {
            if (value is not null && Known(value))
            {
                // Whether it is allowed is what a hook of a control group answers.
                bool isAnswer = value.Type is BooleanType && Target?.Type == Probes.ProbeType.Cgroup;
                if (!TypeRules.IsInteger(value.Type) && !isAnswer) Error(jump.Span, $"Probe return values can only be integers. Found {value.Type}");
                else value = Convert(value, IntegerType.Int64) ?? value;
            }
        }
        else if (value is null ? ReturnType is not VoidType : Known(value))
        {
            if (value is null || Convert(value, ReturnType!) is not { } converted) Error(jump.Span, $"Function {FunctionName} is of type {ReturnTypeName}, cannot return {value?.Type.ToString() ?? "void"}");
            else value = converted;
        }
        into.Add(new BoundReturn(jump.Span, value));
    }

    // ── Assignments ─────────────────────────────────────────────────────────────────────────────────────────

    private void BindLet(LetSyntax let, List<BoundStatement> into)
    {
        var type = let.Type is null ? null : ResolveType(let.Type);
        var value = let.Value is null ? null : BindExpression(let.Value);
        if (_frame?.Variables.ContainsKey(let.Variable.Name) == true)
        {
            Error(let.Span, $"Variable declaration shadows macro arg ${let.Variable.Name}");
            return;
        }
        _frame?.Own(let.Variable.Name);
        string name = VariableName(let.Variable.Name);
        if (_scope.Find(name) is { } shadowed)
        {
            Error(let.Span, $"Variable ${name} was already declared. Variable shadowing is not allowed.").Context.Add((shadowed.Local.Span, shadowed.OriginText));
            return;
        }
        var variable = Declare(_scope.Node, name, let.Span, "This is the initial declaration.");
        if (type is AggregateType or VoidType) Error(let.Type!.Span, $"Invalid variable declaration type: {type}");
        else if (type is not (null or UnknownType))
        {
            // A type without a size leaves that to what is assigned.
            if (type.Size > 0 && type is not BufferType { Capacity: 0 })
            {
                if (variable.Slot.Type is null) _changed = true;
                (variable.Slot.Type, variable.Slot.IsFixed, variable.Local.Type) = (type, true, type);
            }
            else
            {
                Grow(variable, type, let.Span);
            }
        }
        if (value is not null) Assign(variable, value, let.Span, into);
    }

    private void BindAssignment(AssignmentSyntax assignment, List<BoundStatement> into)
    {
        switch (assignment.Target)
        {
            case DiscardSyntax:
                var ignored = BindExpression(assignment.Value);
                into.Add(ignored is BoundBlockExpression { Result: null } block ? block.Block : new BoundExpressionStatement(assignment.Span, ignored));
                break;
            case VariableSyntax target:
                var value = Combined(assignment);
                if (!_frameOwns(target.Name)) _frame?.Own(target.Name);
                string name = VariableName(target.Name);
                var variable = _scope.Find(name) ?? Declare(_scope.Node, name, assignment.Span, "This is the initial assignment.");
                Assign(variable, value, assignment.Span, into);
                break;
            case MapSyntax target:
                BindMapAssignment(assignment, target, into);
                break;
            default:
                Error(assignment.Target.Span, "Only variables and maps can be assigned to");
                break;
        }

        bool _frameOwns(string name) => _frame?.Variables.ContainsKey(name) == true;
    }

    // The value, or the target combined with it.
    private BoundExpression Combined(AssignmentSyntax assignment)
    {
        if (assignment.Operator is not { } op) return BindExpression(assignment.Value);
        var left = BindExpression(assignment.Target);
        var right = BindExpression(assignment.Value);
        return MakeBinary(assignment.Span, op, left, right);
    }

    private void Assign(Variable variable, BoundExpression value, SourceSpan span, List<BoundStatement> into)
    {
        variable.IsAssigned = true;
        if (!Known(value)) return;
        if (value.Type is VoidType || (value.Type is AggregateType && !TypeRules.IsCastable(value.Type)))
        {
            Error(span, $"Value '{value.Type}' cannot be assigned to a scratch variable.");
            return;
        }
        if (!Grow(variable, value.Type, span)) return;
        if (Convert(value, variable.Local.Type) is not { } converted)
        {
            Error(span, $"Type mismatch for ${variable.Name}: trying to assign value of type '{value.Type}' when variable already has a type '{variable.Local.Type}'", OneTypeOfVariable);
            return;
        }
        into.Add(new BoundAssignLocal(span, variable.Local, converted));
    }

    private void BindMapAssignment(AssignmentSyntax assignment, MapSyntax target, List<BoundStatement> into)
    {
        if (_introspection > 0) Error(assignment.Span, "Map assignments not allowed inside of typeof or typeinfo");
        if (MapOf(target) is not { } slot) return;
        if (!CheckKeyed(slot, target.Key is not null, target.Span)) return;
        var key = target.Key is null ? null : BindKey(slot, target.Key, target.Span);
        if (assignment.Operator is null && BindAggregate(assignment.Value, slot, key, assignment.Span, into))
        {
            CheckDeclaredKind(slot, target.Span);
            return;
        }
        var value = Combined(assignment);
        if (!Known(value)) return;
        if (CannotBeStored(value, slot, assignment)) return;
        if (!GrowValue(slot, value.Type, assignment.Span)) return;
        if (Convert(value, slot.Value!) is not { } converted)
        {
            Error(assignment.Span, $"Type mismatch for @{slot.Name}: trying to assign value of type '{value.Type}' when map already has a value type '{slot.Value}'", OneTypeOfMap);
            return;
        }
        CheckDeclaredKind(slot, target.Span);
        into.Add(new BoundAssignMap(assignment.Span, slot.Bound, key, converted));
    }

    private bool CannotBeStored(BoundExpression value, MapSlot slot, AssignmentSyntax assignment)
    {
        if (value.Type is VoidType)
        {
            Error(assignment.Span, $"Value '{value.Type}' cannot be assigned to a map.");
            return true;
        }
        if (value.Type is not AggregateType aggregate || (TypeRules.IsCastable(aggregate) && slot.Value is { } known && TypeRules.IsInteger(known))) return false;
        slot.RefusedAggregate = slot.Value is null;
        string call = aggregate.Kind switch
        {
            AggregateKind.Count => "count()",
            AggregateKind.LinearHist => "lhist(rand %10, 0, 10, 1)",
            AggregateKind.TimeSeries => "tseries(rand %10, 10s, 1)",
            AggregateKind.Stats => "stats(arg2)",
            _ => $"{aggregate.Kind.ToString().ToLowerInvariant()}(retval)",
        };
        var error = Error(assignment.Span, $"Map value '{aggregate}' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. `@{slot.Name} = {call};`.");
        if (TypeRules.IsCastable(aggregate) && value is BoundMapRead source && error.Hints.Count == 0)
            error.Hints.Add($"Add a cast to integer if you want the value of the aggregate, e.g. `@{slot.Name} = (int64)@{source.Map.Name};`.");
        return true;
    }

    private void CheckDeclaredKind(MapSlot slot, SourceSpan span)
    {
        if (slot.Declaration is { } declaration && slot.Value is { } value && MapKinds.Mismatch(declaration.Kind, value) is { } mismatch) Error(span, mismatch);
    }
}
