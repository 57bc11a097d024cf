using System.Buffers.Binary;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;

namespace Hornet.Objects;

/// <summary>An object's types as the kernel wants them, and what they say about one program.</summary>
internal static class ObjectBtf
{
    /// <summary>The types with what a compiler leaves to the linker filled in, and without what the kernel does not know.</summary>
    /// <param name="spec">The object.</param>
    /// <param name="features">What the kernel knows.</param>
    /// <param name="contextTags">Whether it reads the tags of context arguments; asked when there are some.</param>
    /// <param name="moved">Types that had to get another id, by the old one.</param>
    /// <param name="functions">Functions that programs of a type are to be loaded with instead of another.</param>
    public static byte[] ForKernel(
        BpfObject spec, BtfFeatures features, Func<bool> contextTags, out Dictionary<uint, uint> moved, out Dictionary<(ProgramType Type, uint Function), uint> functions)
    {
        moved = [];
        var btf = spec.Btf!;
        var builder = BtfBuilder.CopyOf(btf);
        foreach (var type in btf.OwnTypes)
        {
            if (type.Kind == BtfKind.DataSection) PlaceVariables(spec, builder, type, moved);
        }
        foreach (var program in spec.Programs)
        {
            foreach (var instruction in program.Instructions)
            {
                // A hidden function is not meant to be verified by itself, whatever its callers pass.
                if (instruction.Metadata is { Symbol: { } name, Tag: InstructionOrigin { FunctionTypeId: > 0 and var id } }
                    && spec.Functions.TryGetValue(name, out var traits)
                    && traits.Visibility is ElfSymbolVisibility.Hidden or ElfSymbolVisibility.Internal
                    && btf.TryGetType(id, out var function) && function is { Kind: BtfKind.Function, Linkage: BtfLinkage.Global })
                {
                    builder.SetLinkage(id, BtfLinkage.Static);
                }
            }
        }
        functions = ContextArguments.AreIn(btf) && !contextTags() ? ContextArguments.Rewrite(spec, builder) : [];
        return builder.Build(btf.Name).Sanitize(features);
    }

    /// <summary>Sizes of sections and places of variables: compilers leave them zero, the symbols tell.</summary>
    private static void PlaceVariables(BpfObject spec, BtfBuilder builder, BtfType section, Dictionary<uint, uint> moved)
    {
        string name = section.Name;
        if (name == ObjectReader.KconfigMap)
        {
            PlaceKconfig(spec, builder, section);
            return;
        }
        var map = spec.Maps.FirstOrDefault(m => m.ValueTypeId == section.Id);
        var variables = section.Variables;
        var placed = new (uint Variable, uint Offset, uint Size)[variables.Count];
        // Sections that become no map (.maps, license) only have to look right.
        bool sequential = map is null && variables.All(v => v.Offset == 0);
        uint end = 0;
        for (int i = 0; i < placed.Length; i++)
        {
            var entry = variables[i];
            uint offset = sequential ? end : entry.Offset;
            // Where static variables are is known to the compiler already; several may have one name.
            if (map is not null && entry.Variable.Linkage != BtfLinkage.Static && spec.Variables.FirstOrDefault(v => v.Map == map.Name && v.BtfId == entry.VariableId) is { } known)
                offset = known.Offset;
            placed[i] = (entry.VariableId, offset, entry.Size);
            end = (offset + entry.Size + 7) & ~7u;
        }
        Array.Sort(placed, (a, b) => a.Offset.CompareTo(b.Offset));
        uint size = map?.ValueSize ?? section.Size;
        if (map is not null && !Fits(placed, size))
        {
            // Clang lists a constant string array under .rodata although it put it in .rodata.str1.1. The kernel wants
            // variables that do not overlap, so the section is described again without those that cannot be there.
            List<(uint Variable, uint Offset, uint Size)> fitting = [];
            foreach (var place in placed.OrderBy(p => p.Offset).ThenBy(p => IsStatic(section.Spec, p.Variable)))
            {
                if (place.Offset + place.Size <= size && (fitting.Count == 0 || place.Offset >= fitting[^1].Offset + fitting[^1].Size)) fitting.Add(place);
            }
            Retire(builder, section);
            moved[section.Id] = fitting.Count == 0 ? 0 : builder.AddDataSection(name, size, [.. fitting]);
            return;
        }
        builder.SetDataSectionVariables(section.Id, placed);
        if (map is not null) builder.SetSize(section.Id, map.ValueSize);
        else if (section.Size == 0) builder.SetSize(section.Id, placed.Length == 0 ? 0 : placed.Max(p => p.Offset + p.Size));
    }

    private static bool IsStatic(BtfSpec btf, uint variable) => btf[variable].Linkage == BtfLinkage.Static;

    private static bool Fits((uint Variable, uint Offset, uint Size)[] placed, uint size)
    {
        ulong end = 0;
        foreach (var (_, offset, length) in placed)
        {
            if (offset < end) return false;
            end = (ulong)offset + length;
        }
        return end <= size;
    }

