using System.Globalization;
using System.Text;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>Values that are written down, and arithmetic with them before anything runs.</summary>
internal static class Literals
{
    public const string Overflow = "unable to fold literals due to overflow or underflow";

    public static BoundConstant Integer(SourceSpan span, LiteralNumber value) => new(span, TypeRules.OfLiteral(value), unchecked((long)value));

    public static BoundConstant Boolean(SourceSpan span, bool value) => new(span, BooleanType.Instance, value ? 1 : 0);

    public static BoundText Text(SourceSpan span, string value) => Text(span, Encoding.UTF8.GetBytes(value));

    public static BoundText Text(SourceSpan span, byte[] value) => new(span, new StringType(value.Length + 1), value);

    /// <summary>Whether it is a literal: a number, a boolean, a text, or a tuple of them.</summary>
    public static bool Is(BoundExpression expression) => expression switch
    {
        BoundConstant { Type: IntegerType or BooleanType } or BoundText => true,
        BoundTuple tuple => tuple.Elements.All(Is),
        _ => false,
    };

    public static bool IsInteger(BoundExpression expression, out LiteralNumber value)
    {
        if (expression is BoundConstant { Type: IntegerType type } constant)
        {
            value = type.IsSigned ? constant.Value : (ulong)constant.Value;
            return true;
        }
        value = 0;
        return false;
    }

    /// <summary>A number in C's notation (decimal, octal, hexadecimal), with a sign; null when it is none.</summary>
    public static LiteralNumber? Parse(string text)
    {
        bool negative = text.StartsWith('-');
        var digits = text.AsSpan(negative ? 1 : 0);
        ulong value;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            if (!ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)) return null;
        }
        else if (digits.Length > 1 && digits[0] == '0')
        {
            value = 0;
            foreach (char digit in digits)
            {
                if (digit is < '0' or > '7') return null;
                value = value * 8 + (ulong)(digit - '0');
            }
        }
        else if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            return null;
        }
        return negative ? (-(LiteralNumber)value).InRange : value;
    }

    /// <summary>What a literal counts as in a condition; null when it is none.</summary>
    public static bool? Truth(BoundExpression expression) => expression switch
    {
        BoundConstant { Type: IntegerType or BooleanType } constant => constant.Value != 0,
        BoundText text => text.Bytes.Length > 0,
        _ => null,
    };

    /// <summary>The text of a number, or a text itself; null for what is neither.</summary>
    public static byte[]? TextOf(BoundExpression expression)
    {
        if (IsInteger(expression, out var value)) return Encoding.ASCII.GetBytes(value.ToString());
        return (expression as BoundText)?.Bytes;
    }

    /// <summary>Whether two literals are the same; null when one is none.</summary>
    public static bool? Same(BoundExpression a, BoundExpression b)
    {
        if (!Is(a) || !Is(b)) return null;
        if (IsInteger(a, out var x)) return IsInteger(b, out var y) && x == y;
        switch (a)
        {
            case BoundText text: return b is BoundText other && text.Bytes.AsSpan().SequenceEqual(other.Bytes);
            case BoundConstant boolean: return b is BoundConstant { Type: BooleanType } second && boolean.Value == second.Value;
            case BoundTuple { TupleType.Names: null } tuple when b is BoundTuple { TupleType.Names: null } right:
                return tuple.Elements.Count == right.Elements.Count && tuple.Elements.Zip(right.Elements).All(p => Same(p.First, p.Second) == true);
            case BoundTuple { TupleType.Names: { } names } record when b is BoundTuple { TupleType.Names: not null } right:
                if (names.Count != right.Elements.Count) return false;
                for (int i = 0; i < names.Count; i++)
                {
                    int at = TypeRules.IndexOf(right.TupleType, names[i]);
                    if (at < 0) return null;
                    if (Same(record.Elements[i], right.Elements[at]) != true) return false;
                }
                return true;
            default: return false;
        }
    }

    /// <summary>Arithmetic on two numbers that are written down; null when there is no result (division by zero, overflow).</summary>
    public static LiteralNumber? Compute(BoundBinaryOperator op, LiteralNumber a, LiteralNumber b)
    {
        // bpftrace computes in 64 bits, unsigned when neither is negative.
        bool unsigned = a >= 0 && b >= 0;
        if (!unsigned && (a > long.MaxValue || b > long.MaxValue)) return null;
        ulong x = (ulong)a, y = (ulong)b;
        return op switch
        {
            BoundBinaryOperator.Add => LiteralNumber.Add(a, b),
            BoundBinaryOperator.Subtract => LiteralNumber.Add(a, -b),
            BoundBinaryOperator.Multiply => LiteralNumber.Multiply(a, b),
            BoundBinaryOperator.Divide => LiteralNumber.Divide(a, b),
            BoundBinaryOperator.Remainder => LiteralNumber.Remainder(a, b),
            BoundBinaryOperator.And => Bits(x & y),
            BoundBinaryOperator.Or => Bits(x | y),
            BoundBinaryOperator.Xor => Bits(x ^ y),
            BoundBinaryOperator.ShiftLeft => b < 0 || b >= 64 ? null : Bits(x << (int)b),
            BoundBinaryOperator.ShiftRight => b < 0 || b >= 64 ? null : unsigned ? x >> (int)b : (long)x >> (int)b,
            _ => null,
        };

        LiteralNumber Bits(ulong bits) => unsigned ? bits : (long)bits;
    }

    public static bool Compare(BoundComparisonOperator op, int order) => op switch
    {
        BoundComparisonOperator.Equal => order == 0,
        BoundComparisonOperator.NotEqual => order != 0,
        BoundComparisonOperator.Less => order < 0,
        BoundComparisonOperator.LessOrEqual => order <= 0,
        BoundComparisonOperator.Greater => order > 0,
        _ => order >= 0,
    };
}
