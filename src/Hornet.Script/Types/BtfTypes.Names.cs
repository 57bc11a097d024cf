using System.Text;
using Hornet.Btf;

namespace Hornet.Script.Types;

// Finding by name.
internal sealed partial class BtfTypes
{
    /// <summary>The BTF type of a name and kind, in the kernel's own set first, then in the modules'.</summary>
    /// <param name="name">Without <c>struct</c> and the like.</param>
    /// <param name="kind">The kind.</param>
    public BtfType? Find(string name, BtfKind kind)
    {
        if (Spec.TryFind(name, kind, out var type)) return type;
        foreach (var module in _modules())
        {
            if (module.TryFind(name, kind, out type)) return type;
        }
        return null;
    }

    /// <summary>
    /// A type by a name as scripts write it: <c>struct task_struct</c>, <c>union x</c>, <c>enum e</c>, a typedef, an integer of C
    /// or a name alone, which can be any of these (a typedef before a struct of the same name). Null when there is none.
    /// </summary>
    public ScriptType? FindType(string name)
    {
        if (name.StartsWith("struct ", StringComparison.Ordinal)) return Found(name[7..].Trim(), BtfKind.Struct);
        if (name.StartsWith("union ", StringComparison.Ordinal)) return Found(name[6..].Trim(), BtfKind.Union);
        if (name.StartsWith("enum ", StringComparison.Ordinal)) return Found(name[5..].Trim(), BtfKind.Enum) ?? Found(name[5..].Trim(), BtfKind.Enum64);
        return TypeNames.FindC(name) is { } c ? c
            : Found(name, BtfKind.Typedef) ?? Found(name, BtfKind.Int) ?? Found(name, BtfKind.Struct) ?? Found(name, BtfKind.Union) ?? Found(name, BtfKind.Enum) ?? Found(name, BtfKind.Enum64);

        ScriptType? Found(string name, BtfKind kind) => Find(name, kind) is { } type ? Get(type) : null;
    }

    /// <summary>
    /// A type as C writes it without a name, as in the formats of tracepoints: <c>const char *</c>, <c>struct page *</c>,
    /// <c>unsigned long</c>, <c>u8 *[4]</c> is not among them. Null when a word of it is unknown.
    /// </summary>
    public ScriptType? ParseC(string text) => ParseC(text, this);

    /// <summary>The same where there is no BTF: integers and pointers of C only; what is pointed to is void when it is unknown.</summary>
    public static ScriptType? ParseC(string text, BtfTypes? types)
    {
        int pointers = 0;
        bool isUser = false;
        List<string> words = [];
        foreach (string word in text.Replace("*", " * ", StringComparison.Ordinal).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case "*": pointers++; break;
                case "const" or "volatile" or "restrict" or "__restrict" or "__rcu" or "__percpu" or "__iomem": break;
                case "__user": isUser = true; break;
                case var tag when tag.StartsWith("__attribute__", StringComparison.Ordinal): isUser |= tag.Contains("\"user\"", StringComparison.Ordinal); break;
                default: words.Add(word); break;
            }
        }
        string name = string.Join(' ', words);
        ScriptType? type = TypeNames.FindC(name) is { } c ? c : types?.FindType(name);
        if (type is null && pointers > 0)
        {
            // Only the pointer's value matters then.
            type = name.StartsWith("struct ", StringComparison.Ordinal) || name.StartsWith("union ", StringComparison.Ordinal)
                ? new CompositeType(new CompositeTypeInfo(name, name[0] == 'u', 0, static () => []) { Alignment = 1, IsIncomplete = true })
                : VoidType.Instance;
        }
        for (int i = 0; i < pointers && type is not null; i++) type = new PointerType(type, isUser ? AddressSpace.User : AddressSpace.None);
        return type;
    }

    /// <summary>A function of the kernel or a module, with its prototype.</summary>
    /// <param name="name">The function.</param>
    /// <param name="module">The module to look in, <c>vmlinux</c> for the kernel itself; null for everywhere.</param>
    public BtfType? FindFunction(string name, string? module = null)
    {
        if (module is null) return Find(name, BtfKind.Function);
        foreach (var spec in Specs)
        {
            if (spec.Name == module) return OwnFunction(spec, name);
        }
        return null;
    }

    /// <summary>A variable of the kernel (per-CPU ones, as a rule: BTF has no others before 7.0). Its target is the type.</summary>
    public BtfType? FindVariable(string name) => Find(name, BtfKind.Variable);

    /// <summary>The names of all types, with their keywords.</summary>
    public IEnumerable<string> Names =>
        from type in Spec.OwnTypes
        let keyword = type.Kind switch { BtfKind.Struct => "struct ", BtfKind.Union => "union ", BtfKind.Enum or BtfKind.Enum64 => "enum ", BtfKind.Typedef => "", _ => null }
        where keyword is not null && type.Name.Length > 0
        select keyword + type.Name;

    /// <summary>The constant of an enumeration anywhere in the kernel's own set.</summary>
    public (EnumType Type, long Value)? FindEnumerator(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        foreach (var type in Spec.OwnTypes)
        {
            if (!type.IsEnum) continue;
            foreach (var value in type.Values)
            {
                if (value.NameBytes.SequenceEqual(bytes)) return (new EnumType(Enum(type, null)), value.Value);
            }
        }
        return null;
    }

    private static BtfType? OwnFunction(BtfSpec spec, string name)
    {
        foreach (var type in spec.FindAll(name))
        {
            if (type.Kind == BtfKind.Function && ReferenceEquals(type.Spec, spec)) return type;
        }
        return null;
    }
}
