using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

// Records for user space: reserved in the ring buffer, filled where they lie, submitted.
internal sealed partial class ProgramLowering
{
    private const int Head = 8, NoWakeup = 1, ForceWakeup = 2;

    private IrFunction? _report, _wake;

    private void Async(BoundAsync statement)
    {
        var action = _whole.Actions[statement.Action];
        // A value that can leave the program is made before there is a record to give back.
        Dictionary<int, Place> made = [];
        for (int i = 0; i < statement.Arguments.Count; i++)
        {
            var argument = statement.Arguments[i];
            if (argument.Type.Size > 0 && MayLeave(argument)) made[i] = MakeFirst(argument);
        }
        PrintLayout layout = new(action is AsyncAction.Print ? action.Payload : new([]));
        if (layout.Last >= 0 && !made.ContainsKey(layout.Last) && ReaderOf(statement.Arguments[layout.Last]) is { } read)
        {
            SendUpToEnd(statement, layout, made, read);
            return;
        }
        Send(statement.Action, record =>
        {
            if (action is AsyncAction.Join && statement.Arguments is [{ Type: PointerType }] list)
            {
                FillJoin(list[0], action.Payload, record);
                return;
            }
            if (action is AsyncAction.Exit) End();
            // What user space looks a map's element up with has all its bytes.
            bool padded = action is AsyncAction.PrintMapElement;
            if (padded) ClearGaps(action.Payload, record, Head, 8, true);
            for (int i = 0; i < statement.Arguments.Count; i++)
            {
                StoreArgument(statement.Arguments[i], made.GetValueOrDefault(i), record, Head + (action is AsyncAction.Print ? layout.Offset(i) : action.Payload.Offset(i)), padded);
            }
        }, Math.Max(action.Payload.Size, layout.Size));
        if (statement.EndsProgram) _frame.OnEnd();
    }

    private void StoreArgument(BoundExpression argument, Place? made, Value record, int offset, bool padded)
    {
        int align = Alignments.At(8, offset);
        if (made is not null) Copy(made, argument.Type, record, offset, align, padded);
        else StoreTo(argument, record, offset, align, padded);
    }

    /// <summary>How a text is read where its length becomes known; null where it does not.</summary>
    private Func<Value, int, Value>? ReaderOf(BoundExpression text)
    {
        if (text is BoundCall { Intrinsic: BoundIntrinsic.ReadText } call) return (to, offset) => ReadText(call, to, offset, Alignments.At(8, offset), false);
        // What is defined to its last byte may have no end, which a reader of texts would give it.
        if (text is not BoundLocalRead || Locate(text, false) is not { } place || place is MemoryPlace { IsPadded: true }) return null;
        return (to, offset) => ReadRemote(AsRemote(place), Offset(to, offset), text.Type.Size, text: true);
    }

    // Made in memory of its own, and put into the ring as long as it became.
    private void SendUpToEnd(BoundAsync statement, PrintLayout layout, Dictionary<int, Place> made, Func<Value, int, Value> read)
    {
        int end = Head + layout.Offset(layout.Last), most = statement.Arguments[layout.Last].Type.Size;
        var record = _frame.Take(Head + layout.Size);
        B.Store(record, 0, MemoryWidth.U64, Number(statement.Action));
        for (int i = 0; i < statement.Arguments.Count; i++)
        {
            if (i != layout.Last) StoreArgument(statement.Arguments[i], made.GetValueOrDefault(i), record, Head + layout.Offset(i), false);
        }
        var length = read(record, end);
        // The kernel says at most the size; 5.10's verifier wants to be shown.
        length = Choose(B.Compare(Predicate.Less, length, Number(1)), () => Number(0), () => AtMost(length, most));
        var asleep = B.GlobalReference(Map(_whole.Asleep));
        var result = B.Helper(BpfHelper.RingbufOutput, IrType.I64, B.MapReference(Map(_whole.Events)), record, B.Add(length, Number(end)), WakeFlags(asleep));
        When(B.Compare(Predicate.NotEqual, result, Number(0)), () => CountLoss(B));
        WakeAfterwards(asleep);
        if (statement.EndsProgram) _frame.OnEnd();
    }

    private static bool MayLeave(BoundExpression expression)
    {
        bool found = false;
        new TreeWalk((e, _, _) => found |= e is BoundBlockExpression or BoundFunctionCall or BoundImportedCall).Expression(expression, false);
        return found;
    }

