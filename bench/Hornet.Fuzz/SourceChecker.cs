using System.Text;

namespace Hornet.Fuzz;

/// <summary>Reads what a formatter writes: plain characters only (and the ellipsis of comments), and brackets that close in their order.</summary>
internal sealed class SourceChecker : TextWriter
{
    private readonly Stack<char> _open = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value is not ('\n' or '\t' or '…') && value is < ' ' or > '~') throw new InvalidOperationException($"the character U+{(int)value:X4} was written");
        switch (value)
        {
            case '{' or '(' or '[':
                _open.Push(value);
                break;
            case '}' or ')' or ']':
                if (!_open.TryPop(out char opened) || (opened, value) is not (('{', '}') or ('(', ')') or ('[', ']'))) throw new InvalidOperationException($"'{value}' closes nothing");
                break;
        }
    }

    /// <summary>Says that all was written.</summary>
    public void Finish()
    {
        if (_open.Count > 0) throw new InvalidOperationException($"'{_open.Peek()}' is not closed");
    }
}
