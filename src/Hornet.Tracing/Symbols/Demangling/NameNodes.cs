namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>
/// A part of a C++ name. A type is written around what it declares: <c>int (*</c> before, <c>)(char)</c> behind; hence two halves.
/// </summary>
internal abstract class Node
{
    /// <summary>Whether something is written behind what is declared.</summary>
    public virtual bool HasRight(NameWriter w) => false;

    public virtual bool IsArray(NameWriter w) => false;

    public virtual bool IsFunction(NameWriter w) => false;

    /// <summary>The last part of the name, as constructors have it.</summary>
    public virtual string BaseName => "";

    public virtual bool IsPack => false;

    public abstract void Left(NameWriter w);

    public virtual void Right(NameWriter w)
    {
    }

    public void Write(NameWriter w)
    {
        w.Step();
        Left(w);
        if (HasRight(w)) Right(w);
    }

    /// <returns>Whether the last element left nothing behind.</returns>
    public static bool WriteList(NameWriter w, IReadOnlyList<Node> nodes)
    {
        bool first = true, empty = false;
        foreach (var node in nodes)
        {
            int before = w.Length;
            if (!first) w.Add(", ");
            int start = w.Length;
            node.Write(w);
            // An empty pack leaves nothing, not even its comma.
            empty = w.Length == start;
            if (empty) w.Length = before;
            else first = false;
        }
        return empty;
    }
}

internal sealed class TextNode(string text) : Node
{
    public string Text => text;

    public override string BaseName => text;

    public override void Left(NameWriter w) => w.Add(text);
}

/// <summary>A name of the standard library that has a letter of its own: written short, but in full for its constructors.</summary>
internal sealed class StandardName(string shortName, string fullName, string baseName) : Node
{
    public override string BaseName => baseName;

    public Node Full { get; } = new FullName(fullName, baseName);

    public override void Left(NameWriter w) => w.Add(shortName);

    private sealed class FullName(string name, string baseName) : Node
    {
        public override string BaseName => baseName;

        public override void Left(NameWriter w) => w.Add(name);
    }
}

internal sealed class NestedName(Node scope, Node name) : Node
{
    // A destructor of what has no name is called after what is around.
    public override string BaseName => name.BaseName is { Length: > 0 } own ? own : scope.BaseName;

    public override void Left(NameWriter w)
    {
        scope.Write(w);
        w.Add("::");
        name.Write(w);
    }
}

internal sealed class TemplateName(Node name, TemplateArguments arguments) : Node
{
    public override string BaseName => name.BaseName;

    public override void Left(NameWriter w)
    {
        name.Write(w);
        arguments.Write(w);
    }
}

internal sealed class TemplateArguments(List<Node> arguments) : Node
{
    public override void Left(NameWriter w)
    {
        bool outer = w.InTemplateArguments;
        w.InTemplateArguments = true;
        // operator< and operator<< would run into it.
        if (w.Last == '<') w.Add(' ');
        w.Add('<');
        bool empty = WriteList(w, arguments);
        // Behind an empty pack binutils sees the comma it took back.
        if (w.Last == '>' && !empty) w.Add(' ');
        w.Add('>');
        w.InTemplateArguments = outer;
    }
}

/// <summary>Arguments that stand for one parameter: all of them, or within an expansion one after another.</summary>
internal sealed class PackNode(List<Node> elements, bool isParameter) : Node
{
    public List<Node> Elements => elements;

    public override bool IsPack => true;

    public override bool HasRight(NameWriter w) => Current(w)?.HasRight(w) ?? false;

    public override bool IsArray(NameWriter w) => Current(w)?.IsArray(w) ?? false;

    public override bool IsFunction(NameWriter w) => Current(w)?.IsFunction(w) ?? false;

    public override void Left(NameWriter w)
    {
        if (isParameter && w.PackIndex >= 0)
        {
            Current(w)?.Left(w);
            return;
        }
        WriteList(w, elements);
    }

    public override void Right(NameWriter w) => Current(w)?.Right(w);

    /// <summary>The element that is being written; null outside of an expansion.</summary>
    public Node? Element(NameWriter w) => Current(w);

    private Node? Current(NameWriter w)
    {
        w.Step();
        if (!isParameter || w.PackIndex < 0) return null;
        w.PackCount = w.PackCount < 0 ? elements.Count : Math.Min(w.PackCount, elements.Count);
        return w.PackIndex < elements.Count ? elements[w.PackIndex] : null;
    }
}

internal sealed class PackExpansion(Node pattern) : Node
{
    public override void Left(NameWriter w)
    {
        var (index, count) = (w.PackIndex, w.PackCount);
        int start = w.Length;
        (w.PackIndex, w.PackCount) = (0, -1);
        pattern.Write(w);
        int elements = w.PackCount;
        if (elements < 0)
        {
            // Nothing to expand: it stays a pattern.
            w.Add("...");
        }
        else if (elements == 0) w.Length = start;
        else
        {
            for (int i = 1; i < elements; i++)
            {
                w.Add(", ");
                w.PackIndex = i;
                pattern.Write(w);
            }
        }
        (w.PackIndex, w.PackCount) = (index, count);
    }
}

/// <summary>A parameter of a template that is known only later: a conversion operator's type comes before its arguments.</summary>
internal sealed class ForwardReference(int index) : Node
{
    private bool _writing;

    public int Index => index;

    public Node? Target { get; set; }

    public override bool HasRight(NameWriter w) => Guarded(w, static (t, w) => t.HasRight(w));

    public override bool IsArray(NameWriter w) => Guarded(w, static (t, w) => t.IsArray(w));

    public override bool IsFunction(NameWriter w) => Guarded(w, static (t, w) => t.IsFunction(w));

    public override void Left(NameWriter w) => Guarded(w, static (t, w) =>
    {
        t.Left(w);
        return true;
    });

    public override void Right(NameWriter w) => Guarded(w, static (t, w) =>
    {
        t.Right(w);
        return true;
    });

    private bool Guarded(NameWriter w, Func<Node, NameWriter, bool> action)
    {
        // It may be part of what it refers to.
        if (_writing || Target is null) return false;
        _writing = true;
        try
        {
            return action(Target, w);
        }
        finally
        {
            _writing = false;
        }
    }
}
