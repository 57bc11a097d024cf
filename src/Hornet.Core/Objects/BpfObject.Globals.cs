using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Btf;

namespace Hornet.Objects;

public sealed partial class BpfObject
{
    /// <summary>
    /// The names of the global variables that can be set, those of the kernel's configuration included, and undefined
    /// symbols that assembler code uses as constants (8 bytes).
    /// </summary>
    public IEnumerable<string> GlobalNames => Variables.Select(v => v.Name).Concat(Externs.Where(e => e.Kind is ExternKind.Kconfig or ExternKind.Unknown).Select(e => e.Name));

    /// <summary>The size in bytes of a variable of a data section; null when there is none of this name.</summary>
    public uint? GlobalSize(string name) => Variables.FirstOrDefault(v => v.Name == name)?.Size;

    /// <summary>
    /// Sets a global variable before the object is loaded. Constants (<c>const volatile</c>) become known to the verifier,
    /// which then leaves out the code they switch off.
    /// </summary>
    /// <typeparam name="T">An unmanaged type of the variable's size and, for numbers, of its kind.</typeparam>
    /// <param name="name">The C name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">There is no such variable, or it is of another type.</exception>
    public void SetGlobal<T>(string name, T value) where T : unmanaged
    {
        var variable = FindVariable(name, out var configuration);
        GlobalAccess.Check<T>(Btf, name, configuration?.BtfId ?? variable!.BtfId, configuration?.Size ?? variable!.Size);
        Swap<T>(MemoryMarshal.AsBytes(new Span<T>(ref value)), name);
        Write(variable, configuration, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    /// <summary>Sets a global variable of any type by its bytes; an array may be set in part, from its beginning.</summary>
    public void SetGlobalBytes(string name, ReadOnlySpan<byte> value)
    {
        var variable = FindVariable(name, out var configuration);
        uint size = configuration?.Size ?? variable!.Size;
        if (value.Length > size) throw new BpfException($"the variable '{name}' has {size} bytes, not {value.Length}");
        Write(variable, configuration, value);
    }

    /// <summary>The value a global variable will have at first.</summary>
    public T GetGlobal<T>(string name) where T : unmanaged
    {
        var variable = FindVariable(name, out var configuration);
        GlobalAccess.Check<T>(Btf, name, configuration?.BtfId ?? variable!.BtfId, configuration?.Size ?? variable!.Size);
        T value = default;
        var bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        if (configuration is not null) configuration.Value?.CopyTo(bytes);
        else if (Storage(variable!, create: false) is { } storage) storage.AsSpan((int)variable!.Offset, bytes.Length).CopyTo(bytes);
        Swap<T>(bytes, name);
        return value;
    }

    /// <summary>Into the object's byte order and back. Only for single numbers: what a struct holds cannot be told from its type.</summary>
    private void Swap<T>(Span<byte> bytes, string name) where T : unmanaged
    {
        if (IsLittleEndian == BitConverter.IsLittleEndian || bytes.Length == 1) return;
        if (!typeof(T).IsPrimitive && !typeof(T).IsEnum) throw new BpfException($"the object is for machines of the other byte order: set '{name}' by its bytes");
        bytes.Reverse();
    }

    private GlobalVariable? FindVariable(string name, out ExternSymbol? configuration)
    {
        configuration = null;
        GlobalVariable? found = null;
        foreach (var variable in Variables)
        {
            // A static variable may share its name with a global one; the global one is meant.
            if (variable.Name == name && (found is null || found.Binding == Elf.ElfSymbolBinding.Local)) found = variable;
        }
        if (found is not null) return found;
        if (Externs.TryGet(name, out configuration) && configuration.Kind is ExternKind.Kconfig or ExternKind.Unknown) return null;
        string[] names = [.. GlobalNames.Take(20)];
        throw new BpfException($"{Name} has no global variable '{name}'{(names.Length == 0 ? "" : $"; there are {string.Join(", ", names)}")}");
    }

    private void Write(GlobalVariable? variable, ExternSymbol? configuration, ReadOnlySpan<byte> value)
    {
        if (configuration is not null)
        {
            configuration.Value ??= new byte[configuration.Size];
            value.CopyTo(configuration.Value);
        }
        else
        {
            value.CopyTo(Storage(variable!, create: true)!.AsSpan((int)variable!.Offset));
        }
    }

    /// <summary>The first contents of the variable's section; those of <c>.bss</c> appear when they are first needed.</summary>
    private byte[]? Storage(GlobalVariable variable, bool create)
    {
        byte[]? bytes;
        if (Arena is { } arena && arena.Map == variable.Map)
        {
            bytes = arena.Bytes;
        }
        else
        {
            var map = Maps[variable.Map];
            bytes = map.Contents.Count > 0 ? map.Contents[0].Value as byte[] : null;
            if (bytes is null && create) map.Contents.Add((new byte[4], bytes = new byte[map.ValueSize]));
        }
        return bytes is null || bytes.Length >= variable.Offset + variable.Size
            ? bytes
            : throw new BpfException($"the contents of map '{variable.Map}' were replaced by {bytes.Length} bytes, which do not reach the variable '{variable.Name}'");
    }
}

/// <summary>Whether a .NET type fits a C variable.</summary>
internal static class GlobalAccess
{
    public static void Check<T>(BtfSpec? btf, string name, uint btfId, uint size) where T : unmanaged
    {
        // bool is one byte in both worlds, char is not.
        if (typeof(T) == typeof(char)) throw new BpfException($"the variable '{name}' cannot be a .NET char, which has 2 bytes; use byte");
        if (Unsafe.SizeOf<T>() != size) throw new BpfException($"the variable '{name}' has {size} bytes, {typeof(T).Name} has {Unsafe.SizeOf<T>()}");
        if (btf is null || btfId == 0) return;
        var type = btf[btfId].Target.Resolve();
        bool floating = typeof(T) == typeof(float) || typeof(T) == typeof(double) || typeof(T) == typeof(Half);
        if (type.Kind == BtfKind.Float != floating && type.Kind is BtfKind.Float or BtfKind.Int or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Pointer && (floating || type.Kind == BtfKind.Float))
            throw new BpfException($"the variable '{name}' is {(type.Name.Length == 0 ? type.Kind.Describe() : type.Name)}, which {typeof(T).Name} is not");
    }
}
