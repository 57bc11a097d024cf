namespace Hornet.Compiler.CodeGen;

/// <summary>Gives the pieces of a frame their places below R10.</summary>
internal static class FrameLayout
{
    /// <summary>The stack of the whole chain of calls, in bytes: the verifier's <c>MAX_BPF_STACK</c>.</summary>
    public const int Limit = 512;

    /// <summary>The stack that the callers of a function with a tail call must stay below (<c>check_max_stack_depth</c>).</summary>
    public const int LimitBeforeTailCall = 256;

    public static void Run(MachineFunction function)
    {
        int size = 0;
        // The most aligned first, so that nothing lies between.
        foreach (var piece in function.Frame.OrderByDescending(f => f.Align))
        {
            size += piece.Size;
            size = (size + piece.Align - 1) / piece.Align * piece.Align;
            piece.Offset = -size;
        }
        function.FrameSize = (size + 7) & ~7;
    }
}
