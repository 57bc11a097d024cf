using System.Globalization;
using Hornet.Btf;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.CodeGen;

/// <summary>A question about a kernel type that a loader answers (CO-RE), as an instruction carries it until types have ids.</summary>
/// <param name="Root">The type.</param>
/// <param name="Access">The way to the field: <c>0:1:2</c>.</param>
/// <param name="Kind">What is asked.</param>
internal sealed record CoreQuestion(object Root, string Access, CoreRelocationKind Kind);

/// <summary>
/// The kernel types that the programs of an object refer to, with the members that they use and no others. Loaders find
/// the members by name in the types of the kernel they load into.
/// </summary>
internal sealed class CoreTypes
{
    private readonly Dictionary<string, Node> _roots = [];

    /// <summary>Adds what is on the way to a field.</summary>
    /// <param name="types">The types that the object is compiled with: they tell structs, numbers and pointers apart.</param>
    /// <param name="typeName">The type.</param>
    /// <param name="path">Members and indices inside it.</param>
    /// <returns>A problem, or null.</returns>
    public string? Add(BtfSpec types, string typeName, string path)
    {
        (typeName, path) = Normalise(typeName, path);
        if (!types.TryFind(typeName, BtfKind.Struct, out var type) && !types.TryFind(typeName, BtfKind.Union, out type))
            return $"{typeName} is no struct or union with a name, which a loader could look for";
        if (!_roots.TryGetValue(typeName, out var node)) _roots.Add(typeName, node = Node.Of(type));
        foreach (string step in Steps(path))
        {
            if (step[0] == '[')
            {
                type = type.Target.Resolve();
                node = node.Element ??= Node.Of(type);
                continue;
            }
            if (!type.IsComposite || !type.TryFindField(step, out var field)) return $"{typeName} has no member '{step}'";
            type = field.Type.Resolve();
            node = node.Member(step, type);
        }
        return null;
    }

    /// <summary>The relocation for a question, and the answer in the object's own types, which the instruction holds at first.</summary>
    public (CoreQuestion Question, int Value) Resolve(KernelFact fact, string typeName, string path)
    {
        (typeName, path) = Normalise(typeName, path);
        var root = _roots[typeName];
        var node = root;
        string access = "0";
        int offset = 0;
        foreach (string step in Steps(path))
        {
            if (step[0] == '[')
            {
                int index = int.Parse(step.AsSpan(1, step.Length - 2), CultureInfo.InvariantCulture);
                node = node.Element!;
                offset += index * node.Size;
                access += $":{index}";
                continue;
            }
            int at = node.Members.FindIndex(m => m.Name == step);
            offset += node.OffsetOf(at);
            node = node.Members[at];
            access += $":{at}";
        }
        bool isType = path.Length == 0;
        var kind = fact switch
        {
            KernelFact.Exists => isType ? CoreRelocationKind.TypeExists : CoreRelocationKind.FieldExists,
            KernelFact.Size => isType ? CoreRelocationKind.TypeSize : CoreRelocationKind.FieldByteSize,
            KernelFact.Signed => CoreRelocationKind.FieldSigned,
            KernelFact.LeftShift => CoreRelocationKind.FieldLeftShift64,
            KernelFact.RightShift => CoreRelocationKind.FieldRightShift64,
            _ => CoreRelocationKind.FieldByteOffset,
        };
        int value = fact switch
        {
            KernelFact.Exists => 1,
            KernelFact.Size => node.Size,
            KernelFact.Signed => node.IsSigned ? 1 : 0,
            KernelFact.LeftShift or KernelFact.RightShift => 64 - node.Size * 8,
            _ => offset,
        };
        return (new CoreQuestion(root, access, kind), value);
    }

    /// <summary>Writes the types down; afterwards none may be added.</summary>
    public void Describe(BtfBuilder btf)
    {
        foreach (var (name, root) in _roots) root.Id = root.Describe(btf, name);
    }

    /// <summary>The id of a question's type.</summary>
    public static uint IdOf(CoreQuestion question) => ((Node)question.Root).Id;

    // owner.member is the type of a member that has no name itself.
    private static (string TypeName, string Path) Normalise(string typeName, string path)
    {
        int dot = typeName.IndexOf('.');
        return dot < 0 ? (typeName, path) : (typeName[..dot], path.Length == 0 ? typeName[(dot + 1)..] : $"{typeName[(dot + 1)..]}.{path}");
    }

    private static IEnumerable<string> Steps(string path)
    {
        for (int at = 0; at < path.Length;)
        {
            if (path[at] == '.') at++;
            int end = path[at] == '[' ? path.IndexOf(']', at) - at + 1 : path.AsSpan(at).IndexOfAny('.', '[');
            string step = end < 0 ? path[at..] : path.Substring(at, end);
            yield return step;
            at += step.Length;
        }
    }

    private sealed class Node(string name, BtfKind kind, int scalarSize, bool isSigned, uint length)
    {
        public string Name => name;

        public uint Id { get; set; }

        public bool IsSigned => isSigned;

        public List<Node> Members { get; } = [];

        public Node? Element { get; set; }

        public int Size => kind switch
        {
            BtfKind.Struct or BtfKind.Union => Math.Max(8, kind == BtfKind.Union ? Members.Select(m => m.Size).DefaultIfEmpty().Max() : End(Members.Count)),
            BtfKind.Array => (int)length * (Element?.Size ?? 1),
            _ => scalarSize,
        };

        public static Node Of(BtfType type, string name = "") => new(name, type.Kind, type.IsComposite || type.Kind == BtfKind.Array ? 0 : (int)type.ByteSize, type.IsSigned, type.Kind == BtfKind.Array ? Math.Max(1, type.ArrayLength) : 0);

        public Node Member(string name, BtfType type)
        {
            if (Members.Find(m => m.Name == name) is { } known) return known;
            Node member = Of(type, name);
            Members.Add(member);
            return member;
        }

        public int OffsetOf(int index) => kind == BtfKind.Union ? 0 : End(index);

        private int End(int index)
        {
            int offset = 0;
            for (int i = 0; i < index; i++) offset += Members[i].Size + 7 & ~7;
            return offset;
        }

        public uint Describe(BtfBuilder btf, string typeName = "")
        {
            switch (kind)
            {
                case BtfKind.Struct or BtfKind.Union:
                    var members = Members.Select((m, i) => new BtfMemberDefinition(m.Name, m.Describe(btf), (uint)OffsetOf(i) * 8)).ToArray();
                    return kind == BtfKind.Struct ? btf.AddStruct(typeName, (uint)Size, members) : btf.AddUnion(typeName, (uint)Size, members);
                case BtfKind.Array:
                    return btf.AddArray(Element?.Describe(btf) ?? btf.AddInt("char", 1), btf.AddInt("unsigned int", 4), length);
                case BtfKind.Pointer:
                    return btf.AddPointer(0);
                case BtfKind.Enum or BtfKind.Enum64:
                    return scalarSize == 8 ? btf.AddEnum64("", 8, isSigned, ($"{name}_0", 0)) : btf.AddEnum("", (uint)scalarSize, isSigned, ($"{name}_0", 0));
                case BtfKind.Float:
                    return btf.AddFloat("float", (uint)scalarSize);
                default:
                    return btf.AddInt($"{(isSigned ? "s" : "u")}{scalarSize * 8}", (uint)scalarSize, isSigned ? BtfIntEncoding.Signed : BtfIntEncoding.None);
            }
        }
    }
}
