using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Script.Binding;
using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

/// <summary>
/// Makes the IR of one program. Numbers are 64-bit values, extended as their type says; everything else lies in memory
/// (<see cref="Place"/>), and is written directly where it is wanted.
/// </summary>
internal sealed partial class ProgramLowering
{
    private readonly ObjectLowering _whole;
    private readonly ProgramPart? _returns;
    private readonly int _number;
    private readonly IrModule _module;
    private readonly Dictionary<MapSpec, MapSymbol> _maps = new(ReferenceEqualityComparer.Instance);
    // Of a session, the one that is being made.
    private ProgramPart _part;
    private PaddingAnalysis _padding;
    private FunctionFrame _frame;

    /// <param name="whole">What programs share.</param>
    /// <param name="part">What becomes the program.</param>
    /// <param name="number">The program's number.</param>
    /// <param name="returns">What it does at the returns of the functions, when it is a session; null when it is none.</param>
    public ProgramLowering(ObjectLowering whole, ProgramPart part, int number, ProgramPart? returns = null)
    {
        _returns = returns;
        _whole = whole;
        _part = part;
        _number = number;
        var target = part.Targets[0];
        Name = NameOf(target, number);
        _module = new IrModule(Name, target.ProgramType, whole.Constants) { AttachType = returns is null ? target.AttachType : AttachType.TraceKprobeSession, Flags = target.ProgramFlags };
        _padding = new PaddingAnalysis(part.Program);
        var function = _module.AddFunction(Name, IrType.I64);
        function.Location = whole.Locate(part.Program.Span);
        _frame = new FunctionFrame(function, function.AddParameter(IrType.Pointer(Region.Context), "ctx"));
        B = new IrBuilder(_frame.Body) { Location = function.Location };
    }

    public string Name { get; }

    private IrBuilder B { get; }

    private LoweringOptions Options => _whole.Options;

    private ProbeTarget Target => _part.Targets[0];

    public IrModule Lower()
    {
        _frame.OnReturn = value => EndFrame(value ?? Number(_part.Program.DefaultResult));
        _frame.OnEnd = () => EndFrame(Number(_part.Program.DefaultResult));
        LeaveWhenEnded();
        if (_returns is { } returns)
        {
            BasicBlock atReturn = NewBlock("return"), atCall = NewBlock("call");
            // From 7.0 on it takes the context; before, it takes nothing, and looks at nothing.
            var isReturn = Fit(B.Append(new KernelFunctionCall("bpf_session_is_return", IrType.I64, _frame.Context)), BooleanType.Instance);
            B.Branch(IsNotZero(isReturn), atReturn, atCall);
            B.Block = atReturn;
            var call = (_part, _padding);
            (_part, _padding) = (returns, new PaddingAnalysis(returns.Program));
            LowerProbe();
            (_part, _padding) = call;
            B.Block = atCall;
        }
        LowerProbe();
        _frame.Finish();
        return _module;
    }

    private void LowerProbe()
    {
        if (_part.Program.Predicate is { } predicate)
        {
            var mark = _frame.Mark();
            At(predicate.Span);
            BasicBlock body = NewBlock("body"), skip = NewBlock("skip");
            BranchOn(predicate, body, skip);
            _frame.Release(mark);
            B.Block = skip;
            B.Return(Number(_part.Program.DefaultResult));
            B.Block = body;
        }
        Block(_part.Program.Body);
        B.Return(Number(_part.Program.DefaultResult));
    }

    // Names of functions end at 127 characters in the kernel.
    private const int LongestName = 100;

    /// <summary>The probe with its number: what lists of programs show, and what <c>fentry:bpf:NAME</c> finds.</summary>
    private static string NameOf(ProbeTarget target, int number)
    {
        var name = target.FullName.Length > LongestName ? target.FullName[..LongestName] : target.FullName;
        return $"{string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}_{number + 1}";
    }

    private static string Identifier(string name) => string.Concat(name.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));

    // ---- Small things everybody needs.

    private static Constant Number(long value) => Constant.Int64(value);

    private static Constant Truth(bool value) => Constant.Boolean(value);

    private BasicBlock NewBlock(string name) => _frame.Function.AddBlock(name);

    /// <summary>Sets the place in the script that the next instructions come from.</summary>
    private void At(SourceSpan span)
    {
        if (_whole.Locate(span) is { } location) B.Location = location;
    }

    private void Error(SourceSpan span, string message, string? hint = null) => _whole.Error(span, message, hint);

    /// <summary>A map, as the module refers to it.</summary>
    private MapSymbol Map(MapSpec spec)
    {
        if (!_maps.TryGetValue(spec, out var symbol)) _maps.Add(spec, symbol = _module.AddMap(spec));
        return symbol;
    }

    private MapSymbol Map(BoundMap map) => Map(_whole.MapSpecs[map.Number]);

    /// <summary>A helper's result, after the helper was found to exist: else an error says since when it does.</summary>
    private HelperCall Helper(SourceSpan span, string what, BpfHelper helper, IrType type, params ReadOnlySpan<Value> arguments)
    {
        Require(span, what, helper);
        return B.Helper(helper, type, arguments);
    }

    private bool Require(SourceSpan span, string what, BpfHelper helper)
    {
        if (Options.Has(helper)) return true;
        Error(span, $"{what} needs {HelperTable.NameOf(helper)}, which exists since kernel {HelperTable.FirstKernel(helper)}; this one is {Options.Kernel.ToString(2)}");
        return false;
    }

    /// <summary>Runs one of two pieces of code; their values meet in a phi.</summary>
    private Value Choose(Value condition, Func<Value> then, Func<Value> otherwise)
    {
        if (condition is Constant known) return known.Number != 0 ? then() : otherwise();
        BasicBlock yes = NewBlock("then"), no = NewBlock("else"), end = NewBlock("end");
        B.Branch(condition, yes, no);
        B.Block = yes;
        var first = then();
        yes = B.Block;
        B.Jump(end);
        B.Block = no;
        var second = otherwise();
        no = B.Block;
        B.Jump(end);
        B.Block = end;
        if (first.Type.IsVoid) return first;
        var type = first.Type;
        if (first.Type != second.Type) type = IrType.Pointer(Region.Join(first.Type.Region, second.Type.Region) ?? Region.Unknown);
        var phi = B.Phi(type);
        phi.AddIncoming(yes, first);
        phi.AddIncoming(no, second);
        return phi;
    }

    /// <summary>Runs code when a condition holds.</summary>
    private void When(Value condition, Action then)
    {
        if (condition is Constant known)
        {
            if (known.Number != 0) then();
            return;
        }
        BasicBlock yes = NewBlock("then"), end = NewBlock("end");
        B.Branch(condition, yes, end);
        B.Block = yes;
        then();
        B.Jump(end);
        B.Block = end;
    }

    private Value IsNull(Value pointer) => B.Compare(Predicate.Equal, pointer, Constant.Null(pointer.Type.Region));

    private Value IsNotNull(Value pointer) => B.Compare(Predicate.NotEqual, pointer, Constant.Null(pointer.Type.Region));

    /// <summary>Ends the function here; what is emitted behind is never reached, and goes.</summary>
    private void EndFrame(Value result)
    {
        for (int i = _frame.Cleanups.Count - 1; i >= 0; i--) _frame.Cleanups[i]();
        B.Return(result);
        B.Block = NewBlock("unreachable");
    }

    /// <summary>An address so many bytes behind another.</summary>
    private Value Offset(Value pointer, int bytes) => bytes == 0 ? pointer : B.PointerAdd(pointer, bytes);
}
