using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    private const int Any = 0, OnlyNew = 1;

    /// <summary>A pointer to a key, good until the statement ends.</summary>
    private Value Key(BoundMap map, BoundExpression? key)
    {
        if (map.Key is null || key is null)
        {
            var none = _frame.Take(8);
            B.Store(none, 0, MapShape.IsArray(map.Type) ? MemoryWidth.U32 : MemoryWidth.U64, MapShape.IsArray(map.Type) ? Constant.Int32(0) : Number(0));
            return none;
        }
        if (IsNumber(map.Key))
        {
            var number = _frame.Take(8);
            StoreNumber(number, 0, map.Key, Scalar(key));
            return number;
        }
        // What has a place of its own in directly readable memory needs no copy.
        var place = Locate(key, true);
        if (place is MemoryPlace memory && memory.Pointer.Type.Region.Kind != RegionKind.Context) return Offset(memory.Pointer, memory.Offset);
        var copy = _frame.Take(map.Key.Size);
        Copy(place, map.Key, copy, 0, 8, true);
        return copy;
    }

    private int ValueSize(BoundMap map) => (int)_whole.MapSpecs[map.Number].ValueSize;

    /// <summary>A pointer to an element's value on this CPU, or null.</summary>
    private HelperCall Lookup(BoundMap map, Value key) =>
        B.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(ValueSize(map))), B.MapReference(Map(map)), key);

    private HelperCall Lookup(BoundMap map, BoundExpression? key) => Lookup(map, Key(map, key));

    private void Update(BoundMap map, Value key, Value value, int how = Any)
    {
        var result = B.Helper(BpfHelper.MapUpdateElem, IrType.I64, B.MapReference(Map(map)), key, value, Number(how));
        ReportRefused(map, result);
    }

    // A full map refuses every new key from then on: the first is told, all are counted.
    private void ReportRefused(BoundMap map, Value result)
    {
        if (_whole.Refused is not { } refused) return;
        // Before 6.4 the calls of maps give an int, whose upper half is anything.
        var number = B.Convert(ConversionKind.SignExtend32, result, IrType.I64);
        When(B.Compare(Predicate.Less, number, Number(0)), () =>
        {
            var counter = B.GlobalReference(Map(refused), 8 * map.Number);
            var before = B.Load(counter, 0, MemoryWidth.U64, IrType.I64, isVolatile: true);
            B.Append(new AtomicReadModifyWrite(AtomicOperator.Add, counter, 0, Number(1), fetch: false));
            When(B.Compare(Predicate.Equal, before, Number(0)), () => Report(_whole.SpanOf(B.Location), result, BpfHelper.MapUpdateElem, map.Number));
        });
    }

    private Value ReadMapNumber(BoundMapRead read)
    {
        if (read.Map.Value is AggregateType) return ReadAggregate(read.Span, read.Map, Key(read.Map, read.Key));
        var element = Lookup(read.Map, read.Key);
        return Choose(IsNotNull(element), () => B.Load(element, 0, WidthOf(read.Map.Value), IrType.I64), () =>
        {
            ReportMissing(read.Span);
            return Number(0);
        });
    }

    /// <summary>Option -k: tells that an element is read that is not there.</summary>
    private void ReportMissing(SourceSpan span)
    {
        if (Reports(2)) Report(span, Number(0), BpfHelper.MapLookupElem);
    }

    // An element that is not there is read from zeros.
    private MemoryPlace FindElement(BoundMapRead read)
    {
        var element = Lookup(read.Map, read.Key);
        BasicBlock there = B.Block, none = NewBlock("no_element"), end = NewBlock("element");
        B.Branch(IsNotNull(element), end, none);
        B.Block = none;
        ReportMissing(read.Span);
        none = B.Block;
        var zeros = Zeros(read.Type.Size);
        B.Jump(end);
        B.Block = end;
        var phi = B.Phi(IrType.Pointer(Region.MapValue(0)));
        phi.AddIncoming(there, element);
        phi.AddIncoming(none, zeros);
        return new MemoryPlace(phi, 0, 8, true);
    }

    private void AssignMap(BoundAssignMap assignment)
    {
        var map = assignment.Map;
        var key = Key(map, assignment.Key);
        if (IsNumber(map.Value))
        {
            var number = Scalar(assignment.Value);
            // A number is one store: an element that is there needs no new one.
            StoreInto(map, key, element => StoreNumber(element, 0, map.Value, number), () =>
            {
                var value = _frame.Take(8);
                StoreNumber(value, 0, map.Value, number);
                return value;
            });
            return;
        }
        if (MapShape.IsArray(map.Type) && assignment.Value is not BoundMapRead)
        {
            var value = Locate(assignment.Value, true);
            var element = Lookup(map, key);
            When(IsNotNull(element), () => Copy(value, map.Value, element, 0, 8, true));
            return;
        }
        var place = Locate(assignment.Value, true);
        if (place is not MemoryPlace memory || memory.Pointer.Type.Region.Kind == RegionKind.Context)
        {
            var copy = _frame.Take(map.Value.Size);
            Copy(place, map.Value, copy, 0, 8, true);
            memory = new MemoryPlace(copy, 0, 8, true);
        }
        Update(map, key, Offset(memory.Pointer, memory.Offset));
    }

    /// <summary>Changes an element that is there, or makes one with a value.</summary>
    private void StoreInto(BoundMap map, Value key, Action<Value> change, Func<Value> make)
    {
        var element = Lookup(map, key);
        if (MapShape.IsArray(map.Type))
        {
            When(IsNotNull(element), () => change(element));
            return;
        }
        BasicBlock there = NewBlock("there"), none = NewBlock("new"), end = NewBlock("stored");
        B.Branch(IsNotNull(element), there, none);
        B.Block = there;
        change(element);
        B.Jump(end);
        B.Block = none;
        Update(map, key, make());
        B.Jump(end);
        B.Block = end;
    }

    private Value IncrementMap(BoundIncrement increment, BoundMapRead target, bool wanted)
    {
        var map = target.Map;
        var type = map.Value;
        var key = Key(map, target.Key);
        if (!wanted)
        {
            StoreInto(map, key, element =>
            {
                // One step, where the machine has it: no other CPU's is lost.
                if (Shape(type).Bits == 64) B.Append(new AtomicReadModifyWrite(AtomicOperator.Add, element, 0, Number(increment.Delta), fetch: false));
                else StoreNumber(element, 0, type, B.Add(B.Load(element, 0, WidthOf(type), IrType.I64), Number(increment.Delta)));
            }, () => First(type, Fit(Number(increment.Delta), type)));
            return Number(0);
        }
        var current = Lookup(map, key);
        var old = Choose(IsNotNull(current), () => B.Load(current, 0, WidthOf(type), IrType.I64), () => Number(0));
        var changed = Fit(B.Add(old, Number(increment.Delta)), type);
        StoreInto(map, key, element => StoreNumber(element, 0, type, changed), () => First(type, changed));
        return increment.GivesOld ? old : changed;
    }

    private Value First(ScriptType type, Value number)
    {
        var value = _frame.Take(8);
        StoreNumber(value, 0, type, number);
        return value;
    }

    // ---- The functions of maps.

    private static (BoundMap Map, BoundExpression? Key) ElementOf(BoundCall call) => call.Arguments switch
    {
        [BoundMapRead read, ..] when call.Map is null || call.Map == read.Map => (read.Map, read.Key),
        [var key, ..] => (call.Map!, key),
        _ => (call.Map!, null),
    };

    private Value HasKey(BoundCall call)
    {
        var (map, key) = ElementOf(call);
        return FromTruth(IsNotNull(Lookup(map, key)));
    }

    private Value Delete(BoundCall call)
    {
        var (map, keyOf) = ElementOf(call);
        var key = Key(map, keyOf);
        if (MapShape.IsArray(map.Type))
        {
            // The only element of an array cannot go.
            var element = Lookup(map, key);
            When(IsNotNull(element), () => Zero(element, 0, ValueSize(map), 8));
            return Number(1);
        }
        var result = B.Helper(BpfHelper.MapDeleteElem, IrType.I64, B.MapReference(Map(map)), key);
        ReportFailure(result, BpfHelper.MapDeleteElem, 2);
        return FromTruth(B.Compare(Predicate.Equal, result, Number(0)));
    }

    private Value Find(BoundCall call)
    {
        var (map, key) = ElementOf(call);
        var element = Lookup(map, key);
        var target = _frame.Locals[call.Local!];
        return FromTruth(Choose(IsNotNull(element), () =>
        {
            Copy(new MemoryPlace(element, 0, 8, true), map.Value, target.Pointer!, 0, 8, target.IsPadded);
            return Truth(true);
        }, () => Truth(false)));
    }

    // The kernel goes over all elements and says how many they were.
    private Value MapLength(BoundCall call)
    {
        if (MapShape.IsArray(call.Map!.Type)) return Number(call.Map.MaxEntries);
        if (!Require(call.Span, "len of a map", BpfHelper.ForEachMapElem)) return Number(0);
        var function = _module.AddFunction("count_element", IrType.I64);
        function.Inlining = InlineChoice.Never;
        function.Location = B.Location;
        function.AddParameter(IrType.Pointer(Region.MapHandle));
        function.AddParameter(IrType.Pointer(Region.MapValue(0)));
        function.AddParameter(IrType.Pointer(Region.MapValue(0)));
        function.AddParameter(IrType.Pointer(new Region(RegionKind.Memory)));
        new IrBuilder(function.AddBlock("entry")) { Location = B.Location }.Return(Number(0));
        return B.Helper(BpfHelper.ForEachMapElem, IrType.I64, B.MapReference(Map(call.Map)), B.Append(new FunctionReference(function)), Constant.Null(Region.Stack), Number(0));
    }
}
