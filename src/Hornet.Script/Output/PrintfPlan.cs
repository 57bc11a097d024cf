using System.Buffers.Binary;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>
/// A format with its arguments' types and places, ready to be run for each record without allocating. For one thread.
/// </summary>
internal sealed class PrintfPlan
{
    private enum Action : byte { Signed, Unsigned, Octal, Hex, Character, Pointer, Text, Buffer, Gfp, Any }

    private readonly Step[] _steps;
    private readonly byte[] _last;

    /// <exception cref="ArgumentException">The format does not fit the types; the message is <see cref="PrintfFormat.Check(string, IReadOnlyList{ScriptType})"/>'s.</exception>
    public PrintfPlan(string format, TupleType arguments)
    {
        var parsed = PrintfFormat.Parse(format);
        if (parsed.Check(arguments.Elements) is { } problem) throw new ArgumentException(problem, nameof(format));
        _steps = new Step[parsed.Conversions.Count];
        for (int i = 0; i < _steps.Length; i++) _steps[i] = Prepare(parsed.Texts[i], parsed.Conversions[i], arguments.Elements[i], arguments.Offset(i));
        _last = parsed.Texts[^1];
    }

    /// <summary>Writes the text for the arguments' bytes.</summary>
    public void Write(ByteWriter writer, ReadOnlySpan<byte> arguments, ValueFormatter formatter)
    {
        foreach (ref readonly var step in _steps.AsSpan())
        {
            writer.Bytes(step.Before);
            int start = writer.Length;
            var bytes = ValueFormatter.Slice(arguments, step.Offset, step.Size);
            switch (step.Action)
            {
                case Action.Signed:
                    long number = Signed(step.Number(bytes), step.Bits);
                    if (step.HasSign && number >= 0) writer.Byte((byte)'+');
                    writer.Signed(number);
                    break;
                case Action.Unsigned:
                    writer.Unsigned(Unsigned(step.Number(bytes), step.Bits));
                    break;
                case Action.Hex:
                    ulong hex = Unsigned(step.Number(bytes), step.Bits);
                    if (step.IsAlternate && hex != 0) writer.Bytes(step.IsUpper ? "0X"u8 : "0x"u8);
                    writer.Hex(hex, 1, step.IsUpper);
                    break;
                case Action.Octal:
                    ulong octal = Unsigned(step.Number(bytes), step.Bits);
                    if (step.IsAlternate && octal != 0) writer.Byte((byte)'0');
                    writer.Octal(octal);
                    break;
                case Action.Character:
                    Character(writer, (byte)step.Number(bytes), formatter);
                    break;
                case Action.Pointer:
                    writer.Address(step.Number(bytes));
                    break;
                case Action.Text:
                    formatter.String(writer, (StringType)step.Type, bytes);
                    break;
                case Action.Buffer:
                    ValueFormatter.Buffer(writer, ValueFormatter.Content(bytes), step.BufferStyle);
                    break;
                case Action.Gfp:
                    GfpFlags.Write(writer, step.Number(bytes));
                    break;
                default:
                    if (step.HasSign && step.Type is IntegerType { IsSigned: true } && (long)step.Number(bytes) >= 0) writer.Byte((byte)'+');
                    formatter.Text(writer, new(step.Type, bytes));
                    break;
            }
            if (step.Width > 0) Pad(writer, start, step);
        }
        writer.Bytes(_last);
    }

    private static Step Prepare(byte[] before, PrintfConversion conversion, ScriptType type, int offset)
    {
        var action = conversion.Conversion switch
        {
            "d" or "i" => Action.Signed,
            "u" => Action.Unsigned,
            "o" => Action.Octal,
            "x" or "X" => Action.Hex,
            "c" => Action.Character,
            "p" => Action.Pointer,
            "r" or "rx" or "rh" => Action.Buffer,
            "gr" => Action.Gfp,
            _ => type is StringType ? Action.Text : Action.Any,
        };
        return new Step
        {
            Before = before,
            Type = type,
            Offset = offset,
            Size = type.Size,
            Action = action,
            // Without a length a number is an int, as in C: longer ones lose their upper half.
            Bits = conversion.Length switch
            {
                "hh" => 8,
                "h" => 16,
                "l" or "ll" or "j" or "z" or "t" => 64,
                _ => 32,
            },
            Width = conversion.Width,
            IsLeft = conversion.IsLeft,
            HasSign = conversion.HasSign,
            IsAlternate = conversion.IsAlternate,
            IsUpper = conversion.Conversion == "X",
            Fill = conversion.HasZeros ? (byte)'0' : (byte)' ',
            BufferStyle = conversion.Conversion switch
            {
                "rx" => BufferStyle.AllEscaped,
                "rh" => BufferStyle.Hex,
                _ => BufferStyle.Escaped,
            },
        };
    }

    private static long Signed(ulong number, int bits) => bits switch
    {
        8 => (sbyte)number,
        16 => (short)number,
        32 => (int)number,
        _ => (long)number,
    };

    private static ulong Unsigned(ulong number, int bits) => bits switch
    {
        8 => (byte)number,
        16 => (ushort)number,
        32 => (uint)number,
        _ => number,
    };

    private static void Character(ByteWriter writer, byte value, ValueFormatter formatter)
    {
        if (formatter.Context.IsTerminal) TextEscapes.Terminal(writer, [value]);
        else writer.Byte(value);
    }

    // As C++ streams do it: blanks or zeros at the side that was not asked for, also between a sign and its digits, and around the first
    // piece of what has several.
    private static void Pad(ByteWriter writer, int start, in Step step)
    {
        int length = writer.Length - start;
        int piece = step.Action == Action.Any ? ValueFormatter.FirstPiece(step.Type, length) : length;
        writer.Insert(step.IsLeft ? start + piece : start, step.Fill, step.Width - piece);
    }

    private struct Step
    {
        public byte[] Before;
        public ScriptType Type;
        public int Offset;
        public int Size;
        public int Width;
        public int Bits;
        public Action Action;
        public BufferStyle BufferStyle;
        public bool IsLeft;
        public bool HasSign;
        public bool IsAlternate;
        public bool IsUpper;
        public byte Fill;

        public readonly ulong Number(ReadOnlySpan<byte> bytes) =>
            Size == 8 && bytes.Length == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : new ScriptValue(Type, bytes).Number;
    }
}