    /// <summary>
    /// Makes a section into a struct of the same length that nobody refers to: its id is taken for good, and loaders and
    /// the kernel look closely at what is a section.
    /// </summary>
    public static void Retire(BtfBuilder builder, BtfType section)
    {
        uint number = section.Spec.TryFind("int", BtfKind.Int, out var type) ? type.Id : builder.AddInt("int", 4, BtfIntEncoding.Signed);
        Retire(builder, section.Id, section.Count, number);
    }

    /// <summary>The same of a section whose number in the builder is another.</summary>
    public static void Retire(BtfBuilder builder, uint id, int count, uint number)
    {
        builder.Word(id, 0) = 0;
        builder.Word(id, 1) = (uint)BtfKind.Struct << 24 | (uint)count;
        builder.Word(id, 2) = 4;
        for (int i = 0; i < count; i++) (builder.Word(id, 3 + 3 * i), builder.Word(id, 4 + 3 * i), builder.Word(id, 5 + 3 * i)) = (0, number, 0);
    }

    private static void PlaceKconfig(BpfObject spec, BtfBuilder builder, BtfType section)
    {
        var variables = section.Variables;
        var placed = new (uint Variable, uint Offset, uint Size)[variables.Count];
        uint end = 0;
        for (int i = 0; i < placed.Length; i++)
        {
            var external = spec.Externs.FirstOrDefault(e => e.BtfId == variables[i].VariableId);
            placed[i] = (variables[i].VariableId, external?.Offset ?? 0, external?.Size ?? variables[i].Size);
            end = Math.Max(end, placed[i].Offset + placed[i].Size);
        }
        Array.Sort(placed, (a, b) => a.Offset.CompareTo(b.Offset));
        builder.SetDataSectionVariables(section.Id, placed);
        builder.SetSize(section.Id, Math.Max(end, spec.Maps.TryGet(ObjectReader.KconfigMap, out var map) ? map.ValueSize : 0));
    }

    /// <summary>
    /// The records of one program: its functions, and the lines of its instructions, counted in slots of the program as it
    /// is loaded. The kernel wants all functions described or none, and with lines, one at the beginning of each.
    /// </summary>
    /// <param name="instructions">The program.</param>
    /// <param name="instead">Replaces a function's description; see <see cref="ForKernel"/>.</param>
    public static (byte[] Functions, byte[] Lines) Records(IList<Instruction> instructions, Func<uint, uint> instead)
    {
        List<uint> functions = [], lines = [];
        bool allFunctions = true, allLines = true;
        uint slot = 0;
        for (int i = 0; i < instructions.Count; i++)
        {
            if (instructions[i].Metadata is { } metadata)
            {
                var origin = metadata.Tag as InstructionOrigin;
                if (metadata.Symbol is not null || i == 0)
                {
                    if (origin is { FunctionTypeId: > 0 }) functions.AddRange([slot, instead(origin.FunctionTypeId)]);
                    else if (i == 0 || IsFunction(instructions, metadata.Symbol!)) allFunctions = false;
                    if (origin?.Line is null && (i == 0 || origin is { FunctionTypeId: > 0 })) allLines = false;
                }
                if (origin?.Line is { } line) lines.AddRange([slot, line.FileNameOffset, line.TextOffset, line.Line << 10 | line.Column & 0x3ff]);
            }
            else if (i == 0)
            {
                allFunctions = false;
            }
            slot += (uint)instructions[i].Slots;
        }
        if (!allFunctions) return ([], []);
        return (Bytes(functions), allLines ? Bytes(lines) : []);
    }

    /// <summary>The records of a program that is loaded with the types of a map, which have no names and lines of the program's.</summary>
    /// <param name="instructions">The program.</param>
    /// <param name="program">What the program is described as.</param>
    /// <param name="function">What its other functions are described as.</param>
    public static (byte[] Functions, byte[] Lines) SharedRecords(IList<Instruction> instructions, uint program, uint function)
    {
        bool isFirst = true;
        var (functions, lines) = Records(instructions, _ =>
        {
            uint id = isFirst ? program : function;
            isFirst = false;
            return id;
        });
        // Where a line is stays; its file and its text are strings of other types.
        for (int at = 0; at < lines.Length; at += 16) lines.AsSpan(at + 4, 8).Clear();
        return (functions, lines);
    }

    private static bool IsFunction(IList<Instruction> instructions, string symbol) =>
        instructions.Any(i => i.Metadata is { ReferenceKind: ReferenceKind.Function, Reference: { } name } && name == symbol);

    private static byte[] Bytes(List<uint> words)
    {
        byte[] bytes = new byte[words.Count * 4];
        for (int i = 0; i < words.Count; i++)
        {
            if (BitConverter.IsLittleEndian) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
            else BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), words[i]);
        }
        return bytes;
    }
}
