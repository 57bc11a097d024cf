using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    internal const string KconfigMap = ".kconfig";

    /// <summary>Externs by the number of their symbol.</summary>
    private readonly Dictionary<int, ExternSymbol> _externs = [];

    private void ReadExterns()
    {
        Dictionary<string, (BtfType Type, string Section)> described = [];
        foreach (string name in (string[])[KconfigMap, ".ksyms"])
        {
            if (_btf is null || !_btf.TryFind(name, BtfKind.DataSection, out var section)) continue;
            foreach (var entry in section.Variables) described[entry.Variable.Name] = (entry.Variable, name);
        }
        List<(ElfSymbol Symbol, BtfType Type)> kconfig = [];
        foreach (var symbol in _elf.Symbols)
        {
            if (!symbol.IsUndefined || symbol.Name.Length == 0 || symbol.Binding is not (ElfSymbolBinding.Global or ElfSymbolBinding.Weak)) continue;
            if (_object.Externs.Contains(symbol.Name)) continue;
            if (!described.TryGetValue(symbol.Name, out var found))
            {
                AddExtern(symbol, ExternKind.Unknown, FunctionId(symbol.Name), size: 8);
            }
            else if (found.Section == KconfigMap)
            {
                kconfig.Add((symbol, found.Type));
            }
            else if (found.Type.Kind == BtfKind.Function)
            {
                AddExtern(symbol, ExternKind.KernelFunction, found.Type.Id);
            }
            else
            {
                var type = found.Type.Target.SkipModifiers();
                AddExtern(symbol, type.Kind == BtfKind.Void ? ExternKind.KernelAddress : ExternKind.KernelVariable, found.Type.Id);
            }
        }
        AddKconfig(kconfig);
    }

    private uint FunctionId(string name) => _btf is not null && _btf.TryFind(name, BtfKind.Function, out var function) ? function.Id : 0;

    /// <summary>Configuration values lie in a read-only map of our making, the widest first so that none needs padding.</summary>
    private void AddKconfig(List<(ElfSymbol Symbol, BtfType Type)> symbols)
    {
        if (symbols.Count == 0) return;
        uint offset = 0;
        foreach (var (symbol, type, size, alignment) in symbols
            .Select(s => (s.Symbol, s.Type, Size: s.Type.Target.ByteSize, Alignment: Math.Max(1, s.Type.Target.Alignment)))
            .OrderByDescending(s => s.Alignment).ThenByDescending(s => s.Size).ThenBy(s => s.Symbol.Name, StringComparer.Ordinal))
        {
            if (size is <= 0 or > 1 << 16) throw Broken($"the configuration value '{symbol.Name}' has {size} bytes");
            offset = (offset + (uint)alignment - 1) / (uint)alignment * (uint)alignment;
            AddExtern(symbol, ExternKind.Kconfig, type.Id, (uint)size, offset);
            offset += (uint)size;
        }
        AddMap(new MapSpec
        {
            Name = KconfigMap,
            Type = MapType.Array,
            KeySize = 4,
            ValueSize = offset,
            MaxEntries = 1,
            Flags = MapFlags.Mmapable | MapFlags.ReadOnlyProgram,
            Freeze = true,
            ValueTypeId = _btf!.Find(KconfigMap, BtfKind.DataSection).Id,
        });
    }

    private void AddExtern(ElfSymbol symbol, ExternKind kind, uint btfId, uint size = 0, uint offset = 0)
    {
        ExternSymbol item = new() { Name = symbol.Name, Kind = kind, IsWeak = symbol.Binding == ElfSymbolBinding.Weak, BtfId = btfId, Size = size, Offset = offset };
        _object.Externs.Add(item);
        _externs.Add(symbol.Index, item);
    }
}
