using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    private static readonly string[] s_keywords = ["struct ", "union ", "enum "];

    /// <summary>The type that is written; unknown with a message when there is none, or while it is not known.</summary>
    internal ScriptType ResolveType(TypeSyntax syntax)
    {
        ScriptType type;
        if (syntax.TypeOf is { } expression) type = TypeOf(expression);
        else if (syntax.Elements is { } elements) type = new TupleType([.. elements.Select(ResolveType)]);
        else type = NamedType(syntax.Name, syntax.Span);
        if (syntax.Size is { } size && type is not UnknownType) type = Sized(type, size);
        foreach (var suffix in syntax.Suffixes)
        {
            if (type is UnknownType) return type;
            if (suffix.IsPointer)
            {
                type = new PointerType(type);
                continue;
            }
            type = type is StringType { Length: 0 } or BufferType { Capacity: 0 } && suffix.Length is not null ? Sized(type, suffix.Length)
                : suffix.Length is null ? new ArrayType(type, 0)
                : Count(suffix.Length) is { } count ? new ArrayType(type, count)
                : UnknownType.Instance;
        }
        return type;
    }

    private ScriptType Sized(ScriptType type, ExpressionSyntax size) => Count(size) is not { } count ? UnknownType.Instance : type switch
    {
        StringType => new StringType(count),
        BufferType => new BufferType(count),
        InetType => type,
        _ => new ArrayType(type, count),
    };

    private int? Count(ExpressionSyntax syntax)
    {
        var count = BindExpression(syntax);
        if (Literals.IsInteger(count, out var number) && number >= 0 && number <= int.MaxValue) return (int)number;
        if (Known(count)) Error(syntax.Span, "The size of a type must be a number that is known before anything runs");
        return null;
    }

    private ScriptType NamedType(string name, SourceSpan span)
    {
        if (_frame is not null && NamedParameter(name) is { } replaced) return replaced;
        if (FindType(name) is { } type) return type;
        string keyword = Array.Find(s_keywords, k => name.StartsWith(k, StringComparison.Ordinal)) ?? "";
        string message = keyword == "enum " ? $"Unknown enum: {name[5..]}" : $"Cannot resolve unknown type \"{name}\"";
        // All types of the kernel are gone through: once.
        string? near = Context.IsFinal ? Similar.Find(name[keyword.Length..], TypeNames.All.Concat(Context.Types?.Names ?? []).Where(n => n.StartsWith(keyword, StringComparison.Ordinal)).Select(n => n[keyword.Length..])) : null;
        Error(span, message, near is null ? WhereTypesComeFrom : $"Did you mean '{keyword}{near}'?");
        return UnknownType.Instance;
    }

    private const string WhereTypesComeFrom = "Types come from the kernel (BTF), from the probed program (DWARF), from #include, and from definitions in the script.";

    private ScriptType? FindType(string name) => TypeNames.Find(name) ?? Context.Types?.FindDeclared(name) ?? Target?.Types?.FindType(name) ?? Context.Types?.FindType(name) ?? TypeNames.FindC(name);

    // A macro's parameter as a type, alone or behind struct and the like.
    private ScriptType? NamedParameter(string name)
    {
        string keyword = s_keywords.FirstOrDefault(k => name.StartsWith(k, StringComparison.Ordinal)) ?? "";
        if (!_frame!.Expressions.TryGetValue(name[keyword.Length..], out var argument)) return null;
        var frame = _frame;
        _frame = frame.Caller;
        ScriptType? result = argument switch
        {
            TypeExpressionSyntax type when keyword.Length == 0 => ResolveType(type.Type),
            TypeExpressionSyntax { Type: { Suffixes.Count: 0, Elements: null, TypeOf: null } type } when !s_keywords.Any(k => type.Name.StartsWith(k, StringComparison.Ordinal)) =>
                NamedType(keyword + type.Name, argument.Span),
            TypeExpressionSyntax { Type.TypeOf: IdentifierSyntax word } => NamedType(keyword + word.Name, argument.Span),
            IdentifierSyntax word => NamedType(keyword + word.Name, argument.Span),
            _ when keyword.Length == 0 => TypeOf(argument),
            _ => null,
        };
        if (result is null)
        {
            Error(argument.Span, $"Invalid replacement for macro '{frame.Macro.Syntax.Name}' type parameter '{name[keyword.Length..]}' which makes up the type '{name}'");
            result = UnknownType.Instance;
        }
        _frame = frame;
        return result;
    }

    /// <summary>The type of an expression that is not evaluated; of a map with keys named without one, the keys' type.</summary>
    private ScriptType TypeOf(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case TypeExpressionSyntax type: return ResolveType(type.Type);
            case IdentifierSyntax word when TypeOfWord(word) is { } type: return type;
            case MapSyntax { Key: null } map when MapOf(map) is { IsScalar: not true } slot:
                // How the map is used is said elsewhere, perhaps further down.
                return slot.KeyOrUnknown;
        }
        int actions = Context.Actions.Count;
        _introspection++;
        var bound = BindExpression(syntax);
        _introspection--;
        // Nothing of it runs.
        Context.Actions.RemoveRange(actions, Context.Actions.Count - actions);
        return bound.Type;
    }

    // A bare word may be a macro's parameter, a type, or an expression.
    private ScriptType? TypeOfWord(IdentifierSyntax word)
    {
        if (_frame?.Expressions.TryGetValue(word.Name, out var argument) == true)
        {
            var frame = _frame;
            _frame = frame.Caller;
            var type = TypeOf(argument);
            _frame = frame;
            return type;
        }
        return Binding.Functions.BuiltinTable.Find(word.Name) is null && Context.Types?.FindEnumerator(word.Name) is null ? FindType(word.Name) : null;
    }

    private BoundExpression BindSizeof(SizeofSyntax syntax)
    {
        // An enumerator is a number of the language, whatever its enum takes in memory.
        if (syntax.Operand is IdentifierSyntax word && _frame?.Expressions.ContainsKey(word.Name) != true && Context.Types?.FindEnumerator(word.Name) is not null) return Literals.Integer(syntax.Span, IntegerType.Int64.Size);
        var type = syntax.Type is { } written ? ResolveType(written) : TypeOf(syntax.Operand!);
        return type is UnknownType ? new BoundUnknown(syntax.Span) : Literals.Integer(syntax.Span, type.Size);
    }

    private BoundExpression BindTypeinfo(TypeinfoSyntax syntax)
    {
        if (!IsInLibrary) CheckUnstable(syntax.Span, "typeinfo", "unstable_typeinfo", "error");
        var type = syntax.Type is { } written ? ResolveType(written) : TypeOf(syntax.Operand!);
        if (type is UnknownType) return new BoundUnknown(syntax.Span);
        BoundExpression[] parts = [Literals.Integer(syntax.Span, 0), Literals.Text(syntax.Span, TypeNames.Kind(type)), Literals.Text(syntax.Span, type.ToString())];
        return new BoundTuple(syntax.Span, new TupleType([.. parts.Select(p => p.Type)], ["btf_id", "base_type", "full_type"]), parts);
    }

    private BoundExpression BindOffsetof(OffsetofSyntax syntax)
    {
        var type = syntax.Type is { } written ? ResolveType(written) : TypeOf(syntax.Operand!);
        if (type is UnknownType) return new BoundUnknown(syntax.Span);
        long offset = 0;
        foreach (string name in FieldPath(syntax.Path))
        {
            if (type is not CompositeType { Info: var info })
            {
                Error(syntax.Span, $"'{type}' is not a C type.");
                return new BoundUnknown(syntax.Span);
            }
            if (info.FindField(name) is not { } field)
            {
                Suggest(Error(syntax.Span, $"'{info.Name}' has no field named '{name}'"), name, FieldNames(info));
                return new BoundUnknown(syntax.Span);
            }
            offset += field.Offset;
            type = field.Type;
        }
        return Literals.Integer(syntax.Span, offset);
    }

    // The member may be a macro's parameter: a word, or words with points between them.
    private IEnumerable<string> FieldPath(IReadOnlyList<string> path)
    {
        if (path.Count != 1 || _frame is null || !_frame.Expressions.TryGetValue(path[0], out var argument)) return path;
        List<string> names = [];
        while (argument is FieldSyntax field)
        {
            names.Insert(0, field.Name);
            argument = field.Target;
        }
        if (argument is IdentifierSyntax word)
        {
            names.Insert(0, word.Name);
            return names;
        }
        Error(argument.Span, "FieldAccess expressions must be made up entirely of idents (e.g. a.b.c) to replace the second argument in `offsetof`");
        return [];
    }

    // ── Compile-time questions ──────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindComptime(ComptimeSyntax syntax)
    {
        var asked = _asked;
        _asked = [];
        var value = BindExpression(syntax.Operand);
        _asked = asked;
        if (Literals.Is(value) || !Known(value)) return value;
        if (Context.IsFinal) Error(syntax.Span, "Unable to resolve comptime expression");
        return new BoundUnknown(syntax.Span);
    }

    /// <summary>
    /// The answer of <c>if comptime</c>; null while it is not known. What depends on types of variables and maps is answered when
    /// everything else is known, and those types do not change any more.
    /// </summary>
    private bool? Answer(ExpressionSyntax condition)
    {
        FrameKey key = new(condition, _frame);
        if (_decisions.TryGetValue(key, out bool decided)) return decided;
        var outer = _asked;
        _asked = [];
        _introspection++;
        int actions = Context.Actions.Count;
        var value = BindExpression(condition is ComptimeSyntax comptime ? comptime.Operand : condition);
        Context.Actions.RemoveRange(actions, Context.Actions.Count - actions);
        _introspection--;
        var asked = _asked;
        _asked = outer;
        outer?.AddRange(asked);
        var answer = Literals.Truth(value);
        if (answer is not null && asked.Count == 0) return answer;
        if (answer is not null && AnswersQuestions)
        {
            foreach (object slot in asked)
            {
                if (slot is LocalSlot local) local.IsLocked = local.Type is not null;
                else if (slot is MapSlot map) map.IsLocked = true;
            }
            _decisions[key] = answer.Value;
            HasAnswered = true;
            return answer;
        }
        HasOpenQuestions = true;
        if (Context.IsFinal) Error(FromKeyword(condition.Span), "Unable to resolve comptime expression");
        return null;
    }

    // The question with the word comptime in front.
    private static SourceSpan FromKeyword(SourceSpan span)
    {
        int at = span.Source.Text.LastIndexOf("comptime", span.Start, StringComparison.Ordinal);
        return at >= 0 && string.IsNullOrWhiteSpace(span.Source.Text[(at + "comptime".Length)..span.Start].Replace("(", "", StringComparison.Ordinal)) ? span with { Start = at } : span;
    }

    // ── Casts ───────────────────────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindCast(CastSyntax cast)
    {
        var type = ResolveType(cast.Type);
        var value = BindExpression(cast.Operand);
        if (type is UnknownType) return new BoundUnknown(cast.Span);
        if (!Known(value)) return new BoundUnknown(cast.Span) { Type = type.Size > 0 && type is not ArrayType { Count: 0 } ? type : UnknownType.Instance };
        return Cast(cast.Span, value, type);
    }

    internal BoundExpression Cast(SourceSpan span, BoundExpression value, ScriptType type)
    {
        if (type is ArrayType) value = AsDeclared(value);
        var from = value.Type;
        if (from is CompositeType)
        {
            Error(span, $"Cannot cast from C type \"{from}\"");
            return new BoundUnknown(span);
        }
        if (type is ArrayType { Count: 0 } open)
        {
            if (open.Element.Size == 0 || from.Size % open.Element.Size != 0)
            {
                Error(span, open.Element.Size == 0 ? "Could not determine size of the array" : "Cannot determine array size: the element size is incompatible with the cast integer size");
                return new BoundUnknown(span);
            }
            type = open with { Count = from.Size / open.Element.Size };
        }
        if (type.Equals(from) && type is not PointerType)
        {
            if (!IsInLibrary) Warning(span, $"Unnecessary cast: expression is already of type {from}");
            // A cast fixes the sign and makes it no literal.
            return type is IntegerType ? new BoundConversion(span, type, BoundConversionKind.Integer, value) : value;
        }
        if (TryCast(span, value, type) is { } result) return result;
        Error(span, _castError ?? $"Cannot cast from \"{from}\" to \"{type}\"");
        _castError = null;
        return new BoundUnknown(span);
    }

    // What is wrong with a cast in more words than that.
    private string? _castError;

    private BoundExpression? TryCast(SourceSpan span, BoundExpression value, ScriptType type)
    {
        bool isNumber = TypeRules.IsInteger(value.Type) || TypeRules.IsCastable(value.Type);
        switch (type)
        {
            case IntegerType when isNumber || value.Type is BooleanType or PointerType:
                return new BoundConversion(span, type, BoundConversionKind.Integer, Number(value)) { Space = value.Type is PointerType pointer ? pointer.Space : AddressSpace.None };
            case IntegerType when value.Type is ArrayType && value.Type.Size == type.Size:
                return new BoundConversion(span, type, BoundConversionKind.Bytes, value);
            case IntegerType when value.Type is KernelSymbolType or UserSymbolType or StackType or UserNameType or NameType or ErrorTextType:
                return null;
            case EnumType { Info: var info } when isNumber || value.Type is BooleanType or PointerType:
                if (Literals.IsInteger(value, out var number) && !info.Values.Any(v => v.Value == (long)number))
                {
                    _castError = $"Enum: {(info.Name.StartsWith("enum ", StringComparison.Ordinal) ? info.Name[5..] : info.Name)} doesn't contain a variant value of {number}";
                    return null;
                }
                return new BoundConversion(span, type, BoundConversionKind.Integer, Number(value));
            case BooleanType when Literals.Truth(value) is { } truth:
                return Literals.Boolean(span, truth);
            case BooleanType when isNumber || value.Type is PointerType or StringType:
                return AsBoolean(value) with { Span = span };
            case PointerType target when isNumber || value.Type is PointerType:
                // An address is never negative: (int8)-1 is 0xff.
                var address = value.Type is IntegerType { IsSigned: true, Bits: < 64 } narrow ? new BoundConversion(span, narrow with { IsSigned = false }, BoundConversionKind.Integer, value) : Number(value);
                return new BoundConversion(span, target with { Space = SpaceOf(value) }, BoundConversionKind.Integer, address);
            case StringType target when value.Type is StringType source:
                // Without a size it is as long as it was.
                if (target.Length == 0 || target.Length == source.Length) return value;
                return target.Length > source.Length ? Convert(value, target) : null;
            case UserNameType when TypeRules.IsInteger(value.Type):
                return new BoundCall(span, type, BoundIntrinsic.UserName, [AsInteger(value, IntegerType.UInt64)]);
            case ArrayType { Element: IntegerType or BooleanType } array when isNumber || value.Type is BooleanType or StringType:
                // A small array of a number is its low bytes.
                if (array.Size == value.Type.Size) return new BoundConversion(span, type, BoundConversionKind.Bytes, Number(value));
                return isNumber && array.Size <= 8 && array.Size > value.Type.Size
                    ? new BoundConversion(span, type, BoundConversionKind.Bytes, AsInteger(value, new IntegerType(array.Size * 8, TypeRules.IsSigned(value.Type))))
                    : null;
            default:
                return null;
        }
    }
}
