using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>Texts and bytes.</summary>
internal static class TextFunctions
{
    // What str_concat has room for.
    private const int ConcatLength = 1024;

    public static IEnumerable<Builtin> All =>
    [
        new("str", 1, 2, Str) { Arguments = [ArgumentKind.Syntax, ArgumentKind.Integer] },
        new("buf", 1, 2, Buf) { Arguments = [ArgumentKind.Any, ArgumentKind.Integer] },
        new("strlen", 1, 1, Length) { Result = IntegerType.UInt64 },
        new("strncmp", 3, 3, Compare) { Result = IntegerType.UInt64, Arguments = [ArgumentKind.Text, ArgumentKind.Text] },
        new("strstr", 2, 2, Find) { Result = IntegerType.Int64 },
        new("str_concat", 2, 2, Concat) { Result = new StringType(ConcatLength) },
        new("memcmp", 3, 3, CompareMemory) { Result = IntegerType.Int64, Arguments = [ArgumentKind.Any, ArgumentKind.Any, ArgumentKind.IntegerLiteral] },
        new("strerror", 1, 1, c => c.Make(BoundIntrinsic.ErrorText, ErrorTextType.Instance, Body.AsInteger(c[0], IntegerType.Int64))) { Result = ErrorTextType.Instance, Arguments = [ArgumentKind.Integer] },
        new("signal_name", 1, 1, c => Named(c, NumberNames.Signals)) { Result = NumberNames.SignalType, Arguments = [ArgumentKind.Integer] },
        new("syscall_name", 1, 1, c => Named(c, NumberNames.SystemCalls)) { Result = NumberNames.SystemCallType, Arguments = [ArgumentKind.Integer] },
    ];

    // From this length on there is no room for a byte more.
    private const int LongText = 1024;

    private static BoundExpression Str(Call c)
    {
        int most = c.Context.Config.MaxStringLength;
        int? literal = null;
        if (c.Count == 2 && Literals.IsInteger(c[1], out var number))
        {
            if (number < 0) return c.Fail($"strcannot use negative length ({number})");
            if (number >= most) c.Body.Warn(c.Span, $"length param ({number}) is too long and will be shortened to {most} bytes (see BPFTRACE_MAX_STRLEN)");
            else literal = (int)number;
        }
        // A parameter is a text here also when it looks like a number.
        var value = c.Syntax[0] switch
        {
            PositionalSyntax positional => Literals.Text(c.Span, c.Body.PositionalText(positional.Number)),
            BinarySyntax { Operator: BinarySyntaxOperator.Add, Left: PositionalSyntax left } sum when Literals.IsInteger(c.Body.BindExpression(sum.Right), out var skip) && skip >= 0 =>
                Literals.Text(c.Span, Skip(c.Body.PositionalText(left.Number), skip)),
            _ => c[0],
        };
        if (value.Type is UnknownType || (c.Count == 2 && c[1].Type is UnknownType)) return new BoundUnknown(c.Span) { Type = new StringType(literal + 1 ?? most) };
        if (Literals.TextOf(value) is { } bytes && (c.Count == 1 || Literals.Is(c[1])))
            return Literals.Text(c.Span, literal < bytes.Length ? bytes[..literal.Value] : bytes);
        int size = literal + 1 ?? most;
        if (value.Type is StringType text)
        {
            size = Math.Min(size, text.Length);
            return size == text.Length ? value : new BoundConversion(c.Span, new StringType(size), BoundConversionKind.Text, value);
        }
        if (!TypeRules.IsInteger(value.Type) && value.Type is not PointerType)
            return c.Fail($"str() expects a string, integer or a pointer type as first argument ({value.Type} provided)");
        // A length counts the zero at the end, which the kernel always writes. Without one, a byte more is read than is kept: a text that
        // fills its room has no zero then, and is known to be cut off.
        BoundExpression length = c.Count == 2 && literal is null
            ? Body.AsInteger(c[1], IntegerType.UInt64)
            : new BoundConstant(c.Span, IntegerType.UInt64, literal ?? (most < LongText ? most + 1 : most));
        return c.Make(BoundIntrinsic.ReadText, new StringType(size), c.Body.AsPointer(value, IntegerType.Int8), length);
    }

    private static string Skip(string text, LiteralNumber count) => count >= text.Length ? "" : text[(int)count..];

