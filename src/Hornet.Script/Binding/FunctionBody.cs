using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>A function of the script.</summary>
internal sealed class FunctionBody(BindingContext context, FunctionSyntax syntax) : Body(context)
{
    private BoundFunction? _bound;
    private bool _isBad;

    public override ProbeTarget? Target => null;

    public string Name => syntax.Name;

    public SourceSpan Span => syntax.Span;

    protected override string FunctionName => syntax.Name;

    protected override ScriptType ReturnType => _bound?.ReturnType ?? VoidType.Instance;

    /// <summary>What calls need to know; null when its types are not known.</summary>
    public BoundFunction? Signature()
    {
        if (_bound is not null || _isBad) return _bound;
        var bag = Context.Diagnostics;
        return InBody(syntax, () =>
        {
            List<BoundLocal> parameters = [];
            foreach (var parameter in syntax.Parameters)
            {
                var type = ResolveType(parameter.Type);
                _isBad |= type is UnknownType;
                BoundLocal local = new(parameter.Name, parameter.Span) { Type = type };
                parameters.Add(local);
                Declare(local);
            }
            var result = syntax.ReturnType is null ? VoidType.Instance : ResolveType(syntax.ReturnType);
            _isBad |= result is UnknownType;
            // Said again in the last pass.
            if (_isBad && !Context.IsFinal) _isBad = false;
            else if (!_isBad) _bound = new BoundFunction(syntax.Name, parameters, result is StringType { Length: 0 } ? new StringType(Context.Config.MaxStringLength) : result) { Span = syntax.Span };
            return parameters.Any(p => p.Type is UnknownType) || result is UnknownType ? null : _bound;
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
            Error(syntax.Span, $"Function {syntax.Name} is of type {bound.ReturnType}, cannot return void");
    }
}
