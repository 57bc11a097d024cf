namespace Hornet.Elf;

/// <summary>GNU symbol versions: which version of a library's symbol a dynamic symbol is.</summary>
internal sealed class ElfVersions
{
    private const ushort Hidden = 0x8000;

    private readonly ElfFile _file;
    private readonly ReadOnlyMemory<byte> _perSymbol;
    private readonly Dictionary<ushort, string> _names = [];

    private ElfVersions(ElfFile file, ElfSection perSymbol)
    {
        _file = file;
        _perSymbol = file.Read(perSymbol);
        foreach (var section in file.Sections)
        {
            if (section.Type == ElfSectionType.VersionDefinitions) ReadDefinitions(section);
            else if (section.Type == ElfSectionType.VersionNeeds) ReadNeeds(section);
        }
    }

    public static ElfVersions? Read(ElfFile file)
    {
        foreach (var section in file.Sections)
        {
            if (section.Type == ElfSectionType.SymbolVersions) return new ElfVersions(file, section);
        }
        return null;
    }

    public (string? Version, bool IsDefault) Of(int symbol)
    {
        var bytes = _file.Bytes(_perSymbol.Span, $"{_file.Name}: symbol versions");
        if (symbol > bytes.Length / 2 - 1) return default;
        ushort number = bytes.U16(symbol * 2);
        return _names.TryGetValue((ushort)(number & ~Hidden), out string? name) ? (name, (number & Hidden) == 0) : default;
    }

    private void ReadDefinitions(ElfSection section)
    {
        var bytes = _file.Bytes(_file.Read(section).Span, $"{_file.Name}: {section.Name}");
        var strings = _file.Strings(section.Link);
        // Entries are chained by relative offsets; counting them down keeps a chain that loops from running for ever.
        for (int at = 0, left = bytes.Length / 20; left > 0; left--)
        {
            ushort flags = bytes.U16(at + 2), number = bytes.U16(at + 4);
            int aux = Advance(at, bytes.U32(at + 12), bytes.Length);
            // The entry flagged 1 (VER_FLG_BASE) is the name of the file itself.
            if ((flags & 1) == 0) _names[(ushort)(number & ~Hidden)] = strings.Get(bytes.U32(aux));
            uint next = bytes.U32(at + 16);
            if (next == 0) break;
            at = Advance(at, next, bytes.Length);
        }
    }

    private void ReadNeeds(ElfSection section)
    {
        var bytes = _file.Bytes(_file.Read(section).Span, $"{_file.Name}: {section.Name}");
        var strings = _file.Strings(section.Link);
        int left = bytes.Length / 16;
        for (int at = 0; left > 0; left--)
        {
            int aux = Advance(at, bytes.U32(at + 8), bytes.Length);
            for (int n = bytes.U16(at + 2); n > 0 && left > 0; n--, left--)
            {
                _names[(ushort)(bytes.U16(aux + 6) & ~Hidden)] = strings.Get(bytes.U32(aux + 8));
                uint nextAux = bytes.U32(aux + 12);
                if (nextAux == 0) break;
                aux = Advance(aux, nextAux, bytes.Length);
            }
            uint next = bytes.U32(at + 12);
            if (next == 0) break;
            at = Advance(at, next, bytes.Length);
        }
    }

    private int Advance(int at, uint by, int length) => by <= (uint)(length - at)
        ? at + (int)by
        : throw new BpfFormatException($"{_file.Name}: symbol versions point outside their section");
}
