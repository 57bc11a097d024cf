namespace Hornet.Btf;

/// <summary>Where a relocation's path leads in a candidate of the target.</summary>
/// <param name="Root">The candidate.</param>
/// <param name="BitOffset">Bits from its beginning.</param>
/// <param name="Last">The last step.</param>
internal readonly record struct CorePlace(BtfType Root, long BitOffset, CoreAccessor Last);

/// <summary>
/// Follows a program's path in the target's types, by the rules of libbpf and the kernel: named members are found by name at
/// any depth of anonymous nesting, arrays must be long enough, and what is found must be of a compatible kind.
/// </summary>
internal sealed class CoreMatcher
{
    // Hostile types can nest so that a search by name never ends; a real kernel needs a few hundred steps.
    private const int MaxSteps = 1 << 20;

    private int _steps;
    private int _length;
    private long _bitOffset;
    private CoreAccessor _last;

    /// <summary>Whether two roots may be the same type at all: of one kind, where the two widths of enum count as one.</summary>
    public static bool KindsAreCompatible(BtfType local, BtfType target) => local.Kind == target.Kind || (local.IsEnum && target.IsEnum);

    /// <exception cref="BpfFormatException">The candidate is malformed, or too deep.</exception>
    public bool TryMatch(CorePath local, BtfType candidate, out CorePlace place)
    {
        place = new CorePlace(candidate, 0, default);
        _steps = _length = 0;
        _bitOffset = 0;
        _last = default;
        switch (local.Relocation.Kind)
        {
            case CoreRelocationKind.TypeMatches:
                return new CoreTypeMatch().Matches(local.Root, candidate);
            case var kind when kind.IsTypeBased():
                return new CoreTypeMatch().AreCompatible(local.Root, candidate);
            case var kind when kind.IsEnumBased():
                return TryMatchValue(local, candidate, out place);
        }
        BtfType type = candidate;
        for (int i = 0; i < local.Accessors.Count; i++)
        {
            var accessor = local.Accessors[i];
            type = type.Resolve();
            if (accessor.IsNamed)
            {
                if (!TryMember(accessor.Member, type, out type)) return false;
                continue;
            }
            if (i > 0)
            {
                if (type.Kind != BtfKind.Array) return false;
                if (accessor.Index >= type.ArrayLength && !_last.IsFlexible(type)) return false;
                type = type.Target.Resolve();
            }
            Push(candidate);
            _bitOffset += accessor.Index * type.ByteSize * 8;
            _last = new CoreAccessor(type, accessor.Index, IsNamed: false);
        }
        place = new CorePlace(candidate, _bitOffset, _last);
        return true;
    }

    private static bool TryMatchValue(CorePath local, BtfType candidate, out CorePlace place)
    {
        place = default;
        BtfType type = candidate.Resolve();
        if (!type.IsEnum) return false;
        var accessor = local.Accessors[0];
        ReadOnlySpan<byte> wanted = accessor.Type.Values[accessor.Index].NameBytes;
        wanted = wanted[..BtfSpec.EssentialNameLength(wanted)];
        foreach (var value in type.Values)
        {
            ReadOnlySpan<byte> name = value.NameBytes;
            if (!name[..BtfSpec.EssentialNameLength(name)].SequenceEqual(wanted)) continue;
            place = new CorePlace(candidate, 0, new CoreAccessor(type, value.Index, IsNamed: true));
            return true;
        }
        return false;
    }

    /// <summary>Finds a member by name in a struct and in the anonymous ones inside it. The first of that name decides.</summary>
    private bool TryMember(BtfMember wanted, BtfType composite, out BtfType type)
    {
        return Search(wanted, wanted.NameBytes, composite, out type) == true;
    }

    // true: found; false: found, but of an incompatible kind; null: not there.
    private bool? Search(BtfMember wanted, ReadOnlySpan<byte> name, BtfType composite, out BtfType type)
    {
        type = default;
        if (!composite.IsComposite) return null;
        foreach (var member in composite.Members)
        {
            if (++_steps > MaxSteps) throw composite.Spec.Malformed($"type {composite.Id} has too many members");
            ReadOnlySpan<byte> candidate = member.NameBytes;
            if (candidate.IsEmpty)
            {
                Push(composite);
                _bitOffset += member.BitOffset;
                if (Search(wanted, name, member.Type.Resolve(), out type) is { } found) return found;
                _bitOffset -= member.BitOffset;
                _length--;
            }
            else if (candidate.SequenceEqual(name))
            {
                Push(composite);
                _bitOffset += member.BitOffset;
                _last = new CoreAccessor(composite, member.Index, IsNamed: true);
                type = member.Type;
                return AreFieldsCompatible(wanted.Type, type);
            }
        }
        return null;
    }

    private void Push(BtfType at)
    {
        if (++_length > CorePath.MaxLength) throw at.Spec.Malformed($"type {at.Id} is nested more than {CorePath.MaxLength} deep");
    }

    /// <summary>Whether a field of the one kind may be read where the other was meant.</summary>
    private static bool AreFieldsCompatible(BtfType local, BtfType target)
    {
        for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
        {
            local = local.Resolve();
            target = target.Resolve();
            if (local.IsComposite && target.IsComposite) return true;
            if (!KindsAreCompatible(local, target)) return false;
            switch (local.Kind)
            {
                case BtfKind.Pointer or BtfKind.Float:
                    return true;
                case BtfKind.Forward or BtfKind.Enum or BtfKind.Enum64:
                    // One of them may be nameless; otherwise it is the name that makes them the same.
                    ReadOnlySpan<byte> a = local.EssentialNameBytes, b = target.EssentialNameBytes;
                    return a.IsEmpty || b.IsEmpty || a.SequenceEqual(b);
                case BtfKind.Int:
                    // Size and sign may differ: the relocation tells them. Bitfields by offset are a form of the past.
                    return local.IntBitOffset == 0 && target.IntBitOffset == 0;
                case BtfKind.Array:
                    local = local.Target;
                    target = target.Target;
                    break;
                default:
                    return false;
            }
        }
        throw local.Spec.Malformed($"type {local.Id} is nested too deeply");
    }
}