    private static BoundExpression Buf(Call c)
    {
        int most = Math.Max(0, c.Context.Config.MaxStringLength - 4);
        var value = Body.AsDeclared(c[0]);
        if (!TypeRules.IsInteger(value.Type) && value.Type is not (StringType or PointerType or ArrayType))
            return c.Fail($"buf() expects an integer, string, or array argument but saw {TypeNames.Kind(value.Type)}");
        if (c.Count == 1)
        {
            if (value.Type is not ArrayType array) return c.Fail($"buf() expects a length argument for non-array type {TypeNames.Kind(value.Type)}");
            int bytes = Math.Min(array.Size, most);
            return c.Make(BoundIntrinsic.ReadBuffer, new BufferType(bytes), value, new BoundConstant(c.Span, IntegerType.UInt64, bytes));
        }
        int size = most;
        if (Literals.IsInteger(c[1], out var number))
        {
            if (number < 0) return c.Fail($"bufcannot use negative length ({number})");
            size = number.AtMost(most);
        }
        var from = value.Type is StringType or ArrayType ? value : c.Body.AsPointer(value, IntegerType.UInt8);
        return c.Make(BoundIntrinsic.ReadBuffer, new BufferType(size), from, number == 0 && !Literals.Is(c[1]) ? Body.AsInteger(c[1], IntegerType.UInt64) : new BoundConstant(c.Span, IntegerType.UInt64, size));
    }

    /// <summary>A text of what is one, an array of char, or what a pointer to char leads to; null when it is none of them (said).</summary>
    private static BoundExpression? Text(Call c, int index)
    {
        var value = c[index];
        switch (value.Type)
        {
            case StringType: return value;
            case ArrayType { Element: IntegerType { Bits: 8 } } array:
                return new BoundConversion(value.Span, new StringType(array.Count), BoundConversionKind.Bytes, value);
            case PointerType { Target: IntegerType { Bits: 8 } }:
                int most = c.Context.Config.MaxStringLength;
                return new BoundCall(value.Span, new StringType(most), BoundIntrinsic.ReadText, [c.Body.AsPointer(value, IntegerType.Int8), new BoundConstant(value.Span, IntegerType.UInt64, most)]);
            default:
                c.Fail(value.Type is ArrayType ? "string-like arrays must contain a char-like type"
                    : value.Type is PointerType ? "string-like pointers must point to a char-like type"
                    : "string-like values must be either strings, arrays or pointers");
                return null;
        }
    }

    private static BoundExpression Length(Call c)
    {
        if (!c.IsKnown || Text(c, 0) is not { } text) return c.Unknown;
        return text is BoundText literal ? new BoundConversion(c.Span, IntegerType.UInt64, BoundConversionKind.Integer, Literals.Integer(c.Span, Zero(literal.Bytes))) : c.Make(BoundIntrinsic.TextLength, IntegerType.UInt64, text);

        static int Zero(byte[] bytes) => Array.IndexOf(bytes, (byte)0) is >= 0 and var end ? end : bytes.Length;
    }

    // 0 when they are equal, 1 when not.
    private static BoundExpression Compare(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        if (!Literals.IsInteger(c[2], out var count) || count < 0) return c.Fail("Builtin strncmp requires a non-negative literal");
        var equal = c.Make(BoundIntrinsic.TextEqual, BooleanType.Instance, c[0], c[1]) with { Number = count.AtMost(int.MaxValue) };
        return new BoundConversion(c.Span, IntegerType.UInt64, BoundConversionKind.Integer, new BoundUnary(c.Span, BooleanType.Instance, BoundUnaryOperator.Not, equal));
    }

    private static BoundExpression Find(Call c)
    {
        if (!c.IsKnown || Text(c, 0) is not { } haystack || Text(c, 1) is not { } needle) return c.Unknown;
        if (needle is BoundText { Bytes.Length: 0 }) return new BoundConstant(c.Span, IntegerType.Int64, 0);
        return c.Make(BoundIntrinsic.TextFind, IntegerType.Int64, haystack, needle);
    }

    private static BoundExpression Concat(Call c)
    {
        if (!c.IsKnown || Text(c, 0) is not { } first || Text(c, 1) is not { } second) return c.Unknown;
        return c.Make(BoundIntrinsic.TextConcat, new StringType(ConcatLength), first, second);
    }

    private static BoundExpression CompareMemory(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        return c.Make(BoundIntrinsic.MemoryCompare, IntegerType.Int64, c[0], c[1]) with { Number = (long)c.Number(2) };
    }

    private static BoundExpression Named(Call c, IReadOnlyDictionary<long, string> table)
    {
        var type = table == NumberNames.Signals ? NumberNames.SignalType : NumberNames.SystemCallType;
        return c.Make(BoundIntrinsic.TableText, type, Body.AsInteger(c[0], IntegerType.Int64)) with { Table = table };
    }
}
