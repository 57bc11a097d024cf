using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>The <c>#if</c>s of one file that are open.</summary>
internal sealed class CConditionals
{
    private readonly Stack<(SourceSpan Start, bool Outer, bool Taken, bool SeenElse, bool IsActive)> _open = [];

    /// <summary>Whether the text that stands here counts.</summary>
    public bool IsActive => _open.Count == 0 || _open.Peek().IsActive;

    public int Depth => _open.Count;

    /// <summary>Where the innermost one begins.</summary>
    public SourceSpan Innermost => _open.Peek().Start;

    public void If(SourceSpan start, bool condition)
    {
        bool outer = IsActive;
        _open.Push((start, outer, condition, false, outer && condition));
    }

    /// <summary>Whether the condition of <c>#elif</c> matters: nothing was taken before it.</summary>
    public bool WantsElif => _open.Count > 0 && _open.Peek() is { Outer: true, Taken: false };

    /// <summary><c>#elif</c> and <c>#else</c>; what is wrong with it, or null.</summary>
    public string? Else(string name, bool condition, bool isLast)
    {
        if (_open.Count == 0) return $"#{name} without #if";
        var top = _open.Pop();
        string? error = top.SeenElse ? $"#{name} after #else" : null;
        bool active = top.Outer && !top.Taken && condition && error is null;
        _open.Push((top.Start, top.Outer, top.Taken || active, top.SeenElse || isLast, active));
        return error;
    }

    public string? EndIf()
    {
        if (_open.Count == 0) return "#endif without #if";
        _open.Pop();
        return null;
    }
}
