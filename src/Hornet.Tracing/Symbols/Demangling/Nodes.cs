using System.Text;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>Where a demangled name is written. Shared parts can make a short name expand beyond all measure: both length and steps are limited.</summary>
internal sealed class NameWriter
{
    private const int LongestName = 1 << 16;
    private const int MostSteps = 1 << 17;

    private readonly StringBuilder _text = new();
    private int _steps;

    public int Length
    {
        get => _text.Length;
        set => _text.Length = value;
    }

    public char Last => _text.Length == 0 ? '\0' : _text[^1];

    /// <summary>Which element of packs is being written; -1 outside of an expansion.</summary>
    public int PackIndex { get; set; } = -1;

    /// <summary>How many elements the packs of the present expansion have; -1 when none was met.</summary>
    public int PackCount { get; set; } = -1;

    /// <summary>Whether a &gt; would end template arguments rather than compare.</summary>
    public bool InTemplateArguments { get; set; }

    public void Add(string text)
    {
        _text.Append(text);
        Check();
    }

    public void Add(char c)
    {
        _text.Append(c);
        Check();
    }

    public void Step()
    {
        if (++_steps > MostSteps) throw new DemangleException();
    }

    public string From(int start) => _text.ToString(start, _text.Length - start);

    public override string ToString() => _text.ToString();

    private void Check()
    {
        if (_text.Length > LongestName) throw new DemangleException();
    }
}

/// <summary>A name is not one, or beyond all measure. Never leaves the demangler.</summary>
internal sealed class DemangleException : Exception;

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
