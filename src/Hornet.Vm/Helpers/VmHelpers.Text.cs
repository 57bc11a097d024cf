using System.Globalization;
using System.Text;
using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    private static void AddText(Action<BpfHelper, VmHelper> add)
    {
        add(BpfHelper.TracePrintk, static (s, format, size, a, b, c) => Print(s, format, size, [a, b, c], limit: 3));
        add(BpfHelper.TraceVprintk, static (s, format, size, data, length, _) => Print(s, format, size, Words(s, data, length, Register.R3), limit: 12));
        add(BpfHelper.Snprintf, static (s, buffer, size, format, data, length) =>
        {
            var target = s.Write(buffer, Length(s, size, Register.R2), Register.R1);
            var arguments = Words(s, data, length, Register.R4);
            string? text = Format(s, Encoding.UTF8.GetString(s.ReadStringBytes(format, 4096, Register.R3)), arguments);
            if (text is null) return Error(Errno.EINVAL);
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (!target.IsEmpty)
            {
                int fits = Math.Min(bytes.Length, target.Length - 1);
                bytes.AsSpan(0, fits).CopyTo(target);
                target[fits] = 0;
            }
            return (ulong)bytes.Length + 1;
        });
    }

    private static ulong Print(VmExecution s, ulong format, ulong size, ulong[] arguments, int limit)
    {
        var bytes = s.Read(format, Length(s, size, Register.R2), Register.R1);
        int end = bytes.IndexOf((byte)0);
        if (end < 0 || arguments.Length > limit) return Error(Errno.EINVAL);
        string? text = Format(s, Encoding.UTF8.GetString(bytes[..end]), arguments);
        if (text is null) return Error(Errno.EINVAL);
        s.Machine.Trace(text.TrimEnd('\n'));
        return (ulong)Encoding.UTF8.GetByteCount(text);
    }

    private static ulong[] Words(VmExecution s, ulong data, ulong length, Register register)
    {
        int bytes = Length(s, length, register + 1);
        if ((bytes & 7) != 0) throw s.Fault(VmFaultKind.BadArgument, $"{bytes} bytes of arguments, not a multiple of 8", register + 1);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(s.Read(data, bytes, register)).ToArray();
    }

    /// <summary>
    /// Formats as the kernel's <c>bpf_bprintf_prepare</c> allows: %d %i %u %x %X %o %c %s %p %ps %pks %pus %pI4 %pI6, widths, and the length
    /// modifiers l and ll. Null when the format asks for something else, or for more arguments than there are.
    /// </summary>
    private static string? Format(VmExecution s, string format, ReadOnlySpan<ulong> arguments)
    {
        StringBuilder text = new();
        int next = 0;
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }
            if (++at < format.Length && format[at] == '%')
            {
                text.Append('%');
                continue;
            }
            string flags = TakeWhile(format, ref at, static c => c is '0' or '-' or '+' or ' ' or '#');
            string digits = TakeWhile(format, ref at, char.IsAsciiDigit);
            int width = digits.Length == 0 ? 0 : digits.Length > 3 ? -1 : int.Parse(digits, CultureInfo.InvariantCulture);
            bool wide = TakeWhile(format, ref at, static c => c == 'l').Length > 0;
            if (at >= format.Length || width < 0 || next >= arguments.Length) return null;
            ulong value = arguments[next++];
            if (Convert(s, format, ref at, value, wide, flags) is not { } item) return null;
            bool left = flags.Contains('-'), zero = flags.Contains('0') && !left && format[at] is 'd' or 'i' or 'u' or 'x' or 'X' or 'o';
            if (zero && item.StartsWith('-')) item = '-' + item[1..].PadLeft(width - 1, '0');
            else item = left ? item.PadRight(width) : item.PadLeft(width, zero ? '0' : ' ');
            text.Append(item);
        }
        return text.ToString();
    }

    private static string? Convert(VmExecution s, string format, ref int at, ulong value, bool wide, string flags)
    {
        switch (format[at])
        {
            case 'd' or 'i':
                long number = wide ? (long)value : (int)value;
                string sign = number < 0 ? "" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
                return sign + number.ToString(CultureInfo.InvariantCulture);
            case 'u':
                return (wide ? value : (uint)value).ToString(CultureInfo.InvariantCulture);
            case 'x':
                return (flags.Contains('#') ? "0x" : "") + (wide ? value : (uint)value).ToString("x", CultureInfo.InvariantCulture);
            case 'X':
                return (flags.Contains('#') ? "0X" : "") + (wide ? value : (uint)value).ToString("X", CultureInfo.InvariantCulture);
            case 'o':
                return System.Convert.ToString((long)(wide ? value : (uint)value), 8);
            case 'c':
                return ((char)(byte)value).ToString();
            case 's':
                return String(s, value);
            case 'p':
                return Pointer(s, format, ref at, value);
            default:
                return null;
        }
    }

    private static string? Pointer(VmExecution s, string format, ref int at, ulong value)
    {
        string rest = format[(at + 1)..];
        if (rest.StartsWith("ks", StringComparison.Ordinal) || rest.StartsWith("us", StringComparison.Ordinal))
        {
            at += 2;
            return String(s, value);
        }
        if (rest.StartsWith("I4", StringComparison.Ordinal) || rest.StartsWith("i4", StringComparison.Ordinal))
        {
            at += 2;
            return s.TryRead(value, 4, out var four) ? new System.Net.IPAddress(four).ToString() : "(efault)";
        }
        if (rest.StartsWith("I6", StringComparison.Ordinal) || rest.StartsWith("i6", StringComparison.Ordinal))
        {
            bool colons = rest[0] == 'I';
            at += 2;
            if (!s.TryRead(value, 16, out var six)) return "(efault)";
            string hex = System.Convert.ToHexStringLower(six);
            return colons ? string.Join(':', Enumerable.Range(0, 8).Select(i => hex.Substring(i * 4, 4))) : hex;
        }
        // Symbols (%ps) there are none here; a plain %p is hashed by the kernel, and this machine's addresses are no secret.
        foreach (char modifier in "KxsSB")
        {
            if (rest.Length == 0 || rest[0] != modifier) continue;
            at++;
            return modifier is 's' or 'S' or 'B' ? "0x" + value.ToString("x", CultureInfo.InvariantCulture) : value.ToString("x16", CultureInfo.InvariantCulture);
        }
        return value.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string String(VmExecution s, ulong address) =>
        s.TryReadUpTo(address, 512, out var bytes) ? Encoding.UTF8.GetString(bytes[..(bytes.IndexOf((byte)0) is var end && end < 0 ? bytes.Length : end)]) : "";

    private static string TakeWhile(string text, ref int at, Func<char, bool> wanted)
    {
        int start = at;
        while (at < text.Length && wanted(text[at])) at++;
        return text[start..at];
    }
}
