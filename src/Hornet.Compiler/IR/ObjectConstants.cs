using System.Runtime.InteropServices;
using Hornet.Maps;

namespace Hornet.Compiler.IR;

/// <summary>What kind of number a named constant is, for those who set it by its name.</summary>
public enum ConstantKind
{
    /// <summary>A number without sign.</summary>
    Unsigned,
    /// <summary>A signed number.</summary>
    Signed,
    /// <summary>A truth value of one byte.</summary>
    Boolean,
}

/// <summary>A constant with a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Offset">Where it lies in the section, in bytes.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="Kind">What kind of number it is.</param>
public sealed record NamedConstant(string Name, int Offset, int Size, ConstantKind Kind);

/// <summary>
/// The constant bytes of an object, its section <c>.rodata</c>: texts and tables, of which equal ones are kept once, and
/// numbers with names, which can be changed until the object is loaded and are never shared.
/// </summary>
public sealed class ObjectConstants
{
    private readonly List<byte> _bytes = [];
    private readonly List<NamedConstant> _variables = [];

    /// <summary>The map that holds the bytes.</summary>
    internal MapSpec Map { get; } = new() { Name = ".rodata", Type = MapType.Array, KeySize = 4, MaxEntries = 1, Flags = MapFlags.ReadOnlyProgram, Freeze = true };

    /// <summary>The constants with names, in the order of their offsets.</summary>
    public IReadOnlyList<NamedConstant> Variables => _variables;

    /// <summary>Adds bytes, or finds equal ones, and returns their offset.</summary>
    internal int Add(ReadOnlySpan<byte> bytes, int align)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        var present = CollectionsMarshal.AsSpan(_bytes);
        for (int from = 0; ; from++)
        {
            int at = present[from..].IndexOf(bytes);
            if (at < 0) break;
            from += at;
            if (from % align == 0 && !TouchesVariable(from, bytes.Length)) return from;
        }
        return Append(bytes, align);
    }

    /// <summary>Adds a constant with a name, or finds the one of this name, and returns its offset.</summary>
    internal int AddVariable(string name, ReadOnlySpan<byte> bytes, ConstantKind kind)
    {
        if (_variables.Find(v => v.Name == name) is { } known)
        {
            if (known.Size != bytes.Length || known.Kind != kind) throw new ArgumentException($"The constant '{name}' is of another type already.", nameof(name));
            return known.Offset;
        }
        int offset = Append(bytes, bytes.Length);
        _variables.Add(new NamedConstant(name, offset, bytes.Length, kind));
        return offset;
    }

    // What is changed later must not lie within a text that others read.
    private bool TouchesVariable(int offset, int length) => _variables.Exists(v => offset < v.Offset + v.Size && v.Offset < offset + length);

    private int Append(ReadOnlySpan<byte> bytes, int align)
    {
        while (_bytes.Count % align != 0) _bytes.Add(0);
        int offset = _bytes.Count;
        _bytes.AddRange(bytes);
        Map.ValueSize = (uint)(_bytes.Count + 7 & ~7);
        var value = new byte[Map.ValueSize];
        _bytes.CopyTo(value);
        Map.Contents.Clear();
        Map.Contents.Add((new byte[4], value));
        return offset;
    }
}
