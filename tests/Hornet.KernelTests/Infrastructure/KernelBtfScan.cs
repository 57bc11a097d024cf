using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.KernelTests;

/// <summary>
/// Finds one type's id in the kernel's BTF by walking it from the start. Used by the probes only, so that they do not
/// depend on the library they gate.
/// </summary>
internal static class KernelBtfScan
{
    public const int Struct = 4, Function = 12;

    private static byte[]? s_btf;
    private static readonly Dictionary<(int, string), uint> s_found = [];

    public static bool Available => File.Exists("/sys/kernel/btf/vmlinux");

    /// <summary>The id; 0 when there is no such type.</summary>
    public static uint Find(int kind, string name)
    {
        if (!Available) return 0;
        if (s_found.TryGetValue((kind, name), out uint known)) return known;
        byte[] btf = s_btf ??= File.ReadAllBytes("/sys/kernel/btf/vmlinux");
        int header = Int(btf, 4), types = header + Int(btf, 8), end = types + Int(btf, 12), strings = header + Int(btf, 16);
        ReadOnlySpan<byte> wanted = Encoding.ASCII.GetBytes(name + "\0");
        uint id = 1;
        for (int at = types; at < end; id++)
        {
            uint info = (uint)Int(btf, at + 4);
            int thisKind = (int)((info >> 24) & 31), length = (int)(info & 0xffff);
            if (thisKind == kind && btf.AsSpan(strings + Int(btf, at)).StartsWith(wanted)) return s_found[(kind, name)] = id;
            at += 12 + thisKind switch
            {
                1 or 14 or 17 => 4,
                3 => 12,
                4 or 5 or 15 or 19 => 12 * length,
                6 or 13 => 8 * length,
                _ => 0,
            };
        }
        return s_found[(kind, name)] = 0;
    }

    private static int Int(byte[] data, int offset) => MemoryMarshal.Read<int>(data.AsSpan(offset));
}
