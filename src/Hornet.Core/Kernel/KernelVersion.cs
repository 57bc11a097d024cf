using System.Globalization;
using System.Runtime.InteropServices;

namespace Hornet.Kernel;

/// <summary>A kernel's version: <c>6.12.107</c>. Compares as numbers, part by part.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second number.</param>
/// <param name="Patch">The third number (the stable release).</param>
public readonly record struct KernelVersion(int Major, int Minor, int Patch = 0) : IComparable<KernelVersion>
{
    // Boxed rather than in a Lazy: code of the runtime's generics over our structs is never precompiled, and this is asked at
    // every start.
    private static object? s_running;

    /// <summary>
    /// The running kernel's true version. Distributions put their own numbers into the release string (Debian's
    /// <c>6.1.0-50-amd64</c> is 6.1.176), so this is the <c>LINUX_VERSION_CODE</c> that the kernel stores in a note
    /// of its vDSO, which is also what the kernel compares against; the release string only where there is no vDSO.
    /// </summary>
    public static KernelVersion Running => (KernelVersion)(s_running ??= ReadRunning());

    /// <summary>The release string (<c>uname -r</c>), which also names files under <c>/boot</c> and <c>/lib/modules</c>.</summary>
    public static string Release { get; } = ReadRelease();

    /// <summary>The kernel's <c>LINUX_VERSION_CODE</c>: two bytes of major and minor, and the patch cut to 255 as the kernel does.</summary>
    public uint Code => ((uint)Major << 16) | ((uint)Minor << 8) | (uint)Math.Min(Patch, 255);

    /// <summary>The version of a <c>LINUX_VERSION_CODE</c>.</summary>
    public static KernelVersion FromCode(uint code) => new((int)(code >> 16), (int)((code >> 8) & 0xff), (int)(code & 0xff));

    /// <summary>Reads the leading <c>major.minor[.patch]</c> of a version or release string; whatever follows is ignored.</summary>
    /// <returns>False when the text does not begin with two numbers.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out KernelVersion version)
    {
        version = default;
        Span<int> parts = [0, 0, 0];
        int n = 0;
        while (n < 3)
        {
            int digits = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
            if (digits == 0 || !int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out parts[n])) break;
            n++;
            text = text[digits..];
            if (n == 3 || text is not ['.', ..]) break;
            text = text[1..];
        }
        if (n < 2) return false;
        version = new KernelVersion(parts[0], parts[1], parts[2]);
        return true;
    }

    /// <summary>Like <see cref="TryParse"/>, for text that is known to be a version.</summary>
    /// <exception cref="BpfFormatException">The text is none.</exception>
    public static KernelVersion Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var version) ? version : throw new BpfFormatException($"'{text}' is not a kernel version such as 6.12 or 6.1.55");

    /// <inheritdoc/>
    public int CompareTo(KernelVersion other)
    {
        int order = Major.CompareTo(other.Major);
        if (order == 0) order = Minor.CompareTo(other.Minor);
        return order != 0 ? order : Patch.CompareTo(other.Patch);
    }

    /// <summary>Whether the left version is older.</summary>
    public static bool operator <(KernelVersion left, KernelVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version is newer.</summary>
    public static bool operator >(KernelVersion left, KernelVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is older or the same.</summary>
    public static bool operator <=(KernelVersion left, KernelVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is newer or the same.</summary>
    public static bool operator >=(KernelVersion left, KernelVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    private static string ReadRelease()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc the runtime's own uname(2) still answers, as "Unix 6.1.0.50".
            return Environment.OSVersion.Version.ToString(3);
        }
    }

    private static KernelVersion ReadRunning()
    {
        if (Vdso.ReadVersionCode() is { } code) return FromCode(code);
        // Ubuntu's own way of saying it: "Ubuntu 6.8.0-45.45-generic 6.8.12".
        try
        {
            string[] signature = File.ReadAllText("/proc/version_signature").Trim().Split(' ');
            if (TryParse(signature[^1], out var version)) return version;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
        return TryParse(Release, out var release) ? release : default;
    }
}

/// <summary>The small ELF file the kernel maps into every process, with its version in a note.</summary>
internal static unsafe partial class Vdso
{
    private const ulong AtSysinfoEhdr = 33;
    private const uint PtNote = 4;

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial ulong GetAuxiliaryValue(ulong type);

    /// <summary>The note "Linux", type 0; null when the kernel gives no vDSO (some sandboxes do not).</summary>
    public static uint? ReadVersionCode()
    {
        byte* image = (byte*)GetAuxiliaryValue(AtSysinfoEhdr);
        if (image == null || *(uint*)image != 0x464c457f) return null;
        // The image is the kernel's own; its headers are taken as they are.
        byte* headers = image + *(ulong*)(image + 32);
        int size = *(ushort*)(image + 54), count = *(ushort*)(image + 56);
        for (int i = 0; i < count; i++)
        {
            byte* header = headers + (i * size);
            if (*(uint*)header != PtNote) continue;
            ulong offset = *(ulong*)(header + 8), length = *(ulong*)(header + 32);
            if (FindVersion(new ReadOnlySpan<byte>(image + offset, (int)length)) is { } code) return code;
        }
        return null;
    }

    internal static uint? FindVersion(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= 12)
        {
            int nameLength = MemoryMarshal.Read<int>(notes), dataLength = MemoryMarshal.Read<int>(notes[4..]);
            uint type = MemoryMarshal.Read<uint>(notes[8..]);
            if (nameLength < 0 || dataLength < 0 || nameLength > notes.Length || dataLength > notes.Length) return null;
            int data = 12 + ((nameLength + 3) & ~3), next = data + ((dataLength + 3) & ~3);
            if (next > notes.Length) return null;
            if (type == 0 && dataLength == 4 && notes.Slice(12, nameLength).SequenceEqual("Linux\0"u8)) return MemoryMarshal.Read<uint>(notes[data..]);
            notes = notes[next..];
        }
        return null;
    }
}
