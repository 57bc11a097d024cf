using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Objects;

/// <summary>The values of an object's <c>__kconfig</c> variables: those given, and else the running kernel's.</summary>
/// <param name="spec">The object.</param>
/// <param name="given">The configuration to read; null for the running kernel's.</param>
internal sealed class KconfigValues(BpfObject spec, Kconfig? given)
{
    private readonly KernelVersion _kernelVersion = KernelVersion.Running;
    private readonly Dictionary<string, string> _problems = [];

    /// <summary>The contents of the <c>.kconfig</c> map; empty without one. Problems are kept: they concern only the programs that use the value.</summary>
    public byte[] Fill()
    {
        if (!spec.Maps.TryGet(ObjectReader.KconfigMap, out var map)) return [];
        byte[] contents = new byte[map.ValueSize];
        var config = new Lazy<Kconfig?>(() => given ?? Kconfig.Running);
        foreach (var external in spec.Externs)
        {
            if (external.Kind != ExternKind.Kconfig) continue;
            var place = contents.AsSpan((int)external.Offset, (int)external.Size);
            if (external.Value is { } value)
            {
                value.CopyTo(place);
                continue;
            }
            string? problem = external.Name.StartsWith("CONFIG_", StringComparison.Ordinal)
                ? WriteOption(external, place, config.Value)
                : WriteFact(external.Name, place);
            if (problem is not null) _problems[external.Name] = problem;
        }
        return contents;
    }

    /// <summary>Refuses a program that uses a value which could not be found out.</summary>
    public void Check(ProgramSpec program, long offset)
    {
        foreach (var external in spec.Externs)
        {
            if (external.Kind != ExternKind.Kconfig || offset < external.Offset || offset >= external.Offset + external.Size) continue;
            if (_problems.TryGetValue(external.Name, out string? problem)) throw new BpfException($"program '{program.Name}': {problem}");
        }
    }

    /// <summary>Facts about the kernel under the names that libbpf gave them.</summary>
    private string? WriteFact(string name, Span<byte> place)
    {
        ulong value;
        switch (name)
        {
            case "LINUX_KERNEL_VERSION":
                value = _kernelVersion.Code;
                break;
            case "LINUX_HAS_SYSCALL_WRAPPER":
                // The wrappers' own symbols tell, also on kernels without kprobes, where trying to probe one says nothing.
                value = KernelSymbols.Exists(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "__arm64_sys_bpf" : "__x64_sys_bpf") ? 1u : 0;
                break;
            case "LINUX_HAS_BPF_COOKIE":
                value = HasAttachCookie(_kernelVersion) ? 1u : 0;
                break;
            default:
                return spec.Externs[name].IsWeak ? null : $"it uses '{name}', which is no fact about the kernel that a loader knows. Declare it __weak, or set it on the object";
        }
        return WriteNumber(name, value, place);
    }

    /// <summary>bpf_get_attach_cookie() came with 5.15 (7adfc6c9b315).</summary>
    internal static bool HasAttachCookie(KernelVersion version) => version >= new KernelVersion(5, 15);

    private string? WriteOption(ExternSymbol external, Span<byte> place, Kconfig? config)
    {
        string? text = config?[external.Name];
        if (text is null)
        {
            if (external.IsWeak) return null;
            return config is null
                ? $"it uses '{external.Name}', and the kernel's configuration cannot be read (/proc/config.gz, /boot/config-{KernelVersion.Release}). Give it in LoadOptions.Kconfig, set the value on the object, or declare it __weak"
                : $"it uses '{external.Name}', which is not set in {config.Source}. Declare it __weak, or set the value on the object";
        }
        var type = spec.Btf![external.BtfId].Target.Resolve();
        if (text is "y" or "m" or "n") return WriteTristate(external.Name, text[0], type, place);
        if (text.StartsWith('"'))
        {
            if (type.Kind != BtfKind.Array || type.Target.ByteSize != 1) return Mismatch(external.Name, text);
            byte[] bytes = Encoding.UTF8.GetBytes(text.Trim('"'));
            // An array of one holds no text but its first character; longer ones always end in zero.
            int room = place.Length == 1 ? 1 : place.Length - 1;
            bytes.AsSpan(0, Math.Min(bytes.Length, room)).CopyTo(place);
            return null;
        }
        if (type.Kind is not (BtfKind.Int or BtfKind.Enum or BtfKind.Enum64)) return Mismatch(external.Name, text);
        bool negative = text.StartsWith('-');
        var digits = text.AsSpan(negative ? 1 : 0);
        bool hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!ulong.TryParse(hexadecimal ? digits[2..] : digits, hexadecimal ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return Mismatch(external.Name, text);
        ulong value = negative ? (ulong)-(long)number : number;
        bool fits = type.IsSigned
            ? negative ? (long)value >= -1L << (place.Length * 8 - 1) : number <= (ulong)(long.MaxValue >> (64 - place.Length * 8))
            : !negative && (place.Length == 8 || number >> (place.Length * 8) == 0);
        return fits ? WriteNumber(external.Name, value, place) : $"it uses '{external.Name}', whose value {text} does not fit the {place.Length} bytes it was declared with";
    }

    private static string? WriteTristate(string name, char value, BtfType type, Span<byte> place)
    {
        if (type.Kind == BtfKind.Int && (type.IntEncoding & BtfIntEncoding.Bool) != 0)
            return value == 'm' ? $"it uses '{name}' as a bool, and the option is a module (m)" : WriteNumber(name, value == 'y' ? 1u : 0, place);
        // enum libbpf_tristate: TRI_NO, TRI_YES, TRI_MODULE.
        if (type.IsEnum) return WriteNumber(name, value switch { 'y' => 1u, 'm' => 2u, _ => 0 }, place);
        if (type.Kind == BtfKind.Int && place.Length == 1)
        {
            place[0] = (byte)value;
            return null;
        }
        return Mismatch(name, value.ToString());
    }

    private static string Mismatch(string name, string value) => $"it uses '{name}', whose value {value} does not fit the type it was declared with";

    private static string? WriteNumber(string name, ulong value, Span<byte> place)
    {
        switch (place.Length)
        {
            case 1: place[0] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)value); break;
            case 4: BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)value); break;
            case 8: BinaryPrimitives.WriteUInt64LittleEndian(place, value); break;
            default: return $"it uses '{name}' with {place.Length} bytes, which is no number";
        }
        if (!BitConverter.IsLittleEndian) place.Reverse();
        return null;
    }
}
