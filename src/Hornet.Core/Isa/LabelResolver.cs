namespace Hornet.Isa;

/// <summary>
/// Turns names of labels and functions into distances. Jumps that do not reach are lengthened, which moves the code
/// behind them and may put further jumps out of reach; jumps only ever grow, so it ends.
/// </summary>
internal sealed class LabelResolver(List<Instruction> code, Dictionary<string, int> labels, HashSet<string> functions, IsaLevel level)
{
    private readonly bool[] _far = new bool[code.Count];
    private readonly int[] _slots = new int[code.Count + 1];

    public Instruction[] Resolve()
    {
        foreach (var (name, index) in labels)
            if (index == code.Count) throw Error($"nothing follows the label '{name}'");
        do Place();
        while (Lengthen());

        List<Instruction> result = new(code.Count);
        for (int n = 0; n < code.Count; n++) Write(n, result);
        foreach (string name in functions)
        {
            int at = SlotIndex(result, _slots[labels[name]]);
            result[at] = result[at].WithSymbol(name);
        }
        return [.. result];
    }

    private void Place()
    {
        int slot = 0;
        for (int n = 0; n < code.Count; n++)
        {
            _slots[n] = slot;
            slot += code[n].Slots + (_far[n] && code[n].Opcode != 0x05 ? 2 : 0);
        }
        _slots[code.Count] = slot;
    }

    private bool Lengthen()
    {
        bool changed = false;
        for (int n = 0; n < code.Count; n++)
        {
            if (_far[n] || !code[n].IsBranch || code[n].IsLongJump || Target(n) is not { } target) continue;
            int distance = target - (_slots[n] + 1);
            if (distance == (short)distance) continue;
            if (level < IsaLevel.V4)
                throw Error($"'{code[n].Reference}' is {distance} slots away, further than a 16-bit jump reaches; long jumps need ISA v4 (kernel 6.6)");
            changed = _far[n] = true;
        }
        return changed;
    }

    private void Write(int n, List<Instruction> result)
    {
        var i = code[n];
        if (Target(n) is not { } target)
        {
            result.Add(i);
            return;
        }
        int distance = target - (_slots[n] + 1);
        if (!i.IsBranch)
        {
            // The upper half of a two-slot constant is a field of its own, and zero.
            result.Add(i with { Constant = i.IsLoadImm64 ? (uint)distance : distance });
            return;
        }
        var bare = i with { Metadata = i.Metadata! with { Reference = null, ReferenceKind = ReferenceKind.None } };
        if (bare.Metadata is { Symbol: null, Source: null, Comment: null, Tag: null }) bare = bare with { Metadata = null };
        if (i.IsLongJump)
        {
            result.Add(bare with { Constant = distance });
        }
        else if (!_far[n])
        {
            result.Add(bare with { Offset = (short)distance });
        }
        else if (i.Opcode == 0x05)
        {
            result.Add(bare with { Opcode = 0x06, Constant = distance });
        }
        else
        {
            // A condition has no long form and not every one an opposite: jump over the jump that skips the long jump.
            result.Add(bare with { Offset = 1 });
            result.Add(Instruction.Jump(1) with { Metadata = bare.Metadata });
            result.Add(Instruction.JumpLong(target - (_slots[n] + 3)) with { Metadata = bare.Metadata });
        }
    }

    private int? Target(int n)
    {
        if (code[n].Metadata is not { ReferenceKind: ReferenceKind.Label or ReferenceKind.Function, Reference: { } name } metadata) return null;
        if (!labels.TryGetValue(name, out int index)) throw Error($"'{name}' is not defined{Suggest(name)}");
        if (metadata.ReferenceKind == ReferenceKind.Function && !functions.Contains(name)) throw Error($"'{name}' is a label, not a function");
        return _slots[index];
    }

    private string Suggest(string name)
    {
        string? near = labels.Keys.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase));
        return near is null ? "" : $"; did you mean '{near}'?";
    }

    private static int SlotIndex(List<Instruction> program, int slot)
    {
        int at = 0;
        for (int n = 0; n < program.Count; n++)
        {
            if (at == slot) return n;
            at += program[n].Slots;
        }
        throw Error($"no instruction begins at slot {slot}");
    }

    private static BpfFormatException Error(string message) => new("assembler: " + message);
}
