using System.Globalization;
using System.Text;
using Hornet.Btf;

namespace Hornet.Cli.Commands;

/// <summary>Writes kernel types as interfaces marked [KernelType].</summary>
internal sealed class KernelTypeWriter(IReadOnlyList<BtfType> types)
{
    private readonly HashSet<string> _names = [.. types.Select(t => t.Name)];
    private readonly StringBuilder _text = new();

    public string Write(string space)
    {
        _text.Append(CultureInfo.InvariantCulture, $"""
            // Written by 'hornet generate types' from the types of Linux {Hornet.Kernel.KernelVersion.Running}. Fields are found by name in the kernel
            // that the code is compiled for; delete those that are not needed.
            #nullable enable
            using Hornet.KernelTypes;

            namespace {space};

            """);
        foreach (var type in types) Write(type);
        return _text.ToString();
    }

    /// <summary>A C name as C# writes it: <c>real_parent</c> is <c>RealParent</c>.</summary>
    public static string Pascal(string name)
    {
        StringBuilder text = new();
        bool upper = true;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                upper = true;
                continue;
            }
            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }
        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? $"_{text}" : text.ToString();
    }

    private void Write(BtfType type)
    {
        _text.Append(CultureInfo.InvariantCulture, $$"""

            /// <summary><c>{{(type.Kind == BtfKind.Union ? "union" : "struct")}} {{type.Name}}</c>, {{type.ByteSize}} bytes.</summary>
            [KernelType("{{type.Name}}")]
            public interface {{Pascal(type.Name)}}
            {

            """);
        HashSet<string> used = [Pascal(type.Name)];
        List<string> left = [];
        WriteMembers(type, used, left);
        if (left.Count > 0) _text.Append("    // Not here, since they are structs that were not asked for: ").AppendJoin(", ", left).Append('\n');
        _text.Append("}\n");
    }

    // Members of anonymous structs and unions are the type's own, as in C.
    private void WriteMembers(BtfType type, HashSet<string> used, List<string> left)
    {
        foreach (var member in type.Members)
        {
            var target = member.Type.Resolve();
            if (member.Name.Length == 0)
            {
                if (target.IsComposite) WriteMembers(target, used, left);
                continue;
            }
            if (TypeOf(member.Type) is not { } managed)
            {
                left.Add($"{member.Name} ({InC(member.Type)})");
                continue;
            }
            string name = Pascal(member.Name);
            for (int i = 2; !used.Add(name); i++) name = Pascal(member.Name) + i.ToString(CultureInfo.InvariantCulture);
            string width = member.BitfieldSize != 0 ? $" : {member.BitfieldSize}" : "";
            _text.Append(CultureInfo.InvariantCulture, $"    /// <summary><c>{Xml(InC(member.Type))}{width}</c></summary>\n    [KernelField(\"{member.Name}\")]\n    {managed} {name} {{ get; }}\n\n");
        }
    }

    private string? TypeOf(BtfType declared)
    {
        var type = declared.Resolve();
        switch (type.Kind)
        {
            case BtfKind.Int when type.IntEncoding.HasFlag(BtfIntEncoding.Bool):
                return "bool";
            case BtfKind.Int or BtfKind.Enum or BtfKind.Enum64:
                return Number((int)type.ByteSize, type.IsSigned);
            case BtfKind.Pointer:
                bool user = false;
                var target = type.Target;
                for (; target.IsModifier; target = target.Target) user |= target.Kind == BtfKind.TypeTag && target.Name == "user";
                target = target.Resolve();
                if (target.IsComposite && _names.Contains(target.Name) && !user) return Pascal(target.Name) + "?";
                if (target.Kind == BtfKind.Int && target.ByteSize == 1) return user ? "UserString" : "KernelString";
                string pointee = target.Kind == BtfKind.Int ? Number((int)target.ByteSize, target.IsSigned) ?? "byte" : "byte";
                return user ? $"UserPtr<{pointee}>" : $"KernelPtr<{pointee}>";
            case BtfKind.Array:
                var element = type.Target.Resolve();
                if (element.Kind == BtfKind.Int && element.ByteSize == 1) return "KernelString";
                return element.Kind is BtfKind.Int && Number((int)element.ByteSize, element.IsSigned) is { } number ? $"KernelPtr<{number}>" : null;
            case BtfKind.Struct or BtfKind.Union:
                return _names.Contains(type.Name) ? Pascal(type.Name) : null;
            default:
                return null;
        }
    }

    /// <summary>The C# type of a number; null for sizes that C# has none for.</summary>
    public static string? Number(int size, bool signed) => size switch
    {
        1 => signed ? "sbyte" : "byte",
        2 => signed ? "short" : "ushort",
        4 => signed ? "int" : "uint",
        8 => signed ? "long" : "ulong",
        _ => null,
    };

    // In one line: of a struct without a name only that it is one.
    private static string InC(BtfType type)
    {
        string text = BtfCFormatter.TypeName(type);
        int brace = text.IndexOf('{', StringComparison.Ordinal), end = text.LastIndexOf('}');
        return brace < 0 || end < brace ? text : $"{text[..brace]}{{…}}{text[(end + 1)..]}";
    }

    private static string Xml(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
