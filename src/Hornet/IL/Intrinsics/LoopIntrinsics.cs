using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary><c>Bpf.Loop</c>: <c>bpf_loop</c> where the kernel has it, else an ordinary loop that the verifier can bound.</summary>
internal static class LoopIntrinsics
{
    private static readonly Version s_bpfLoop = new(5, 17);

    public static void Register(IntrinsicRegistry registry) => registry.Add(typeof(Bpf), Loop, "Loop");

    private static ILValue? Loop(IntrinsicCall call)
    {
        var t = call.Translator;
        var count = t.Narrow(call.Number(0));
        return t.Request.Options.Kernel is { } kernel && kernel < s_bpfLoop ? Inline(t, count, call.Arguments[1], kernel) : Helper(t, count, call.Arguments[1]);
    }

    /// <summary>What a callback tells the kernel: 0 to go on, 1 to stop. A lambda without a result goes on.</summary>
    public static Value Stop(Translator t, ILValue? result) =>
        result is Scalar more ? t.Widen(t.Comparison(Predicate.Equal, t.Narrow(more.Ir), Translator.Number32(0)), false) : Translator.Number(0);

    private static ILValue? Helper(Translator t, Value count, ILValue body)
    {
        var callback = t.BeginCallback(body, new CallbackSignature
        {
            Name = "loop_body",
            // long (*)(u32 index, void *ctx)
            Parameters = [IrType.I64, IrType.Pointer(new Region(RegionKind.Memory))],
            Context = 1,
            Bind = static (t, parameters) => [new Scalar(t.Narrow(parameters[0]))],
            Result = Stop,
            Failed = 1,
        });
        if (callback is null) return ErrorValue.Instance;
        // A negative count is none.
        var times = t.Choose(t.Comparison(Predicate.Less, count, Translator.Number32(0)), () => new Scalar(Translator.Number32(0)), () => new Scalar(count));
        var ran = t.Call(BpfHelper.Loop, IrType.I64, t.Widen(((Scalar)times).Ir, false), callback.Function, callback.Context, Translator.Number(0));
        t.EndCallback(callback);
        if (t.Current is null) return ErrorValue.Instance;
        if (!Translator.IsKnown(count, out long known) || known > Bpf.MaxLoops) t.LeaveProgramIf(t.Comparison(Predicate.Less, ran, Translator.Number(0)));
        return t.Current is null ? ErrorValue.Instance : new Scalar(t.Narrow(ran));
    }

    private static ILValue? Inline(Translator t, Value count, ILValue body, Version kernel)
    {
        if (Bounds.MostOf(count) is not { } most)
            return t.Report(DiagnosticRules.HelperNotAvailable, $"bpf_loop exists since kernel 5.17; this one is {kernel.Major}.{kernel.Minor}, and nothing bounds the count of Bpf.Loop, as Math.Min(count, 64) would");
        var ran = t.LoopWhile(count, (int)Math.Min(most, int.MaxValue), index =>
        {
            var more = t.InvokeDelegate(body, [new Scalar(index)]);
            return more is Scalar answer ? t.Narrow(answer.Ir) : null;
        });
        return t.Current is null ? ErrorValue.Instance : new Scalar(ran);
    }
}

/// <summary>What can be said of a number's size from how it was made.</summary>
internal static class Bounds
{
    /// <summary>The largest that a 32-bit value can be, read as signed and not negative; null when nothing is known.</summary>
    public static long? MostOf(Value value, int depth = 4) => value switch
    {
        Constant constant => Math.Max((int)constant.Number, 0),
        Load { Width: MemoryWidth.U8 } or Conversion { Kind: ConversionKind.ZeroExtend8 } => byte.MaxValue,
        Load { Width: MemoryWidth.U16 } or Conversion { Kind: ConversionKind.ZeroExtend16 } => ushort.MaxValue,
        Compiler.IR.Compare => 1,
        Conversion { Kind: ConversionKind.Truncate, Operand: var wide } => MostOf(wide, depth) is { } most and <= int.MaxValue ? most : null,
        Binary { Operator: BinaryOperator.And, Right: Constant { Number: >= 0 and var mask } } => mask,
        Binary { Operator: BinaryOperator.And, Left: Constant { Number: >= 0 and var mask } } => mask,
        Binary { Operator: BinaryOperator.URem, Right: Constant { Number: > 0 and var divisor } } => divisor - 1,
        Binary { Operator: BinaryOperator.LShr, Right: Constant { Number: > 0 and < 32 and var shift } } => uint.MaxValue >> (int)shift,
        Phi { Operands.Count: > 0 } phi when depth > 0 => Most(phi, depth - 1),
        _ => null,
    };

    // Of Math.Min(x, 64) one operand is the constant; the other is the number that was compared with it.
    private static long? Most(Phi phi, int depth)
    {
        long most = 0;
        for (int i = 0; i < phi.Operands.Count; i++)
        {
            if ((MostOf(phi.Operands[i], depth) ?? Compared(phi.Operands[i], phi.IncomingBlocks[i])) is not { } one) return null;
            most = Math.Max(most, one);
        }
        return most;
    }

    private static long? Compared(Value value, BasicBlock block)
    {
        for (var at = block; ; at = at.Predecessors[0])
        {
            if (at.Predecessors.Count != 1) return null;
            if (at.Predecessors[0].Terminator is not Branch { Condition: Compiler.IR.Compare test } branch || !ReferenceEquals(test.Left, value) || test.Right is not Constant { Number: >= 0 and var limit }) continue;
            var holds = branch.Then == at ? test.Predicate : test.Predicate.Negated();
            switch (holds)
            {
                case Predicate.Less or Predicate.Below: return limit - 1;
                case Predicate.LessOrEqual or Predicate.BelowOrEqual or Predicate.Equal: return limit;
            }
        }
    }
}
