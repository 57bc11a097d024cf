using System.Globalization;

namespace Hornet.Isa;

// The smallest pieces: words, registers, numbers.
internal ref partial struct TextParser
{
    private string Bracketed()
    {
        Expect("[");
        int end = _rest.IndexOf(']');
        if (end < 0) throw Error("']' is missing");
        string inside = _rest[..end].Trim().ToString();
        Advance(end + 1);
        return inside;
    }

    private void Advance(int count) => _rest = _rest[count..].TrimStart();

    private bool TryEat(scoped ReadOnlySpan<char> text)
    {
        if (!_rest.StartsWith(text)) return false;
        Advance(text.Length);
        return true;
    }

    private void Expect(scoped ReadOnlySpan<char> text)
    {
        if (!TryEat(text)) throw Error($"'{text}' is missing");
    }

    private bool TryWord(scoped ReadOnlySpan<char> word)
    {
        if (!_rest.StartsWith(word) || (_rest.Length > word.Length && TextAssembler.IsNameCharacter(_rest[word.Length]))) return false;
        Advance(word.Length);
        return true;
    }

    private readonly int NameLength()
    {
        int n = 0;
        while (n < _rest.Length && TextAssembler.IsNameCharacter(_rest[n])) n++;
        return n > 0 && char.IsAsciiDigit(_rest[0]) ? 0 : n;
    }

    private string Name()
    {
        int length = NameLength();
        string name = _rest[..length].ToString();
        if (!TextAssembler.IsName(name)) throw Error(name.Length == 0 ? "a name is missing" : $"'{name}' cannot be a name");
        Advance(length);
        return name;
    }

    private bool TryRegister(out Register register, out bool is32)
    {
        register = default;
        is32 = false;
        int length = NameLength();
        var word = _rest[..length];
        if (!TextAssembler.IsRegisterName(word)) return false;
        int number = int.Parse(word[1..], CultureInfo.InvariantCulture);
        if (number > 10 || (word.Length == 3 && word[1] == '0')) throw Error($"'{word}' is not a register");
        register = (Register)number;
        is32 = word[0] == 'w';
        Advance(length);
        return true;
    }

    private Register Register(out bool is32) => TryRegister(out var register, out is32) ? register : throw Error("a register is missing");

    private Register Register64()
    {
        var register = Register(out bool is32);
        return is32 ? throw Error("a 64-bit register is needed here") : register;
    }

    // An offset may stand apart from its sign: (r1 + 8).
    private long SignedNumber()
    {
        if (_rest.IsEmpty || _rest[0] is not ('+' or '-')) throw Error("'+' or '-' is missing");
        bool negative = _rest[0] == '-';
        Advance(1);
        long value = Number(out _);
        return negative ? unchecked(-value) : value;
    }

    private long Number(out bool hexadecimal)
    {
        bool negative = false;
        if (!_rest.IsEmpty && _rest[0] is '+' or '-')
        {
            negative = _rest[0] == '-';
            Advance(1);
        }
        hexadecimal = _rest.StartsWith("0x") || _rest.StartsWith("0X");
        var digits = hexadecimal ? _rest[2..] : _rest;
        int n = 0;
        while (n < digits.Length && (hexadecimal ? char.IsAsciiHexDigit(digits[n]) : char.IsAsciiDigit(digits[n]))) n++;
        if (n == 0) throw Error("a number is missing");
        if (!ulong.TryParse(digits[..n], hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            throw Error($"'{digits[..n]}' does not fit in 64 bits");
        if (n < digits.Length && TextAssembler.IsNameCharacter(digits[n])) throw Error($"'{digits[..(n + 1)]}' is not a number");
        Advance(n + (hexadecimal ? 2 : 0));
        return unchecked(negative ? -(long)value : (long)value);
    }

    // 32 bits, signed or not: the kernel prints comparisons as 0xffffffff.
    private int Constant32()
    {
        long value = Number(out _);
        return value == (int)value || value == (uint)value ? (int)value : throw Error($"{value} does not fit in 32 bits");
    }

    private int Constant() => Int(Number(out _));

    private static int Int(long value) => value == (int)value ? (int)value : throw Error($"{value} does not fit in 32 bits");

    private static short Short(long value) => value == (short)value ? (short)value : throw Error($"the offset {value} does not fit in 16 bits");

    private static int ParseInt(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw Error($"'{text}' is not a number");

    private static BpfFormatException Error(string message) => new(message);
}
