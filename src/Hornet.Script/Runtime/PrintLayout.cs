using Hornet.Script.Types;

namespace Hornet.Script.Runtime;

/// <summary>
/// Where the arguments of a printf lie in its record: in their order, but the longest text, when it has much room, at the end. The record
/// ends where that text does: paths have room for a thousand bytes and seldom fill a hundred.
/// </summary>
internal sealed class PrintLayout
{
    // More than the stack has: such a record is made in memory of its own.
    private const int MuchRoom = 512;

    private readonly TupleType _fields;

    public PrintLayout(TupleType arguments)
    {
        (_fields, Last) = (arguments, -1);
        int most = MuchRoom - 1;
        for (int i = 0; i < arguments.Elements.Count; i++)
        {
            if (arguments.Elements[i] is StringType { Length: var length } && length > most) (most, Last) = (length, i);
        }
        if (Last >= 0) _fields = new TupleType([.. arguments.Elements.Where((_, i) => i != Last), arguments.Elements[Last]]);
    }

    /// <summary>The text at the end, by its position among the arguments; -1 for none.</summary>
    public int Last { get; }

    /// <summary>Bytes when the last text is full.</summary>
    public int Size => _fields.Size;

    public int Offset(int argument) => _fields.Offset(Last < 0 || argument < Last ? argument : argument == Last ? _fields.Elements.Count - 1 : argument - 1);
}
