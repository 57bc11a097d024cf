using Hornet.Script.Binding.Functions;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    /// <summary>Whether the place belongs to the standard library.</summary>
    internal bool IsInLibrary => _frame?.Macro.IsStandard == true;

    private BoundExpression BindIdentifier(IdentifierSyntax word)
    {
        if (_frame is not null && _frame.Expressions.TryGetValue(word.Name, out var argument)) return InCaller(() => BindExpression(argument));
        if (BindMacro(word, word.Name, []) is { } expanded) return expanded;
        if (BuiltinTable.Find(word.Name) is { MayBeWord: true } builtin) return Invoke(builtin, word, word.Name, []);
        if (BuiltinTable.Argument(word.Name) is { } number) return BuiltinTable.NumberedArgument(this, word.Span, number);
        if (Context.Types?.FindEnumerator(word.Name) is { } enumerator) return new BoundConstant(word.Span, enumerator.Type, enumerator.Value);
        if (Context.Types?.FindConstant(word.Name) is { } constant) return BindConstant(word, constant);
        if (BuiltinTable.Deleted(word.Name) is { } message)
        {
            var deleted = Error(word.Span, message.Message);
            if (deleted.Hints.Count == 0) deleted.Hints.Add(message.Hint);
            return new BoundUnknown(word.Span);
        }
        var error = Error(word.Span, $"Unknown identifier: '{word.Name}'");
        Suggest(error, word.Name, BuiltinTable.Words.Concat(Context.Macros.Names));
        if (error.Hints.Count == 0) error.Hints.Add("Variables begin with $ and maps with @; constants are those of the kernel's enumerations, of #define and of #include.");
        return new BoundUnknown(word.Span);
    }

    // What the C preprocessor defines a word to be, which may name others again.
    private BoundExpression BindConstant(IdentifierSyntax word, ExpressionSyntax constant)
    {
        if (_constants.Contains(word.Name))
        {
            Error(word.Span, $"Macro recursion: {string.Join("->", _constants)}");
            return new BoundUnknown(word.Span);
        }
        _constants.Add(word.Name);
        var result = BindExpression(constant);
        _constants.RemoveAt(_constants.Count - 1);
        return result;
    }

    private readonly List<string> _constants = [];

    internal T InCaller<T>(Func<T> bind)
    {
        var frame = _frame;
        _frame = frame!.Caller;
        var result = bind();
        _frame = frame;
        return result;
    }

    private BoundExpression BindCall(CallSyntax call)
    {
        var imported = Context.ImportedFunctions.GetValueOrDefault(call.Name);
        if (BindMacro(call, call.Name, call.Arguments) is { } expanded)
        {
            if (imported is not null) WarnOfHidden(call, imported, Context.Macros.IsStandard(call.Name) ? "the language's own" : "a macro");
            return expanded;
        }
        if (BuiltinTable.Find(call.Name) is { } builtin)
        {
            if (imported is not null) WarnOfHidden(call, imported, "the language's own");
            return Invoke(builtin, call, call.Name, call.Arguments);
        }
        if (Context.Functions.TryGetValue(call.Name, out var function))
        {
            if (imported is not null) WarnOfHidden(call, imported, "the script's own");
            return BindFunctionCall(call, function);
        }
        if (imported is not null) return BindImportedCall(call, imported);
        Suggest(Error(call.Span, $"Unknown function: '{call.Name}'"), call.Name, BuiltinTable.Names.Concat(Context.Macros.Names).Concat(Context.Functions.Keys).Concat(Context.ImportedFunctions.Keys));
        foreach (var argument in call.Arguments) BindExpression(argument);
        return new BoundUnknown(call.Span);
    }

    private BoundExpression Invoke(Builtin builtin, ExpressionSyntax node, string name, IReadOnlyList<ExpressionSyntax> arguments)
    {
        Call call = new(this, Context, builtin, node.Span, name, arguments);
        return call.Check() ? builtin.Bind(call) : new BoundUnknown(node.Span);
    }

    // ── Macros ──────────────────────────────────────────────────────────────────────────────────────────────

    // Null when the name is no macro.
    private BoundExpression? BindMacro(ExpressionSyntax node, string name, IReadOnlyList<ExpressionSyntax> arguments)
    {
        var macro = Context.Macros.Find(name, arguments, IsInLibrary, out var closest);
        if (macro is null)
        {
            // The name may also be something else.
            if (closest is null || BuiltinTable.Find(name) is not null || Context.Functions.ContainsKey(name)) return null;
            if (node is IdentifierSyntax && (BuiltinTable.Argument(name) is not null || FindType(name) is not null && _introspection > 0)) return null;
            ReportMismatch(node, name, arguments, closest.Syntax);
            return new BoundUnknown(node.Span);
        }
        for (var frame = _frame; frame is not null; frame = frame.Caller)
        {
            if (frame.Macro != macro) continue;
            List<string> chain = [name];
            for (var f = _frame; f is not null; f = f.Caller)
            {
                chain.Insert(0, f.Macro.Syntax.Name);
                if (f == frame) break;
            }
            Error(node.Span, $"Recursive macro call detected. Call chain: {string.Join(" > ", chain)}");
            return new BoundUnknown(node.Span);
        }

        var outer = _frame;
        int loops = _loopDepth;
        _frame = FrameOf(node, macro, arguments, outer);
        _loopDepth = 0;
        var result = _frame is null ? new BoundUnknown(node.Span) : BindBlockExpression(macro.Syntax.Body);
        _frame = outer;
        _loopDepth = loops;
        return result;
    }

    private MacroFrame? FrameOf(ExpressionSyntax node, MacroDefinition macro, IReadOnlyList<ExpressionSyntax> arguments, MacroFrame? outer)
    {
        FrameKey key = new(node, outer);
        if (_frames.TryGetValue(key, out var frame)) return frame;
        frame = new MacroFrame(macro, outer, node.Span);
        for (int i = 0; i < arguments.Count; i++)
        {
            var parameter = macro.Syntax.Parameters[i];
            switch (parameter.Kind)
            {
                case MacroParameterKind.Variable:
                    frame.Variables[parameter.Name] = VariableName(((VariableSyntax)arguments[i]).Name);
                    break;
                case MacroParameterKind.Map:
                    string name = ((MapSyntax)arguments[i]).Name;
                    if (outer is not null && !outer.Maps.TryGetValue(name, out name!))
                    {
                        MapOf((MapSyntax)arguments[i]);
                        return null;
                    }
                    frame.Maps[parameter.Name] = name;
                    break;
                default:
                    frame.Expressions[parameter.Name] = arguments[i];
                    break;
            }
        }
        return _frames[key] = frame;
    }

    private void ReportMismatch(ExpressionSyntax node, string name, IReadOnlyList<ExpressionSyntax> arguments, MacroSyntax closest)
    {
        var error = Error(node.Span, $"Call to {name}() has arguments that do not match any definition.");
        if (closest.Parameters.Count != arguments.Count)
        {
            error.Context.Insert(0, (closest.Span, $"The closest definition of {closest.Name}() has a different number of arguments. Expected: {closest.Parameters.Count} but got {arguments.Count}"));
            return;
        }
        for (int i = 0; i < arguments.Count; i++)
        {
            var parameter = closest.Parameters[i];
            if (parameter.Kind == MacroParameterKind.Expression || MacroTable.Accepts(parameter.Kind, arguments[i])) continue;
            bool isMap = parameter.Kind == MacroParameterKind.Map;
            string got = isMap ? arguments[i] is VariableSyntax ? "a variable" : "an expression" : arguments[i] is MapSyntax ? "a map" : "an expression";
            Error(arguments[i].Span, $"Mismatched arg. {closest.Name}() expects a {(isMap ? "map" : "variable")} for arg {(isMap ? '@' : '$')}{parameter.Name} but got {got}.")
                .Context.Insert(0, (parameter.Span, "This is the argument in the closest definition."));
        }
    }

    // ── Functions ───────────────────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindFunctionCall(CallSyntax call, FunctionBody function)
    {
        if (function.Signature() is not { } bound) return new BoundUnknown(call.Span);
        if (call.Arguments.Count != bound.Parameters.Count)
        {
            Error(call.Span, $"Function `{call.Name}` requires {bound.Parameters.Count} arguments, got only {call.Arguments.Count}",
                $"the script defines {call.Name}({string.Join(", ", bound.Parameters.Select(p => $"${p.Name}: {p.Type}"))}): {bound.ReturnType}");
            return new BoundUnknown(call.Span) { Type = bound.ReturnType };
        }
        Calls.Add(function);
        var arguments = new BoundExpression[call.Arguments.Count];
        bool known = true;
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = BindExpression(call.Arguments[i]);
            known &= Known(arguments[i]);
            if (!Known(arguments[i])) continue;
            var parameter = bound.Parameters[i];
            if (Convert(arguments[i], parameter.Type) is { } converted) arguments[i] = converted;
            else Error(call.Arguments[i].Span, $"Expected {parameter.Type} for argument `${parameter.Name}` got {arguments[i].Type}");
        }
        return known ? new BoundFunctionCall(call.Span, bound, arguments) : new BoundUnknown(call.Span) { Type = bound.ReturnType };
    }

    /// <summary>The functions of the script that this calls.</summary>
    public HashSet<FunctionBody> Calls { get; } = [];

    // ── Aggregates ──────────────────────────────────────────────────────────────────────────────────────────

    // @m = count() and its kin, also as the value of a block or macro. False when the value is none of them.
    private bool BindAggregate(ExpressionSyntax value, MapSlot slot, BoundExpression? key, SourceSpan span, List<BoundStatement> into)
    {
        switch (value)
        {
            case BlockExpressionSyntax { Block: { Result: { } result } block } when EndsInAggregate(result):
                into.Add(InScope(block, () =>
                {
                    List<BoundStatement> inner = [];
                    BindAll(block.Statements, inner);
                    BindAggregate(result, slot, key, span, inner);
                    return inner;
                }));
                return true;
            case IdentifierSyntax word when _frame?.Expressions.TryGetValue(word.Name, out var argument) == true:
                // The caller's expression, in the caller's frame.
                var frame = _frame;
                _frame = frame!.Caller;
                bool bound = BindAggregate(argument, slot, key, span, into);
                _frame = frame;
                return bound;
            case CallSyntax call when Context.Macros.Find(call.Name, call.Arguments, IsInLibrary, out _) is { } macro && macro.Syntax.Body.Result is { } result && EndsInAggregate(result):
                var outer = _frame;
                _frame = FrameOf(call, macro, call.Arguments, outer);
                if (_frame is not null) BindAggregate(new BlockExpressionSyntax(macro.Syntax.Body.Span, macro.Syntax.Body), slot, key, span, into);
                _frame = outer;
                return true;
            case CallSyntax call when AggregateTable.Find(call.Name) is { } aggregate:
                if (new Call(this, Context, aggregate, call.Span, call.Name, call.Arguments) { Map = slot }.Check() && AggregateTable.Make(this, call) is var (type, operand) && type is not null)
                {
                    if (operand is not null && !CheckOperand(slot, call, operand)) return true;
                    if (GrowAggregate(slot, type, call.Span))
                    {
                        if (slot.Value is AggregateType known && AggregateTable.Conflict(known, type) is { } conflict) Error(call.Span, conflict);
                        var number = operand is null ? null : AsInteger(operand, slot.Value is AggregateType { IsSigned: true } ? IntegerType.Int64 : IntegerType.UInt64);
                        into.Add(new BoundAggregate(span, slot.Bound, key, number));
                    }
                }
                return true;
            default:
                return false;
        }
    }

    private bool EndsInAggregate(ExpressionSyntax value) => value switch
    {
        BlockExpressionSyntax { Block.Result: { } result } => EndsInAggregate(result),
        CallSyntax call => AggregateTable.Find(call.Name) is not null,
        _ => false,
    };

    // Arguments of one map go together.
    private bool CheckOperand(MapSlot slot, CallSyntax call, BoundExpression operand)
    {
        var promoted = TypeRules.Promote(slot.AggregateArgument, operand.Type);
        if (promoted is null)
        {
            Error(call.Span, $"Type mismatch for {call.Name}: trying to call function with type '{operand.Type}' when it already has a type '{slot.AggregateArgument}'");
            return false;
        }
        slot.AggregateArgument = promoted;
        return true;
    }
}
