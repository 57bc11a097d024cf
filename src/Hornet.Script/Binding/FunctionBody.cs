using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>A function of the script.</summary>
internal sealed class FunctionBody(BindingContext context, FunctionSyntax syntax) : Body(context)
{
    private BoundFunction? _bound;

    public override ProbeTarget? Target => null;

    public string Name => syntax.Name;

    public SourceSpan Span => syntax.Span;

    protected override string FunctionName => syntax.Name;

    protected override string ReturnTypeName => syntax.ReturnType is { Name: "string", Size: null, Suffixes.Count: 0 } ? "string" : ReturnType.ToString();

    protected override ScriptType ReturnType => _bound?.ReturnType ?? VoidType.Instance;

    /// <summary>What calls need to know; null when its types are not known.</summary>
    public BoundFunction? Signature()
    {
        if (_bound is not null) return _bound;
        return InBody(syntax, () =>
        {
            // A parameter's type may be that of another one: once more as long as that helps.
            var types = new ScriptType[syntax.Parameters.Count];
            Array.Fill(types, UnknownType.Instance);
            var parameters = syntax.Parameters.Select(p => new BoundLocal(p.Name, p.Span) { Type = UnknownType.Instance }).ToArray();
            foreach (var parameter in parameters) Declare(parameter);
            var diagnostics = Context.Diagnostics;
            for (int round = 0; round <= types.Length && types.Contains(UnknownType.Instance); round++)
            {
                Context.Diagnostics = new DiagnosticBag();
                for (int i = 0; i < types.Length; i++) SetType(i, ResolveType(syntax.Parameters[i].Type));
            }
            Context.Diagnostics = diagnostics;
            for (int i = 0; i < types.Length; i++)
            {
                if (types[i] is not UnknownType) continue;
                _ = ResolveType(syntax.Parameters[i].Type);
                Error(syntax.Parameters[i].Span, "Unable to resolve argument type.");
            }
            var result = syntax.ReturnType is null ? VoidType.Instance : ResolveType(syntax.ReturnType);
            if (types.Contains(UnknownType.Instance) || result is UnknownType) return null;
            return _bound = new BoundFunction(syntax.Name, parameters, result is StringType { Length: 0 } ? new StringType(Context.Config.MaxStringLength) : result) { Span = syntax.Span };

            void SetType(int index, ScriptType type)
            {
                types[index] = parameters[index].Type = type is StringType { Length: 0 } ? new StringType(Context.Config.MaxStringLength) : type;
                SetParameterType(parameters[index], types[index]);
            }
        });
    }

    protected override void Pass()
    {
        if (Signature() is not { } bound) return;
        Calls.Clear();
        bound.Body = InBody(syntax, () =>
        {
            foreach (var parameter in bound.Parameters) Declare(parameter);
            return BindBlock(syntax.Body);
        });
        if (bound.ReturnType is not VoidType && (bound.Body.Statements.Count == 0 || !Ends(bound.Body)))
            Error(syntax.Span, $"Function {syntax.Name} is of type {ReturnTypeName}, cannot return void");
    }
}
