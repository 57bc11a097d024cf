using Hornet.Isa;
using static Hornet.Compiler.CodeGen.MachineInstruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// The intervals of all registers of a function. The instruction at position 2i reads there and writes at 2i + 1, so that
/// a value may take the register of another that is read last by the instruction that makes it.
/// </summary>
internal sealed class LiveIntervals
{
    private readonly LiveInterval?[] _virtual;

    public LiveIntervals(MachineFunction function)
    {
        Liveness liveness = new(function);
        _virtual = new LiveInterval?[function.RegisterCount];
        Fixed = new LiveInterval[(int)Register.R10];
        for (int i = 0; i < Fixed.Length; i++) Fixed[i] = new LiveInterval(i);
        int end = 0;
        foreach (var block in function.Blocks) end += block.Instructions.Count;
        for (int b = function.Blocks.Count - 1; b >= 0; b--)
        {
            var block = function.Blocks[b];
            int start = end - block.Instructions.Count;
            Scan(block, start, liveness, isEntry: b == 0);
            end = start;
        }
        foreach (var interval in Fixed) interval.Finish();
        foreach (var interval in _virtual) interval?.Finish();
    }

    /// <summary>When each of the machine's registers is taken by calls, arguments and results.</summary>
    public LiveInterval[] Fixed { get; }

    public IEnumerable<LiveInterval> Virtual => _virtual.Where(i => i is { IsEmpty: false })!;

    public LiveInterval? this[int register] => _virtual[register];

    private void Scan(MachineBlock block, int start, Liveness liveness, bool isEntry)
    {
        int end = start + block.Instructions.Count;
        foreach (int register in liveness.LiveOut(block)) Of(register).AddBefore(2 * start, 2 * end);
        // Where each of the machine's registers is read next in the block; -1 when it is not.
        Span<int> needed = stackalloc int[(int)Register.R10];
        for (int r = 0; r < needed.Length; r++) needed[r] = -1;
        for (int n = end - 1; n >= start; n--)
        {
            var i = block.Instructions[n - start];
            if (i.IsCall)
            {
                for (int r = 0; r <= 5; r++) Write(r, 2 * n, needed);
                for (int r = 1; r <= i.Arguments; r++) needed[r] = Math.Max(needed[r], 2 * n + 1);
            }
            if (i.WritesR0) Write(0, 2 * n, needed);
            if ((i.DstAccess & Access.Write) != 0) Define(i.Dst, i.DstAccess, 2 * n, 2 * start, needed);
            if ((i.SrcAccess & Access.Write) != 0) Define(i.Src, i.SrcAccess, 2 * n, 2 * start, needed);
            if (i.ReadsR0) needed[0] = Math.Max(needed[0], 2 * n + 1);
            if ((i.DstAccess & Access.Read) != 0) Read(i.Dst, 2 * n, 2 * start, needed);
            if ((i.SrcAccess & Access.Read) != 0) Read(i.Src, 2 * n, 2 * start, needed);
        }
        // Arguments of the function are there when it begins.
        for (int r = 0; r < needed.Length; r++)
        {
            if (needed[r] < 0) continue;
            if (!isEntry) throw new InvalidOperationException($"R{r} is read without having been set in its block.");
            Fixed[r].AddBefore(0, needed[r]);
        }
    }

    private void Define(int register, Access access, int position, int blockStart, Span<int> needed)
    {
        if (!IsVirtual(register))
        {
            if (access == Access.ReadWrite)
            {
                needed[register] = Math.Max(needed[register], position + 2);
                return;
            }
            Write(register, position, needed);
            return;
        }
        if (access == Access.ReadWrite)
        {
            Of(register).AddBefore(blockStart, position + 2);
            return;
        }
        var interval = Of(register);
        // Written and read later in the block, or living on: the range reaches back to the block's start so far.
        if (!interval.IsEmpty && interval.Ranges[^1].From <= position + 1 && position + 1 < interval.Ranges[^1].To) interval.CutAt(position + 1);
        else interval.AddBefore(position + 1, position + 2);
    }

    private void Read(int register, int position, int blockStart, Span<int> needed)
    {
        if (IsVirtual(register)) Of(register).AddBefore(blockStart, position + 1);
        else if (register < needed.Length) needed[register] = Math.Max(needed[register], position + 1);
    }

    private void Write(int register, int position, Span<int> needed)
    {
        Fixed[register].AddBefore(position + 1, Math.Max(needed[register], position + 2));
        needed[register] = -1;
    }

    private LiveInterval Of(int register) => _virtual[register] ??= new LiveInterval(register);
}
