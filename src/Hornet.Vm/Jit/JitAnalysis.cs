using Hornet.Vm.Loading;

namespace Hornet.Vm.Jit;

/// <summary>
/// What the compiler wants to know of a function: which registers are still read after each slot, and which accesses have a
/// base that comes from the same place, so that they most likely lie in the same memory. Only speed depends on the second.
/// </summary>
internal sealed class JitAnalysis
{
    private const int Registers = 10, Scalar = 0;

    private readonly VmCode _code;
    private readonly VmFunction _function;
    private readonly ushort[] _live;
    private readonly int[] _origins;
    private readonly List<int> _parents = [Scalar];

    public JitAnalysis(VmCode code, VmFunction function)
    {
        _code = code;
        _function = function;
        _live = new ushort[function.Length + 1];
        _origins = new int[function.Length];
        FindLive();
        FindOrigins();
    }

    /// <summary>The registers that are read before they are written, from a slot on: a bit for each of R0 to R9.</summary>
    public int LiveAt(int slot) => _live[slot - _function.Start];

    /// <summary>A number for where the base of the access at a slot comes from.</summary>
    public int OriginOf(int slot) => Find(_origins[slot - _function.Start]);

    private void FindLive()
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int slot = _function.End - 1; slot >= _function.Start; slot--)
            {
                ref readonly var op = ref _code.Ops[slot];
                int at = slot - _function.Start, live = op.Code is OpCode.Exit or OpCode.Jump ? 0 : _live[at + 1];
                if (op.Code is >= OpCode.Jump and <= OpCode.MayGoto) live |= _live[at + 1 + op.Offset];
                live = ((live & ~Written(op)) | Read(op)) & ((1 << Registers) - 1);
                if (_live[at] == live) continue;
                _live[at] = (ushort)live;
                changed = true;
            }
        }
    }

    // May say too much, never too little.
    private static int Read(in Op op)
    {
        int dst = 1 << op.Dst, src = 1 << op.Src;
        return op.Code switch
        {
            OpCode.None or OpCode.LoadImm64 or OpCode.Jump or OpCode.MayGoto or OpCode.Mov64I or OpCode.Mov32I => 0,
            OpCode.Exit => 1,
            OpCode.CallHelper or OpCode.CallFunction or OpCode.TailCall => 0b111110,
            OpCode.CallRegister => 0b111110 | dst,
            >= OpCode.PacketAbsolute8 and <= OpCode.PacketIndirect32 => src | 1 << 6,
            OpCode.Atomic32 or OpCode.Atomic64 => dst | src | 1,
            OpCode.Mov64R or OpCode.Mov32R or >= OpCode.MovSx8To64 and <= OpCode.MovSx32To64 or OpCode.MovSx8To32 or OpCode.MovSx16To32 => src,
            >= OpCode.Load8 and <= OpCode.LoadSx32 or >= OpCode.StackLoad8 and <= OpCode.StackLoadSx32 or >= OpCode.LoadAcquire8 and <= OpCode.LoadAcquire64 => src,
            _ => dst | src,
        };
    }

    // May say too little, never too much.
    private static int Written(in Op op) => op.Code switch
    {
        >= OpCode.Add64I and <= OpCode.LoadImm64 => 1 << op.Dst,
        >= OpCode.Load8 and <= OpCode.LoadSx32 or >= OpCode.StackLoad8 and <= OpCode.StackLoadSx32 or >= OpCode.LoadAcquire8 and <= OpCode.LoadAcquire64 => 1 << op.Dst,
        OpCode.CallHelper or OpCode.CallFunction or OpCode.CallRegister => 1,
        _ => 0,
    };

    /// <summary>
    /// Follows values from where they come into being (arguments, loads, results, constants of 64 bits) through copies and
    /// additions. Where ways meet, what is in one register is taken for one.
    /// </summary>
    private void FindOrigins()
    {
        int length = _function.Length;
        var states = new int[length][];
        var made = new int[length];
        int[] entry = new int[Registers + 1];
        for (int i = 1; i <= 5; i++) entry[i] = New();
        entry[Registers] = New();
        states[0] = entry;
        SortedSet<int> work = [0];
        int[] current = new int[Registers + 1];
        while (work.Count > 0)
        {
            int at = work.Min;
            work.Remove(at);
            states[at].CopyTo(current, 0);
            ref readonly var op = ref _code.Ops[_function.Start + at];
            Step(op, at, current, made);
            if (op.Code is >= OpCode.Jump and <= OpCode.MayGoto) Meet(at + 1 + op.Offset);
            if (op.Code is not (OpCode.Exit or OpCode.Jump)) Meet(at + (op.Code == OpCode.LoadImm64 ? 2 : 1));
        }

        void Meet(int target)
        {
            if (states[target] is not { } known)
            {
                states[target] = (int[])current.Clone();
                work.Add(target);
                return;
            }
            for (int i = 0; i < known.Length; i++)
            {
                int a = Find(known[i]), b = Find(current[i]);
                if (a == b || b == Scalar) continue;
                if (a == Scalar)
                {
                    known[i] = b;
                    work.Add(target);
                }
                else
                {
                    _parents[b] = a;
                }
            }
        }
    }

    private void Step(in Op op, int at, int[] state, int[] made)
    {
        switch (op.Code)
        {
            case >= OpCode.Load8 and <= OpCode.LoadSx32:
                _origins[at] = Base(op.Src);
                state[op.Dst] = op.Code is OpCode.Load64 or OpCode.Load32 ? Made() : Scalar;
                return;
            case >= OpCode.Store8I and <= OpCode.Store64R:
                _origins[at] = Base(op.Dst);
                return;
            case OpCode.StackLoad64 or OpCode.LoadImm64:
                state[op.Dst] = Made();
                return;
            case OpCode.CallHelper or OpCode.CallFunction or OpCode.CallRegister:
                state[0] = Made();
                return;
            case OpCode.Mov64R:
                state[op.Dst] = state[op.Src];
                return;
            case OpCode.Add64R:
                if (state[op.Dst] == Scalar) state[op.Dst] = state[op.Src];
                return;
            case OpCode.Add64I or OpCode.Sub64I or OpCode.Sub64R:
                return;
            default:
                if (Written(op) is var written and not 0) state[System.Numerics.BitOperations.Log2((uint)written)] = Scalar;
                return;
        }

        int Made() => made[at] == Scalar ? made[at] = New() : Find(made[at]);
        // A base that seems to be a number is one of its register's own.
        int Base(int register) => state[register] != Scalar ? state[register] : state[register] = Made();
    }

    private int New()
    {
        _parents.Add(_parents.Count);
        return _parents.Count - 1;
    }

    private int Find(int origin)
    {
        while (_parents[origin] != origin) origin = _parents[origin] = _parents[_parents[origin]];
        return origin;
    }
}
