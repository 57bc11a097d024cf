using System.Reflection;
using Hornet.Compiler.KernelTypes;
using Hornet.IL.Intrinsics;
using Hornet.Isa;

namespace Hornet.IL.Translate;

// Iterators of the kernel, which a program has to end before it ends itself, also when a check fails.
internal sealed partial class Translator
{
    /// <summary>Whether the kernel has a function.</summary>
    public bool HasFunction(string name) => KernelPrototypes.Find(Request.Options.KernelTypes, name) is not null;

    /// <summary>Why this kind of program cannot call a function of the kernel; null when it can, or when that cannot be known.</summary>
    public string? UnavailableFunction(string name) => !HasFunction(name) && KernelFunctionTable.FirstKernel(name) is { } first && Request.Options.Kernel is { } kernel && kernel < first
        ? $"{name} exists since kernel {first}; this one is {kernel.Major}.{kernel.Minor}"
        : Unavailable(name);

    // Those in whose try blocks the current instruction is, here and in the callers that are translated into the same
    // function. The innermost come first.
    private KernelWalk[] OpenIterators()
    {
        List<KernelWalk> open = [];
        int offset = Offset;
        for (var frame = Frame; frame is not null; (offset, frame) = (frame.Key.CallOffset, frame.Caller))
        {
            for (int i = frame.Iterators.Count - 1; i >= 0; i--)
            {
                var walk = frame.Iterators[i];
                if (ReferenceEquals(walk.State.Scope, Scope) && IsWithinTryOf(frame, walk.State.Offset, offset)) open.Add(walk);
            }
        }
        return [.. open];
    }

    private static bool IsWithinTryOf(Frame frame, int moveNext, int offset)
    {
        ExceptionHandlingClause? innermost = null;
        foreach (var clause in frame.Code.Clauses)
        {
            bool within = clause.Flags == ExceptionHandlingClauseOptions.Finally && moveNext >= clause.TryOffset && moveNext < clause.TryOffset + clause.TryLength;
            if (within && (innermost is null || clause.TryLength < innermost.TryLength)) innermost = clause;
        }
        return innermost is not null && offset >= innermost.TryOffset && offset < innermost.TryOffset + innermost.TryLength;
    }
}
