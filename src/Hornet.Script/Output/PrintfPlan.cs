using System.Buffers.Binary;
using System.Buffers.Text;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>
/// A format with its arguments' types and places, ready to be run for each record without allocating. For one thread.
/// </summary>
internal sealed class PrintfPlan
{
    private enum Action : byte { Signed, Unsigned, Octal, Hex, Character, Pointer, Text, Buffer, Gfp, Any }

    // How an argument's bytes are a number.
    private enum Load : byte { General, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64 }

    // The longest of a 64-bit number: in base 8, with a zero in front.
    private const int LongestNumber = 23;

    private readonly Step[] _steps;
    private readonly byte[] _last;
    private readonly int _room, _texts;

    /// <exception cref="ArgumentException">The format does not fit the types; the message is <see cref="PrintfFormat.Check(string, IReadOnlyList{ScriptType})"/>'s.</exception>
    public PrintfPlan(string format, TupleType arguments)
    {
        var parsed = PrintfFormat.Parse(format);
        if (parsed.Check(arguments.Elements) is { } problem) throw new ArgumentException(problem, nameof(format));
        PrintLayout layout = new(arguments);
        _steps = new Step[parsed.Conversions.Count];
        _last = parsed.Texts[^1];
        _room = _last.Length;
        for (int i = 0; i < _steps.Length; i++)
        {
            ref var step = ref _steps[i];
            step = Prepare(parsed.Texts[i], parsed.Conversions[i], arguments.Elements[i], layout.Offset(i));
            _room += step.Before.Length + Math.Max(step.Width, step.Action == Action.Text ? step.Size : LongestNumber);
            if (step.Action == Action.Text) _texts++;
        }
    }

    /// <summary>Writes the text for the arguments' bytes.</summary>
    public void Write(ByteWriter writer, ReadOnlySpan<byte> arguments, ValueFormatter formatter)
    {
        // Room is made once; only what may be of any length, or not safe to be shown as it is, goes through the writer.
        bool isTerminal = formatter.Context.IsTerminal;
        var trailer = formatter.Context.TruncationTrailer;
        int most = _room + _texts * trailer.Length, at = 0;
        var room = writer.GetSpan(most);
        foreach (ref readonly var step in _steps.AsSpan())
        {
            step.Before.CopyTo(room[at..]);
            at += step.Before.Length;
            var bytes = ValueFormatter.Slice(arguments, step.Offset, step.Size);
            int start = at;
            switch (step.Action)
            {
                case Action.Signed:
                    long number = Signed(step.Number(bytes), step.Bits);
                    if (step.HasSign && number >= 0) room[at++] = (byte)'+';
                    _ = Utf8Formatter.TryFormat(number, room[at..], out int written);
                    at += written;
                    break;
                case Action.Unsigned:
                    _ = Utf8Formatter.TryFormat(Unsigned(step.Number(bytes), step.Bits), room[at..], out written);
                    at += written;
                    break;
                case Action.Hex:
                    ulong hex = Unsigned(step.Number(bytes), step.Bits);
                    if (step.IsAlternate && hex != 0) Prefix(room, ref at, step.IsUpper);
                    at += ByteWriter.Hex(room[at..], hex, 1, step.IsUpper);
                    break;
                case Action.Pointer:
                    ulong address = step.Number(bytes);
                    if (address != 0) Prefix(room, ref at, false);
                    at += ByteWriter.Hex(room[at..], address, 1, false);
                    break;
                case Action.Text when !isTerminal:
                    int end = bytes.IndexOf((byte)0);
                    if (end >= 0) bytes = bytes[..end];
                    bytes.CopyTo(room[at..]);
                    at += bytes.Length;
                    if (end >= 0 || bytes.Length < step.Size || step.Size == 0) break;
                    trailer.CopyTo(room[at..]);
                    at += trailer.Length;
                    break;
                case Action.Character when !isTerminal:
                    room[at++] = (byte)step.Number(bytes);
                    break;
                default:
                    writer.Advance(at);
                    Append(writer, step, bytes, formatter);
                    room = writer.GetSpan(most);
                    at = 0;
                    continue;
            }
            int missing = step.Width - (at - start);
            if (missing <= 0) continue;
            if (!step.IsLeft) room[start..at].CopyTo(room[(start + missing)..]);
            room.Slice(step.IsLeft ? at : start, missing).Fill(step.Fill);
            at += missing;
        }
        _last.CopyTo(room[at..]);
        writer.Advance(at + _last.Length);
    }

    private static void Append(ByteWriter writer, in Step step, ReadOnlySpan<byte> bytes, ValueFormatter formatter)
    {
        int start = writer.Length;
        switch (step.Action)
        {
            case Action.Octal:
                ulong octal = Unsigned(step.Number(bytes), step.Bits);
                if (step.IsAlternate && octal != 0) writer.Byte((byte)'0');
                writer.Octal(octal);
                break;
            case Action.Character:
                TextEscapes.Terminal(writer, [(byte)step.Number(bytes)]);
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

    private static void Prefix(Span<byte> room, ref int at, bool isUpper)
    {
        room[at++] = (byte)'0';
        room[at++] = isUpper ? (byte)'X' : (byte)'x';
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
            Load = LoadOf(type),
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

    private static Load LoadOf(ScriptType type) => type switch
    {
        IntegerType { IsSigned: true, Bits: var bits } when bits == type.Size * 8 => bits switch { 8 => Load.Int8, 16 => Load.Int16, 32 => Load.Int32, 64 => Load.Int64, _ => Load.General },
        IntegerType { Bits: var bits } when bits == type.Size * 8 => bits switch { 8 => Load.UInt8, 16 => Load.UInt16, 32 => Load.UInt32, 64 => Load.Int64, _ => Load.General },
        PointerType { Size: 8 } => Load.Int64,
        _ => Load.General,
    };

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

        public Load Load;

        public readonly ulong Number(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length == Size)
            {
                switch (Load)
                {
                    case Load.Int64: return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                    case Load.UInt32: return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                    case Load.Int32: return (ulong)BinaryPrimitives.ReadInt32LittleEndian(bytes);
                    case Load.UInt16: return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
                    case Load.Int16: return (ulong)BinaryPrimitives.ReadInt16LittleEndian(bytes);
                    case Load.UInt8: return bytes[0];
                    case Load.Int8: return (ulong)(sbyte)bytes[0];
                }
            }
            // Cut off, or no plain number.
            return new ScriptValue(Type, bytes).Number;
        }
    }
}
