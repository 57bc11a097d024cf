using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Compiler.IR;

/// <summary>A program before it is compiled: its functions, its maps, and what kind of program it is.</summary>
public sealed class IrModule
{
    private readonly List<IrFunction> _functions = [];
    private readonly List<MapSymbol> _maps = [];
    private readonly HashSet<string> _names = [];
    private readonly List<SharedTypes> _sharedTypes = [];

    /// <summary>Begins an empty module.</summary>
    public IrModule(string name, ProgramType programType) : this(name, programType, new ObjectConstants())
    {
    }

    /// <summary>Begins an empty module of an object whose programs share their constants.</summary>
    public IrModule(string name, ProgramType programType, ObjectConstants constants)
    {
        Name = name;
        ProgramType = programType;
        ReadOnlyData = new ReadOnlyData(this, constants);
    }

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>The kind of program.</summary>
    public ProgramType ProgramType { get; }

    /// <summary>The attach type, where the kind has several.</summary>
    public AttachType AttachType { get; set; }

    /// <summary>Load flags; those that the kind of program always has are added.</summary>
    public ProgramFlags Flags { get; set; }

    /// <summary>The functions; the first is the program itself unless <see cref="EntryFunction"/> says otherwise.</summary>
    public IReadOnlyList<IrFunction> Functions => _functions;

    /// <summary>The function the kernel calls.</summary>
    public IrFunction EntryFunction { get => field ?? _functions[0]; set; }

    /// <summary>The maps.</summary>
    public IReadOnlyList<MapSymbol> Maps => _maps;

    /// <summary>The types of the maps whose values hold lists or trees: the program must be loaded with them, so there may be one.</summary>
    internal IReadOnlyList<SharedTypes> SharedTypes => _sharedTypes;

    /// <summary>Constant bytes of the program: text, tables.</summary>
    public ReadOnlyData ReadOnlyData { get; }

    /// <summary>Adds a function; a taken name gets a number.</summary>
    public IrFunction AddFunction(string name, IrType returnType)
    {
        string unique = name;
        for (int i = 1; !_names.Add(unique); i++) unique = $"{name}_{i}";
        IrFunction function = new(this, unique, returnType);
        _functions.Add(function);
        return function;
    }

    /// <summary>Adds a map by its description. Names are unique: a taken one gets a number.</summary>
    public MapSymbol AddMap(MapSpec spec) => AddMap(spec, null);

    /// <summary>Adds a live map, or finds it.</summary>
    public MapSymbol AddMap(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Types is { } types && !_sharedTypes.Contains(types)) _sharedTypes.Add(types);
        return _maps.FirstOrDefault(m => ReferenceEquals(m.Map, map)) ?? AddMap(
            new MapSpec
            {
                Name = map.Name.Length > 0 ? map.Name : "map",
                Type = map.Type,
                KeySize = (uint)map.KeySize,
                ValueSize = (uint)map.ValueSize,
                MaxEntries = map.MaxEntries,
                Flags = map.Flags,
                // Of a map that is only declared, the object's own types begin with these.
                KeyTypeId = map is { IsDeclaration: true, Types: { } declared } ? declared.KeyTypeId : 0,
                ValueTypeId = map is { IsDeclaration: true, Types: { } held } ? held.ValueTypeId : 0,
                DescribeTypes = map.IsDeclaration ? map.Spec.DescribeTypes : null,
            },
            map);
    }

    /// <summary>The number of an object's type among those of the map that holds such objects; null when the program has no such map, or several.</summary>
    internal uint? IdOfObject(Type type) => _sharedTypes is [var only] ? only.IdOf(type) : null;

    /// <summary>The types of values of the maps that hold objects.</summary>
    internal IEnumerable<Type> ObjectHolders => _sharedTypes.Select(types => types.ValueType);

    internal void RemoveFunction(IrFunction function)
    {
        _functions.Remove(function);
        _names.Remove(function.Name);
    }

    private MapSymbol AddMap(MapSpec spec, BpfMap? map)
    {
        ArgumentNullException.ThrowIfNull(spec);
        string unique = spec.Name;
        for (int i = 1; _maps.Any(m => m.Name == unique); i++) unique = $"{spec.Name}_{i}";
        MapSymbol symbol = new(unique, spec, map);
        _maps.Add(symbol);
        return symbol;
    }

    /// <inheritdoc/>
    public override string ToString() => IrPrinter.Print(this);
}

/// <summary>A map by the name the program refers to it with.</summary>
public sealed class MapSymbol
{
    internal MapSymbol(string name, MapSpec spec, BpfMap? map)
    {
        Name = name;
        Spec = spec;
        Map = map;
    }

    /// <summary>The name, unique in the module.</summary>
    public string Name { get; }

    /// <summary>What it is like.</summary>
    public MapSpec Spec { get; }

    /// <summary>The live map; null for one that is still to be created.</summary>
    public BpfMap? Map { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
