using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Programs;

/// <summary>Reads a program back from the kernel and gives everything in it its name again.</summary>
internal sealed unsafe class ProgramDumper
{
    private const int TailCall = 12;

    private readonly BpfProgram _program;
    private readonly ProgramInfoRaw _sizes;
    private readonly byte[] _translated;
    private readonly byte[] _jited;
    private readonly ulong[] _addresses;
    private readonly uint[] _lengths;
    private readonly uint[] _functions;
    private readonly uint[] _lines;
    private readonly ulong[] _jitedLines;
    private readonly BtfSpec? _types;
    private readonly Dictionary<uint, string> _mapNames = [];

    public ProgramDumper(BpfProgram program)
    {
        _program = program;
        ProgramInfoRaw sizes = default;
        program.ReadInfo(ref sizes);
        _translated = new byte[sizes.XlatedProgLen];
        _jited = new byte[sizes.JitedProgLen];
        _addresses = new ulong[sizes.NrJitedKsyms];
        _lengths = new uint[sizes.NrJitedFuncLens];
        _functions = new uint[sizes.NrFuncInfo * 2];
        _lines = new uint[sizes.NrLineInfo * 4];
        _jitedLines = new ulong[sizes.NrJitedLineInfo];
        fixed (byte* translated = _translated, jited = _jited)
        fixed (ulong* addresses = _addresses, jitedLines = _jitedLines)
        fixed (uint* lengths = _lengths, functions = _functions, lines = _lines)
        {
            ProgramInfoRaw info = new()
            {
                XlatedProgInsns = Bpf.Pointer(translated),
                XlatedProgLen = (uint)_translated.Length,
                JitedProgInsns = Bpf.Pointer(jited),
                JitedProgLen = (uint)_jited.Length,
                JitedKsyms = Bpf.Pointer(addresses),
                NrJitedKsyms = (uint)_addresses.Length,
                JitedFuncLens = Bpf.Pointer(lengths),
                NrJitedFuncLens = (uint)_lengths.Length,
                FuncInfo = Bpf.Pointer(functions),
                NrFuncInfo = sizes.NrFuncInfo,
                FuncInfoRecSize = 8,
                LineInfo = Bpf.Pointer(lines),
                NrLineInfo = sizes.NrLineInfo,
                LineInfoRecSize = 16,
                JitedLineInfo = Bpf.Pointer(jitedLines),
                NrJitedLineInfo = sizes.NrJitedLineInfo,
                JitedLineInfoRecSize = 8,
            };
            program.ReadInfo(ref info);
            // A pointer set to zero is the kernel's way to say that it may not tell.
            if (_translated.Length > 0 && info.XlatedProgInsns == 0)
                throw new BpfSyscallException($"read the instructions of program '{program.Name}'", Errno.EPERM, "The kernel shows them to CAP_PERFMON (before 5.8 CAP_SYS_ADMIN), unless kernel.kptr_restrict forbids it.");
            if (info.JitedProgInsns == 0) _jited = [];
            _sizes = info;
        }
        _types = ReadTypes(sizes.BtfId);
        Name = _functions.Length > 0 && FunctionName(0) is { } name ? name : program.Name;
    }

    /// <summary>The whole name of the program.</summary>
    public string Name { get; }

    public ProgramDump Dump() => new(Name, Instructions(), MachineCode());

    private static BtfSpec? ReadTypes(uint id)
    {
        if (id == 0) return null;
        try
        {
            using var btf = BpfBtf.Open(id);
            return btf.ReadSpec();
        }
        catch (BpfException)
        {
            // Names are a courtesy: without CAP_SYS_ADMIN the types cannot be opened by number.
            return null;
        }
    }

    private string? FunctionName(int index)
    {
        if (_types is null || !_types.TryGetType(_functions[(index * 2) + 1], out var type) || type.IsAnonymous) return null;
        return type.Name;
    }

    private Instruction[] Instructions()
    {
        List<Instruction> code = [];
        for (int slot = 0; slot * InstructionCodec.SlotSize < _translated.Length; slot += code[^1].Slots) code.Add(Decode(slot));

        Dictionary<int, string> names = [];
        for (int n = 0; n < _functions.Length / 2; n++)
        {
            if (FunctionName(n) is { } name) names[(int)_functions[n * 2]] = name;
        }
        var symbols = HelperNames(code);
        int at = 0, line = 0;
        for (int n = 0; n < code.Count; n++)
        {
            var named = Named(code[n], at, names, symbols);
            if (names.TryGetValue(at, out string? symbol)) named = named with { Metadata = (named.Metadata ?? new()) with { Symbol = symbol } };
            while (line < _lines.Length / 4 && _lines[line * 4] < at) line++;
            if (line < _lines.Length / 4 && _lines[line * 4] == at && Source(line) is { } source)
                named = named with { Metadata = (named.Metadata ?? new()) with { Source = source } };
            code[n] = named;
            at += named.Slots;
        }
        return [.. code];
    }

