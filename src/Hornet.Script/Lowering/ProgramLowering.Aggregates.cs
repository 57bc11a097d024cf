using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

// What maps gather. Each CPU has its own value, so nothing is atomic.
internal sealed partial class ProgramLowering
{
    private void Aggregate(BoundAggregate statement)
    {
        var map = statement.Map;
        var type = (AggregateType)map.Value;
        var operand = statement.Operand is { } expression ? Scalar(expression) : Number(1);
        var key = Key(map, statement.Key);
        switch (type.Kind)
        {
            case AggregateKind.Count or AggregateKind.Sum:
                StoreInto(map, key, element => Add(element, 0, operand), () => FirstPair(operand, null));
                break;
            case AggregateKind.Avg or AggregateKind.Stats:
                StoreInto(map, key, element =>
                {
                    Add(element, 0, operand);
                    Add(element, 8, Number(1));
                }, () => FirstPair(operand, Number(1)));
                break;
            case AggregateKind.Min or AggregateKind.Max:
                StoreInto(map, key, element => StoreExtreme(element, 0, operand, type.Kind == AggregateKind.Max, type.IsSigned), () => FirstPair(operand, Number(1)));
                break;
            case AggregateKind.Hist:
                CountBucket(map, key, PowerBucket(operand, type.HistBits, type.BucketCount));
                break;
            case AggregateKind.LinearHist:
                CountBucket(map, key, LinearBucket(operand, type));
                break;
            default:
                AddToSeries(statement.Span, map, key, operand, type);
                break;
        }
    }

    private void Add(Value element, int offset, Value number) =>
        B.Store(element, offset, MemoryWidth.U64, B.Add(B.Load(element, offset, MemoryWidth.U64, IrType.I64), number));

    private Value FirstPair(Value first, Value? second)
    {
        var value = _frame.Take(16);
        B.Store(value, 0, MemoryWidth.U64, first);
        if (second is not null) B.Store(value, 8, MemoryWidth.U64, second);
        return value;
    }

    // The value, and 1 once there is one.
    private void StoreExtreme(Value element, int offset, Value number, bool isMaximum, bool isSigned)
    {
        BasicBlock compare = NewBlock("compare"), store = NewBlock("store"), end = NewBlock("end");
        B.Branch(B.Compare(Predicate.Equal, B.Load(element, offset + 8, MemoryWidth.U64, IrType.I64), Number(0)), store, compare);
        B.Block = compare;
        var predicate = isMaximum ? isSigned ? Predicate.Greater : Predicate.Above : isSigned ? Predicate.Less : Predicate.Below;
        B.Branch(B.Compare(predicate, number, B.Load(element, offset, MemoryWidth.U64, IrType.I64)), store, end);
        B.Block = store;
        B.Store(element, offset, MemoryWidth.U64, number);
        B.Store(element, offset + 8, MemoryWidth.U64, Number(1));
        B.Jump(end);
        B.Block = end;
    }

    /// <summary>
    /// The bucket of a number: 0 below zero, then one for each number below 2^bits, then 2^bits for each power of two. The
    /// highest bit is found without a branch: all bits below it are set, and a product of that is a number of its own in its upper bits.
    /// </summary>
    private Value PowerBucket(Value number, int bits, int count)
    {
        BasicBlock negative = B.Block, small = NewBlock("small"), test = NewBlock("not_negative"), large = NewBlock("large"), end = NewBlock("bucket");
        B.Branch(B.Compare(Predicate.Less, number, Number(0)), end, test);
        B.Block = test;
        long mask = (1L << bits) - 1;
        B.Branch(B.Compare(Predicate.BelowOrEqual, number, Number(mask)), small, large);
        B.Block = small;
        var few = B.Add(number, Number(1));
        B.Jump(end);
        B.Block = large;
        var set = number;
        for (int shift = 1; shift < 64; shift *= 2) set = B.Binary(BinaryOperator.Or, set, B.Binary(BinaryOperator.LShr, set, Number(shift)));
        var place = B.Binary(BinaryOperator.LShr, B.Binary(BinaryOperator.Mul, set, Number(HighestBit.Multiplier)), Number(58));
        // The mask tells the verifier what the table's bytes are.
        var highest = B.Binary(BinaryOperator.And, B.Load(B.PointerAdd(ReadOnly(HighestBit.Table), place), 0, MemoryWidth.U8, IrType.I64), Number(63));
        Value many;
        if (bits == 0)
        {
            many = B.Add(highest, Number(2));
        }
        else
        {
            var down = B.Sub(highest, Number(bits));
            var below = B.Binary(BinaryOperator.And, B.Binary(BinaryOperator.LShr, number, down), Number(mask));
            many = Bounded(B.Add(B.Add(B.Binary(BinaryOperator.Shl, B.Add(down, Number(1)), Number(bits)), below), Number(1)), count);
        }
        large = B.Block;
        B.Jump(end);
        B.Block = end;
        var bucket = B.Phi(IrType.I64);
        bucket.AddIncoming(negative, Number(0));
        bucket.AddIncoming(small, few);
        bucket.AddIncoming(large, many);
        return bucket;
    }

