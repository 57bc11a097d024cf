using Hornet.Script.Binding;

namespace Hornet.Script.Lowering;

/// <summary>Finds the variables that a piece of a script reads or writes.</summary>
internal sealed class LocalFinder
{
    private readonly TreeWalk _walk;

    public LocalFinder() => _walk = new TreeWalk(Visit);

    public HashSet<BoundLocal> Locals { get; } = [];

    public void Add(BoundStatement statement)
    {
        _walk.Statement(statement);
        AddAssigned(statement);
    }

    public void Add(BoundExpression expression) => _walk.Expression(expression, false);

    private void Visit(BoundExpression expression, bool padded, BoundLocal? into)
    {
        if (into is not null) Locals.Add(into);
        switch (expression)
        {
            case BoundLocalRead read: Locals.Add(read.Local); break;
            case BoundCall { Local: { } local }: Locals.Add(local); break;
            case BoundBlockExpression block: AddAssigned(block.Block); break;
        }
    }

    // Loop variables and targets of assignments are no expressions.
    private void AddAssigned(BoundStatement? statement)
    {
        switch (statement)
        {
            case BoundBlock b:
                foreach (var s in b.Statements) AddAssigned(s);
                break;
            case BoundAssignLocal a: Locals.Add(a.Local); break;
            case BoundIf i:
                AddAssigned(i.Then);
                AddAssigned(i.Else);
                break;
            case BoundWhile w: AddAssigned(w.Body); break;
            case BoundUnroll u: AddAssigned(u.Body); break;
            case BoundForRange f: AddAssigned(f.Body); break;
            case BoundForMap f: AddAssigned(f.Body); break;
        }
    }
}
