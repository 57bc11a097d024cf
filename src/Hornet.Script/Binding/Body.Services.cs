using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

// What the built-in functions ask of the body they are called in.
internal abstract partial class Body
{
    internal bool IsInLoop => _loopDepth > 0;

    internal void Report(SourceSpan span, string message, string? hint = null) => Error(span, message, hint);

    /// <summary>A map that nothing puts anything into.</summary>
    internal void ReportUndefined(SourceSpan span, string name, string word = "Undefined") =>
        Error(span, $"{word} map: @{name}", Similar.Find(name, Context.Maps.Where(m => m.Value is not null).Select(m => m.Name)) is { } near
            ? $"Did you mean @{near}?"
            : $"Nothing in the script assigns to @{name}.");

    internal void Warn(SourceSpan span, string message) => Warning(span, message);

    /// <summary>A map that a function is given as a whole; null when there is none (said).</summary>
    internal MapSlot? UseMap(MapSyntax map) => MapOf(map);

    internal string PositionalText(int number) => Positional(number);

    /// <summary>The name of the place, which makes a body of its own of each.</summary>
    internal string NameOfProbe()
    {
        UsesName = true;
        return ProbeName;
    }

    /// <summary>The body holds something of its place alone.</summary>
    internal void DependsOnPlace() => UsesName = true;

    /// <summary>A function writes a variable; null when it cannot be (said), or its type is not known.</summary>
    internal BoundLocal? AssignedBy(VariableSyntax syntax, ScriptType type)
    {
        if (_frame?.Variables.ContainsKey(syntax.Name) != true) _frame?.Own(syntax.Name);
        string name = VariableName(syntax.Name);
        var variable = _scope.Find(name) ?? Declare(_scope.Node, name, syntax.Span, "This is the initial assignment.");
        variable.IsAssigned = true;
        return type is not UnknownType && Grow(variable, type, syntax.Span) ? variable.Local : null;
    }

    /// <summary>A feature that may go away is warned about or refused, as the settings say.</summary>
    internal void CheckUnstable(SourceSpan span, string feature, string setting, string otherwise)
    {
        switch (Context.Config.Unstable.GetValueOrDefault(setting, otherwise))
        {
            case "error": Error(span, $"{feature} feature is not enabled by default. To enable this unstable feature, set the config flag to enable. {setting}=enable"); break;
            case "warn": Context.Diagnostics.Warning(default, $"Script is using an unstable feature: {feature}. To prevent this warning you must explicitly enable it in the config e.g. {setting}=enable"); break;
        }
    }
}
