using Hornet.Compiler.IR;
using Hornet.IL.Intrinsics;

namespace Hornet.IL.Translate;

internal sealed partial class Translator
{
    private readonly Dictionary<Value, Element> _elements = new(ReferenceEqualityComparer.Instance);

    /// <summary>Remembers which element of a map a number was read from.</summary>
    public void NoteElement(Value value, Element element) => _elements[value] = element;

    /// <summary>The element a number was read from; null for other numbers.</summary>
    public Element? ElementOf(Value value) => _elements.GetValueOrDefault(value);
}
