namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>Parts written one after another: texts and nodes.</summary>
internal sealed class Sequence(params object?[] parts) : Node
{
    public override void Left(NameWriter w)
    {
        foreach (object? part in parts)
        {
            if (part is string text) w.Add(text);
            else if (part is Node node) node.Write(w);
            else if (part is List<Node> list) WriteList(w, list);
        }
    }
}

/// <summary>A name with more behind it: tags of the ABI.</summary>
internal sealed class TaggedName(Node name, string tag) : Node
{
    public override string BaseName => name.BaseName;

    public override void Left(NameWriter w)
    {
        name.Write(w);
        w.Add("[abi:");
        w.Add(tag);
        w.Add(']');
    }
}

/// <summary>An operand: in parentheses unless it is only a name.</summary>
internal sealed class Operand(Node inner) : Node
{
    public override void Left(NameWriter w)
    {
        bool simple = inner is TextNode or NestedName or StandardName or ParameterName or BracedList or TemplateName;
        if (!simple) w.Add('(');
        bool outer = w.InTemplateArguments;
        if (!simple) w.InTemplateArguments = false;
        inner.Write(w);
        w.InTemplateArguments = outer;
        if (!simple) w.Add(')');
    }
}

internal sealed class ParameterName(string text) : Node
{
    public override void Left(NameWriter w) => w.Add(text);
}

internal sealed class BracedList(Node? type, List<Node> elements) : Node
{
    public override void Left(NameWriter w)
    {
        type?.Write(w);
        w.Add('{');
        WriteList(w, elements);
        w.Add('}');
    }
}

internal sealed class BinaryExpression(Node left, string sign, Node right) : Node
{
    public override void Left(NameWriter w)
    {
        // A comparison would end the template arguments around it.
        bool guarded = w.InTemplateArguments && sign is ">" or ">>";
        if (guarded) w.Add('(');
        new Operand(left).Write(w);
        w.Add(sign);
        new Operand(right).Write(w);
        if (guarded) w.Add(')');
    }
}
