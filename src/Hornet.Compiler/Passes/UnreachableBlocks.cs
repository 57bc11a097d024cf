using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Removes blocks that nothing reaches.</summary>
internal sealed class UnreachableBlocks : Pass
{
    public override bool Run(IrFunction function)
    {
        var reached = function.ReversePostorder();
        if (reached.Count == function.Blocks.Count) return false;
        HashSet<BasicBlock> live = [.. reached];
        function.RemoveBlocks([.. function.Blocks.Where(b => !live.Contains(b))]);
        return true;
    }
}