    private Value LinearBucket(Value number, AggregateType type)
    {
        long over = 1 + (type.Maximum - type.Minimum) / type.Step;
        return Choose(B.Compare(Predicate.Less, number, Number(type.Minimum)), () => Number(0), () =>
            Choose(B.Compare(Predicate.Greater, number, Number(type.Maximum)), () => Number(over), () =>
            {
                var distance = B.Sub(number, Number(type.Minimum));
                var bucket = type.Step == 1 ? distance : B.Binary(BinaryOperator.UDiv, distance, Number(type.Step));
                return Bounded(B.Add(bucket, Number(1)), type.BucketCount);
            }));
    }

    private void CountBucket(Compiler.IR.Value element, Value bucket) =>
        Add(B.PointerAdd(element, B.Binary(BinaryOperator.Shl, bucket, Number(3))), 0, Number(1));

    // The verifier is told that it lies within; it does.
    private Value Bounded(Value bucket, int count) => Choose(B.Compare(Predicate.Below, bucket, Number(count)), () => bucket, () => Number(0));

    private void CountBucket(BoundMap map, Value key, Value bucket) => WithElement(map, key, element => CountBucket(element, bucket));

    /// <summary>Changes an element, which begins with zeros when it is not there yet.</summary>
    private void WithElement(BoundMap map, Value key, Action<Value> change)
    {
        var element = Lookup(map, key);
        if (MapShape.IsArray(map.Type))
        {
            When(IsNotNull(element), () => change(element));
            return;
        }
        BasicBlock none = NewBlock("new"), there = NewBlock("there"), end = NewBlock("changed");
        var before = B.Block;
        B.Branch(IsNotNull(element), there, none);
        B.Block = none;
        Update(map, key, Zeros(ValueSize(map)), OnlyNew);
        var made = Lookup(map, key);
        var after = B.Block;
        B.Branch(IsNotNull(made), there, end);
        B.Block = there;
        var phi = B.Phi(IrType.Pointer(Region.MapValue(ValueSize(map))));
        phi.AddIncoming(before, element);
        phi.AddIncoming(after, made);
        change(phi);
        B.Jump(end);
        B.Block = end;
    }

    // Entries of (value, meta, epoch): a ring of intervals. What an older round left is overwritten.
    private void AddToSeries(SourceSpan span, BoundMap map, Value key, Value number, AggregateType type)
    {
        var now = Nanoseconds(span, BoundIntrinsic.NsecsSoftwareTai);
        var epoch = B.Binary(BinaryOperator.UDiv, now, Number((long)type.Interval));
        var index = B.Binary(BinaryOperator.URem, epoch, Number(type.SeriesCount));
        WithElement(map, key, element => When(B.Compare(Predicate.Below, index, Number(type.SeriesCount)), () =>
        {
            var entry = B.PointerAdd(element, B.Binary(BinaryOperator.Mul, index, Number(24)));
            bool isLast = type.SeriesAggregate is not (AggregateKind.Avg or AggregateKind.Sum or AggregateKind.Min or AggregateKind.Max);
            if (!isLast)
            {
                When(B.Compare(Predicate.NotEqual, B.Load(entry, 16, MemoryWidth.U64, IrType.I64), epoch), () =>
                {
                    B.Store(entry, 0, MemoryWidth.U64, Number(0));
                    B.Store(entry, 8, MemoryWidth.U64, Number(0));
                });
            }
            switch (type.SeriesAggregate)
            {
                case AggregateKind.Avg:
                    Add(entry, 0, number);
                    Add(entry, 8, Number(1));
                    break;
                case AggregateKind.Sum: Add(entry, 0, number); break;
                case AggregateKind.Min or AggregateKind.Max:
                    StoreExtreme(entry, 0, number, type.SeriesAggregate == AggregateKind.Max, type.IsSigned);
                    break;
                default:
                    B.Store(entry, 0, MemoryWidth.U64, number);
                    B.Store(entry, 8, MemoryWidth.U64, now);
                    break;
            }
            B.Store(entry, 16, MemoryWidth.U64, epoch);
        }));
    }

