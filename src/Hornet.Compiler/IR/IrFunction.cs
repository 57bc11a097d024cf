using System.Runtime.InteropServices;

namespace Hornet.Compiler.IR;

/// <summary>A function: the program's own, or one that it calls or hands to a helper.</summary>
public sealed class IrFunction
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<BasicBlock> _blocks = [];
    private readonly HashSet<string> _names = [];

    // The number after the last one given to each name: thousands of blocks may have the same.
    private readonly Dictionary<string, int> _numbers = [];

    private List<BasicBlock>? _order;
    private DominatorTree? _dominators;
    private int _lastMark;

    internal IrFunction(IrModule module, string name, IrType returnType)
    {
        Module = module;
        Name = name;
        ReturnType = returnType;
    }

    /// <summary>The module.</summary>
    public IrModule Module { get; }

    /// <summary>The name, unique in the module; it becomes the function's name in the kernel.</summary>
    public string Name { get; }

    /// <summary>The type of what it returns.</summary>
    public IrType ReturnType { get; }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The blocks; the first is where it begins.</summary>
    public IReadOnlyList<BasicBlock> Blocks => _blocks;

    /// <summary>The same for passes: without an interface in between. It holds until a block comes or goes.</summary>
    internal ReadOnlySpan<BasicBlock> BlockSpan => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>The block it begins with, which nothing jumps to.</summary>
    public BasicBlock Entry => _blocks[0];

    /// <summary>Where it is written; null when unknown.</summary>
    public SourceLocation? Location { get; set; }

    /// <summary>Whether it is compiled into its callers: never, always, or as it pays.</summary>
    public InlineChoice Inlining { get; set; }

    /// <summary>Counts the changes of instructions and blocks: while it stays, a pass that found nothing to do would find nothing again.</summary>
    internal int Version { get; private set; }

    /// <summary>The dominators of the blocks as they are now.</summary>
    internal DominatorTree Dominators => _dominators ??= new DominatorTree(ReversePostorder());

    /// <summary>Adds a parameter.</summary>
    public Parameter AddParameter(IrType type, string? name = null)
    {
        Parameter parameter = new(_parameters.Count, type, name ?? $"arg{_parameters.Count}");
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Adds a block at the end.</summary>
    public BasicBlock AddBlock(string name = "block") => InsertBlock(_blocks.Count, name);

    /// <summary>All instructions, block by block. The function may not be changed meanwhile.</summary>
    public IEnumerable<Instruction> Instructions
    {
        get
        {
            foreach (var block in _blocks)
            {
                for (int i = 0; i < block.Code.Length; i++) yield return block.Code[i];
            }
        }
    }

    internal BasicBlock InsertBlock(int index, string name)
    {
        string unique = name;
        if (!_names.Add(name))
        {
            int number = _numbers.GetValueOrDefault(name, 1);
            do unique = $"{name}.{number++}";
            while (!_names.Add(unique));
            _numbers[name] = number;
        }
        BasicBlock block = new(this, unique);
        _blocks.Insert(index, block);
        if (index == 0) NoteEdges();
        return block;
    }

    /// <summary>Puts a block behind another.</summary>
    internal BasicBlock AddBlockAfter(BasicBlock block, string name) => InsertBlock(_blocks.IndexOf(block) + 1, name);

    /// <summary>Removes blocks that nothing reaches, with everything in them.</summary>
    internal void RemoveBlocks(IReadOnlyCollection<BasicBlock> dead)
    {
        int gone = NewMark();
        foreach (var block in dead)
        {
            block.Mark = gone;
            foreach (var successor in block.Successors.Distinct().ToList()) successor.ForgetIncoming(block);
        }
        foreach (var block in dead)
        {
            // Uses among dead blocks go with them.
            block.RemoveAll(_ => true);
            _names.Remove(block.Name);
        }
        _blocks.RemoveAll(block => block.Mark == gone);
        NoteEdges();
    }

    /// <summary>Brings the blocks in another order; the entry stays first.</summary>
    internal void Reorder(IReadOnlyList<BasicBlock> order)
    {
        _blocks.Clear();
        _blocks.AddRange(order);
        NoteEdges();
    }

    /// <summary>A number that no instruction and no block of the function is marked with.</summary>
    internal int NewMark() => ++_lastMark;

    /// <summary>So many numbers in a row that nothing is marked with; the first of them.</summary>
    internal int NewMarks(int count)
    {
        int first = _lastMark + 1;
        _lastMark += count;
        return first;
    }

    /// <summary>An instruction came, went, or got another operand.</summary>
    internal void NoteChange() => Version++;

    /// <summary>A block goes elsewhere than before.</summary>
    internal void NoteEdges()
    {
        Version++;
        (_order, _dominators) = (null, null);
    }

    /// <summary>The blocks that can be reached, each before its successors except along loops' back edges. The list is the function's own, and another one when the blocks change.</summary>
    internal List<BasicBlock> ReversePostorder() => _order ??= FindOrder();

    private List<BasicBlock> FindOrder()
    {
        List<BasicBlock> order = new(_blocks.Count);
        var open = new BasicBlock[_blocks.Count];
        var next = new int[_blocks.Count];
        int depth = 0, seen = NewMark();
        open[0] = Entry;
        Entry.Mark = seen;
        while (depth >= 0)
        {
            var targets = open[depth].Terminator is { } end ? end.TargetSpan : default;
            // Later successors first, so that in the reversed order the first one comes right behind.
            if (next[depth] < targets.Length)
            {
                var target = targets[targets.Length - 1 - next[depth]++];
                if (target.Mark == seen) continue;
                target.Mark = seen;
                if (++depth == open.Length)
                {
                    // Only where a block goes to one that the function does not have, which is found later.
                    Array.Resize(ref open, depth * 2);
                    Array.Resize(ref next, depth * 2);
                }
                open[depth] = target;
                next[depth] = 0;
            }
            else
            {
                order.Add(open[depth--]);
            }
        }
        order.Reverse();
        return order;
    }

    /// <inheritdoc/>
    public override string ToString() => IrPrinter.Print(this);
}

/// <summary>Whether a function is compiled into its callers.</summary>
public enum InlineChoice
{
    /// <summary>As it pays.</summary>
    Automatic,
    /// <summary>Wherever it is called.</summary>
    Always,
    /// <summary>It stays a function of its own, as callbacks must.</summary>
    Never,
}
