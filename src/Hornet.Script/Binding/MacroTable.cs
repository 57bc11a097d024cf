using Hornet.Script.Source;
using Hornet.Script.Syntax;

namespace Hornet.Script.Binding;

/// <summary>A macro and whose it is.</summary>
internal sealed record MacroDefinition(MacroSyntax Syntax, bool IsStandard);

/// <summary>The macros of a script and of the standard library, whose files are read only when something of them is named.</summary>
internal sealed class MacroTable(BindOptions options, DiagnosticBag diagnostics)
{
    private readonly Dictionary<string, List<MacroDefinition>> _macros = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loaded = [];

    public IEnumerable<string> Names => _macros.Keys.Concat(StandardLibrary.Names);

    public void Add(MacroSyntax macro)
    {
        HashSet<(MacroParameterKind, string)> seen = [];
        foreach (var parameter in macro.Parameters)
        {
            if (seen.Add((parameter.Kind, parameter.Name))) continue;
            var (word, sign) = parameter.Kind switch { MacroParameterKind.Variable => ("Variable", "$"), MacroParameterKind.Map => ("Map", "@"), _ => ("Ident", "") };
            diagnostics.Error(parameter.Span, $"{word} for macro argument has already been used: {sign}{parameter.Name}");
            return;
        }
        var list = List(macro.Name);
        // A more general one may follow a more special one, not the other way round: it would never be reached.
        if (list.Find(m => !m.IsStandard && Covers(m.Syntax, macro)) is { } first)
        {
            diagnostics.Error(macro.Span, $"Redefinition of macro: {macro.Name}").Context.Add((first.Syntax.Span, "This is the original definition."));
            return;
        }
        list.Add(new MacroDefinition(macro, false));
    }

    /// <summary>The macro a call means: the script's own before the library's.</summary>
    /// <param name="standardOnly">The library calls only itself.</param>
    /// <param name="closest">One of the name that does not fit, when none does.</param>
    public MacroDefinition? Find(string name, IReadOnlyList<ExpressionSyntax> arguments, bool standardOnly, out MacroDefinition? closest)
    {
        closest = null;
        Load(name);
        if (!_macros.TryGetValue(name, out var list)) return null;
        int least = int.MaxValue;
        MacroDefinition? standard = null;
        foreach (var macro in list)
        {
            if (standardOnly && !macro.IsStandard) continue;
            int distance = Distance(macro.Syntax, arguments);
            if (distance == 0)
            {
                if (!macro.IsStandard) return macro;
                standard ??= macro;
            }
            if (distance < least) (least, closest) = (distance, macro);
        }
        return standard;
    }

    /// <summary>Whether the library alone has macros of a name that was looked for.</summary>
    public bool IsStandard(string name) => _macros.TryGetValue(name, out var list) && list.TrueForAll(m => m.IsStandard);

    private List<MacroDefinition> List(string name)
    {
        if (!_macros.TryGetValue(name, out var list)) _macros.Add(name, list = []);
        return list;
    }

    private void Load(string name)
    {
        if (StandardLibrary.FileOf(name) is not { } file || !_loaded.Add(file)) return;
        if (options.Parse(StandardLibrary.Read(file), diagnostics) is not { } script) return;
        foreach (var macro in script.Macros) List(macro.Name).Add(new MacroDefinition(macro, true));
    }

    private static int Distance(MacroSyntax macro, IReadOnlyList<ExpressionSyntax> arguments)
    {
        int distance = 1024 * Math.Abs(macro.Parameters.Count - arguments.Count);
        for (int i = 0; i < Math.Min(macro.Parameters.Count, arguments.Count); i++)
        {
            if (!Accepts(macro.Parameters[i].Kind, arguments[i])) distance++;
        }
        return distance;
    }

    public static bool Accepts(MacroParameterKind kind, ExpressionSyntax argument) => kind switch
    {
        MacroParameterKind.Map => argument is MapSyntax { Key: null },
        MacroParameterKind.Variable => argument is VariableSyntax,
        _ => true,
    };

    private static bool Covers(MacroSyntax first, MacroSyntax second) => first.Parameters.Count == second.Parameters.Count &&
        first.Parameters.Zip(second.Parameters).All(p => p.First.Kind == MacroParameterKind.Expression || p.First.Kind == p.Second.Kind);
}
