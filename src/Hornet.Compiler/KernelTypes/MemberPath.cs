using System.Globalization;
using Hornet.Btf;
using Hornet.Kernel;

namespace Hornet.Compiler.KernelTypes;

/// <summary>A part of a way to a field: members and elements inside one object.</summary>
/// <param name="TypeName">The kernel's name of the object's type.</param>
/// <param name="Path">The way inside it.</param>
/// <param name="Type">What is there, as declared.</param>
/// <param name="BitOffset">Where it is: bits from the beginning of the object.</param>
/// <param name="BitfieldSize">The width of a bitfield in bits; 0 for any other field.</param>
/// <param name="InUnion">Whether the verifier may take it for another member of a union.</param>
internal sealed record KernelStep(string TypeName, string Path, BtfType Type, long BitOffset, int BitfieldSize, bool InUnion);

/// <summary>
/// Finds ways through the kernel's types by name: all steps but the last end at a pointer that is followed. The one walker of such
/// paths, for front ends and for the passes that give fields their places.
/// </summary>
internal sealed class MemberPath(BtfSpec types)
{
    /// <summary>Finds a type; <c>owner.member</c> is the type of a member, for types without a name.</summary>
    public bool TryFindType(string name, out BtfType type)
    {
        int dot = name.IndexOf('.');
        if (dot > 0)
        {
            type = default;
            if (!TryWalk(name[..dot], name[(dot + 1)..], out var steps, out _)) return false;
            type = steps![^1].Type.Resolve();
            if (type.Kind == BtfKind.Pointer) type = type.Target.Resolve();
            return true;
        }
        if (!types.TryFind(name, BtfKind.Struct, out type) && !types.TryFind(name, BtfKind.Union, out type) && !types.TryFind(name, BtfKind.Typedef, out type) && !types.TryFind(name, out type)) return false;
        type = type.Resolve();
        return true;
    }

    /// <summary>Follows a path of members, elements and pointers. A problem is told with what there is instead.</summary>
    public bool TryWalk(string typeName, string path, out List<KernelStep>? steps, out string? problem)
    {
        steps = null;
        if (!TryFindType(typeName, out var type))
        {
            problem = $"the kernel has no type '{typeName}'";
            return false;
        }
        List<KernelStep> found = [];
        string owner = typeName, within = "", walked = typeName;
        var declared = type;
        long bits = 0;
        int bitfield = 0;
        bool inUnion = type.Kind == BtfKind.Union;
        path = path.Replace("->", ".", StringComparison.Ordinal);
        for (int at = 0; at < path.Length;)
        {
            if (type.Kind == BtfKind.Pointer && path[at] != '[')
            {
                found.Add(new(owner, within, declared, bits, 0, inUnion));
                owner = NameOf(type.Target, $"{owner}.{within}");
                declared = type.Target;
                type = declared.Resolve();
                (within, bits, inUnion) = ("", 0, type.Kind == BtfKind.Union);
            }
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
                    problem = $"{walked} is {Describe(declared)}, not an array";
                    return false;
                }
                // The last member of a struct may be an array of any length.
                if (index >= type.ArrayLength && type.ArrayLength != 0)
                {
                    problem = $"{walked} has {type.ArrayLength} elements, so there is none with index {index}";
                    return false;
                }
                declared = type.Target;
                type = declared.Resolve();
                bits += index * type.ByteSize * 8;
                within += path[at..(close + 1)];
                walked += path[at..(close + 1)];
                at = close + 1;
                bitfield = 0;
                continue;
            }
            if (path[at] == '.') at++;
            int end = path.AsSpan(at).IndexOfAny('.', '[');
            string name = end < 0 ? path[at..] : path[at..(at + end)];
            at += name.Length;
            if (name.Length == 0)
            {
                problem = $"'{path}' is no path of members";
                return false;
            }
            if (!type.IsComposite)
            {
                problem = $"{walked} is {Describe(declared)} and has no member '{name}'";
                return false;
            }
            if (!type.TryFindField(name, out var field))
            {
                problem = $"{walked} has no member '{name}' in this kernel. {CloseNames.Suggest(name, MembersOf(type))}".TrimEnd();
                return false;
            }
            inUnion |= IsInUnion(type, field.Member.Owner);
            bits += field.BitOffset;
            bitfield = field.BitfieldSize;
            declared = field.Type;
            type = declared.Resolve();
            if (type.Kind == BtfKind.Union) inUnion = true;
            within += within.Length == 0 ? name : $".{name}";
            walked += $".{name}";
        }
        found.Add(new(owner, within, declared, bits, bitfield, inUnion));
        steps = found;
        problem = null;
        return true;
    }

    /// <summary>The name by which a struct or union is found again.</summary>
    public static string NameOf(BtfType type, string place)
    {
        string? alias = null;
        for (; type.Kind == BtfKind.Typedef || type.IsModifier; type = type.Target)
        {
            if (type.Kind == BtfKind.Typedef) alias ??= type.Name;
        }
        return !type.IsAnonymous && type.Kind != BtfKind.Void ? type.Name : alias ?? place;
    }

    /// <summary>A type as C writes it.</summary>
    public static string Describe(BtfType type) => BtfCFormatter.TypeName(type);

    /// <summary>Whether one of the modifiers of a pointer's target is a tag: <c>user</c>, <c>percpu</c>, <c>rcu</c>.</summary>
    public static bool HasTag(BtfType pointer, string tag)
    {
        for (var type = pointer.SkipModifiers() is { Kind: BtfKind.Typedef } alias ? alias.Resolve().Target : pointer.SkipModifiers().Target; type.IsModifier; type = type.Target)
        {
            if (type.Kind == BtfKind.TypeTag && type.Name == tag) return true;
        }
        return false;
    }

    // Whether an anonymous union is on the way from a type to the one that declares the member.
    private static bool IsInUnion(BtfType type, BtfType owner) => type != owner && TryFindOwner(type, owner, false, out bool inUnion) && inUnion;

    private static bool TryFindOwner(BtfType type, BtfType owner, bool inUnion, out bool result)
    {
        foreach (var member in type.Members)
        {
            if (member.Name.Length > 0 || member.Type.Resolve() is not { IsComposite: true } inner) continue;
            result = inUnion || inner.Kind == BtfKind.Union;
            if (inner == owner || TryFindOwner(inner, owner, result, out result)) return true;
        }
        result = false;
        return false;
    }

    private static List<string> MembersOf(BtfType type)
    {
        List<string> names = [];
        foreach (var member in type.Members)
        {
            if (member.Name.Length > 0) names.Add(member.Name);
            else if (member.Type.Resolve() is { IsComposite: true } inner) names.AddRange(MembersOf(inner));
        }
        return names;
    }
}
