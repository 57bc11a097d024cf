using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

/// <summary>
/// Which variables that hold texts need zeros behind the text: those that become keys or values of maps, or part of something.
/// Printing, comparing with a text and reading on need none, and the zeros cost more than the text.
/// </summary>
internal sealed class PaddingAnalysis
{
    /// <summary>Zeros for a text this short cost nothing.</summary>
    public const int Short = 64;

    private readonly HashSet<BoundLocal> _padded = [];
    private readonly Dictionary<BoundLocal, List<BoundLocal>> _copies = [];

    public PaddingAnalysis(BoundProgram program)
    {
        TreeWalk walk = new(Visit);
        if (program.Predicate is { } predicate) walk.Expression(predicate, false);
        walk.Statement(program.Body);
        // What is copied to a variable with zeros has them.
        Stack<BoundLocal> work = new(_padded);
        while (work.TryPop(out var local))
        {
            foreach (var from in _copies.GetValueOrDefault(local, []))
            {
                if (_padded.Add(from)) work.Push(from);
            }
        }
    }

    /// <summary>Whether a variable's bytes are all defined.</summary>
    public bool IsPadded(BoundLocal local) => local.Type is not (StringType or BufferType) || local.Type.Size <= Short || _padded.Contains(local);

    private void Visit(BoundExpression expression, bool padded, BoundLocal? into)
    {
        if (expression is not BoundLocalRead { Local: { Type: StringType or BufferType } local }) return;
        if (into is not null)
        {
            if (!_copies.TryGetValue(into, out var list)) _copies.Add(into, list = []);
            list.Add(local);
        }
        else if (padded)
        {
            _padded.Add(local);
        }
    }
}

/// <summary>Walks a bound tree and tells of each expression whether it must be padded where it goes.</summary>
/// <param name="visit">Gets the expression, whether it must be padded, and the variable it is assigned to, if it is.</param>
internal sealed class TreeWalk(Action<BoundExpression, bool, BoundLocal?> visit)
{
    public void Statement(BoundStatement? statement)
    {
        switch (statement)
        {
            case BoundBlock b:
                foreach (var s in b.Statements) Statement(s);
                break;
            case BoundExpressionStatement s: Expression(s.Expression, false); break;
            case BoundAssignLocal a: Expression(a.Value, false, a.Local); break;
            case BoundAssignMap a:
                Expression(a.Key, true);
                Expression(a.Value, true);
                break;
            case BoundAggregate a:
                Expression(a.Key, true);
                Expression(a.Operand, false);
                break;
            case BoundIf i:
                Expression(i.Condition, false);
                Statement(i.Then);
                Statement(i.Else);
                break;
            case BoundWhile w:
                Expression(w.Condition, false);
                Statement(w.Body);
                break;
            case BoundUnroll u: Statement(u.Body); break;
            case BoundForRange f:
                Expression(f.From, false);
                Expression(f.To, false);
                Statement(f.Body);
                break;
            case BoundForMap f: Statement(f.Body); break;
            case BoundReturn r: Expression(r.Value, true); break;
            case BoundAsync a:
                foreach (var argument in a.Arguments) Expression(argument, false);
                break;
        }
    }

    public void Expression(BoundExpression? expression, bool padded, BoundLocal? into = null)
    {
        if (expression is null) return;
        visit(expression, padded, into);
        switch (expression)
        {
            case BoundMapRead m: Expression(m.Key, true); break;
            case BoundDereference d: Expression(d.Pointer, false); break;
            case BoundField f: Expression(f.Target, true); break;
            case BoundElement e:
                Expression(e.Target, e.Target.Type is not StringType);
                Expression(e.Index, false);
                break;
            case BoundTupleElement t: Expression(t.Target, true); break;
            case BoundTuple t:
                foreach (var element in t.Elements) Expression(element, padded || into is not null);
                break;
            case BoundUnary u: Expression(u.Operand, false); break;
            case BoundBinary b:
                Expression(b.Left, false);
                Expression(b.Right, false);
                break;
            case BoundPointerAdd p:
                Expression(p.Pointer, false);
                Expression(p.Bytes, false);
                break;
            case BoundComparison c:
                Expression(c.Left, c.Left.Type is not StringType);
                Expression(c.Right, c.Right.Type is not StringType);
                break;
            case BoundLogical l:
                Expression(l.Left, false);
                Expression(l.Right, false);
                break;
            case BoundConditional c:
                Expression(c.Condition, false);
                Expression(c.Then, padded, into);
                Expression(c.Else, padded, into);
                break;
            case BoundBlockExpression b:
                Statement(b.Block);
                Expression(b.Result, padded, into);
                break;
            case BoundConversion c:
                // A text of another length is made anew, with zeros where they are wanted.
                Expression(c.Operand, c.Kind is BoundConversionKind.Bytes or BoundConversionKind.Tuple);
                break;
            case BoundIncrement i: Expression(i.Target, false); break;
            case BoundAddressOf a: Expression(a.Target, true); break;
            case BoundFunctionCall f:
                foreach (var argument in f.Arguments) Expression(argument, true);
                Statement(f.Function.Body);
                break;
            case BoundImportedCall i:
                foreach (var argument in i.Arguments) Expression(argument, false);
                break;
            case BoundCall c:
                foreach (var argument in c.Arguments) Expression(argument, c.Intrinsic is BoundIntrinsic.HasKey or BoundIntrinsic.Delete or BoundIntrinsic.Find or BoundIntrinsic.WriteUser or BoundIntrinsic.MemoryCompare);
                break;
        }
    }
}
