using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>A type that grows while a body is looked at, of one variable.</summary>
internal sealed class LocalSlot
{
    /// <summary>Null until something says it.</summary>
    public ScriptType? Type { get; set; }

    /// <summary>The declaration says the type: assignments have to fit.</summary>
    public bool IsFixed { get; set; }

    /// <summary>A compile-time question was answered by the type: it stays.</summary>
    public bool IsLocked { get; set; }
}

/// <summary>A variable where it can be seen.</summary>
internal sealed class Variable(string name, LocalSlot slot, BoundLocal local, string originText)
{
    public string Name { get; } = name;
    public LocalSlot Slot { get; } = slot;
    public BoundLocal Local { get; } = local;

    /// <summary>What its first place is called when another message points there.</summary>
    public string OriginText { get; } = originText;
    public bool IsAssigned { get; set; }
}

/// <summary>Variables of a block.</summary>
internal sealed class Scope(Scope? outer, Node node)
{
    private Dictionary<string, Variable>? _variables;

    public Scope? Outer { get; } = outer;
    public Node Node { get; } = node;
    public List<BoundLocal> Locals { get; } = [];
    public IEnumerable<Variable> Variables => _variables?.Values ?? Enumerable.Empty<Variable>();

    public void Add(Variable variable)
    {
        (_variables ??= new(StringComparer.Ordinal))[variable.Name] = variable;
        Locals.Add(variable.Local);
    }

    public Variable? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables is not null && scope._variables.TryGetValue(name, out var variable)) return variable;
        }
        return null;
    }

    public IEnumerable<string> Visible()
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            foreach (var variable in scope.Variables) yield return variable.Name;
        }
    }
}

/// <summary>
/// What is bound as a whole: the body of a probe for places that are alike, or a function. It is bound again and again: with each
/// pass the types of variables and maps are known better, until a pass finds nothing new; the last one is kept.
/// </summary>
internal abstract partial class Body(BindingContext context)
{
    private const int MaxPasses = 50;

    private readonly Dictionary<FrameKey, LocalSlot> _slots = [];
    private readonly Dictionary<FrameKey, MacroFrame> _frames = [];
    private readonly Dictionary<FrameKey, bool> _decisions = [];
    private MacroFrame? _frame;
    private Scope _scope = null!;
    private int _loopDepth;
    private int _introspection;
    private bool _changed;

    /// <summary>What a compile-time question was answered by; null while none is asked.</summary>
    private List<object>? _asked;

    protected BindingContext Context { get; } = context;

    /// <summary>Waiting in the queue.</summary>
    public bool IsPending { get; set; }

    /// <summary>Whether there are compile-time questions that need types.</summary>
    public bool HasOpenQuestions { get; private set; }

    /// <summary>Whether open questions are answered in this pass, with what is known now.</summary>
    public bool AnswersQuestions { get; set; }

    /// <summary>Whether the pass answered one.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>The place the body is for; null in functions.</summary>
    public abstract ProbeTarget? Target { get; }

    /// <summary>What <c>probe</c> says.</summary>
    public virtual string ProbeName => Target?.FullName ?? "none";

    /// <summary>The body looked at what belongs to its place: arguments.</summary>
    public bool UsesArguments { get; set; }

    /// <summary>The body looked at the name of its place.</summary>
    public bool UsesName { get; set; }

    protected AddressSpace DefaultSpace => Target?.DefaultSpace ?? AddressSpace.Kernel;

    /// <summary>One pass over the body.</summary>
    protected abstract void Pass();

