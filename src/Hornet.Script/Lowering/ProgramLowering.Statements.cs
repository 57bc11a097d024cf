using Hornet.Compiler.IR;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    private void Block(BoundBlock block)
    {
        var mark = _frame.Mark();
        Open(block);
        _frame.Release(mark);
    }

    /// <summary>Runs a block whose variables live on: a value made of them follows.</summary>
    private void Open(BoundBlock block)
    {
        if (block.Locals.Count > 0)
        {
            var cleared = ReadBeforeWritten(block);
            foreach (var local in block.Locals) Declare(local, cleared.Contains(local));
        }
        foreach (var statement in block.Statements) Statement(statement);
    }

    private void Statement(BoundStatement statement)
    {
        // What a statement needs in between is free again behind it; a block's variables are the block's.
        var mark = _frame.Mark();
        At(statement.Span);
        switch (statement)
        {
            case BoundBlock block: Block(block); break;
            case BoundExpressionStatement s: Effect(s.Expression); break;
            case BoundAssignLocal a: Assign(a); break;
            case BoundAssignMap a: AssignMap(a); break;
            case BoundAggregate a: Aggregate(a); break;
            case BoundIf i: If(i); break;
            case BoundWhile w: While(w); break;
            case BoundUnroll u: Unroll(u); break;
            case BoundForRange f: ForRange(f); break;
            case BoundForMap f: ForMap(f); break;
            case BoundBreak: Leave(_frame.Loops[^1].Break); break;
            case BoundContinue: Leave(_frame.Loops[^1].Continue); break;
            case BoundReturn r:
                _frame.OnReturn(r.Value is { Type: not VoidType } value ? ReturnValue(value) : null);
                break;
            case BoundAsync a: Async(a); break;
            default: throw new InvalidOperationException($"{statement.GetType().Name} is not lowered.");
        }
        _frame.Release(mark);
    }

    private void Leave(Action how)
    {
        how();
        B.Block = NewBlock("unreachable");
    }

    // Of functions that give more than a number, the frame knows where it goes.
    private Value? ReturnValue(BoundExpression value)
    {
        if (IsNumber(value.Type)) return Scalar(value);
        if (_frame.ReturnPlace is { } place) StoreTo(value, place, 0, 8, true);
        return null;
    }

    /// <summary>An expression whose value nobody wants.</summary>
    private void Effect(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundIncrement increment: Increment(increment, wanted: false); break;
            case BoundBlockExpression block:
                Open(block.Block);
                if (block.Result is { } result) Effect(result);
                break;
            case BoundConditional c:
                If(c.Condition, () => Effect(c.Then), () => Effect(c.Else));
                break;
            case BoundFunctionCall call: CallFunction(call); break;
            case BoundImportedCall call: CallImported(call); break;
            case BoundCall call when call.Type is VoidType: VoidCall(call); break;
            case var e when e.Type is VoidType: break;
            case var e when IsNumber(e.Type): Scalar(e); break;
            default: Locate(expression, false); break;
        }
    }

    private void Assign(BoundAssignLocal assignment)
    {
        var place = _frame.Locals[assignment.Local];
        var type = assignment.Local.Type;
        if (place.Pointer is not { } pointer) return;
        if (IsNumber(type))
        {
            StoreNumber(pointer, 0, type, Scalar(assignment.Value));
        }
        else if (Mentions(assignment.Value, assignment.Local))
        {
            var copy = _frame.Take(type.Size);
            StoreTo(assignment.Value, copy, 0, 8, place.IsPadded);
            Copy(new MemoryPlace(copy, 0, 8, place.IsPadded), type, pointer, 0, 8, place.IsPadded);
        }
        else
        {
            StoreTo(assignment.Value, pointer, 0, 8, place.IsPadded);
        }
    }

    /// <summary>Gives a variable its memory.</summary>
    private void Declare(BoundLocal local, bool clear)
    {
        var type = local.Type;
        if (IsNumber(type))
        {
            // It becomes a register wherever its address is not taken.
            var piece = _frame.New(8);
            piece.Name = Identifier(local.Name);
            _frame.Locals[local] = new LocalPlace(piece, true);
            StoreNumber(piece, 0, type, Number(0));
            return;
        }
        bool padded = _padding.IsPadded(local);
        var memory = _frame.Take(Math.Max(1, type.Size));
        _frame.Locals[local] = new LocalPlace(memory, padded);
        if (!clear || type.Size == 0) return;
        if (padded) Zero(memory, 0, type.Size, 8);
        else ClearText(memory, type);
    }

    // An empty text is one zero, an empty buffer the number of its bytes.
    private void ClearText(Value memory, ScriptType type)
    {
        if (type is StringType) B.Store(memory, 0, MemoryWidth.U8, Constant.Int32(0));
        else B.Store(memory, 0, MemoryWidth.U32, Constant.Int32(0));
    }

    /// <summary>The variables of a block that are not written as a whole before anything else happens to them: they begin with zeros.</summary>
    private static HashSet<BoundLocal> ReadBeforeWritten(BoundBlock block)
    {
        HashSet<BoundLocal> result = [], open = [.. block.Locals];
        foreach (var statement in block.Statements)
        {
            if (open.Count == 0) break;
            var target = statement is BoundAssignLocal assignment && !Mentions(assignment.Value, assignment.Local) ? assignment.Local : null;
            LocalFinder finder = new();
            finder.Add(statement);
            foreach (var local in finder.Locals)
            {
                if (open.Remove(local) && local != target) result.Add(local);
            }
        }
        return result;
    }

    private static bool Mentions(BoundExpression expression, BoundLocal local)
    {
        var finder = new LocalFinder();
        finder.Add(expression);
        return finder.Locals.Contains(local);
    }

    private void If(BoundIf statement) => If(statement.Condition, () => Statement(statement.Then), statement.Else is { } other ? () => Statement(other) : null);

    private void If(BoundExpression condition, Action then, Action? otherwise)
    {
        BasicBlock yes = NewBlock("then"), end = NewBlock("end"), no = otherwise is null ? end : NewBlock("else");
        BranchOn(condition, yes, no);
        B.Block = yes;
        then();
        B.Jump(end);
        if (otherwise is not null)
        {
            B.Block = no;
            otherwise();
            B.Jump(end);
        }
        B.Block = end;
    }
}
