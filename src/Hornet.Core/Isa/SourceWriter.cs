using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Hornet.Isa;

/// <summary>Writes a program as text for the text assembler, with labels for the targets of jumps and calls.</summary>
internal sealed class SourceWriter(IReadOnlyList<Instruction> program)
{
    private readonly Dictionary<int, string> _names = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly HashSet<int> _functions = [];
    private readonly HashSet<int> _starts = [];

    public string Write()
    {
        int slot = 0;
        foreach (var i in program)
        {
            _starts.Add(slot);
            slot += i.Slots;
        }
        FindTargets();

        StringBuilder text = new();
        slot = 0;
        foreach (var i in program)
        {
            if (_names.TryGetValue(slot, out string? name)) text.Append(_functions.Contains(slot) ? $".function {name}\n" : $"{name}:\n");
            text.Append("    ").Append(Line(i, slot)).Append('\n');
            slot += i.Slots;
        }
        return text.ToString();
    }

    private void FindTargets()
    {
        int slot = 0;
        foreach (var i in program)
        {
            // Names of functions first, so that a label made up below never takes one.
            if (i.Symbol is { } symbol && TextAssembler.IsName(symbol) && _taken.Add(symbol))
            {
                _names[slot] = symbol;
                _functions.Add(slot);
            }
            slot += i.Slots;
        }
        slot = 0;
        foreach (var i in program)
        {
            if (Target(i, slot) is { } target)
            {
                bool function = i.IsFunctionCall || i.IsLoadFunction;
                if (function) _functions.Add(target);
                if (!_names.ContainsKey(target)) _names[target] = MakeName(function ? "function" : "label", target);
            }
            slot += i.Slots;
        }
    }

    private string MakeName(string prefix, int slot)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}_{slot}");
        while (!_taken.Add(name)) name += "_";
        return name;
    }

    // A jump into the middle of a 64-bit load, or out of the program, keeps its number.
    private int? Target(in Instruction i, int slot) =>
        i.BranchDistance is { } distance && InstructionRules.Defect(i) is null && _starts.Contains(slot + 1 + distance) ? slot + 1 + distance : null;

    private string Line(in Instruction i, int slot)
    {
        if (InstructionRules.Defect(i) is not null || !NamesAreWritable(i)) return Raw(i);
        if (Target(i, slot) is not { } target)
        {
            return i.Metadata is { ReferenceKind: ReferenceKind.Label or ReferenceKind.Function } ? Disassembler.Format(i with { Metadata = null }) : Disassembler.Format(i);
        }
        var kind = i.IsFunctionCall || i.IsLoadFunction ? ReferenceKind.Function : ReferenceKind.Label;
        return Disassembler.Format(i.WithReference(_names[target], kind));
    }

    // What refers to a map or kernel symbol by name is written by that name, and its number must then be the reader's too.
    private static bool NamesAreWritable(in Instruction i) => i.Metadata?.ReferenceKind switch
    {
        ReferenceKind.Map => i.IsLoadImm64 && i.PseudoSource == PseudoSource.MapFd && i.Constant == 0 && IsPlain(i.Reference),
        ReferenceKind.MapValue => i.IsLoadImm64 && i.PseudoSource == PseudoSource.MapValue && (int)i.Constant == 0 && IsPlain(i.Reference),
        ReferenceKind.KernelSymbol => i.IsLoadImm64 && i.PseudoSource == PseudoSource.None && i.Constant == 0 && IsPlain(i.Reference),
        ReferenceKind.KernelFunction => i.IsKernelFunctionCall && i.Reference is { } name && TextAssembler.IsName(name) && !HelperTable.TryParse(name, out _),
        _ => true,
    };

    private static readonly SearchValues<char> Marks = SearchValues.Create("[]:;\r\n\f\u0085\u2028\u2029");

    private static bool IsPlain(string? name) => name is { Length: > 0 } && !name.AsSpan().ContainsAny(Marks) && name.Trim() == name && !name.Contains("//", StringComparison.Ordinal);

    private static string Raw(in Instruction i)
    {
        byte[] code = InstructionCodec.Encode([i with { Metadata = null }]);
        string text = ".raw";
        for (int at = 0; at < code.Length; at += 8) text += $" 0x{BinaryPrimitives.ReadUInt64LittleEndian(code.AsSpan(at)):x16}";
        return $"{text} ; {Disassembler.Format(i)}";
    }
}