    private Place MakeFirst(BoundExpression expression)
    {
        if (!IsNumber(expression.Type)) return Locate(expression, true);
        var piece = _frame.Take(8);
        StoreNumber(piece, 0, expression.Type, Scalar(expression));
        return new MemoryPlace(piece, 0, 8, true);
    }

    /// <summary>Sends a record. Filling it must not leave the program.</summary>
    /// <param name="number">The action.</param>
    /// <param name="fill">Writes behind the head.</param>
    /// <param name="payload">Bytes behind the head, where they are not the action's.</param>
    private void Send(int number, Action<Value> fill, int? payload = null)
    {
        var action = _whole.Actions[number];
        int size = Head + (payload ?? action.Payload.Size);
        BasicBlock lost = NewBlock("lost"), send = NewBlock("send"), end = NewBlock("sent");
        Value record = Reserve(_whole.Events, size);
        if (IsControl(action))
        {
            // Where text fills the ring, what controls the run takes the other one.
            BasicBlock first = B.Block, second = NewBlock("second_ring");
            B.Branch(IsNull(record), second, send);
            B.Block = second;
            var other = Reserve(_whole.Control, size);
            B.Branch(IsNull(other), lost, send);
            B.Block = send;
            var either = B.Phi(record.Type);
            either.AddIncoming(first, record);
            either.AddIncoming(second, other);
            record = either;
        }
        else
        {
            B.Branch(IsNull(record), lost, send);
            B.Block = send;
        }
        B.Store(record, 0, MemoryWidth.U64, Number(number));
        fill(record);
        Submit(record);
        B.Jump(end);
        B.Block = lost;
        CountLoss(B);
        B.Jump(end);
        B.Block = end;
    }

    private static bool IsControl(AsyncAction action) => action is AsyncAction.Exit or AsyncAction.UnwindRequest or AsyncAction.Clear or AsyncAction.Zero or AsyncAction.PrintMap
        or AsyncAction.PrintMapElement or AsyncAction.Time or AsyncAction.TestResult;

    private HelperCall Reserve(Hornet.Maps.MapSpec ring, int size) =>
        B.Helper(BpfHelper.RingbufReserve, IrType.Pointer(Region.RingRecord(size)), B.MapReference(Map(ring)), Number(size), Number(0));

    private void Submit(Value record)
    {
        var asleep = B.GlobalReference(Map(_whole.Asleep));
        B.Helper(BpfHelper.RingbufSubmit, IrType.Void, record, WakeFlags(asleep));
        WakeAfterwards(asleep);
    }

    // The reader is woken when it sleeps, and only then. It says that it sleeps, then looks whether there is something, then sleeps; a
    // program submits, then looks whether it sleeps. One of them sees what the other did.
    private Value WakeFlags(Value asleep) =>
        Choose(B.Compare(Predicate.Equal, B.Load(asleep, 0, MemoryWidth.U64, IrType.I64, isVolatile: true), Number(0)), () => Number(NoWakeup), () =>
        {
            // Who wakes it says so first, or each record until it runs would wake it too.
            B.Store(asleep, 0, MemoryWidth.U64, Number(0), isVolatile: true);
            return Number(ForceWakeup);
        });

    private void WakeAfterwards(Value asleep) => When(IsNotZero(B.Load(asleep, 0, MemoryWidth.U64, IrType.I64, isVolatile: true)), () => B.Call(Wake()));

    // One counter for all processors: where it is needed they already wait for each other at the full ring. Atomic, since a program may
    // also interrupt another on the same one.
    private void CountLoss(IrBuilder b) => b.Append(new AtomicReadModifyWrite(AtomicOperator.Add, b.GlobalReference(Map(_whole.Lost)), 0, Number(1), fetch: false));

    /// <summary>The function that wakes a reader which fell asleep meanwhile: a record for nothing does.</summary>
    private IrFunction Wake() => _wake ??= Aside("wake_reader", [], (b, _) =>
    {
        b.Store(b.GlobalReference(Map(_whole.Asleep)), 0, MemoryWidth.U64, Number(0), isVolatile: true);
        var record = b.Helper(BpfHelper.RingbufReserve, IrType.Pointer(Region.RingRecord(8)), b.MapReference(Map(_whole.Events)), Number(8), Number(0));
        // Without room for it the reader has been woken by whoever filled the ring.
        Unless(b, b.Compare(Predicate.Equal, record, Constant.Null(record.Type.Region)), () => b.Helper(BpfHelper.RingbufDiscard, IrType.Void, record, Number(ForceWakeup)));
    });

