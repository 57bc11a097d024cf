using System.Runtime.InteropServices;

namespace Hornet.Compiler.IR;

/// <summary>Something that can be an operand: a constant, a parameter, or the result of an instruction.</summary>
public abstract class Value
{
    private List<Instruction>? _users;

    private protected Value(IrType type) => Type = type;

    /// <summary>The type.</summary>
    public IrType Type { get; internal set; }

    /// <summary>A name for readers; null for a number.</summary>
    public string? Name { get; set; }

    /// <summary>The instructions that use the value, once per operand. Constants do not keep them.</summary>
    public IReadOnlyList<Instruction> Users => _users ?? (IReadOnlyList<Instruction>)[];

    /// <summary>The same for passes, which look at very many: without an interface in between. It holds until a user comes or goes.</summary>
    internal ReadOnlySpan<Instruction> UserSpan => CollectionsMarshal.AsSpan(_users);

    /// <summary>Whether no instruction uses the value.</summary>
    public bool IsUnused => _users is null or { Count: 0 };

    /// <summary>Puts another value in the place of this one, wherever it is used.</summary>
    public void ReplaceAllUsesWith(Value other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(this, other) || _users is null) return;
        foreach (var user in CollectionsMarshal.AsSpan(_users.ToList())) user.ReplaceOperand(this, other);
    }

    internal virtual void AddUser(Instruction user) => (_users ??= new(1)).Add(user);

    internal virtual void RemoveUser(Instruction user)
    {
        if (_users is null) return;
        // Thousands may use one value; comparing references here is several times faster than the list's own search.
        var users = CollectionsMarshal.AsSpan(_users);
        int at = users.Length - 1;
        while (at >= 0 && !ReferenceEquals(users[at], user)) at--;
        if (at < 0) return;
        _users[at] = _users[^1];
        _users.RemoveAt(_users.Count - 1);
    }
}

/// <summary>A number known at compile time, or the null pointer of a region.</summary>
public sealed class Constant : Value
{
    private Constant(IrType type, long value) : base(type) => Number = value;

    /// <summary>The number, sign-extended; 0 for null.</summary>
    public long Number { get; }

    /// <summary>Whether this is a null pointer.</summary>
    public bool IsNull => Type.IsPointer;

    /// <summary>A 32-bit number.</summary>
    public static Constant Int32(int value) => new(IrType.I32, value);

    /// <summary>A 64-bit number.</summary>
    public static Constant Int64(long value) => new(IrType.I64, value);

    /// <summary>A truth value: 1 or 0.</summary>
    public static Constant Boolean(bool value) => new(IrType.I32, value ? 1 : 0);

    /// <summary>A null pointer.</summary>
    public static Constant Null(Region region) => new(IrType.Pointer(region), 0);

    /// <summary>A number of a type, cut to its width; null for a pointer.</summary>
    public static Constant Of(IrType type, long value) => type.Kind switch
    {
        IrTypeKind.I32 => Int32((int)value),
        IrTypeKind.I64 => Int64(value),
        IrTypeKind.Pointer when value == 0 => Null(type.Region),
        _ => throw new ArgumentException($"There is no constant {value} of type {type}.", nameof(type)),
    };

    internal override void AddUser(Instruction user) { }

    internal override void RemoveUser(Instruction user) { }

    /// <inheritdoc/>
    public override string ToString() => IsNull ? "null" : Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A parameter of a function.</summary>
public sealed class Parameter : Value
{
    internal Parameter(int index, IrType type, string name) : base(type)
    {
        Index = index;
        Name = name;
    }

    /// <summary>The position, from 0.</summary>
    public int Index { get; }

    /// <inheritdoc/>
    public override string ToString() => $"%{Name}";
}
