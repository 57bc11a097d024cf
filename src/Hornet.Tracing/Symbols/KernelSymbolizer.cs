using System.Text;

namespace Hornet.Tracing.Symbols;

/// <summary>A kernel symbol found for an address.</summary>
/// <param name="Name">The name.</param>
/// <param name="Offset">Bytes from where it begins.</param>
/// <param name="Module">The module (<c>bpf</c> for BPF programs); null for the kernel itself.</param>
public readonly record struct KernelSymbol(string Name, ulong Offset, string? Module);

/// <summary>
/// Names of kernel addresses, by <c>/proc/kallsyms</c>: read once, 12 bytes a symbol beside the names. Modules and BPF programs that
/// come later are there after <see cref="Refresh"/>. Addresses are shown to processes with <c>CAP_SYSLOG</c> unless
/// <c>kernel.kptr_restrict</c> is 2; without them nothing is found. Safe for concurrent use.
/// </summary>
public sealed class KernelSymbolizer
{
    private const string Path = "/proc/kallsyms";

    private volatile Table _table;

    private KernelSymbolizer(Table table) => _table = table;

    /// <summary>The number of addresses that have a name.</summary>
    public int Count => _table.Addresses.Length;

    /// <summary>Whether there are symbols but their addresses are hidden from this process.</summary>
    public bool IsRestricted => _table.Restricted;

    /// <summary>Reads the symbols of the running kernel; none without <c>CONFIG_KALLSYMS</c>.</summary>
    public static KernelSymbolizer Load() => new(ReadTable());

    /// <summary>Reads the symbols again.</summary>
    public void Refresh() => _table = ReadTable();

    /// <summary>The symbol an address is in: the last one that begins at or before it. Null when there is none.</summary>
    public KernelSymbol? Find(ulong address)
    {
        var table = _table;
        int index = Array.BinarySearch(table.Addresses, address);
        if (index < 0) index = ~index - 1;
        // The kernel's addresses are the upper half: before the first symbol and far behind the last there is nothing.
        if (index < 0) return null;
        ulong offset = address - table.Addresses[index];
        if (index == table.Addresses.Length - 1 && offset > 1 << 20) return null;
        var (name, module) = table.NameOf(index);
        return new KernelSymbol(name, offset, module);
    }

    internal static KernelSymbolizer Parse(byte[] text) => new(Table.Parse(text, text.Length));

    private static Table ReadTable()
    {
        try
        {
            using var file = File.OpenHandle(Path);
            byte[] text = new byte[8 << 20];
            int length = 0;
            while (RandomAccess.Read(file, text.AsSpan(length), length) is > 0 and var n)
            {
                length += n;
                if (length == text.Length) Array.Resize(ref text, text.Length * 2);
            }
            return Table.Parse(text, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Table([], [], [], [], false);
        }
    }

    /// <param name="Addresses">Ascending.</param>
    /// <param name="Names">Where each name begins in the text, in the low 24 bits... see Parse.</param>
    /// <param name="Text">The names one after another, each with its length before it.</param>
    /// <param name="Modules">The modules.</param>
    /// <param name="Restricted">There were symbols, all at 0.</param>
    private sealed record Table(ulong[] Addresses, int[] Names, byte[] Text, string[] Modules, bool Restricted)
    {
        /// <summary>Keeps the names as: module (2 bytes), length (2 bytes), bytes.</summary>
        public static Table Parse(byte[] text, int length)
        {
            byte[] names = new byte[length];
            int used = 0;
            List<(ulong, int)> all = new(length / 45);
            Dictionary<string, ushort> modules = new() { [""] = 0 };
            List<string> moduleNames = [""];
            byte[] lastModule = [];
            ushort lastNumber = 0;
            bool any = false, sorted = true;
            ulong previous = 0;
            ReadOnlySpan<byte> rest = text.AsSpan(0, length);
            while (!rest.IsEmpty)
            {
                int end = rest.IndexOf((byte)'\n');
                var line = end < 0 ? rest : rest[..end];
                rest = end < 0 ? [] : rest[(end + 1)..];
                // ffffffff81000000 T _text\t[module]
                if (line.Length < 20 || line[16] != ' ' || line[18] != ' ') continue;
                any = true;
                // Absolute symbols are numbers, among them offsets in the per-CPU area.
                if (line[17] is (byte)'a' or (byte)'A') continue;
                ulong address = Hex(line);
                if (address == 0) continue;
                var name = line[19..];
                ushort module = 0;
                int tab = name.IndexOf((byte)'\t');
                if (tab >= 0)
                {
                    var its = name[(tab + 1)..];
                    name = name[..tab];
                    if (!its.SequenceEqual(lastModule))
                    {
                        lastModule = its.ToArray();
                        string module2 = Encoding.UTF8.GetString(its).Trim('[', ']');
                        if (!modules.TryGetValue(module2, out lastNumber) && moduleNames.Count < ushort.MaxValue)
                        {
                            modules.Add(module2, lastNumber = (ushort)moduleNames.Count);
                            moduleNames.Add(module2);
                        }
                    }
                    module = lastNumber;
                }
                if (name.Length > ushort.MaxValue) name = name[..ushort.MaxValue];
                sorted &= address >= previous;
                previous = address;
                all.Add((address, used));
                names[used] = (byte)module;
                names[used + 1] = (byte)(module >> 8);
                names[used + 2] = (byte)name.Length;
                names[used + 3] = (byte)(name.Length >> 8);
                name.CopyTo(names.AsSpan(used + 4));
                used += 4 + name.Length;
            }
            var addresses = new ulong[all.Count];
            var places = new int[all.Count];
            for (int i = 0; i < addresses.Length; i++) (addresses[i], places[i]) = all[i];
            // Stable: of several names for one address the first of the file is kept, as the kernel itself does.
            if (!sorted)
            {
                var order = new int[all.Count];
                for (int i = 0; i < order.Length; i++) order[i] = i;
                Array.Sort(order, (a, b) => addresses[a] != addresses[b] ? addresses[a].CompareTo(addresses[b]) : a.CompareTo(b));
                addresses = Array.ConvertAll(order, i => all[i].Item1);
                places = Array.ConvertAll(order, i => all[i].Item2);
            }
            int kept = 0;
            for (int i = 0; i < addresses.Length; i++)
            {
                if (kept > 0 && addresses[kept - 1] == addresses[i]) continue;
                (addresses[kept], places[kept]) = (addresses[i], places[i]);
                kept++;
            }
            return new Table(addresses[..kept], places[..kept], names.AsSpan(0, used).ToArray(), [.. moduleNames], any && kept == 0);
        }

        public (string Name, string? Module) NameOf(int index)
        {
            int at = Names[index], module = Text[at] | Text[at + 1] << 8, length = Text[at + 2] | Text[at + 3] << 8;
            return (Encoding.UTF8.GetString(Text, at + 4, length), module == 0 ? null : Modules[module]);
        }

        private static ulong Hex(ReadOnlySpan<byte> digits)
        {
            ulong value = 0;
            for (int i = 0; i < 16; i++)
            {
                uint c = digits[i];
                value = value << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) & 15;
            }
            return value;
        }
    }
}
