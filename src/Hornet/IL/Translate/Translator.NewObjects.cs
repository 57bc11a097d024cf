using Hornet.Compiler.IR;

namespace Hornet.IL.Translate;

// Objects are made by the number of their type, which is known when it is known which lists and trees the program has.
internal sealed partial class Translator
{
    private readonly List<(KernelFunctionCall Call, Type Type, SourceLocation? Location)> _newObjects = [];

    /// <summary>Remembers a call that makes an object and wants the number of its type.</summary>
    public void NoteNewObject(KernelFunctionCall call, Type type) => _newObjects.Add((call, type, Location));

    private void ResolveNewObjects()
    {
        foreach (var (call, type, location) in _newObjects)
        {
            // The calls of an attempt that was given up, or of code that is not reached, are in no block.
            if (call.Operands.Count == 0) continue;
            if (Module.IdOfObject(type) is { } id)
                call.SetOperand(0, Number(id));
            else if (!Module.ObjectHolders.Any())
                Report(TracingRules.KernelFunction, $"a {Names.Of(type)} is made, and no map with a list or tree of them is used: an object that nobody keeps is a local variable", location);
            // Several are an error of their own.
            else if (Module.ObjectHolders.Count() == 1)
                Report(TracingRules.KernelFunction, $"a {Names.Of(type)} is made, and {Names.Of(Module.ObjectHolders.First())} has no list or tree of them", location);
        }
    }
}
