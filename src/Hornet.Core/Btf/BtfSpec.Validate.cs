namespace Hornet.Btf;

public sealed partial class BtfSpec
{
    /// <summary>
    /// Checks everything that the reader otherwise checks when it is used: every name and reference, the rules for each
    /// kind, and that no type contains itself. What passes can be walked without <see cref="BpfFormatException"/>.
    /// </summary>
    /// <exception cref="BpfFormatException">Names the first type that is wrong, and why.</exception>
    public void Validate()
    {
        foreach (var type in OwnTypes)
        {
            _ = type.NameBytes;
            uint count = TypeCount;
            if (type.Kind.RefersToType() || type.Kind == BtfKind.Array) Check(type, type.TargetId, count);
            switch (type.Kind)
            {
                case BtfKind.Int:
                    if (type.Size is not (1 or 2 or 4 or 8 or 16) || type.IntBits + type.IntBitOffset > type.Size * 8 || type.IntBits == 0)
                        throw Malformed($"type {type.Id}: an int of {type.Size} bytes and {type.IntBits} bits at {type.IntBitOffset}");
                    break;
                case BtfKind.Array:
                    Check(type, type.Extra(1), count);
                    break;
                case BtfKind.Struct or BtfKind.Union:
                    foreach (var member in type.Members)
                    {
                        _ = member.NameBytes;
                        Check(type, member.TypeId, count);
                        if (member.BitOffset > (ulong)type.Size * 8) throw Malformed($"type {type.Id}: member '{member.Name}' lies outside");
                    }
                    break;
                case BtfKind.Enum or BtfKind.Enum64:
                    foreach (var value in type.Values) _ = value.NameBytes;
                    break;
                case BtfKind.Function:
                    if (this[type.TargetId].Kind != BtfKind.FunctionPrototype) throw Malformed($"type {type.Id}: a function without a prototype");
                    break;
                case BtfKind.FunctionPrototype:
                    foreach (var parameter in type.Parameters)
                    {
                        _ = parameter.NameBytes;
                        Check(type, parameter.TypeId, count);
                    }
                    break;
                case BtfKind.DataSection:
                    foreach (var variable in type.Variables) Check(type, variable.VariableId, count);
                    break;
            }
        }
        CheckCycles();
    }

    private void Check(BtfType type, uint reference, uint count)
    {
        if (reference >= count) throw Malformed($"type {type.Id} refers to type {reference} (only {count})");
    }

    /// <summary>
    /// Refuses types that contain themselves by value (pointers and functions may go in circles). Depth first, with a stack of
    /// our own: the nesting of hostile types is not bounded.
    /// </summary>
    private void CheckCycles()
    {
        var state = new byte[_offsets.Length]; // 0 unseen, 1 on the path, 2 done
        Stack<(uint Id, int Next)> path = new();
        for (uint root = FirstId; root < TypeCount; root++)
        {
            if (state[root - FirstId] != 0) continue;
            path.Push((root, 0));
            state[root - FirstId] = 1;
            while (path.TryPop(out var top))
            {
                BtfType type = new(this, top.Id);
                uint child = ContainedType(type, top.Next);
                if (child == uint.MaxValue)
                {
                    state[top.Id - FirstId] = 2;
                    continue;
                }
                path.Push((top.Id, top.Next + 1));
                if (child < FirstId) continue;
                byte seen = state[child - FirstId];
                if (seen == 1) throw Malformed($"type {child} contains itself");
                if (seen != 0) continue;
                state[child - FirstId] = 1;
                path.Push((child, 0));
            }
        }
    }

    private static uint ContainedType(BtfType type, int index) => type.Kind switch
    {
        BtfKind.Struct or BtfKind.Union => index < type.Count ? type.Members[index].TypeId : uint.MaxValue,
        BtfKind.Array or BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable
            or BtfKind.DeclTag => index == 0 ? type.TargetId : uint.MaxValue,
        _ => uint.MaxValue,
    };
}
