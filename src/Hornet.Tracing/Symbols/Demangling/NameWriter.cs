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
