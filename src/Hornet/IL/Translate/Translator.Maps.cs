using Hornet.Compiler.IR;
using Hornet.IL.Decoding;
using Hornet.IL.Intrinsics;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// "map[key] += x" is IL for a read, an addition and a write. What is remembered here makes one operation of them.
internal sealed partial class Translator
{
    private readonly Dictionary<Value, NotedElement> _elements = new(ReferenceEqualityComparer.Instance);
    private int _mapWrites;

    private sealed record NotedElement(Element Element, FrameKey Frame, ILBlock? Loop, int Writes);

    /// <summary>Remembers which element of a map a number was read from.</summary>
    public void NoteElement(Value value, Element element) => _elements[value] = new(element, Frame.Key, InnermostLoop(), _mapWrites);

    /// <summary>Remembers that some element of some map may have changed: numbers read before are not what elements hold.</summary>
    public void NoteMapWrite() => _mapWrites++;

    /// <summary>
    /// The element a number was read from and which still holds it as far as this program is concerned; null for others.
    /// </summary>
    /// <remarks>In the same pass of the same loop: else the write may come again while the read does not.</remarks>
    public Element? ElementOf(Value value) =>
        _elements.TryGetValue(value, out var noted) && noted.Writes == _mapWrites && noted.Frame == Frame.Key && noted.Loop == InnermostLoop() ? noted.Element : null;

    private ILBlock? InnermostLoop()
    {
        ILBlock? innermost = null;
        if (!Frame.Flow.IsInLoop(CurrentIlBlock)) return null;
        foreach (var header in Frame.Flow.Blocks)
        {
            if (header.IsLoopHeader && header.Order > (innermost?.Order ?? -1) && Frame.Flow.LoopOf(header).Contains(CurrentIlBlock)) innermost = header;
        }
        return innermost;
    }

    // Locks, timers and the like lie in the map, and neither C# nor the verifier has them as bytes.
    private bool TouchesKernelFields(Pointer pointer, Shape shape, string verb)
    {
        if (pointer.Region.Kind is not (RegionKind.MapValue or RegionKind.Object) || !KernelFields.IsIn(shape.Type)) return false;
        Report(Rules.KernelFieldCopied, $"a whole {Names.Of(shape.Type)} is {verb}, which has fields of the kernel");
        return true;
    }
}
