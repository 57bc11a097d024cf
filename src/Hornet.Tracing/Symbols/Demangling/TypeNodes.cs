namespace Hornet.Tracing.Symbols.Demangling;

internal sealed class CvType(Node type, string qualifiers) : Node
{
    public string OwnQualifiers => qualifiers;

    public Node Type => type;

    public override bool HasRight(NameWriter w) => type.HasRight(w);

    public override bool IsArray(NameWriter w) => type.IsArray(w);

    public override bool IsFunction(NameWriter w) => type.IsFunction(w);

    public override void Left(NameWriter w)
    {
        type.Left(w);
        // A parameter of a template may stand for what is const already.
        string already = Qualifiers(type, w);
        foreach (string one in (ReadOnlySpan<string>)[" const", " volatile", " __restrict"])
        {
            if (qualifiers.Contains(one, StringComparison.Ordinal) && !already.Contains(one, StringComparison.Ordinal)) w.Add(one);
        }
    }

    private static string Qualifiers(Node type, NameWriter w)
    {
        if (type is ForwardReference { Target: { } known }) type = known;
        if (type is PackNode pack && pack.Element(w) is { } element) type = element;
        return type is CvType qualified ? qualified.OwnQualifiers + Qualifiers(qualified.Type, w) : "";
    }

    public override void Right(NameWriter w) => type.Right(w);
}

internal sealed class PointerType(Node target, string sign) : Node
{
    public Node Target => target;

    public string Sign => sign;

    public override bool HasRight(NameWriter w) => Inner(w, out _).HasRight(w);

    public override void Left(NameWriter w)
    {
        w.Step();
        var inner = Inner(w, out string written);
        inner.Left(w);
        if (inner.IsArray(w)) w.Add(" (");
        else if (inner.IsFunction(w)) w.Add('(');
        w.Add(written);
    }

    public override void Right(NameWriter w)
    {
        var inner = Inner(w, out _);
        if (inner.IsArray(w) || inner.IsFunction(w)) w.Add(')');
        inner.Right(w);
    }

    /// <summary>A reference to a reference is one: &amp; wins over &amp;&amp;.</summary>
    private Node Inner(NameWriter w, out string written)
    {
        written = sign;
        var inner = target;
        if (sign == "*") return inner;
        for (int i = 0; i < 64; i++)
        {
            if (inner is ForwardReference { Target: { } known }) inner = known;
            else if (inner is PackNode pack && pack.Element(w) is { } element) inner = element;
            else if (inner is PointerType { Sign: not "*" } reference)
            {
                if (reference.Sign == "&") written = "&";
                inner = reference.Target;
            }
            else break;
        }
        return inner;
    }
}

internal sealed class MemberPointerType(Node scope, Node member) : Node
{
    public override bool HasRight(NameWriter w) => member.HasRight(w);

    public override void Left(NameWriter w)
    {
        member.Left(w);
        w.Add(member.IsArray(w) || member.IsFunction(w) ? "(" : " ");
        scope.Write(w);
        w.Add("::*");
    }

    public override void Right(NameWriter w)
    {
        if (member.IsArray(w) || member.IsFunction(w)) w.Add(')');
        member.Right(w);
    }
}

internal sealed class ArrayType(Node element, Node? count) : Node
{
    public override bool HasRight(NameWriter w) => true;

    public override bool IsArray(NameWriter w) => true;

    public override void Left(NameWriter w) => element.Left(w);

    public override void Right(NameWriter w)
    {
        if (w.Last != ']') w.Add(' ');
        w.Add('[');
        count?.Write(w);
        w.Add(']');
        element.Right(w);
    }
}

internal sealed class FunctionType(Node result, List<Node> parameters, string qualifiers) : Node
{
    public override bool HasRight(NameWriter w) => true;

    public override bool IsFunction(NameWriter w) => true;

    public override void Left(NameWriter w)
    {
        result.Left(w);
        if (!result.HasRight(w)) w.Add(' ');
    }

    public override void Right(NameWriter w)
    {
        w.Add('(');
        WriteList(w, parameters);
        w.Add(')');
        result.Right(w);
        w.Add(qualifiers);
    }
}

/// <summary>A whole function: its name with parameters, and for templates with its result.</summary>
internal sealed class FunctionNode(Node? result, Node name, List<Node> parameters, string qualifiers) : Node
{
    public Node Name => name;

    public bool HasQualifiers => qualifiers.Length > 0;

    public override string BaseName => name.BaseName;

    public override bool HasRight(NameWriter w) => true;

    public override void Left(NameWriter w)
    {
        if (result is not null)
        {
            result.Left(w);
            if (!result.HasRight(w)) w.Add(' ');
        }
        name.Write(w);
    }

    public override void Right(NameWriter w)
    {
        bool outer = w.InTemplateArguments;
        w.InTemplateArguments = false;
        w.Add('(');
        WriteList(w, parameters);
        w.Add(')');
        w.InTemplateArguments = outer;
        result?.Right(w);
        w.Add(qualifiers);
    }

    /// <summary>The same without its result, as it is written around what is local to it.</summary>
    public FunctionNode WithoutResult() => new(null, name, parameters, qualifiers);
}
