namespace Hornet.Btf;

/// <summary>The two questions about whole types: are they compatible (TYPE_EXISTS, TYPE_SIZE, TYPE_ID), and do they match (TYPE_MATCHES).</summary>
internal sealed class CoreTypeMatch
{
    private const int MaxSteps = 1 << 20;

    private int _steps;

    /// <summary>
    /// Whether two types have the same outline: kinds agree through pointers, arrays and prototypes; names and members do not
    /// count (the caller compared the roots' names).
    /// </summary>
    public bool AreCompatible(BtfType local, BtfType target) => CoreMatcher.KindsAreCompatible(local, target) && AreCompatible(local, target, BtfSpec.MaxDepth);

    /// <summary>
    /// Whether every member, value and parameter of the local type is in the target by name and of matching type. Behind a
    /// pointer, the name and kind of a struct are enough.
    /// </summary>
    public bool Matches(BtfType local, BtfType target) => Matches(local, target, behindPointer: false, BtfSpec.MaxDepth);

    private bool AreCompatible(BtfType local, BtfType target, int level)
    {
        for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
        {
            Step(local);
            local = local.Resolve();
            target = target.Resolve();
            if (!CoreMatcher.KindsAreCompatible(local, target)) return false;
            switch (local.Kind)
            {
                case BtfKind.Void or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Forward:
                    return true;
                case BtfKind.Int:
                    return local.IntBitOffset == 0 && target.IntBitOffset == 0;
                case BtfKind.FunctionPrototype:
                    if (local.Count != target.Count) return false;
                    for (int i = 0; i < local.Count; i++)
                    {
                        if (level == 0) throw TooDeep(local);
                        if (!AreCompatible(local.Parameters[i].Type, target.Parameters[i].Type, level - 1)) return false;
                    }
                    break;
                case BtfKind.Pointer or BtfKind.Array:
                    break;
                default:
                    return false;
            }
            local = local.Target;
            target = target.Target;
        }
        throw TooDeep(local);
    }

    private bool Matches(BtfType local, BtfType target, bool behindPointer, int level)
    {
        if (level == 0) throw TooDeep(local);
        for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
        {
            Step(local);
            local = local.Resolve();
            target = target.Resolve();
            if (!SameName(local.NameBytes, target.NameBytes)) return false;
            bool sameKind = local.Kind == target.Kind;
            switch (local.Kind)
            {
                case BtfKind.Void:
                    return sameKind;
                case BtfKind.Forward:
                    if (sameKind) return local.IsForwardUnion == target.IsForwardUnion;
                    return behindPointer && target.Kind == (local.IsForwardUnion ? BtfKind.Union : BtfKind.Struct);
                case BtfKind.Enum or BtfKind.Enum64:
                    return target.IsEnum && local.Size == target.Size && local.Count <= target.Count && ValuesMatch(local, target);
                case BtfKind.Struct or BtfKind.Union:
                    if (behindPointer) return sameKind || (target.Kind == BtfKind.Forward && target.IsForwardUnion == (local.Kind == BtfKind.Union));
                    return sameKind && MembersMatch(local, target, level);
                case BtfKind.Int:
                    return sameKind && local.Size == target.Size && local.IsSigned == target.IsSigned;
                case BtfKind.Pointer:
                    if (!sameKind) return false;
                    behindPointer = true;
                    break;
                case BtfKind.Array:
                    if (!sameKind || local.ArrayLength != target.ArrayLength) return false;
                    break;
                case BtfKind.FunctionPrototype:
                    if (!sameKind || local.Count != target.Count) return false;
                    for (int i = 0; i < local.Count; i++)
                    {
                        if (!Matches(local.Parameters[i].Type, target.Parameters[i].Type, behindPointer, level - 1)) return false;
                    }
                    break;
                default:
                    return false;
            }
            local = local.Target;
            target = target.Target;
        }
        throw TooDeep(local);
    }

    private bool MembersMatch(BtfType local, BtfType target, int level)
    {
        if (local.Count > target.Count) return false;
        foreach (var wanted in local.Members)
        {
            bool found = false;
            foreach (var candidate in target.Members)
            {
                Step(target);
                if (!SameName(wanted.NameBytes, candidate.NameBytes)) continue;
                if (!Matches(wanted.Type, candidate.Type, behindPointer: false, level - 1)) continue;
                found = true;
                break;
            }
            if (!found) return false;
        }
        return true;
    }

    private bool ValuesMatch(BtfType local, BtfType target)
    {
        foreach (var wanted in local.Values)
        {
            bool found = false;
            foreach (var candidate in target.Values)
            {
                Step(target);
                if (found = SameName(wanted.NameBytes, candidate.NameBytes)) break;
            }
            if (!found) return false;
        }
        return true;
    }

    private static bool SameName(ReadOnlySpan<byte> local, ReadOnlySpan<byte> target) =>
        local[..BtfSpec.EssentialNameLength(local)].SequenceEqual(target[..BtfSpec.EssentialNameLength(target)]);

    private void Step(BtfType type)
    {
        if (++_steps > MaxSteps) throw type.Spec.Malformed($"type {type.Id} takes too long to compare");
    }

    private static BpfFormatException TooDeep(BtfType type) => type.Spec.Malformed($"type {type.Id} is nested too deeply");
}
