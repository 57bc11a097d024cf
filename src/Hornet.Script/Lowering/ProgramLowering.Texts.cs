using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

// Texts and buffers: read from memory, measured, compared, searched, joined.
internal sealed partial class ProgramLowering
{
    /// <summary>A number of bytes that is at most a constant, so that the verifier sees it.</summary>
    private Value AtMost(Value number, int most)
    {
        if (number is Constant known) return Number((ulong)known.Number > (ulong)most ? most : known.Number);
        return Choose(B.Compare(Predicate.Below, number, Number(most)), () => number, () => Number(most));
    }

    /// <summary>Reads a text; the result is the helper's: its length with the zero, or an error number.</summary>
    private Value ReadText(BoundCall call, Value to, int offset, int align, bool padded)
    {
        int size = call.Type.Size;
        var from = PlaceOf(call.Arguments[0]);
        var source = from is MemoryPlace memory ? new RemotePlace(memory.Pointer, memory.Offset, false) : (RemotePlace)from;
        if (call.Arguments.Count > 1 && call.Arguments[1] is BoundConstant { Value: var asked } && asked > size)
        {
            var whole = _frame.Take(size + 1);
            Zero(whole, 0, size + 1, 8);
            var length = ReadRemote(source, whole, Number(size + 1), text: true);
            Copy(new MemoryPlace(whole, 0, 8, true), size, to, offset, align);
            return length;
        }
        var most = call.Arguments.Count > 1 ? AtMost(Scalar(call.Arguments[1]), size) : Number(size);
        if (padded) Zero(to, offset, size, align);
        else if (most is not Constant { Number: > 0 }) B.Store(to, offset, MemoryWidth.U8, Constant.Int32(0));
        return ReadRemote(source, Offset(to, offset), most, text: true);
    }

    private void ReadBuffer(BoundCall call, Value to, int offset, int align, bool padded)
    {
        var type = (BufferType)call.Type;
        var source = call.Arguments[0];
        var from = PlaceOf(source);
        var length = call.Arguments.Count > 1 ? Scalar(call.Arguments[1]) : Number(source.Type is PointerType ? type.Capacity : source.Type.Size);
        int most = source.Type is PointerType ? type.Capacity : Math.Min(type.Capacity, source.Type.Size);
        length = AtMost(length, most);
        if (padded && length is not Constant { Number: var all } || padded && ((Constant)length).Number < type.Capacity) Zero(to, offset, type.Size, align);
        StoreWord(to, offset, align, 4, length);
        if (length is Constant { Number: var known })
        {
            if (known > 0) Copy(from, (int)known, to, offset + 4, Math.Min(align, 4));
            return;
        }
        var place = from is MemoryPlace memory ? new RemotePlace(memory.Pointer, memory.Offset, false) : (RemotePlace)from;
        ReadRemote(place, Offset(to, offset + 4), length, text: false);
    }

    private void ReadPath(BoundCall call, Value to, int offset, int align, bool padded)
    {
        if (padded) Zero(to, offset, call.Type.Size, align);
        else B.Store(to, offset, MemoryWidth.U8, Constant.Int32(0));
        // The verifier wants a pointer that it knows: an argument of the probe, or a part of what it points to.
        var address = IsNumber(call.Arguments[0].Type) ? Scalar(call.Arguments[0]) : Locate(call.Arguments[0], true) is RemotePlace remote ? AddressOf(remote) : null;
        if (address is null)
        {
            Error(call.Span, "path() takes a struct path where the kernel has it, not a copy");
            return;
        }
        var result = Helper(call.Span, "path", BpfHelper.DPath, IrType.I64, address, Offset(to, offset), Number(call.Type.Size));
        ReportFailure(result, BpfHelper.DPath, 1);
    }