    /// <summary>A function of its own for what rarely runs.</summary>
    private IrFunction Aside(string name, IrType[] types, Action<IrBuilder, Value[]> body)
    {
        var function = _module.AddFunction(name, IrType.I64);
        var parameters = Array.ConvertAll(types, t => (Value)function.AddParameter(t));
        function.Inlining = InlineChoice.Never;
        function.Location = _whole.Locate(_part.Program.Span);
        IrBuilder b = new(function.AddBlock("entry")) { Location = function.Location };
        body(b, parameters);
        b.Return(Number(0));
        return function;
    }

    private static void Unless(IrBuilder b, Value condition, Action then)
    {
        BasicBlock yes = b.Function.AddBlock("then"), end = b.Function.AddBlock("end");
        b.Branch(condition, end, yes);
        b.Block = yes;
        then();
        b.Jump(end);
        b.Block = end;
    }

    /// <summary>Option -k: tells when a helper gave an error number.</summary>
    /// <param name="result">What it gave.</param>
    /// <param name="helper">The helper.</param>
    /// <param name="level">From which level of the option on it is told.</param>
    /// <param name="map">The map it was about; -1 for none.</param>
    private void ReportFailure(Value result, BpfHelper helper, int level, int map = -1)
    {
        if (!Reports(level)) return;
        // Before 6.4 the calls of maps give an int, whose upper half is anything.
        When(B.Compare(Predicate.Less, B.Convert(ConversionKind.SignExtend32, result, IrType.I64), Number(0)), () => Report(_whole.SpanOf(B.Location), result, helper, map));
    }

    private bool Reports(int level) => _whole.Script.HelperErrors >= level;

    // The place is that of the instruction, or of what it belongs to.
    private void Report(SourceSpan span, Value result, BpfHelper helper, int map = -1)
    {
        int action = _whole.AddAction(new AsyncAction.HelperError(span, ShortName(helper), map) { Payload = new TupleType([IntegerType.Int32]) });
        B.Call(Reporter(), Number(action), result);
    }

    /// <summary>
    /// The function that sends what a helper gave. It rarely runs, so the kernel itself decides whether to wake the reader: it does when
    /// everything before this record was read.
    /// </summary>
    private IrFunction Reporter() => _report ??= Aside("report_failure", [IrType.I64, IrType.I64], (b, parameters) =>
    {
        var record = b.Alloca(2 * Head, 8, uninitialized: true);
        b.Store(record, 0, MemoryWidth.U64, parameters[0]);
        b.Store(record, Head, MemoryWidth.U32, parameters[1]);
        var result = b.Helper(BpfHelper.RingbufOutput, IrType.I64, b.MapReference(Map(_whole.Events)), record, Number(Head + sizeof(int)), Number(0));
        Unless(b, b.Compare(Predicate.Equal, result, Number(0)), () => CountLoss(b));
    });

    private static string ShortName(BpfHelper helper) => HelperTable.NameOf(helper) is { } name ? name["bpf_".Length..] : helper.ToString();

    // The texts behind a list of pointers, up to a null pointer.
    private void FillJoin(BoundExpression list, TupleType payload, Value record)
    {
        for (int i = 0; i < payload.Elements.Count; i++) B.Store(record, Head + payload.Offset(i), MemoryWidth.U8, Constant.Int32(0));
        var pointer = Scalar(list);
        bool isUser = IsUser(((PointerType)list.Type).Space);
        var end = NewBlock("joined");
        for (int i = 0; i < payload.Elements.Count; i++)
        {
            var text = Load(new RemotePlace(pointer, i * 8, isUser), IntegerType.UInt64);
            var next = NewBlock("join");
            B.Branch(IsNotZero(text), next, end);
            B.Block = next;
            ReadRemote(new RemotePlace(text, 0, isUser), Offset(record, Head + payload.Offset(i)), payload.Elements[i].Size, text: true);
        }
        B.Jump(end);
        B.Block = end;
    }
}
