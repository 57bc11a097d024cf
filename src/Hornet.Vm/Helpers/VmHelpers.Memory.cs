using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    private static void AddMemory(Action<BpfHelper, VmHelper> add)
    {
        foreach (var helper in (BpfHelper[])[BpfHelper.ProbeRead, BpfHelper.ProbeReadKernel, BpfHelper.ProbeReadUser, BpfHelper.CopyFromUser])
            add(helper, ProbeRead);
        foreach (var helper in (BpfHelper[])[BpfHelper.ProbeReadStr, BpfHelper.ProbeReadKernelStr, BpfHelper.ProbeReadUserStr])
            add(helper, ProbeReadString);
        add(BpfHelper.ProbeWriteUser, static (s, target, source, size, _, _) =>
        {
            int length = Length(s, size, Register.R3);
            var bytes = s.Read(source, length, Register.R2);
            if (!s.TryWrite(target, length, out var memory)) return Error(Errno.EFAULT);
            bytes.CopyTo(memory);
            return 0;
        });
        add(BpfHelper.CsumDiff, CsumDiff);
        add(BpfHelper.Strncmp, static (s, first, size, second, _, _) =>
        {
            var one = s.Read(first, Length(s, size, Register.R2), Register.R1);
            var other = s.ReadStringBytes(second, one.Length + 1, Register.R3);
            for (int i = 0; i < one.Length; i++)
            {
                byte a = one[i], b = i < other.Length ? other[i] : (byte)0;
                if (a != b) return (ulong)(a < b ? -1L : 1L);
                if (a == 0) break;
            }
            return 0;
        });
        add(BpfHelper.Strtol, static (s, buffer, size, flags, result, _) => ParseNumber(s, buffer, size, flags, result, signed: true));
        add(BpfHelper.Strtoul, static (s, buffer, size, flags, result, _) => ParseNumber(s, buffer, size, flags, result, signed: false));
    }

    // Reads that fail leave zeroes, as in the kernel.
    private static ulong ProbeRead(VmExecution s, ulong target, ulong size, ulong source, ulong r4, ulong r5)
    {
        var memory = s.Write(target, Length(s, size, Register.R2), Register.R1);
        if (s.TryRead(source, memory.Length, out var bytes))
        {
            bytes.CopyTo(memory);
            return 0;
        }
        memory.Clear();
        return Error(Errno.EFAULT);
    }

    // Returns the length with the zero byte; a longer string is cut so that the zero fits.
    private static ulong ProbeReadString(VmExecution s, ulong target, ulong size, ulong source, ulong r4, ulong r5)
    {
        var memory = s.Write(target, Length(s, size, Register.R2), Register.R1);
        if (memory.IsEmpty) return 0;
        int length = 0;
        if (s.TryReadUpTo(source, memory.Length, out var bytes))
        {
            int end = bytes.IndexOf((byte)0);
            // Memory that ends before the string does, and before the buffer is full, is a fault of the read.
            if (end >= 0 || bytes.Length == memory.Length)
            {
                length = Math.Min(end < 0 ? bytes.Length : end, memory.Length - 1);
                bytes[..length].CopyTo(memory);
                memory[length] = 0;
                return (ulong)length + 1;
            }
        }
        memory.Clear();
        return Error(Errno.EFAULT);
    }

    // The difference of two one's complement sums, for checksums (RFC 1624), not folded: as csum_partial() leaves it.
    private static ulong CsumDiff(VmExecution s, ulong from, ulong fromSize, ulong to, ulong toSize, ulong seed)
    {
        int removed = Length(s, fromSize, Register.R2), added = Length(s, toSize, Register.R4);
        if (((removed | added) & 3) != 0) return Error(Errno.EINVAL);
        ulong sum = (uint)seed;
        if (removed > 0)
        {
            foreach (uint word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(s.Read(from, removed, Register.R1))) sum += ~word;
        }
        if (added > 0)
        {
            foreach (uint word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(s.Read(to, added, Register.R3))) sum += word;
        }
        // Newer kernels answer with the sum folded to 16 bits on every architecture (6.13); the value is the same modulo 65535.
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return sum;
    }

    private static ulong ParseNumber(VmExecution s, ulong buffer, ulong size, ulong flags, ulong result, bool signed)
    {
        var text = s.Read(buffer, Length(s, size, Register.R2), Register.R1);
        int numberBase = (int)(flags & 0x1f);
        if (text.IsEmpty || (flags & ~0x1fUL) != 0 || numberBase is not (0 or 8 or 10 or 16)) return Error(Errno.EINVAL);
        int at = 0;
        while (at < text.Length && text[at] is (byte)' ' or (>= 9 and <= 13)) at++;
        bool negative = at < text.Length && text[at] == '-';
        if (negative) at++;
        if (negative && !signed) return Error(Errno.EINVAL);
        bool hexPrefix = at + 1 < text.Length && text[at] == '0' && (text[at + 1] | 0x20) == 'x';
        if (numberBase == 0) numberBase = hexPrefix ? 16 : at < text.Length && text[at] == '0' ? 8 : 10;
        if (numberBase == 16 && hexPrefix) at += 2;
        ulong value = 0;
        int digits = 0;
        for (; at < text.Length; at++, digits++)
        {
            int digit = char.IsAsciiHexDigit((char)text[at]) ? (text[at] <= '9' ? text[at] - '0' : (text[at] | 0x20) - 'a' + 10) : 99;
            if (digit >= numberBase) break;
            if (value > (ulong.MaxValue - (ulong)digit) / (ulong)numberBase) return Error(Errno.ERANGE);
            value = (value * (ulong)numberBase) + (ulong)digit;
        }
        if (digits == 0) return Error(Errno.EINVAL);
        if (signed && value > (negative ? 1UL << 63 : long.MaxValue)) return Error(Errno.ERANGE);
        s.Write(result, negative ? 0 - value : value, Register.R4);
        return (ulong)at;
    }
}
