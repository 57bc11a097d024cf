using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>A place of a probe, and what the script calls it where it does.</summary>
internal sealed record ProbePlace(ProbeTarget Target, string? Alias);

/// <summary>A probe's body, for places that it means the same at.</summary>
internal sealed class ProbeBody(BindingContext context, ProbeSyntax syntax, IReadOnlyList<ProbePlace> places) : Body(context)
{
    private const int XdpPass = 2, TcNext = -1, CgroupAllows = 1;

    private IReadOnlyList<ProbePlace> _places = places;
    private BoundExpression? _predicate;
    private BoundBlock? _body;

    public override ProbeTarget Target => _places[0].Target;

    public override string ProbeName => _places[0].Alias ?? Target.FullName;

    protected override void Pass() => InBody<object?>(syntax, () =>
    {
        _predicate = syntax.Predicate is null ? null : BindPredicate(syntax.Predicate);
        if (Context.Options.Pid is { } pid && ProbeRules.NeedsPidFilter(Target.Type))
        {
            BoundComparison own = new(syntax.Span, BoundComparisonOperator.Equal,
                new BoundCall(syntax.Span, IntegerType.UInt32, Context.Options.System.InPidNamespace ? BoundIntrinsic.PidInNamespace : BoundIntrinsic.Pid, []),
                new BoundConstant(syntax.Span, IntegerType.UInt32, pid));
            _predicate = _predicate is null ? own : new BoundLogical(syntax.Span, true, own, _predicate);
        }
        _body = BindBlock(syntax.Body);
        return null;
    });

    private BoundExpression? BindPredicate(ExpressionSyntax predicate)
    {
        var condition = BindCondition(predicate, syntax.PredicateSpan.Source is null ? predicate.Span : syntax.PredicateSpan);
        // What is always true need not be asked.
        return condition is BoundConstant { Value: not 0 } ? null : condition;
    }

    /// <summary>
    /// Bodies of their own for places that the body turned out to mean something else at: other arguments, or another name where
    /// it says that. This one keeps the first.
    /// </summary>
    public IEnumerable<ProbeBody> Split()
    {
        if (_places.Count == 1 || !(UsesName || UsesArguments)) yield break;
        List<List<ProbePlace>> groups = [];
        foreach (var place in _places)
        {
            var group = UsesName ? null : groups.Find(g => SameArguments(g[0].Target, place.Target));
            if (group is null) groups.Add([place]);
            else group.Add(place);
        }
        if (groups.Count == 1) yield break;
        _places = groups[0];
        foreach (var group in groups.Skip(1)) yield return new ProbeBody(Context, syntax, group) { UsesName = UsesName, UsesArguments = UsesArguments };
    }

    public BoundProgram Finish(int number) => new()
    {
        Name = $"{ProbeNames.NameOf(Target.Type)}_{number}",
        Span = syntax.Span,
        Targets = [.. _places.Select(p => p.Target)],
        Predicate = _predicate,
        Body = _body!,
        // Whoever gives no verdict changes nothing: a packet passes, other programs of the hook have their say, what is asked for is allowed.
        DefaultResult = Target.Type switch { ProbeType.Xdp => XdpPass, ProbeType.Tc => TcNext, ProbeType.Cgroup => CgroupAllows, _ => 0 },
    };

    public SourceSpan Span => syntax.Span;

    /// <summary>The probe as it is written; several bodies can have one.</summary>
    public ProbeSyntax Syntax => syntax;

    /// <summary>Whether two places can have one program as far as the kernel is concerned.</summary>
    public static bool CanShare(ProbeTarget a, ProbeTarget b) =>
        a.Type == b.Type && a.ProgramType == b.ProgramType && a.AttachType == b.AttachType && a.ProgramFlags == b.ProgramFlags && a.AttachTo == b.AttachTo &&
        a.HasRegisters == b.HasRegisters && a.DefaultSpace == b.DefaultSpace && Equals(a.ContextType, b.ContextType);

    private static bool SameArguments(ProbeTarget a, ProbeTarget b)
    {
        if (a.Sites is not null || b.Sites is not null || !Equals(a.ReturnValue, b.ReturnValue) || !Equals(a.ArgumentsType, b.ArgumentsType)) return false;
        if (a.Arguments is null || b.Arguments is null) return a.Arguments is null && b.Arguments is null && SameNumbered(a, b);
        return a.Arguments.SequenceEqual(b.Arguments) && SameNumbered(a, b);
    }

    private static bool SameNumbered(ProbeTarget a, ProbeTarget b)
    {
        for (int i = 0; ; i++)
        {
            var (x, y) = (a.NumberedArgument(i), b.NumberedArgument(i));
            if (!Equals(x, y)) return false;
            if (x is null || i > 255) return true;
        }
    }
}