    /// <summary>Characters before the end: the kernel counts them while it copies.</summary>
    private Value TextLength(BoundExpression text)
    {
        if (text is BoundText known) return Number(LengthOf(known));
        int size = text.Type.Size;
        var copy = _frame.Take(size);
        Value read;
        if (text is BoundCall { Intrinsic: BoundIntrinsic.ReadText } call)
        {
            read = ReadText(call, copy, 0, 8, false);
        }
        else
        {
            var place = Locate(text, false);
            var source = place is MemoryPlace memory ? new RemotePlace(memory.Pointer, memory.Offset, false) : (RemotePlace)place;
            read = ReadRemote(source, copy, size, text: true);
        }
        return Choose(B.Compare(Predicate.LessOrEqual, read, Number(0)), () => Number(0), () => B.Sub(read, Number(1)));
    }

    private static int LengthOf(BoundText text)
    {
        int end = Array.IndexOf(text.Bytes, (byte)0);
        return Math.Min(end < 0 ? text.Bytes.Length : end, text.Type.Size - 1);
    }

    // The second begins where the first ends.
    private void TextConcat(BoundCall call, Value to, int offset, int align, bool padded)
    {
        int first = call.Arguments[0].Type.Size, second = call.Arguments[1].Type.Size, size = call.Type.Size;
        // The verifier wants room for both at their longest.
        var buffer = _frame.Take(first + second);
        Value read;
        if (call.Arguments[0] is BoundCall { Intrinsic: BoundIntrinsic.ReadText } text) read = ReadText(text, buffer, 0, 8, false);
        else read = ReadRemote(AsRemote(Locate(call.Arguments[0], false)), buffer, first, text: true);
        // The kernel says at most the size; 5.10's verifier wants to be shown.
        var end = Choose(B.Compare(Predicate.Less, read, Number(1)), () => Number(0), () => AtMost(B.Sub(read, Number(1)), first - 1));
        var behind = B.PointerAdd(buffer, end);
        if (call.Arguments[1] is BoundCall { Intrinsic: BoundIntrinsic.ReadText } other) ReadText(other, behind, 0, 1, false);
        else ReadRemote(AsRemote(Locate(call.Arguments[1], false)), behind, second, text: true);
        if (padded) Zero(to, offset, size, align);
        ReadRemote(new RemotePlace(buffer, 0, false), Offset(to, offset), Math.Min(size, first + second), text: true);
    }

    private static RemotePlace AsRemote(Place place) => place is MemoryPlace memory ? new RemotePlace(memory.Pointer, memory.Offset, false) : (RemotePlace)place;

    /// <summary>Goes one way when two texts are equal, in their first so many bytes.</summary>
    private void BranchOnTexts(BoundExpression left, BoundExpression right, int most, BasicBlock equal, BasicBlock different)
    {
        if (left is BoundText && right is not BoundText) (left, right) = (right, left);
        var x = Direct(Locate(left, false), left.Type, left.Type.Size);
        if (right is BoundText known)
        {
            CompareWith(x, left.Type.Size, known, most, equal, different);
            return;
        }
        var y = Direct(Locate(right, false), right.Type, right.Type.Size);
        int size = Math.Min(Math.Min(left.Type.Size, right.Type.Size), most);
        if (x.IsPadded && y.IsPadded && most == int.MaxValue)
        {
            // With zeros to the end, whole words tell; a text that is not over in the shorter one's room is longer.
            CompareWords(x, y, size, equal, different);
            return;
        }
        CompareCharacters(x, y, size, equal, different);
    }