    /// <summary>Passes until nothing of the body's own changes.</summary>
    public void Solve()
    {
        IsPending = false;
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            Run();
            if (!_changed || AnswersQuestions) return;
        }
    }

    /// <summary>A pass of its own.</summary>
    public void Run()
    {
        _changed = false;
        _frame = null;
        _loopDepth = _introspection = 0;
        HasOpenQuestions = HasAnswered = false;
        Pass();
    }

    protected ScriptDiagnostic Error(SourceSpan span, string message, string? hint = null)
    {
        var error = Expanded(Context.Diagnostics.Error(span, message));
        // The same place can be looked at once for every expansion of a probe.
        if (hint is not null && error.Hints.Count == 0) error.Hints.Add(hint);
        return error;
    }

    protected ScriptDiagnostic Warning(SourceSpan span, string message, string? hint = null)
    {
        var warning = _introspection > 0 ? new ScriptDiagnostic(ScriptSeverity.Warning, span, message) : Expanded(Context.Diagnostics.Warning(span, message));
        if (hint is not null && warning.Hints.Count == 0) warning.Hints.Add(hint);
        return warning;
    }

    // Says through which macros the place was reached.
    private ScriptDiagnostic Expanded(ScriptDiagnostic diagnostic)
    {
        if (_frame is null || diagnostic.Context.Count > 0) return diagnostic;
        for (var frame = _frame; frame is not null; frame = frame.Caller) diagnostic.Context.Add((frame.CallSpan, "expanded from"));
        return diagnostic;
    }

    // ── Variables ───────────────────────────────────────────────────────────────────────────────────────────

    private string VariableName(string name) => _frame?.VariableName(name) ?? name;

    private Variable Declare(Node scopeNode, string name, SourceSpan span, string originText)
    {
        FrameKey key = new(scopeNode, _frame, name);
        if (!_slots.TryGetValue(key, out var slot)) _slots.Add(key, slot = new LocalSlot());
        Variable variable = new(name, slot, new BoundLocal(name, span) { Type = slot.Type ?? UnknownType.Instance }, originText);
        _scope.Add(variable);
        return variable;
    }

    /// <summary>A parameter: it has its type and its value.</summary>
    protected void Declare(BoundLocal parameter) =>
        _scope.Add(new Variable(parameter.Name, new LocalSlot { Type = parameter.Type is UnknownType ? null : parameter.Type, IsFixed = true }, parameter, "This is the function parameter.") { IsAssigned = true });

    /// <summary>The type of a parameter that was declared before it was known.</summary>
    protected void SetParameterType(BoundLocal parameter, ScriptType type)
    {
        if (_scope.Find(parameter.Name) is { } variable) variable.Slot.Type = type is UnknownType ? null : type;
    }

    /// <summary>Binds something in the outermost scope of the body.</summary>
    protected T InBody<T>(Node node, Func<T> bind)
    {
        _scope = new Scope(null, node);
        var result = bind();
        CloseScope();
        return result;
    }

    /// <summary>A type is assigned to a variable; null when it cannot be (said).</summary>
    private bool Grow(Variable variable, ScriptType type, SourceSpan span)
    {
        var slot = variable.Slot;
        if (type is UnknownType || slot.IsFixed) return true;
        var promoted = TypeRules.Promote(slot.Type, type);
        if (slot.IsLocked && promoted is not null && !promoted.Equals(slot.Type))
        {
            Error(span, LockedMessage("$" + variable.Name, type, slot.Type!));
            return false;
        }
        if (promoted is null)
        {
            Error(span, $"Type mismatch for ${variable.Name}: trying to assign value of type '{type}' when variable already has a type '{slot.Type}'", OneTypeOfVariable);
            return false;
        }
        if (!Same(promoted, slot.Type)) (slot.Type, _changed) = (promoted, true);
        variable.Local.Type = slot.Type!;
        return true;
    }

    protected static string LockedMessage(string name, ScriptType type, ScriptType locked) =>
        $"Type mismatch for {name}: this type has been locked because it was used in another part of the type graph that was already resolved (e.g. `sizeof`, `typeinfo`, etc.). The new type '{type}' doesn't fit into the locked type '{locked}'";

    // Equal also in what equality leaves out and inference needs.
    private static bool Same(ScriptType a, ScriptType? b) => a.Equals(b) && (a, b) switch
    {
        (IntegerType x, IntegerType y) => x.IsSignFlexible == y.IsSignFlexible && x.Clock == y.Clock,
        (TupleType x, TupleType y) => x.Elements.Zip(y.Elements).All(p => Same(p.First, p.Second)),
        _ => true,
    };

    private const string OneTypeOfVariable = "A variable keeps the type of its first value: cast this one, or take another variable.";
    private const string OneTypeOfMap = "All values of a map are of one type: cast this one, or take another map.";

    // ── Maps ────────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>The map a name means; null when a macro names one that it was not given (said).</summary>
    private MapSlot? MapOf(MapSyntax map)
    {
        string name = map.Name;
        if (_frame is not null && !_frame.Maps.TryGetValue(name, out name!))
        {
            Error(map.Span, $"Unhygienic access to map: @{map.Name}. Maps must be passed into the macro as arguments.");
            return null;
        }
        var slot = Context.Map(name);
        slot.Users.Add(this);
        if (_introspection == 0) slot.IsUsed = true;
        _asked?.Add(slot);
        return slot;
    }

    /// <summary>The map is used with or without a key, which may not change.</summary>
    private bool CheckKeyed(MapSlot slot, bool keyed, SourceSpan span)
    {
        slot.IsScalar ??= !keyed;
        if (slot.IsScalar == !keyed) return true;
        Error(span, keyed
            ? $"@{slot.Name} used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)"
            : $"@{slot.Name} used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)",
            "A map has a key in all of its uses or in none: take a second map for the other.");
        return false;
    }

    private void Changed(MapSlot slot)
    {
        _changed = true;
        foreach (var user in slot.Users)
        {
            if (user != this) Context.Enqueue(user);
        }
    }

    private bool GrowKey(MapSlot slot, ScriptType type, SourceSpan span)
    {
        if (type is UnknownType || slot.IsScalar == true) return true;
        if (type is AggregateType aggregate && (!TypeRules.IsCastable(aggregate) || slot.Key is not null && !TypeRules.IsInteger(slot.Key)))
        {
            Error(span, $"Value '{type}' cannot be used as a map key.");
            return false;
        }
        var promoted = TypeRules.Promote(slot.Key, type);
        if (promoted is null)
        {
            Error(span, $"Argument mismatch for @{slot.Name}: trying to access with arguments: '{type}' when map expects arguments: '{slot.Key}'", "All keys of a map are of one type: cast this one, or take another map.");
            return false;
        }
        return Set(slot, promoted, slot.Key, type, span, t => slot.Key = t);
    }

    private bool GrowValue(MapSlot slot, ScriptType type, SourceSpan span)
    {
        if (type is UnknownType) return true;
        var promoted = slot.Value is AggregateType ? null : TypeRules.Promote(slot.Value, type);
        if (promoted is null)
        {
            Error(span, $"Type mismatch for @{slot.Name}: trying to assign value of type '{type}' when map already has a type '{slot.Value}'", OneTypeOfMap);
            return false;
        }
        return Set(slot, promoted, slot.Value, type, span, t => slot.Value = t);
    }

    private bool GrowAggregate(MapSlot slot, AggregateType type, SourceSpan span)
    {
        var promoted = slot.Value switch
        {
            null => type,
            AggregateType known when known.Kind == type.Kind => known.IsSigned || !type.IsSigned ? known : type,
            _ => null,
        };
        if (promoted is null)
        {
            Error(span, $"Type mismatch for @{slot.Name}: trying to assign value of type '{type}' when map already has a type '{slot.Value}'", OneTypeOfMap);
            return false;
        }
        return Set(slot, promoted, slot.Value, type, span, t => slot.Value = t);
    }

    private bool Set(MapSlot slot, ScriptType promoted, ScriptType? current, ScriptType type, SourceSpan span, Action<ScriptType> set)
    {
        if (Same(promoted, current)) return true;
        if (slot.IsLocked && current is not null && !promoted.Equals(current))
        {
            Error(span, LockedMessage("@" + slot.Name, type, current));
            return false;
        }
        set(promoted);
        Changed(slot);
        return true;
    }
}
