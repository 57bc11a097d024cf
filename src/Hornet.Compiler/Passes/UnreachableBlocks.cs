using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Removes blocks that nothing reaches.</summary>
internal sealed class UnreachableBlocks : Pass
{
    public override bool Run(IrFunction function)
    {
        var reached = function.ReversePostorder();
        if (reached.Count == function.Blocks.Count) return false;
        int live = function.NewMark();
        foreach (var block in reached) block.Mark = live;
        function.RemoveBlocks([.. function.Blocks.Where(b => b.Mark != live)]);
        return true;
    }
}