    /// <summary>The number an aggregate stands for, of all CPUs together.</summary>
    private Value ReadAggregate(SourceSpan span, BoundMap map, Value key)
    {
        var type = (AggregateType)map.Value;
        Value total = _frame.New(8), count = _frame.New(8);
        B.Store(total, 0, MemoryWidth.U64, Number(0));
        B.Store(count, 0, MemoryWidth.U64, Number(0));
        if (!map.IsPerCpu)
        {
            var element = Lookup(map, key);
            When(IsNotNull(element), () => Gather(element));
        }
        else if (Require(span, "reading what all CPUs have gathered in a map", BpfHelper.MapLookupPercpuElem))
        {
            BasicBlock start = B.Block, loop = NewBlock("cpu"), end = NewBlock("gathered");
            B.Jump(loop);
            B.Block = loop;
            var cpu = B.Phi(IrType.I64);
            cpu.AddIncoming(start, Number(0));
            var element = B.Helper(BpfHelper.MapLookupPercpuElem, IrType.Pointer(Region.MapValue(ValueSize(map))), B.MapReference(Map(map)), key, cpu);
            When(IsNotNull(element), () => Gather(element));
            var next = B.Add(cpu, Number(1));
            cpu.AddIncoming(B.Block, next);
            B.Branch(B.Compare(Predicate.Below, next, Number(Options.CpuCount)), loop, end);
            B.Block = end;
        }
        Value sum = B.Load(total, 0, MemoryWidth.U64, IrType.I64);
        if (type.Kind is not (AggregateKind.Avg or AggregateKind.Stats)) return sum;
        var many = B.Load(count, 0, MemoryWidth.U64, IrType.I64);
        return Choose(B.Compare(Predicate.Equal, many, Number(0)), () => Number(0),
            () => B.Append(new Binary(type.IsSigned ? BinaryOperator.SDiv : BinaryOperator.UDiv, sum, many)));

        void Gather(Value element)
        {
            var value = B.Load(element, 0, MemoryWidth.U64, IrType.I64);
            switch (type.Kind)
            {
                case AggregateKind.Min or AggregateKind.Max:
                    bool isMaximum = type.Kind == AggregateKind.Max;
                    When(IsNotZero(B.Load(element, 8, MemoryWidth.U64, IrType.I64)), () => StoreExtremeLocal(total, count, value, isMaximum, type.IsSigned));
                    break;
                case AggregateKind.Avg or AggregateKind.Stats:
                    Add(total, 0, value);
                    Add(count, 0, B.Load(element, 8, MemoryWidth.U64, IrType.I64));
                    break;
                default:
                    Add(total, 0, value);
                    break;
            }
        }
    }

    private void StoreExtremeLocal(Value best, Value isSet, Value number, bool isMaximum, bool isSigned)
    {
        BasicBlock compare = NewBlock("compare"), store = NewBlock("store"), end = NewBlock("end");
        B.Branch(B.Compare(Predicate.Equal, B.Load(isSet, 0, MemoryWidth.U64, IrType.I64), Number(0)), store, compare);
        B.Block = compare;
        var predicate = isMaximum ? isSigned ? Predicate.Greater : Predicate.Above : isSigned ? Predicate.Less : Predicate.Below;
        B.Branch(B.Compare(predicate, number, B.Load(best, 0, MemoryWidth.U64, IrType.I64)), store, end);
        B.Block = store;
        B.Store(best, 0, MemoryWidth.U64, number);
        B.Store(isSet, 0, MemoryWidth.U64, Number(1));
        B.Jump(end);
        B.Block = end;
    }
}
