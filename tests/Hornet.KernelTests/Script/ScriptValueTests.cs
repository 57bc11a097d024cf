using System.Text;
using Hornet.Script.Binding;
using Hornet.Script.Runtime;
using Hornet.Script.Tests.Lowering;
using Hornet.Script.Types;
using static Hornet.Script.Tests.Lowering.Bound;

namespace Hornet.KernelTests.Script;

public class ScriptValueTests
{
    private static long[] Evaluate(params BoundExpression[] values)
    {
        Bound script = new();
        script.Program(new BeginTarget(), script.Print(values));
        return ScriptRun.Numbers(script.Script, 7, 100, unchecked((ulong)-5), 0);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Exit_sends_its_code_and_ends_the_program()
    {
        Bound script = new();
        script.Program(new BeginTarget(), script.Exit(3), script.Print(Int(1)));
        using ScriptRun run = new(script.Script);
        Assert.Equal(0u, run.Run());
        var (action, payload) = Assert.Single(run.Records());
        Assert.IsType<AsyncAction.Exit>(action);
        Assert.Equal(3, payload[0]);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Numbers_are_extended_by_their_sign_and_cut_to_their_width()
    {
        var minus = BeginTarget.Argument(2);
        Assert.Equal([107, -5, 251, -5, 4294967291, 1, 0], Evaluate(
            Add(BeginTarget.Argument(0), BeginTarget.Argument(1)),
            Bound.Convert(minus, I64),
            Bound.Convert(minus, U8),
            Bound.Convert(minus, I8),
            Bound.Convert(minus, U32),
            Bound.Convert(minus, BooleanType.Instance, BoundConversionKind.ToBoolean),
            Bound.Convert(BeginTarget.Argument(3), BooleanType.Instance, BoundConversionKind.ToBoolean)));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Arithmetic_goes_by_the_type()
    {
        var five = BeginTarget.Argument(2, I64);
        var small = Bound.Convert(BeginTarget.Argument(1), U8);
        Assert.Equal([-2, -1, -3, -3, 20, 1, 5], Evaluate(
            Binary(BoundBinaryOperator.Divide, five, Int(2)),
            Binary(BoundBinaryOperator.Remainder, five, Int(2)),
            Binary(BoundBinaryOperator.ShiftRight, five, Int(1)),
            Binary(BoundBinaryOperator.Divide, Binary(BoundBinaryOperator.Multiply, five, five), Int(-7)),
            // 100 + 100 + 76 does not fit.
            Binary(BoundBinaryOperator.Add, Binary(BoundBinaryOperator.Add, small, small), Int(76, U8)),
            Compare(BoundComparisonOperator.Less, five, Int(0)),
            new BoundUnary(Span, I64, BoundUnaryOperator.Minus, five)));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Division_by_zero_is_one_and_is_told()
    {
        Bound script = new();
        int zero = script.Action(new AsyncAction.RuntimeError(Span, "Divide by zero"));
        script.Program(new BeginTarget(), script.Print(Binary(BoundBinaryOperator.Divide, BeginTarget.Argument(0), BeginTarget.Argument(1), zero)));
        using ScriptRun run = new(script.Script);
        run.Run(0, 9, 0);
        run.Run(0, 9, 2);
        var records = run.Records();
        // The report comes while the other record is being made: after it.
        Assert.Equal([1, 4], records.Where(r => r.Action is AsyncAction.Print).Select(r => ScriptRun.Number(r.Action, r.Payload, 0)));
        Assert.Single(records, r => r.Action is AsyncAction.RuntimeError);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Conditions_look_at_the_right_side_only_when_it_decides()
    {
        Bound script = new();
        var seen = script.Map("seen", null, I64);
        var counts = new BoundBlockExpression(Span, BooleanType.Instance, Block(Do(new BoundIncrement(Span, Read(seen), 1, false))), Int(1, BooleanType.Instance));
        var seven = Compare(BoundComparisonOperator.Equal, BeginTarget.Argument(0), Int(7, U64));
        script.Program(new BeginTarget(),
            If(new BoundLogical(Span, true, seven, counts), script.Print(Int(1)), script.Print(Int(2))),
            If(new BoundLogical(Span, false, seven, counts), script.Print(Int(3))));
        using ScriptRun run = new(script.Script);
        run.Run(0, 7);
        run.Run(0, 8);
        Assert.Equal([1, 3, 2, 3], run.Records().Select(r => ScriptRun.Number(r.Action, r.Payload, 0)));
        Assert.Equal(2, BitConverter.ToInt64(run.Contents(seen)[0].Value));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Variables_keep_numbers_texts_and_tuples()
    {
        Bound script = new();
        BoundLocal number = Local("n", I64), text = Local("t", new StringType(16)), pair = Local("p", new TupleType([U8, new StringType(5), U32]));
        script.Program(new BeginTarget(), [number, text, pair],
            script.Print(Read(number), Read(text)),
            Set(number, Int(5)),
            Set(text, Comm),
            Set(pair, Tuple(Int(1, U8), Text("four"), Bound.Convert(Read(number), U32))),
            Do(new BoundIncrement(Span, Read(number), 1, false)),
            script.Print(Read(number), Read(text), new BoundTupleElement(Span, U32, Read(pair), 2), new BoundTupleElement(Span, new StringType(5), Read(pair), 1)));
        using ScriptRun run = new(script.Script);
        run.Run();
        var records = run.Records();
        Assert.Equal(0, ScriptRun.Number(records[0].Action, records[0].Payload, 0));
        Assert.Equal("", ScriptRun.Text(records[0].Action, records[0].Payload, 1));
        Assert.Equal(6, ScriptRun.Number(records[1].Action, records[1].Payload, 0));
        Assert.Equal(File.ReadAllText("/proc/thread-self/comm").TrimEnd(), ScriptRun.Text(records[1].Action, records[1].Payload, 1));
        Assert.Equal(5, ScriptRun.Number(records[1].Action, records[1].Payload, 2));
        Assert.Equal("four", ScriptRun.Text(records[1].Action, records[1].Payload, 3));
    }

    // A temporary value leaves its bytes on the stack, where the next of its size comes to lie.
    private static BoundStatement Poison(Bound script)
    {
        var word = BeginTarget.Argument(0);
        return If(Compare(BoundComparisonOperator.Equal, Tuple(word, word), Tuple(word, Int(5, U64))), script.Print(Int(0)));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Keys_have_zeros_behind_the_name_of_the_task()
    {
        string comm = File.ReadAllText("/proc/thread-self/comm").TrimEnd();
        Bound script = new();
        var short16 = script.Map("a", new StringType(16), I64);
        var longer = script.Map("b", new StringType(40), I64);
        var pair = script.Map("c", new TupleType([new StringType(16), U64]), I64);
        script.Program(new BeginTarget(),
            Poison(script), Set(short16, Comm, Int(1)),
            Poison(script), Set(longer, Bound.Convert(Comm, new StringType(40), BoundConversionKind.Text), Int(1)),
            Poison(script), Set(pair, Tuple(Comm, Int(1, U64)), Int(1)));
        using ScriptRun run = new(script.Script);
        run.Run(0, ulong.MaxValue);
        Assert.Equal(comm.PadRight(16, '\0'), Encoding.UTF8.GetString(Assert.Single(run.Contents(short16)).Key));
        Assert.Equal(comm.PadRight(40, '\0'), Encoding.UTF8.GetString(Assert.Single(run.Contents(longer)).Key));
        Assert.Equal(comm.PadRight(16, '\0'), Encoding.UTF8.GetString(Assert.Single(run.Contents(pair)).Key, 0, 16));
    }

    [KernelTheory(MinKernel = "5.10")]
    [InlineData("a\0yyyyyyyyyyyyyy", "a")]
    [InlineData("\0bcdefghijklmnop", "")]
    [InlineData("abcdefg\0\u0001\0\u0001\0\u0001\0zz", "abcdefg")]
    [InlineData("abcdefgh\0zzzzzzz", "abcdefgh")]
    [InlineData("abcdefghijkl\0\u0001zz", "abcdefghijkl")]
    [InlineData("abcdefghijklmno\0", "abcdefghijklmno")]
    [InlineData("abcdefghijklmnop", "abcdefghijklmno")]
    [InlineData("\u0001\0\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001", "\u0001")]
    public void Texts_in_memory_of_others_end_at_their_zero(string bytes, string text)
    {
        var memory = new byte[16];
        Encoding.Latin1.GetBytes(bytes, memory);
        Bound script = new();
        CompositeType name = new(new CompositeTypeInfo("struct name", false, 16, () => [new CompositeField("text", new StringType(16), 0)]));
        BoundLocal whole = Local("w", name);
        var words = Tuple(BeginTarget.Argument(0), BeginTarget.Argument(1));
        var field = new BoundField(Span, new StringType(16), Read(whole), name.Info.Fields[0]);
        var cast = Bound.Convert(words, new StringType(16), BoundConversionKind.Bytes);
        var (one, other) = (script.Map("a", new StringType(16), I64), script.Map("b", new StringType(16), I64));
        script.Program(new BeginTarget(), [whole],
            Set(whole, Bound.Convert(words, name, BoundConversionKind.Bytes)),
            Set(one, field, Int(1)), Set(other, cast, Int(1)),
            script.Print(Compare(BoundComparisonOperator.Equal, field, Text(text)), Compare(BoundComparisonOperator.Equal, field, cast), Call(BoundIntrinsic.TextLength, U64, field)));
        using ScriptRun run = new(script.Script);
        run.Run(0, BitConverter.ToUInt64(memory, 0), BitConverter.ToUInt64(memory, 8));
        var key = Encoding.Latin1.GetBytes(text.PadRight(16, '\0'));
        Assert.Equal(key, Assert.Single(run.Contents(one)).Key);
        Assert.Equal(key, Assert.Single(run.Contents(other)).Key);
        var (action, payload) = Assert.Single(run.Records());
        Assert.Equal([bytes.Length == 16 && !bytes.Contains('\0') ? 0 : 1, 1, text.Length], action.Payload.Elements.Select((_, i) => ScriptRun.Number(action, payload, i)));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Texts_are_compared_up_to_their_ends()
    {
        string comm = File.ReadAllText("/proc/thread-self/comm").TrimEnd();
        var equal = BoundComparisonOperator.Equal;
        var different = BoundComparisonOperator.NotEqual;
        var copy = Local("c", new StringType(200));
        Bound script = new();
        script.Program(new BeginTarget(), [copy], Set(copy, Bound.Convert(Comm, copy.Type, BoundConversionKind.Text)), script.Print(
            Compare(equal, Comm, Text(comm)),
            Compare(equal, Comm, Text(comm + "x")),
            Compare(equal, Text(comm[..2]), Comm),
            Compare(different, Comm, Text("a text that is longer than its room")),
            Compare(equal, Comm, Read(copy)),
            Compare(equal, Read(copy), Text(comm)),
            Call(BoundIntrinsic.TextEqual, BooleanType.Instance, Comm, Text(comm[..2])) with { Number = 2 },
            Call(BoundIntrinsic.TextLength, U64, Comm),
            Call(BoundIntrinsic.TextFind, I64, Comm, Text(comm[1..3])),
            Call(BoundIntrinsic.TextFind, I64, Comm, Text("~~"))));
        string about = $"comm is '{comm}'";
        long[] numbers;
        using (ScriptRun run = new(script.Script))
        {
            run.Run();
            var (action, payload) = Assert.Single(run.Records());
            numbers = [.. action.Payload.Elements.Select((_, i) => ScriptRun.Number(action, payload, i))];
        }
        Assert.True(new long[] { 1, 0, 0, 1, 1, 1, 1, comm.Length, 1, -1 }.SequenceEqual(numbers), $"{about}: {string.Join(' ', numbers)}");
    }

    [KernelFact(MinKernel = "5.10")]
    public void Kernel_and_user_memory_is_read_by_the_pointers_space()
    {
        unsafe
        {
            byte[] name = [.. "user text"u8, 0];
            fixed (byte* there = name)
            {
                var pointer = new BoundConstant(Span, new PointerType(I8, AddressSpace.User), (long)there);
                Bound script = new();
                script.Program(new BeginTarget(), script.Print(
                    Call(BoundIntrinsic.ReadText, new StringType(64), pointer, Int(64)),
                    Call(BoundIntrinsic.ReadText, new StringType(64), pointer, Int(5)),
                    new BoundDereference(Span, U32, pointer, AddressSpace.User),
                    new BoundDereference(Span, U32, Int(0, new PointerType(U32)), AddressSpace.Kernel)));
                using ScriptRun run = new(script.Script);
                run.Run();
                var (action, payload) = Assert.Single(run.Records());
                Assert.Equal("user text", ScriptRun.Text(action, payload, 0));
                Assert.Equal("user", ScriptRun.Text(action, payload, 1));
                Assert.Equal(BitConverter.ToUInt32("user"u8), ScriptRun.Number(action, payload, 2));
                Assert.Equal(0, ScriptRun.Number(action, payload, 3));
            }
        }
    }
}
