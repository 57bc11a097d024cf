using System.Buffers.Binary;
using System.Text;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Objects;
using Hornet.Programs.Verifier;

namespace Hornet.Fuzz;

/// <summary>
/// What each parser is asked to do with an input. Only <see cref="BpfFormatException"/> may come out (for relocations also the
/// declared error about ambiguity); the unit tests run the same targets over the inputs that once broke one.
/// </summary>
internal static class FuzzTargets
{
    /// <summary>No input gives a parser more items to walk than this; the walk is the test's, not the parser's.</summary>
    private const int MaxItems = 2_000;

    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["elf"] = Elf,
        ["notes"] = Notes,
        ["object"] = data => BpfObject.Parse(data, "fuzz.o"),
        ["btf"] = Btf,
        ["btfc"] = data => Source(data, BtfCFormatterOf),
        ["btfcs"] = data => Source(data, static (types, writer) => Refusable(() => BtfCSharpFormatter.Write(types, writer))),
        ["distill"] = Distill,
        ["btfext"] = BtfExtension,
        ["core"] = Core,
        ["log"] = Log,
        ["code"] = Code,
        ["text"] = Text,
        ["usdt"] = Usdt,
        ["format"] = data => _ = TracepointFormat.Parse(Encoding.UTF8.GetString(data)).Size,
    };

    /// <summary>Runs a target; false when the input was refused as it should be.</summary>
    public static bool Run(string target, byte[] data) => Run(target, All[target], data);

    /// <summary>Runs a parser under a target's rules.</summary>
    public static bool Run(string target, Action<byte[]> parser, byte[] data)
    {
        try
        {
            parser(data);
            return true;
        }
        catch (BpfFormatException) when (target != "log")
        {
            return false;
        }
        catch (CoreAmbiguityException) when (target == "core")
        {
            return false;
        }
    }

    private static void Elf(byte[] data)
    {
        using var elf = ElfFile.Parse(data, "fuzz");
        foreach (var section in elf.Sections.Take(MaxItems))
        {
            Refusable(() => _ = elf.Read(section).Length);
            Refusable(() => _ = elf.Relocations(section).Take(MaxItems).Count());
        }
        Refusable(() => _ = elf.Symbols.Take(MaxItems).Count(s => s.Name.Length > 0));
        Refusable(() => _ = elf.DynamicSymbols.Take(MaxItems).Count(s => s.Name.Length > 0));
        Refusable(() => _ = elf.Functions().Take(MaxItems).Count(f => f.Name.Length > 0));
        Refusable(() => _ = elf.FindFunction("main"));
        Refusable(() => _ = elf.BuildId);
        Refusable(() => _ = elf.DebugLink);
        Refusable(() => _ = elf.FileOffset(0x1000));
    }

    private static void Notes(byte[] data)
    {
        using var elf = ElfFile.Parse(data, "fuzz");
        Refusable(() => _ = elf.Notes.Take(MaxItems).Count());
        foreach (var section in elf.Sections.Take(64)) Refusable(() => _ = elf.NotesOf(section.Name).Take(MaxItems).Count());
        Refusable(() => _ = UsdtProbe.Read(elf, "fuzz").Take(MaxItems).Count());
    }

    private static void Btf(byte[] data)
    {
        using var spec = BtfSpec.Parse(data);
        foreach (var type in spec.OwnTypes.Take(MaxItems))
        {
            Refusable(() => _ = type.Name.Length + type.EssentialName.Length + type.ToString().Length);
            Refusable(() => _ = type.ByteSize);
            Refusable(() => _ = type.Alignment);
            Refusable(() => _ = type.Resolve().Kind);
            Refusable(() => type.TryFindField("next", out _));
            foreach (var member in type.Members.Take(64)) Refusable(() => _ = member.Name.Length);
            foreach (var value in type.Values.Take(64)) Refusable(() => _ = value.Name.Length);
            foreach (var parameter in type.Parameters.Take(64)) Refusable(() => _ = parameter.Name.Length);
            foreach (var variable in type.Variables.Take(64)) Refusable(() => _ = variable.Size);
        }
        Refusable(() => spec.TryFind("node", out _));
        Refusable(() => _ = spec.FindAllByEssentialName("node").ToList().Count);
        Refusable(spec.Validate);
    }

    // Whatever the names, what is written must be source: plain text with its brackets closed, unless the types were refused.
    private static void Source(byte[] data, Action<IEnumerable<BtfType>, TextWriter> write)
    {
        using var spec = BtfSpec.Parse(data);
        using SourceChecker checker = new();
        write(spec.OwnTypes.Take(MaxItems), checker);
        // One by one too: together, the first refusal ends it.
        foreach (var type in spec.OwnTypes.Take(64))
        {
            using SourceChecker one = new();
            bool whole = true;
            try
            {
                write([type], one);
            }
            catch (BpfFormatException)
            {
                whole = false;
            }
            if (whole) one.Finish();
        }
    }

    private static void BtfCFormatterOf(IEnumerable<BtfType> types, TextWriter writer)
    {
        BtfCFormatter.Write(types, writer);
        foreach (var type in types)
        {
            if (type.Kind == BtfKind.Function) writer.Write(BtfCFormatter.FunctionDeclaration(type));
            else if (type.Kind is not (BtfKind.DataSection or BtfKind.DeclTag or BtfKind.Variable)) writer.Write(BtfCFormatter.TypeName(type));
        }
    }

    // Two sets, the first of them the base: onto itself, onto another, and made independent of it.
    private static void Distill(byte[] data)
    {
        if (data.Length < 4) return;
        int split = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(data), (uint)data.Length - 4);
        using var lower = BtfSpec.Parse(data.AsMemory(4, split));
        using var upper = BtfSpec.Parse(data.AsMemory(4 + split), lower);
        BtfSpec? distilled = null;
        try
        {
            distilled = upper.DistillBase();
            distilled.RelocateBase(lower);
        }
        catch (BpfException)
        {
            // Also what is well formed can be ambiguous, which is said with the wider exception.
        }
        try
        {
            upper.RelocateBase(distilled?.Base ?? lower);
        }
        catch (BpfException)
        {
        }
    }

    private static void Usdt(byte[] data)
    {
        string text = Encoding.UTF8.GetString(data);
        foreach (var machine in (ElfMachine[])[ElfMachine.X64, ElfMachine.Arm64])
        {
            Refusable(() =>
            {
                var arguments = UsdtArgument.ParseAll(text, machine, (0x1000, name => name.Length % 2 == 0 ? 0x2000ul : null));
                if (arguments.Count > 12) throw new InvalidOperationException($"{arguments.Count} arguments");
                foreach (var argument in arguments)
                {
                    if (argument.Size is not (1 or 2 or 4 or 8) || argument.Scale is not (1 or 2 or 4 or 8) || argument.RegisterOffset is < 0 or > 512 || argument.IndexOffset is < 0 or > 512)
                        throw new InvalidOperationException($"the argument '{argument.Text}' was read as {argument}");
                }
            });
        }
    }

    // Eight bytes of lengths in front: where the types end.
    private static void BtfExtension(byte[] data)
    {
        if (data.Length < 4) return;
        int split = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(data), (uint)data.Length - 4);
        using var spec = BtfSpec.Parse(data.AsMemory(4, split));
        var ext = BtfExt.Parse(data.AsSpan(4 + split), spec);
        foreach (var section in ext.Sections.Take(MaxItems)) _ = section.Functions.Count + section.Lines.Count + section.Relocations.Count;
    }

    // The same with the relocations solved, against the very types.
    private static void Core(byte[] data)
    {
        if (data.Length < 4) return;
        int split = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(data), (uint)data.Length - 4);
        using var spec = BtfSpec.Parse(data.AsMemory(4, split));
        var ext = BtfExt.Parse(data.AsSpan(4 + split), spec);
        CoreRelocator relocator = new(spec, spec);
        foreach (var section in ext.Sections.Take(16))
        {
            var relocations = section.Relocations.Take(64).ToList();
            foreach (var relocation in relocations) Refusable(() => _ = CorePath.Parse(spec, relocation).ToString().Length);
            Refusable(() => relocator.Solve(relocations));
        }
    }

    private static void Log(byte[] data) => _ = VerifierLog.Parse(Encoding.UTF8.GetString(data)).Explain()?.ToString();

    private static void Code(byte[] data)
    {
        bool bigEndian = data.Length % 16 == 8;
        var program = InstructionCodec.Decode(data, bigEndian);
        if (!InstructionCodec.Encode(program, bigEndian).AsSpan().SequenceEqual(data)) throw new InvalidOperationException("the program did not come back from its bytes");
        var back = TextAssembler.Assemble(Disassembler.ToSource(program));
        if (!back.SequenceEqual(program, SameBits.Instance)) throw new InvalidOperationException("the program did not come back from its text");
    }

    private static void Text(byte[] data)
    {
        var program = TextAssembler.Assemble(Encoding.UTF8.GetString(data));
        _ = InstructionCodec.Encode(program);
        _ = Disassembler.Format(program);
        var back = TextAssembler.Assemble(Disassembler.ToSource(program));
        if (!back.SequenceEqual(program, SameBits.Instance)) throw new InvalidOperationException("the program did not come back from its text");
    }

    // One thing that cannot be read must not keep the rest from being tried.
    private static void Refusable(Action action)
    {
        try
        {
            action();
        }
        catch (BpfFormatException)
        {
        }
    }

    private sealed class SameBits : IEqualityComparer<Instruction>
    {
        public static readonly SameBits Instance = new();

        public bool Equals(Instruction x, Instruction y) => (x with { Metadata = null }) == (y with { Metadata = null });

        public int GetHashCode(Instruction obj) => obj.Opcode;
    }
}