    // Not the codec: what the verifier put in has opcodes that no program may contain.
    private Instruction Decode(int slot)
    {
        var bytes = _translated.AsSpan(slot * InstructionCodec.SlotSize);
        int registers = bytes[1], low = registers & 0xf, high = registers >> 4;
        long constant = MemoryMarshal.Read<int>(bytes[4..]);
        if (bytes[0] == 0x18 && bytes.Length >= 16) constant = (uint)constant | ((long)MemoryMarshal.Read<int>(bytes[12..]) << 32);
        return new Instruction
        {
            Opcode = bytes[0],
            Dst = (Register)(BitConverter.IsLittleEndian ? low : high),
            Src = (Register)(BitConverter.IsLittleEndian ? high : low),
            Offset = MemoryMarshal.Read<short>(bytes[2..]),
            Constant = constant,
        };
    }

    private Instruction Named(Instruction i, int slot, Dictionary<int, string> functions, Dictionary<int, string> symbols)
    {
        if (i.IsLoadImm64 && (PseudoSource)i.Src is PseudoSource.MapFd or PseudoSource.MapValue)
        {
            // The kernel puts the map's number where its address was.
            bool value = (PseudoSource)i.Src == PseudoSource.MapValue;
            return i with { Metadata = new() { Reference = MapName((uint)i.Constant), ReferenceKind = value ? ReferenceKind.MapValue : ReferenceKind.Map } };
        }
        if (!i.IsCall) return i;
        if ((CallKind)i.Src == CallKind.Function)
        {
            // Compiled programs have the distance in the offset and the function's index in the constant.
            if (_sizes.JitedProgLen > 0) i = i with { Constant = i.Offset, Offset = 0 };
            return functions.TryGetValue(slot + 1 + (int)i.Constant, out string? name)
                ? i with { Metadata = new() { Reference = name, ReferenceKind = ReferenceKind.Function } } : i;
        }
        if (!symbols.TryGetValue((int)i.Constant, out string? target)) return i;
        if (HelperTable.TryParse(target, out var helper)) return i with { Constant = (int)helper };
        return i with { Metadata = new() { Reference = target, ReferenceKind = ReferenceKind.KernelFunction } };
    }

    // Calls hold the distance of the target from __bpf_call_base.
    private static Dictionary<int, string> HelperNames(List<Instruction> code)
    {
        var distances = code.Where(i => i.IsCall && (CallKind)i.Src != CallKind.Function && i.Constant is not (0 or TailCall)).Select(i => (int)i.Constant).ToHashSet();
        if (distances.Count == 0) return [];
        if (!KernelSymbols.Find(["__bpf_call_base"], out _).TryGetValue("__bpf_call_base", out ulong callBase) || callBase == 0) return [];
        var names = KernelSymbols.NamesAt(distances.Select(distance => callBase + (ulong)(long)distance).ToHashSet());
        return distances.Where(distance => names.ContainsKey(callBase + (ulong)(long)distance))
            .ToDictionary(distance => distance, distance => names[callBase + (ulong)(long)distance]);
    }

    private string MapName(uint id)
    {
        if (_mapNames.TryGetValue(id, out string? known)) return known;
        string name = $"map#{id}";
        try
        {
            using var map = BpfMap.OpenById(id);
            if (map.Name.Length > 0) name = map.Name;
        }
        catch (BpfException)
        {
            // Not ours to open; the number will do.
        }
        return _mapNames[id] = name;
    }

    private SourceLine? Source(int index)
    {
        if (_types is null) return null;
        try
        {
            uint position = _lines[(index * 4) + 3];
            return new(_types.GetString(_lines[(index * 4) + 1]), (int)(position >> 10), (int)(position & 0x3ff), _types.GetString(_lines[(index * 4) + 2]).Trim());
        }
        catch (BpfFormatException)
        {
            return null;
        }
    }

    private JitedFunction[] MachineCode()
    {
        if (_jited.Length == 0) return [];
        var result = new JitedFunction[_lengths.Length];
        int start = 0;
        for (int n = 0; n < result.Length; n++)
        {
            int length = (int)Math.Min(_lengths[n], (uint)(_jited.Length - start));
            ulong address = n < _addresses.Length ? _addresses[n] : 0;
            string name = (n < _functions.Length / 2 ? FunctionName(n) : null) ?? (n == 0 ? Name : $"{Name}#{n}");
            result[n] = new JitedFunction(name, address, _jited.AsMemory(start, length), Lines(address, length));
            start += length;
        }
        return result;
    }

    private JitedLine[] Lines(ulong address, int length)
    {
        List<JitedLine> lines = [];
        for (int n = 0; n < _jitedLines.Length && n < _lines.Length / 4; n++)
        {
            ulong offset = _jitedLines[n] - address;
            if (address != 0 && offset < (ulong)length && Source(n) is { } source) lines.Add(new((int)offset, source));
        }
        return [.. lines];
    }
}