    private void CompareWith(MemoryPlace text, int size, BoundText known, int most, BasicBlock equal, BasicBlock different)
    {
        int length = LengthOf(known);
        // The end counts too, unless only a beginning is asked for.
        int count = Math.Min(length + 1, most);
        if (count > size)
        {
            // It has no room for so many characters.
            B.Jump(count - 1 >= size ? different : equal);
            return;
        }
        var bytes = new byte[count];
        known.Bytes.AsSpan(0, Math.Min(length, count)).CopyTo(bytes);
        if (text.IsPadded && count == length + 1 && most > count)
        {
            // Behind the end are zeros: a whole word more costs less than its parts.
            int whole = Math.Min(count + 7 & ~7, size);
            Array.Resize(ref bytes, whole);
        }
        for (int at = 0; at < bytes.Length;)
        {
            int width = Math.Min(8, Alignments.At(text.Align, at));
            while (width > bytes.Length - at) width /= 2;
            long value = 0;
            for (int i = width - 1; i >= 0; i--) value = value << 8 | bytes[at + i];
            var next = NewBlock("same");
            B.Branch(B.Compare(Predicate.Equal, B.Load(text.Pointer, text.Offset + at, MemoryWidths.Unsigned(width), IrType.I64), Number(value)), next, different);
            B.Block = next;
            at += width;
        }
        B.Jump(equal);
    }

    // Character by character up to the end of both.
    private void CompareCharacters(MemoryPlace x, MemoryPlace y, int size, BasicBlock equal, BasicBlock different)
    {
        var start = B.Block;
        BasicBlock head = NewBlock("character"), same = NewBlock("same"), more = NewBlock("more");
        B.Jump(head);
        B.Block = head;
        var index = B.Phi(IrType.I64);
        index.AddIncoming(start, Number(0));
        var a = Word(x, index, 1);
        B.Branch(B.Compare(Predicate.Equal, a, Word(y, index, 1)), same, different);
        B.Block = same;
        var next = B.Add(index, Number(1));
        B.Branch(IsNotZero(a), more, equal);
        B.Block = more;
        index.AddIncoming(more, next);
        B.Branch(B.Compare(Predicate.Below, next, Number(size)), head, equal);
    }

    /// <summary>The first place of a text in another, or -1.</summary>
    private Value TextFind(BoundCall call)
    {
        var (haystack, needle) = (call.Arguments[0], call.Arguments[1]);
        int size = haystack.Type.Size;
        Value found = _frame.New(8);
        B.Store(found, 0, MemoryWidth.U64, Number(-1));
        BasicBlock end = NewBlock("searched"), hit = NewBlock("found");
        int longest = needle is BoundText known ? LengthOf(known) : needle.Type.Size - 1;
        if (longest == 0) return Number(0);
        MemoryPlace y = Direct(Locate(needle, true), needle.Type, needle.Type.Size);
        // With room behind it for a needle that begins at its last character.
        var copy = _frame.Take(size + longest);
        Copy(Locate(haystack, false), haystack.Type, copy, 0, 8, true);
        Zero(copy, size, longest, Alignments.At(8, size));
        MemoryPlace x = new(copy, 0, 8, true);
        Value position = _frame.New(8);
        B.Store(position, 0, MemoryWidth.U64, Number(0));
        BasicBlock outer = NewBlock("position"), next = NewBlock("next_position");
        B.Jump(outer);
        B.Block = outer;
        var at = B.Load(position, 0, MemoryWidth.U64, IrType.I64);
        // Nothing is found behind the haystack's end, whatever stands in its room there.
        var inside = NewBlock("inside");
        B.Branch(IsNotZero(B.Load(Offset(B.PointerAdd(x.Pointer, at), x.Offset), 0, MemoryWidth.U8, IrType.I64)), inside, end);
        B.Block = inside;
        // All characters of the needle, or those before its end.
        for (int i = 0; i < longest; i++)
        {
            BasicBlock compare = NewBlock("compare"), same = NewBlock("same");
            Value character;
            if (needle is BoundText text)
            {
                character = Number(text.Bytes[i]);
                B.Jump(compare);
            }
            else
            {
                character = B.Load(y.Pointer, y.Offset + i, MemoryWidth.U8, IrType.I64);
                B.Branch(IsNotZero(character), compare, hit);
            }
            B.Block = compare;
            Value other = B.Load(Offset(B.PointerAdd(x.Pointer, at), x.Offset), i, MemoryWidth.U8, IrType.I64);
            B.Branch(B.Compare(Predicate.Equal, other, character), same, next);
            B.Block = same;
        }
        B.Jump(hit);
        B.Block = hit;
        B.Store(found, 0, MemoryWidth.U64, B.Load(position, 0, MemoryWidth.U64, IrType.I64));
        B.Jump(end);
        B.Block = next;
        var following = B.Add(B.Load(position, 0, MemoryWidth.U64, IrType.I64), Number(1));
        B.Store(position, 0, MemoryWidth.U64, following);
        B.Branch(B.Compare(Predicate.Below, following, Number(size)), outer, end);
        B.Block = end;
        return B.Load(found, 0, MemoryWidth.U64, IrType.I64);
    }

