using System.Text;
using Hornet.Elf;
using Hornet.Tracing.Dwarf;
using Hornet.Tracing.Symbols;

namespace Hornet.Fuzz;

/// <summary>The parsers of debug information and symbols, under the same rules as the others.</summary>
internal static class TracingTargets
{
    private const int MaxItems = 200;

    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["dwarf"] = Dwarf,
        ["frames"] = Frames,
        ["symbol"] = data => _ = Demangler.Demangle(Encoding.UTF8.GetString(data)).Length,
        ["maps"] = Maps,
    };

    private static void Dwarf(byte[] data)
    {
        using var info = DebugInfo.Parse(data, "fuzz");
        if (info is null) return;
        List<ulong> addresses = [];
        foreach (string name in (string[])["work", "twice", "main"])
        {
            Refusable(() =>
            {
                foreach (var function in info.FindFunctions(name))
                {
                    addresses.AddRange(function.Addresses.Take(4));
                    Refusable(() => _ = function.Parameters.Count(p => p.ToString().Length + p.Location.Pieces.Count > 0));
                    Refusable(() => _ = function.ReturnType.ByteSize);
                    Refusable(() => addresses.AddRange(function.InlinedAddresses.Take(4)));
                    Refusable(() => _ = function.QualifiedName.Length);
                }
            });
        }
        foreach (string name in (string[])["struct node", "enum color", "int"])
        {
            Refusable(() =>
            {
                if (info.FindType(name) is not { } type) return;
                _ = type.ByteSize;
                type.TryFindField("next", out _);
                foreach (var other in type.Spec.OwnTypes.Take(MaxItems)) Refusable(() => _ = other.ByteSize + other.Name.Length + other.Resolve().Count);
            });
        }
        Refusable(() => _ = info.Functions.Take(MaxItems).Count(f => f.Name.Length > 0));
        Refusable(() => _ = info.TypeNames.Count);
        Refusable(() => _ = info.SourceFiles.Count);
        Refusable(() => addresses.AddRange(info.FindLine("-", 4).Take(4).Select(l => l.Address)));
        foreach (ulong address in addresses)
        {
            Refusable(() => _ = info.FindSource(address));
            Refusable(() => _ = info.FindFrames(address).Count);
            Refusable(() => _ = info.FindFunctionAt(address)?.Name);
        }
    }

    private static void Frames(byte[] data)
    {
        using var file = ElfFile.Parse(data, "fuzz");
        Refusable(() =>
        {
            UnwindTable table;
            try
            {
                table = UnwindTable.Read(file, file);
            }
            catch (BpfException e) when (e.Message.Contains("cannot be walked", StringComparison.Ordinal))
            {
                // Another machine.
                return;
            }
            for (int i = 1; i < table.Rows.Length; i++)
            {
                if (table.Rows[i].Address <= table.Rows[i - 1].Address) throw new InvalidOperationException("the rows are not in order");
            }
            UnwindRegisters registers = new(table.Base, 0x1000, 0x1000);
            for (int i = 0; i < 64 && table.TryStep(ref registers, table.Base + (ulong)i, a => a); i++)
            {
            }
        });
        Refusable(() => _ = BinarySymbols.Read(file, "fuzz", []).Find(file.EntryPoint)?.Name);
    }

    private static void Maps(byte[] data)
    {
        var map = PerfMap.Parse(data);
        for (ulong a = 0; a < 16; a++) _ = map.Find(0x7f0000001000 + a * 8)?.Name;
        var kernel = KernelSymbolizer.Parse(data);
        for (ulong a = 0; a < 16; a++) _ = kernel.Find(0xffffffff81000000 + a * 64)?.Name;
        var maps = ProcessMaps.Parse(1, Encoding.Latin1.GetString(data).Split('\n'), false);
        foreach (var mapping in maps.Mappings.Take(MaxItems)) _ = maps.Find(mapping.Start)?.Name.Length + maps.PathsOf(mapping).Count();
    }

    private static void Refusable(Action action)
    {
        try
        {
            action();
        }
        catch (BpfFormatException)
        {
        }
    }
}
