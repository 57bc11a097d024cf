using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Binding;

/// <summary>Places that exist nowhere, with arguments of the usual kinds.</summary>
internal sealed class FakeResolver : IProbeResolver
{
    public ScriptConfig Config { get; set; } = new();

    public IReadOnlyList<ProbeTarget> Resolve(AttachPointSyntax attachPoint, string text, DiagnosticBag report)
    {
        string[] parts = text.Split(':');
        ProbeType type = parts[0] switch
        {
            "begin" => ProbeType.Begin,
            "end" => ProbeType.End,
            "kprobe" => ProbeType.Kprobe,
            "kretprobe" => ProbeType.Kretprobe,
            "uprobe" => ProbeType.Uprobe,
            "tracepoint" => ProbeType.Tracepoint,
            "interval" => ProbeType.Interval,
            "profile" => ProbeType.Profile,
            "fentry" => ProbeType.Fentry,
            _ => throw new NotSupportedException(text),
        };
        if (text.EndsWith("nonsense", StringComparison.Ordinal))
        {
            report.Error(attachPoint.Span, $"No matches for {text}.");
            return [];
        }
        // A star stands for three places.
        return text.EndsWith('*') ? [.. "abc".Select(c => new FakeTarget(type, text[..^1] + c))] : [new FakeTarget(type, text)];
    }
}

internal sealed class FakeTarget(ProbeType type, string name) : ProbeTarget
{
    public override ProbeType Type => type;
    public override string FullName => name;

    public override ProgramType ProgramType => type switch
    {
        ProbeType.Interval or ProbeType.Profile => ProgramType.PerfEvent,
        ProbeType.Tracepoint => ProgramType.Tracepoint,
        ProbeType.Fentry => ProgramType.Tracing,
        ProbeType.Begin or ProbeType.End => ProgramType.RawTracepoint,
        _ => ProgramType.Kprobe,
    };

    public override ITypeSource? Types => type == ProbeType.Uprobe ? new ProgramTypes() : null;

    public override bool HasRegisters => ProgramType is ProgramType.Kprobe or ProgramType.PerfEvent;

    public override AddressSpace DefaultSpace => type == ProbeType.Uprobe ? AddressSpace.User : AddressSpace.Kernel;

    public override string? AttachTo => type == ProbeType.Fentry ? name : null;

    // Places that end in c have other arguments than all others.
    public override IReadOnlyList<ScriptArgument>? Arguments => type switch
    {
        ProbeType.Tracepoint =>
        [
            new("dfd", name.EndsWith('c') ? IntegerType.Int64 : IntegerType.Int32, new ArgumentLocation.ContextBytes(16)),
            new("filename", new PointerType(IntegerType.Int8, AddressSpace.User), new ArgumentLocation.ContextBytes(24)),
            new("comm", new StringType(16), new ArgumentLocation.ContextBytes(32)),
        ],
        ProbeType.Fentry => [new("foo", new PointerType(new CompositeType(FakeTypes.Foo)), new ArgumentLocation.ContextWord(0))],
        _ => null,
    };

    public override ScriptArgument? NumberedArgument(int index) => type is ProbeType.Kprobe or ProbeType.Uprobe && index < 6
        ? new($"arg{index}", IntegerType.UInt64, new ArgumentLocation.Register(112 - index * 8)) : null;

    public override ScriptArgument? ReturnValue => type == ProbeType.Kretprobe ? new("$retval", IntegerType.UInt64, new ArgumentLocation.Register(80)) : null;
}

/// <summary>What the probed program declares: struct Own { int theirs; }.</summary>
internal sealed class ProgramTypes : ITypeSource
{
    public ScriptType? FindType(string name) => name == "struct Own" ? new CompositeType(new CompositeTypeInfo(name, false, 4, static () => [new("theirs", IntegerType.Int32, 0)])) : null;

    public (EnumType Type, long Value)? FindEnumerator(string name) => null;

    public ScriptType? FindVariableType(string name) => null;

    public ExpressionSyntax? FindConstant(string name) => null;
}

/// <summary>struct Foo { int x; char name[16]; struct Foo *next; struct { int y; }; }, enum color { RED, GREEN = 5 }, task_struct.</summary>
internal sealed class FakeTypes : ITypeSource
{
    public static readonly CompositeTypeInfo Foo = new("struct Foo", false, 40, () =>
    [
        new("x", IntegerType.Int32, 0),
        new("name", new StringType(16), 4),
        new("next", new PointerType(new CompositeType(Foo!)), 24),
        new("", new CompositeType(new CompositeTypeInfo("struct <anonymous>", false, 4, () => [new("y", IntegerType.Int32, 0)])), 32),
        new("arr", new ArrayType(IntegerType.Int16, 2), 36),
    ]);

    private static readonly CompositeTypeInfo s_task = new("struct task_struct", false, 64, () =>
    [
        new("pid", IntegerType.Int32, 0),
        new("comm", new StringType(16), 8),
        new("real_parent", new PointerType(new CompositeType(s_task!)), 24),
        new("group_leader", new PointerType(new CompositeType(s_task!)), 32),
    ])
    { KernelName = "task_struct" };

    private static readonly EnumTypeInfo s_color = new("enum color", 32, false, [("RED", 0), ("GREEN", 5)]);

    public ScriptType? FindType(string name) => name switch
    {
        "struct Foo" => new CompositeType(Foo),
        "struct task_struct" => new CompositeType(s_task),
        "enum color" => new EnumType(s_color),
        _ => null,
    };

    public (EnumType Type, long Value)? FindEnumerator(string name) => name switch { "RED" => (new EnumType(s_color), 0), "GREEN" => (new EnumType(s_color), 5), _ => null };

    public ScriptType? FindVariableType(string name) => null;

    public ExpressionSyntax? FindConstant(string name) => null;
}
