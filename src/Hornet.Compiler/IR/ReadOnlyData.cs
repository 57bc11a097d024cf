namespace Hornet.Compiler.IR;

/// <summary>The constants of a module, as it refers to them: one frozen array map, which comes with the first bytes.</summary>
public sealed class ReadOnlyData
{
    private readonly IrModule _module;

    internal ReadOnlyData(IrModule module, ObjectConstants constants)
    {
        _module = module;
        Constants = constants;
    }

    /// <summary>The bytes, which the programs of an object share.</summary>
    public ObjectConstants Constants { get; }

    /// <summary>The map that holds the bytes; null while the module uses none.</summary>
    public MapSymbol? Map { get; private set; }

    /// <summary>Adds bytes, or finds equal ones, and returns their offset in the map's value.</summary>
    public int Add(ReadOnlySpan<byte> bytes, int align = 8)
    {
        int offset = Constants.Add(bytes, align);
        Map ??= _module.AddMap(Constants.Map);
        return offset;
    }

    /// <summary>Adds a constant with a name, which can be changed until the object is loaded, or finds it; returns its offset.</summary>
    /// <param name="name">The name: a C identifier.</param>
    /// <param name="bytes">The value, of 1, 2, 4 or 8 bytes.</param>
    /// <param name="kind">What kind of number it is.</param>
    public int AddVariable(string name, ReadOnlySpan<byte> bytes, ConstantKind kind)
    {
        int offset = Constants.AddVariable(name, bytes, kind);
        Map ??= _module.AddMap(Constants.Map);
        return offset;
    }
}