    private Value MemoryCompare(BoundCall call)
    {
        var (left, right) = (call.Arguments[0], call.Arguments[1]);
        int size = (int)Math.Min(call.Number > 0 ? call.Number : int.MaxValue, Math.Min(SizeOf(left), SizeOf(right)));
        MemoryPlace x = Bytes(left, size), y = Bytes(right, size);
        var start = B.Block;
        BasicBlock head = NewBlock("byte"), same = NewBlock("same"), end = NewBlock("compared");
        B.Jump(head);
        B.Block = head;
        var index = B.Phi(IrType.I64);
        index.AddIncoming(start, Number(0));
        var difference = B.Sub(Word(x, index, 1), Word(y, index, 1));
        B.Branch(B.Compare(Predicate.Equal, difference, Number(0)), same, end);
        B.Block = same;
        var next = B.Add(index, Number(1));
        index.AddIncoming(same, next);
        B.Branch(B.Compare(Predicate.Below, next, Number(size)), head, end);
        B.Block = end;
        var result = B.Phi(IrType.I64);
        result.AddIncoming(head, difference);
        result.AddIncoming(same, Number(0));
        return result;

        static int SizeOf(BoundExpression e) => e.Type is PointerType ? int.MaxValue : e.Type.Size;

        MemoryPlace Bytes(BoundExpression e, int count)
        {
            var place = PlaceOf(e);
            if (place is MemoryPlace memory && memory.Pointer.Type.Region.Kind != RegionKind.Context) return memory;
            var copy = _frame.Take(count);
            Copy(place, count, copy, 0, 8);
            return new MemoryPlace(copy, 0, 8, true);
        }
    }

    // Texts of one length side by side in the constants, found by number; an empty one for numbers that have none.
    private MemoryPlace FindTableText(BoundCall call)
    {
        var table = call.Table!;
        int size = call.Type.Size + 7 & ~7;
        // The smallest number of all stands for those that have no name.
        string other = table.GetValueOrDefault(long.MinValue, "");
        var numbers = table.Keys.Where(k => k != long.MinValue).ToList();
        long first = numbers.Count == 0 ? 0 : numbers.Min(), count = numbers.Count == 0 ? 0 : numbers.Max() - first + 1;
        if (count > 65536)
        {
            Error(call.Span, $"a table of names from {first} to {first + count - 1} is too large");
            return new MemoryPlace(Zeros(size), 0, 8, true);
        }
        var bytes = new byte[checked((int)(count + 1) * size)];
        for (int i = 0; i <= count; i++)
        {
            var text = System.Text.Encoding.UTF8.GetBytes(i < count && table.TryGetValue(first + i, out string? name) ? name : other);
            text.AsSpan(0, Math.Min(text.Length, call.Type.Size - 1)).CopyTo(bytes.AsSpan(i * size));
        }
        var index = B.Sub(Scalar(call.Arguments[0]), Number(first));
        var bounded = Choose(B.Compare(Predicate.Below, index, Number(count)), () => index, () => Number(count));
        return new MemoryPlace(B.PointerAdd(ReadOnly(bytes), B.Binary(BinaryOperator.Mul, bounded, Number(size))), 0, 8, true);
    }
}
