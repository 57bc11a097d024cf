using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>A call of a built-in function while it is bound.</summary>
internal sealed class Call(Body body, BindingContext context, Builtin builtin, SourceSpan span, string name, IReadOnlyList<ExpressionSyntax> arguments)
{
    public const string NeedsUnsafe = "Run the script with --unsafe.";

    private readonly BoundExpression?[] _bound = new BoundExpression?[arguments.Count];

    public Body Body { get; } = body;
    public BindingContext Context { get; } = context;
    public SourceSpan Span { get; } = span;
    public string Name { get; } = name;
    public IReadOnlyList<ExpressionSyntax> Syntax { get; } = arguments;
    public int Count => Syntax.Count;

    /// <summary>The map that an aggregate is assigned to.</summary>
    public MapSlot? Map { get; init; }

    /// <summary>The place; null in functions.</summary>
    public ProbeTarget? Target => Body.Target;

    public BoundExpression this[int index] => _bound[index] ??= Body.BindExpression(Syntax[index]);

    public BoundExpression Unknown => new BoundUnknown(Span) { Type = builtin.Result ?? UnknownType.Instance };

    /// <summary>How the function is called; null for what only the library calls.</summary>
    public string? Usage => UsageOf(Name);

    public static string? UsageOf(string name) => LanguageHelp.Find(name) is { } help ? $"{help.Signature}: {char.ToLowerInvariant(help.Text[0])}{help.Text[1..]}" : null;

    /// <summary>Says what is wrong, and how the function is called.</summary>
    public void Report(SourceSpan span, string message, string? hint = null) => Body.Report(span, message, hint ?? Usage);

    public BoundExpression Fail(string message, string? hint = null)
    {
        Report(Span, message, hint);
        return new BoundUnknown(Span) { Type = builtin.Result ?? UnknownType.Instance };
    }

    /// <summary>The text of an argument that was checked to be a literal.</summary>
    public string Text(int index) => ScriptBytes.Text(((BoundText)this[index]).Bytes);

    /// <summary>The number of an argument that was checked to be a literal.</summary>
    public LiteralNumber Number(int index) => Literals.IsInteger(this[index], out var value) ? value : 0;

    public BoundCall Make(BoundIntrinsic intrinsic, ScriptType type, params IReadOnlyList<BoundExpression> arguments) => new(Span, type, intrinsic, arguments);

    /// <summary>A record to user space.</summary>
    public BoundExpression Send(AsyncAction action, params IReadOnlyList<BoundExpression> payload) => Send(action, false, payload);

    public BoundExpression Send(AsyncAction action, bool ends, IReadOnlyList<BoundExpression> payload)
    {
        payload = [.. payload.Select(Body.Number)];
        int number = Context.AddAction(action with { Payload = new TupleType([.. payload.Select(p => p.Type)]), ExpandedFrom = Body.ExpandedFrom });
        return Body.Do(Span, new BoundAsync(Span, number, payload) { EndsProgram = ends });
    }

    /// <summary>Whether the call is as the function wants it; false when not (said), or while types are not known.</summary>
    public bool Check()
    {
        if (builtin.IsUnsafe && !Context.Options.Unsafe) Report(Span, $"{Name}() is an unsafe function being used in safe mode", NeedsUnsafe);
        if (builtin.Available is { } available && Target is { } target && !available(target.Type))
            Report(Span, $"{Name} can not be used with \"{ProbeNames.NameOf(target.Type)}\" probes");
        if (!CheckCount()) return false;
        bool known = true;
        for (int i = 0; i < Count; i++)
        {
            var kind = i < builtin.Arguments.Count ? builtin.Arguments[i] : ArgumentKind.Any;
            if (kind == ArgumentKind.Syntax) continue;
            if (kind == ArgumentKind.Map)
            {
                if (Syntax[i] is MapSyntax { Key: null }) continue;
                Report(Syntax[i].Span, $"{Name}() expects a map argument");
                return false;
            }
            var argument = this[i];
            if (argument.Type is UnknownType)
            {
                known = false;
                continue;
            }
            if (!CheckKind(kind, argument, i)) return false;
        }
        return known || builtin.Result is not null;
    }

    /// <summary>Whether all arguments' types are known.</summary>
    public bool IsKnown => _bound.All(b => b?.Type is not UnknownType);

    private bool CheckCount()
    {
        if (Count >= builtin.Minimum && Count <= builtin.Maximum) return true;
        string wanted = (builtin.Minimum == builtin.Maximum, Count < builtin.Minimum) switch
        {
            (true, _) => builtin.Minimum switch { 0 => "requires no arguments", 1 => "requires one argument", var n => $"requires {n} arguments" },
            (false, true) => builtin.Minimum == 1 ? "requires at least one argument" : $"requires at least {builtin.Minimum} arguments",
            _ => builtin.Maximum switch { 0 => "requires no arguments", 1 => "takes up to one argument", var n => $"takes up to {n} arguments" },
        };
        Report(Span, $"{Name}() {wanted} ({Count} provided)");
        return false;
    }

    private bool CheckKind(ArgumentKind kind, BoundExpression argument, int index)
    {
        var (word, literal) = kind switch
        {
            ArgumentKind.Integer => ("int", false),
            ArgumentKind.IntegerLiteral => ("int", true),
            ArgumentKind.Text => ("string", false),
            ArgumentKind.TextLiteral => ("string", true),
            ArgumentKind.Pointer => ("pointer", false),
            _ => ("", false),
        };
        if (word.Length == 0) return true;
        string got = TypeNames.Kind(argument.Type);
        if (literal && (!Literals.Is(argument) || got != word))
        {
            Report(Span, $"{Name}() expects a {word} literal ({got} provided)");
            if (word == "string" && Syntax[index] is PositionalSyntax positional)
                Report(positional.Span, $"Use str(${positional.Number}) to treat ${positional.Number} as a string");
            return false;
        }
        if (got == word) return true;
        Report(Span, $"{Name}() only supports {word} arguments ({got} provided)");
        return false;
    }
}
