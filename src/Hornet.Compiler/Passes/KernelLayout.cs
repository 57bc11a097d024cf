using System.Globalization;
using Hornet.Btf;
using Hornet.Kernel;

namespace Hornet.Compiler.Passes;

/// <summary>A field of a kernel type, or a type itself.</summary>
/// <param name="BitOffset">Bits from the beginning of the type.</param>
/// <param name="Size">Bytes.</param>
/// <param name="BitfieldSize">The width of a bitfield in bits; 0 for any other field.</param>
/// <param name="IsSigned">Whether it is a signed number.</param>
/// <param name="IsScalar">Whether it is a number, an enumeration or a pointer.</param>
/// <param name="Description">What it is, for messages.</param>
internal sealed record KernelField(long BitOffset, long Size, int BitfieldSize, bool IsSigned, bool IsScalar, string Description);

/// <summary>Finds fields by name in the kernel's BTF.</summary>
internal sealed class KernelLayout(BtfSpec? types)
{
    /// <summary>Follows a path of members and indices; a problem is told with what there is instead.</summary>
    public bool TryResolve(string typeName, string path, out KernelField? field, out string? problem)
    {
        field = null;
        if (types is null)
        {
            problem = $"{typeName}{(path.Length > 0 ? "." + path : "")} cannot be found: this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF is off)";
            return false;
        }
        if (!TryFindType(types, typeName, out var type))
        {
            problem = $"the kernel has no type '{typeName}'";
            return false;
        }
        long bits = 0;
        int bitfield = 0;
        string walked = typeName;
        type = type.Resolve();
        for (int at = 0; at < path.Length;)
        {
            if (path[at] == '[')
            {
                int close = path.IndexOf(']', at);
                if (close < 0 || !int.TryParse(path.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                {
                    problem = $"'{path}' is no path: an index is a number in brackets";
                    return false;
                }
                if (type.Kind != BtfKind.Array)
                {
                    problem = $"{walked} is {Describe(type)}, not an array";
                    return false;
                }
                // The last member of a struct may be an array of any length.
                if (index >= type.ArrayLength && type.ArrayLength != 0)
                {
                    problem = $"{walked} has {type.ArrayLength} elements, so there is none with index {index}";
                    return false;
                }
                type = type.Target.Resolve();
                bits += index * type.ByteSize * 8;
                walked += path[at..(close + 1)];
                at = close + 1;
                bitfield = 0;
                continue;
            }
            if (path[at] == '.') at++;
            int end = path.AsSpan(at).IndexOfAny('.', '[');
            string name = end < 0 ? path[at..] : path[at..(at + end)];
            at += name.Length;
            if (!type.IsComposite)
            {
                problem = $"{walked} is {Describe(type)} and has no member '{name}'";
                return false;
            }
            if (!type.TryFindField(name, out var found))
            {
                problem = $"{walked} has no member '{name}' in this kernel. {CloseNames.Suggest(name, Names(type))}".TrimEnd();
                return false;
            }
            bits += found.BitOffset;
            bitfield = found.BitfieldSize;
            type = found.Type.Resolve();
            walked += "." + name;
        }
        problem = null;
        bool scalar = type.Kind is BtfKind.Int or BtfKind.Pointer || type.IsEnum;
        long size = type.ByteSize;
        field = new KernelField(bits, size, bitfield, type.IsSigned, scalar && size is 1 or 2 or 4 or 8, Describe(type));
        return true;
    }

    // A type without a name is called by a member of that type, or that points to it: owner.member.
    private static bool TryFindType(BtfSpec types, string name, out BtfType type)
    {
        int dot = name.LastIndexOf('.');
        if (dot < 0) return types.TryFind(name, BtfKind.Struct, out type) || types.TryFind(name, BtfKind.Union, out type) || types.TryFind(name, BtfKind.Typedef, out type) || types.TryFind(name, out type);
        if (!TryFindType(types, name[..dot], out type) || !type.TryFindField(name[(dot + 1)..], out var field)) return false;
        type = field.Type.Resolve();
        if (type.Kind == BtfKind.Pointer) type = type.Target.Resolve();
        return true;
    }

    private static string Describe(BtfType type) => type.IsAnonymous ? type.Kind.Describe() : $"{type.Kind.Describe()} {type.Name}";

    private static List<string> Names(BtfType type)
    {
        List<string> names = [];
        foreach (var member in type.Members)
        {
            if (member.Name.Length > 0) names.Add(member.Name);
            else if (member.Type.Resolve() is { IsComposite: true } inner) names.AddRange(Names(inner));
        }
        return names;
    }
}
