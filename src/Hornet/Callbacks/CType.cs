using Hornet.Btf;

namespace Hornet;

/// <summary>What a C type means for the one who reads a value of it.</summary>
internal readonly record struct CType(ProbeFieldKind Kind, int Bits, bool IsSigned)
{
    private static readonly Dictionary<string, (int Bits, bool Signed)> s_integers = new(StringComparer.Ordinal)
    {
        ["int"] = (32, true),
        ["unsigned int"] = (32, false),
        ["unsigned"] = (32, false),
        ["long"] = (64, true),
        ["unsigned long"] = (64, false),
        ["long long"] = (64, true),
        ["unsigned long long"] = (64, false),
        ["short"] = (16, true),
        ["unsigned short"] = (16, false),
        ["char"] = (8, true),
        ["unsigned char"] = (8, false),
        ["bool"] = (8, false),
        ["u8"] = (8, false),
        ["u16"] = (16, false),
        ["u32"] = (32, false),
        ["u64"] = (64, false),
        ["s8"] = (8, true),
        ["s16"] = (16, true),
        ["s32"] = (32, true),
        ["s64"] = (64, true),
        ["size_t"] = (64, false),
        ["ssize_t"] = (64, true),
        ["loff_t"] = (64, true),
        ["off_t"] = (64, true),
        ["pid_t"] = (32, true),
        ["uid_t"] = (32, false),
        ["gid_t"] = (32, false),
        ["umode_t"] = (16, false),
        ["clockid_t"] = (32, true),
        ["timer_t"] = (32, true),
        ["mqd_t"] = (32, true),
        ["key_t"] = (32, true),
        ["key_serial_t"] = (32, true),
        ["qid_t"] = (32, false),
        ["aio_context_t"] = (64, false),
        ["rwf_t"] = (32, true),
    };

    /// <summary>
    /// A type by its name, for system calls: their tracepoints give every argument 8 bytes, of which a narrower type
    /// uses the lower ones.
    /// </summary>
    public static CType ByName(string name)
    {
        if (name.EndsWith('*')) return Pointer(name);
        string plain = name.StartsWith("__", StringComparison.Ordinal) ? name[2..] : name;
        if (plain.StartsWith("const ", StringComparison.Ordinal)) plain = plain[6..];
        if (s_integers.TryGetValue(plain, out var known)) return new(ProbeFieldKind.Integer, known.Bits, known.Signed);
        if (plain.StartsWith("enum ", StringComparison.Ordinal)) return new(ProbeFieldKind.Integer, 32, false);
        // A name of the kernel's own; unknown ones are shown whole.
        return KernelBtf.IsAvailable && KernelBtf.Vmlinux.TryFind(name, BtfKind.Typedef, out var type) ? OfBtf(type) : new(ProbeFieldKind.Integer, 64, false);
    }

    /// <summary>A type that BTF describes.</summary>
    public static CType OfBtf(BtfType type)
    {
        var resolved = type.Resolve();
        switch (resolved.Kind)
        {
            case BtfKind.Pointer:
                var target = resolved.Target.SkipModifiers();
                return target.Kind == BtfKind.Int && target.Size == 1 && target.NameBytes.SequenceEqual("char"u8)
                    ? new(ProbeFieldKind.Text, 64, false)
                    : new(ProbeFieldKind.Pointer, 64, false);
            case BtfKind.Int:
                return new(ProbeFieldKind.Integer, (int)Math.Min(8, resolved.Size) * 8, resolved.IntEncoding.HasFlag(BtfIntEncoding.Signed));
            case BtfKind.Enum or BtfKind.Enum64:
                return new(ProbeFieldKind.Integer, (int)resolved.Size * 8, resolved.IsSigned);
            default:
                return new(ProbeFieldKind.Integer, 64, false);
        }
    }

    private static CType Pointer(string name)
    {
        string target = string.Join(' ', name[..^1].Split((char[])[' ', '*'], StringSplitOptions.RemoveEmptyEntries).Where(w => w is not ("const" or "__user" or "volatile")));
        bool one = name.IndexOf('*') == name.Length - 1;
        return target switch
        {
            "char" when one => new(ProbeFieldKind.Text, 64, false),
            "struct sockaddr" when one => new(ProbeFieldKind.SocketAddress, 64, false),
            _ => new(ProbeFieldKind.Pointer, 64, false),
        };
    }
}
