using Hornet.Compiler.IR;
using Hornet.Script.Binding;

namespace Hornet.Script.Lowering;

/// <summary>What belongs to the function that is being made: the program, or a callback of it.</summary>
internal sealed class FunctionFrame
{
    private readonly BasicBlock _entry;
    private readonly List<Alloca> _free = [];
    private readonly List<Alloca> _taken = [];
    private readonly List<Alloca> _all = [];

    public FunctionFrame(IrFunction function, Value context)
    {
        Function = function;
        Context = context;
        _entry = function.AddBlock("entry");
        Body = function.AddBlock("start");
    }

    public IrFunction Function { get; }

    /// <summary>Where the code begins; the pieces of stack stand before it.</summary>
    public BasicBlock Body { get; }

    /// <summary>The program's context, in a callback as it was handed on.</summary>
    public Value Context { get; set; }

    public Dictionary<BoundLocal, LocalPlace> Locals { get; } = [];

    /// <summary>Where break and continue go, innermost last.</summary>
    public List<LoopTarget> Loops { get; } = [];

    /// <summary>What must be done before the function ends, in loops that hold an iterator.</summary>
    public List<Action> Cleanups { get; } = [];

    /// <summary>What <c>return</c> does.</summary>
    public Action<Value?> OnReturn { get; set; } = _ => throw new InvalidOperationException("There is no way back.");

    /// <summary>Where the result of a function that is more than a number goes.</summary>
    public Value? ReturnPlace { get; set; }

    /// <summary>The functions that are being compiled where they were called.</summary>
    public HashSet<BoundFunction> Calling { get; } = [];

    /// <summary>What <c>exit()</c> does.</summary>
    public Action OnEnd { get; set; } = () => throw new InvalidOperationException("There is no way back.");

    /// <summary>
    /// A piece of stack until <see cref="Release"/>, whose contents are whatever was there. What another statement does not need any
    /// more is used again: there are 512 bytes.
    /// </summary>
    public Alloca Take(int size)
    {
        size = Math.Max(8, size + 7 & ~7);
        int best = -1;
        for (int i = 0; i < _free.Count; i++)
        {
            if (_free[i].Size >= size && _free[i].Size <= size * 2 && (best < 0 || _free[i].Size < _free[best].Size)) best = i;
        }
        Alloca piece;
        if (best >= 0)
        {
            piece = _free[best];
            _free.RemoveAt(best);
        }
        else
        {
            piece = New(size);
        }
        _taken.Add(piece);
        return piece;
    }

    /// <summary>A piece that is this one's alone.</summary>
    public Alloca New(int size)
    {
        Alloca piece = new(Math.Max(8, size + 7 & ~7), 8, uninitialized: true);
        _all.Add(piece);
        _entry.Append(piece);
        return piece;
    }

    public int Mark() => _taken.Count;

    public void Release(int mark)
    {
        _free.AddRange(_taken[mark..]);
        _taken.RemoveRange(mark, _taken.Count - mark);
    }

    /// <summary>The entry leads into the code, when all pieces of stack are known.</summary>
    public void Finish() => _entry.Append(new Jump(Body) { Location = Function.Location });

    /// <summary>The entry, for what is done once before the code.</summary>
    public BasicBlock Entry => _entry;
}

/// <summary>Where break and continue of a loop go.</summary>
/// <param name="Break">Leaves the loop; emits a jump or a return.</param>
/// <param name="Continue">Begins the next round.</param>
internal sealed record LoopTarget(Action Break, Action Continue);

/// <summary>Where a variable is.</summary>
/// <param name="Pointer">Its memory; null when its elements are elsewhere.</param>
/// <param name="IsPadded">Whether all its bytes are defined: texts have zeros behind their end.</param>
internal sealed record LocalPlace(Value? Pointer, bool IsPadded)
{
    /// <summary>Of a variable that goes over a map: key and value, where they are.</summary>
    public IReadOnlyList<Place>? Elements { get; init; }
}
