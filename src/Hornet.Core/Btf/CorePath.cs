using System.Globalization;
using System.Text;

namespace Hornet.Btf;

/// <summary>One step of a path: an element of an array (or of the memory behind the pointer), or a named member.</summary>
/// <param name="Type">The struct that declares the member; for an element, the element's type.</param>
/// <param name="Index">The member's place in the struct, or the element's index.</param>
/// <param name="IsNamed">Whether it is a named member.</param>
internal readonly record struct CoreAccessor(BtfType Type, int Index, bool IsNamed)
{
    public BtfMember Member => Type.Members[Index];

    /// <summary>Whether an array found through this step has no fixed length: the last member of a struct, declared with 0 elements.</summary>
    public bool IsFlexible(BtfType array) => IsNamed && array.ArrayLength == 0 && Index == Type.Count - 1;
}

/// <summary>
/// What a relocation refers to in the program's own types, its access string taken apart. Anonymous structs and unions are
/// in the string but not among the accessors: the target may nest differently, only names and elements count.
/// </summary>
internal sealed class CorePath
{
    /// <summary>The longest path, as in libbpf and the kernel (<c>BPF_CORE_SPEC_MAX_LEN</c>).</summary>
    public const int MaxLength = 64;

    private CorePath(CoreRelocation relocation, BtfType root)
    {
        Relocation = relocation;
        Root = root;
    }

    public CoreRelocation Relocation { get; }

    public BtfType Root { get; }

    public long BitOffset { get; private set; }

    public List<CoreAccessor> Accessors { get; } = new(4);

    /// <exception cref="BpfFormatException">The string does not lead to a field or value of the type.</exception>
    public static CorePath Parse(BtfSpec local, in CoreRelocation relocation)
    {
        BtfType root = local[relocation.TypeId];
        CorePath path = new(relocation, root);
        if (!Enum.IsDefined(relocation.Kind)) throw path.Malformed($"kind {(uint)relocation.Kind} is unknown");
        if (relocation.Kind.IsTypeBased())
        {
            return relocation.Access == "0" ? path : throw path.Malformed("a type has no members to go to");
        }
        if (relocation.Access.Length == 0) throw path.Malformed("the path is empty");

        int step = 0;
        BtfType type = root.Resolve();
        foreach (Range range in relocation.Access.AsSpan().Split(':'))
        {
            // The kernel's reader takes signs and blanks as well; no compiler writes them.
            if (!int.TryParse(relocation.Access.AsSpan()[range], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                throw path.Malformed("the path is not a list of numbers");
            if (step == MaxLength) throw path.Malformed($"the path has more than {MaxLength} steps");
            if (relocation.Kind.IsEnumBased()) path.EnterValue(type, step, index);
            else type = path.Enter(type, step, index);
            step++;
        }
        return path;
    }

    /// <summary>As libbpf writes it: <c>&lt;byte_off&gt; [4] struct s.a (0:1 @ offset 1)</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"<{Relocation.Kind.Describe()}> {Root}");
        if (Relocation.Kind.IsTypeBased()) return text.ToString();
        if (Relocation.Kind.IsEnumBased())
        {
            if (Accessors.Count == 0) return text.Append($" ({Relocation.Access})").ToString();
            var value = Accessors[0].Type.Values[Accessors[0].Index];
            return text.Append(CultureInfo.InvariantCulture, $"::{value}").ToString();
        }
        for (int i = 0; i < Accessors.Count; i++)
        {
            var accessor = Accessors[i];
            if (accessor.IsNamed) text.Append('.').Append(accessor.Member.Name);
            else if (i > 0 || accessor.Index > 0) text.Append(CultureInfo.InvariantCulture, $"[{accessor.Index}]");
        }
        text.Append(CultureInfo.InvariantCulture, $" ({Relocation.Access} @ offset {BitOffset / 8}");
        if (BitOffset % 8 != 0) text.Append(CultureInfo.InvariantCulture, $".{BitOffset % 8}");
        return text.Append(')').ToString();
    }

    private void EnterValue(BtfType type, int step, int index)
    {
        if (!type.IsEnum || step > 0 || index >= type.Count) throw Malformed("there is no such value");
        Accessors.Add(new CoreAccessor(type, index, IsNamed: true));
    }

    private BtfType Enter(BtfType type, int step, int index)
    {
        if (step == 0)
        {
            Accessors.Add(new CoreAccessor(type, index, IsNamed: false));
            BitOffset = Move(index, type);
            return type;
        }
        if (type.IsComposite)
        {
            if (index >= type.Count) throw Malformed("there is no such member");
            BtfMember member = type.Members[index];
            BitOffset += member.BitOffset;
            if (!member.NameBytes.IsEmpty) Accessors.Add(new CoreAccessor(type, index, IsNamed: true));
            return member.Type.Resolve();
        }
        if (type.Kind == BtfKind.Array)
        {
            if (index >= type.ArrayLength && !Accessors[^1].IsFlexible(type)) throw Malformed("the array is shorter");
            BtfType element = type.Target.Resolve();
            Accessors.Add(new CoreAccessor(element, index, IsNamed: false));
            BitOffset += Move(index, element);
            return element;
        }
        throw Malformed($"step {step} goes into {type}");
    }

    private static long Move(int index, BtfType element) => Math.BigMul(index, checked((int)Math.Min(element.ByteSize, int.MaxValue))) * 8;

    private BpfFormatException Malformed(string what) =>
        new($"{Root.Spec.Name}: malformed CO-RE relocation at instruction {Relocation.InstructionOffset / 8} ({Root} + '{Relocation.Access}'): {what}");
}

internal static class CoreRelocationKindExtensions
{
    public static bool IsFieldBased(this CoreRelocationKind kind) => kind <= CoreRelocationKind.FieldRightShift64;

    public static bool IsTypeBased(this CoreRelocationKind kind) => kind is CoreRelocationKind.TypeIdLocal or CoreRelocationKind.TypeIdTarget
        or CoreRelocationKind.TypeExists or CoreRelocationKind.TypeSize or CoreRelocationKind.TypeMatches;

    public static bool IsEnumBased(this CoreRelocationKind kind) => kind is CoreRelocationKind.EnumValue or CoreRelocationKind.EnumValueExists;

    /// <summary>libbpf's short names, which people search for.</summary>
    public static string Describe(this CoreRelocationKind kind) => kind switch
    {
        CoreRelocationKind.FieldByteOffset => "byte_off",
        CoreRelocationKind.FieldByteSize => "byte_sz",
        CoreRelocationKind.FieldExists => "field_exists",
        CoreRelocationKind.FieldSigned => "signed",
        CoreRelocationKind.FieldLeftShift64 => "lshift_u64",
        CoreRelocationKind.FieldRightShift64 => "rshift_u64",
        CoreRelocationKind.TypeIdLocal => "local_type_id",
        CoreRelocationKind.TypeIdTarget => "target_type_id",
        CoreRelocationKind.TypeExists => "type_exists",
        CoreRelocationKind.TypeMatches => "type_matches",
        CoreRelocationKind.TypeSize => "type_size",
        CoreRelocationKind.EnumValueExists => "enumval_exists",
        CoreRelocationKind.EnumValue => "enumval_value",
        _ => $"kind {(uint)kind}",
    };
}
