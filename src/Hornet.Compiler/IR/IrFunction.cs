namespace Hornet.Compiler.IR;

/// <summary>A function: the program's own, or one that it calls or hands to a helper.</summary>
public sealed class IrFunction
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<BasicBlock> _blocks = [];
    private readonly HashSet<string> _names = [];

    // The number after the last one given to each name: thousands of blocks may have the same.
    private readonly Dictionary<string, int> _numbers = [];

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

    /// <summary>The block it begins with, which nothing jumps to.</summary>
    public BasicBlock Entry => _blocks[0];

    /// <summary>Where it is written; null when unknown.</summary>
    public SourceLocation? Location { get; set; }

    /// <summary>Whether it is compiled into its callers: never, always, or as it pays.</summary>
    public InlineChoice Inlining { get; set; }

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
                foreach (var instruction in block.Instructions) yield return instruction;
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
        return block;
    }

    /// <summary>Puts a block behind another.</summary>
    internal BasicBlock AddBlockAfter(BasicBlock block, string name) => InsertBlock(_blocks.IndexOf(block) + 1, name);

    /// <summary>Removes blocks that nothing reaches, with everything in them.</summary>
    internal void RemoveBlocks(IReadOnlyCollection<BasicBlock> dead)
    {
        HashSet<BasicBlock> gone = [.. dead];
        foreach (var block in dead)
        {
            foreach (var successor in block.Successors.Distinct().ToList()) successor.ForgetIncoming(block);
        }
        foreach (var block in dead)
        {
            // Uses among dead blocks go with them.
            block.RemoveAll(_ => true);
            _names.Remove(block.Name);
        }
        _blocks.RemoveAll(gone.Contains);
    }

    /// <summary>Brings the blocks in another order; the entry stays first.</summary>
    internal void Reorder(IReadOnlyList<BasicBlock> order)
    {
        _blocks.Clear();
        _blocks.AddRange(order);
    }

    /// <summary>Gives the blocks their numbers, in order.</summary>
    internal void NumberBlocks()
    {
        for (int i = 0; i < _blocks.Count; i++) _blocks[i].Index = i;
    }

    /// <summary>The blocks that can be reached, each before its successors except along loops' back edges.</summary>
    internal List<BasicBlock> ReversePostorder()
    {
        List<BasicBlock> order = new(_blocks.Count);
        HashSet<BasicBlock> seen = [Entry];
        Stack<Visit> stack = new();
        stack.Push(new(Entry, 0));
        while (stack.TryPop(out var top))
        {
            var successors = top.Block.Successors;
            // Later successors first, so that in the reversed order the first one comes right behind.
            if (top.Next < successors.Count)
            {
                stack.Push(new(top.Block, top.Next + 1));
                var next = successors[successors.Count - 1 - top.Next];
                if (seen.Add(next)) stack.Push(new(next, 0));
            }
            else
            {
                order.Add(top.Block);
            }
        }
        order.Reverse();
        return order;
    }

    /// <inheritdoc/>
    public override string ToString() => IrPrinter.Print(this);

    private sealed record Visit(BasicBlock Block, int Next);
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
