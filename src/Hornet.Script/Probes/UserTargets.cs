using Hornet.Links;
using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>A function of a program: uprobe, uretprobe.</summary>
/// <param name="point">The attach point; its target is the file's path.</param>
/// <param name="fileOffset">Where the breakpoint goes.</param>
/// <param name="isMany">Whether one link takes several places.</param>
/// <param name="signature">The arguments and the result as debugging information tells them, asked for once; null where there is none.</param>
internal sealed class UprobeTarget(AttachPoint point, ulong fileOffset, bool isMany, Func<(IReadOnlyList<ScriptArgument> Arguments, ScriptType? Result)?>? signature) : PointTarget(point)
{
    private (IReadOnlyList<ScriptArgument> Arguments, ScriptType? Result)? _signature;
    private CompositeType? _type;
    private bool _isRead;

    /// <summary>The program's own types; null where debugging information is not looked for.</summary>
    public Func<string, ITypeSource?>? DebugTypes { get; init; }
    public override ITypeSource? Types => DebugTypes?.Invoke(Point.Target);

    private (IReadOnlyList<ScriptArgument> Arguments, ScriptType? Result)? Signature
    {
        get
        {
            if (!_isRead) (_signature, _isRead) = (signature?.Invoke(), true);
            return _signature;
        }
    }

    /// <summary>Why attaching will fail; said then, since a script may do without the probe.</summary>
    public string? Problem { get; init; }

    /// <summary>What attaching warns of.</summary>
    public string? Warning { get; init; }

    /// <summary>The file that is opened: an archive has the program inside.</summary>
    public string AttachPath { get => field ?? Point.Target; init; }
    public ulong FileOffset => fileOffset;
    public bool IsReturn => Type == ProbeType.Uretprobe;
    public override ProgramType ProgramType => ProgramType.Kprobe;
    public override AttachType AttachType => isMany ? AttachType.TraceUprobeMulti : default;
    public override string? FunctionName => Point.Function.Length > 0 ? Point.Function : null;
    public override IReadOnlyList<ScriptArgument>? Arguments => IsReturn ? null : Signature?.Arguments;
    public override CompositeType? ArgumentsType => Arguments is { } all ? _type ??= KernelContext.WordsType($"{FullName}_args", all) : null;

    // The result is a word, as it is in the register, unless a script asks for its type by a cast.
    public override ScriptArgument? ReturnValue => IsReturn ? Registers.Result : null;
    public override ScriptArgument? NumberedArgument(int index) => IsReturn ? null : Registers.Argument(index, isUser: true);
    public override bool HasRegisters => true;
    public override ScriptType? ContextType => KernelContext.Registers;
    public override AddressSpace DefaultSpace => AddressSpace.User;
}

/// <summary>A static probe of a program.</summary>
internal sealed class UsdtTarget(AttachPoint point, UsdtProbe probe, bool isMany) : PointTarget(point)
{
    public UsdtProbe Usdt => probe;
    public override IReadOnlyList<IReadOnlyList<UsdtArgument>> Layouts => probe.Layouts;
    public override IReadOnlyList<UsdtSite> Sites => probe.Sites;
    public override ProgramType ProgramType => ProgramType.Kprobe;
    public override AttachType AttachType => isMany ? AttachType.TraceUprobeMulti : default;
    public override string? FunctionName => Point.Function;
    public override bool HasRegisters => true;
    public override ScriptType? ContextType => KernelContext.Registers;
    public override AddressSpace DefaultSpace => AddressSpace.User;

    /// <summary>A word: sites may differ in how wide they made the value, and it is extended as its note says.</summary>
    public override ScriptArgument? NumberedArgument(int index) => index >= 0 && probe.Layouts.Any(l => index < l.Count)
        ? new ScriptArgument($"arg{index}", probe.Layouts.Any(l => index < l.Count && l[index].IsSigned) ? IntegerType.Int64 : IntegerType.UInt64, new ArgumentLocation.Usdt(index))
        : null;
}
