using System.Runtime.InteropServices;
using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

/// <summary>Reads call frame information and runs its programs into rows.</summary>
internal sealed class FrameReader(ElfMachine machine, bool littleEndian)
{
    private const int MostRows = 1 << 25;
    private const int DeepestState = 64;

    private readonly List<UnwindRow> _rows = [];
    private readonly List<(ulong Start, ulong End, int First, int Count, bool Debug)> _functions = [];
    private readonly bool _arm = machine == ElfMachine.Arm64;
    private int _unsupported;

    private int StackRegister => _arm ? 31 : 7;

    private int FrameRegister => _arm ? 29 : 6;

    /// <summary>Adds what a section describes.</summary>
    /// <param name="section">The contents.</param>
    /// <param name="address">Where the section is in memory: addresses in it are relative to themselves.</param>
    /// <param name="isDebugFrame">Whether it is <c>.debug_frame</c>, whose entries refer to one another differently.</param>
    /// <param name="what">For messages.</param>
    public void Add(ReadOnlySpan<byte> section, ulong address, bool isDebugFrame, string what)
    {
        Dictionary<int, Common> commons = [];
        DwarfCursor cursor = new(section, 0, littleEndian, what);
        while (!cursor.AtEnd)
        {
            int start = cursor.Position;
            ulong length = cursor.InitialLength(out int offsetSize);
            // A zero ends .eh_frame; those of several inputs may be joined behind it.
            if (length == 0) continue;
            if (length > (ulong)(cursor.Length - cursor.Position)) throw new BpfFormatException($"{what}: the entry at {start} reaches beyond the section");
            int idAt = cursor.Position, end = cursor.Position + (int)length;
            ulong id = cursor.Unsigned(offsetSize);
            bool isCommon = isDebugFrame ? id == (offsetSize == 8 ? ulong.MaxValue : uint.MaxValue) : id == 0;
            if (!isCommon)
            {
                long at = isDebugFrame ? (long)Math.Min(id, int.MaxValue) : idAt - (long)Math.Min(id, int.MaxValue);
                if (at < 0 || at >= section.Length) throw new BpfFormatException($"{what}: the entry at {start} names the common part {at}, which lies outside");
                if (!commons.TryGetValue((int)at, out var common)) commons.Add((int)at, common = ReadCommon(section, (int)at, address, isDebugFrame, what));
                ReadFunction(section[..end], cursor.Position, address, common, isDebugFrame, what);
            }
            cursor.Position = end;
        }
    }

    public (ulong Start, UnwindRow[] Rows, int Unsupported) Finish()
    {
        if (_functions.Count == 0) return (0, [], 0);
        // Of two descriptions of one function that for exceptions counts: it was made for running code.
        _functions.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Debug.CompareTo(b.Debug));
        ulong start = _functions[0].Start, covered = start;
        List<UnwindRow> result = new(_rows.Count + _functions.Count);
        foreach (var (from, to, first, count, _) in _functions)
        {
            if (from < covered && result.Count > 0) continue;
            if (to - start > uint.MaxValue) break;
            if (from > covered) Append(result, new UnwindRow((uint)(covered - start), 0, 0, 0, CfaRule.Unknown, default, default, 0));
            // Addresses of rows count from their function so far.
            foreach (ref readonly var row in CollectionsMarshal.AsSpan(_rows).Slice(first, count)) Append(result, row with { Address = row.Address + (uint)(from - start) });
            covered = to;
        }
        Append(result, new UnwindRow((uint)(covered - start), 0, 0, 0, CfaRule.Unknown, default, default, 0));
        return (start, [.. result], _unsupported);

        static void Append(List<UnwindRow> rows, in UnwindRow row)
        {
            if (rows.Count > 0 && rows[^1].SameRuleAs(row)) return;
            if (rows.Count > 0 && rows[^1].Address == row.Address) rows[^1] = row;
            else rows.Add(row);
        }
    }

    private Common ReadCommon(ReadOnlySpan<byte> section, int start, ulong address, bool isDebugFrame, string what)
    {
        DwarfCursor cursor = new(section, start, littleEndian, what);
        ulong length = cursor.InitialLength(out int offsetSize);
        if (length > (ulong)(cursor.Length - cursor.Position)) throw new BpfFormatException($"{what}: the entry at {start} reaches beyond the section");
        int end = cursor.Position + (int)length;
        cursor = new DwarfCursor(section[..end], cursor.Position, littleEndian, what);
        ulong id = cursor.Unsigned(offsetSize);
        if (isDebugFrame ? id != (offsetSize == 8 ? ulong.MaxValue : uint.MaxValue) : id != 0) throw new BpfFormatException($"{what}: the entry at {start} is no common part");
        int version = cursor.U8();
        if (version is not (1 or 3 or 4)) throw new BpfFormatException($"{what}: the entry at {start} has the unknown version {version}");
        var augmentation = cursor.CString();
        if (version == 4) cursor.Skip(2);
        ulong codeFactor = cursor.Uleb();
        long dataFactor = cursor.Sleb();
        ulong returnRegister = version == 1 ? cursor.U8() : cursor.Uleb();
        byte encoding = 0;
        bool signal = false, hasData = false;
        int program;
        if (augmentation.StartsWith((byte)'z'))
        {
            hasData = true;
            ulong size = cursor.Uleb();
            program = cursor.Position;
            cursor.Skip(size);
            (program, cursor.Position) = (cursor.Position, program);
            foreach (byte letter in augmentation[1..])
            {
                if (letter == 'R') encoding = cursor.U8();
                else if (letter == 'L') cursor.U8();
                else if (letter == 'P') Pointer(ref cursor, cursor.U8(), address, 0);
                else if (letter == 'S') signal = true;
                // B says that return addresses are signed (arm64); what is newer stands behind and is passed over.
                else if (letter != 'B') break;
            }
        }
        else
        {
            if (!augmentation.IsEmpty) throw new BpfFormatException($"{what}: the entry at {start} has an unknown augmentation");
            program = cursor.Position;
        }
        Common common = new(codeFactor, dataFactor, returnRegister, encoding, signal, hasData);
        State state = new();
        // Until something is said of it, the return address is where it always is: in its register.
        cursor.Position = program;
        Run(ref cursor, common, ref state, null, 0, 0, address);
        common.Initial = state;
        return common;
    }

    private void ReadFunction(ReadOnlySpan<byte> section, int position, ulong address, Common common, bool isDebugFrame, string what)
    {
        DwarfCursor cursor = new(section, position, littleEndian, what);
        ulong start = Pointer(ref cursor, isDebugFrame ? (byte)0 : common.Encoding, address, 0);
        // The length has the format of the address and is relative to nothing.
        ulong length = Pointer(ref cursor, isDebugFrame ? (byte)0 : (byte)(common.Encoding & 0x0f), address, 0);
        if (common.HasData) cursor.Skip(cursor.Uleb());
        // Code that the linker dropped.
        if (start == 0 || length == 0 || length > uint.MaxValue || start + length < start) return;
        int first = _rows.Count;
        var state = common.Initial;
        Run(ref cursor, common, ref state, _rows, start, length, address);
        if (_rows.Count > MostRows) throw new BpfFormatException($"{what}: more than {MostRows} rows");
        _functions.Add((start, start + length, first, _rows.Count - first, isDebugFrame));
    }

    /// <summary>Runs a program. With rows, one is added for each place the rules change at.</summary>
    private void Run(ref DwarfCursor cursor, Common common, ref State state, List<UnwindRow>? rows, ulong start, ulong length, ulong section)
    {
        Stack<State>? remembered = null;
        ulong at = 0;
        int first = rows?.Count ?? 0;
        while (!cursor.AtEnd)
        {
            byte opcode = cursor.U8();
            int low = opcode & 0x3f;
            switch (opcode >> 6)
            {
                case 1: Advance(ref state, (uint)low * common.CodeFactor); continue;
                case 2: SetRegister(ref state, (ulong)low, RegisterRule.AtCfa, (long)cursor.Uleb() * common.DataFactor, common); continue;
                case 3: RestoreRegister(ref state, (ulong)low, common); continue;
            }
            switch (opcode)
            {
                case 0: break;
                case 1: // set_loc: an address instead of a distance.
                    ulong location = Pointer(ref cursor, common.Encoding, section, 0);
                    if (location > start + at) Advance(ref state, location - start - at);
                    break;
                case 2: Advance(ref state, cursor.U8() * common.CodeFactor); break;
                case 3: Advance(ref state, cursor.U16() * common.CodeFactor); break;
                case 4: Advance(ref state, cursor.U32() * common.CodeFactor); break;
                case 5: SetRegister(ref state, cursor.Uleb(), RegisterRule.AtCfa, unchecked((long)cursor.Uleb() * common.DataFactor), common); break;
                case 6: RestoreRegister(ref state, cursor.Uleb(), common); break;
                case 7: SetRegister(ref state, cursor.Uleb(), RegisterRule.Undefined, 0, common); break;
                case 8: SetRegister(ref state, cursor.Uleb(), RegisterRule.Same, 0, common); break;
                case 9: // In another register, which is not followed.
                    ulong moved = cursor.Uleb();
                    cursor.Uleb();
                    SetRegister(ref state, moved, RegisterRule.Undefined, 0, common);
                    break;
                case 0x0a:
                    if ((remembered ??= []).Count >= DeepestState) throw new BpfFormatException("call frame information remembers too much");
                    remembered.Push(state);
                    break;
                case 0x0b:
                    if (remembered is { Count: > 0 }) state = remembered.Pop();
                    break;
                case 0x0c:
                    state.CfaRegister = cursor.Uleb();
                    state.CfaOffset = (long)cursor.Uleb();
                    state.CfaKind = CfaRule.StackPointer;
                    break;
                case 0x0d: state.CfaRegister = cursor.Uleb(); break;
                case 0x0e: state.CfaOffset = (long)cursor.Uleb(); break;
                case 0x0f: CfaExpression(ref state, cursor.Take(cursor.Uleb())); break;
                case 0x10: // expression: the register is at the address it computes.
                    ulong register = cursor.Uleb();
                    var expression = cursor.Take(cursor.Uleb());
                    if (BaseOffset(expression, StackRegister, out long offset, out int used) && used == expression.Length) SetRegister(ref state, register, RegisterRule.AtStackPointer, offset, common);
                    else SetRegister(ref state, register, RegisterRule.Undefined, 0, common);
                    break;
                case 0x11: SetRegister(ref state, cursor.Uleb(), RegisterRule.AtCfa, unchecked(cursor.Sleb() * common.DataFactor), common); break;
                case 0x12:
                    state.CfaRegister = cursor.Uleb();
                    state.CfaOffset = unchecked(cursor.Sleb() * common.DataFactor);
                    state.CfaKind = CfaRule.StackPointer;
                    break;
                case 0x13: state.CfaOffset = unchecked(cursor.Sleb() * common.DataFactor); break;
                case 0x14 or 0x15: // val_offset: the value itself; no caller's register is kept so.
                    ulong valued = cursor.Uleb();
                    cursor.Uleb();
                    SetRegister(ref state, valued, RegisterRule.Undefined, 0, common);
                    break;
                case 0x16:
                    ulong computed = cursor.Uleb();
                    cursor.Skip(cursor.Uleb());
                    SetRegister(ref state, computed, RegisterRule.Undefined, 0, common);
                    break;
                case 0x2d: break; // GNU window save; on arm64 it says that return addresses are signed from here on.
                case 0x2e: cursor.Uleb(); break; // GNU args size.
                case 0x2f:
                    ulong negative = cursor.Uleb();
                    SetRegister(ref state, negative, RegisterRule.AtCfa, unchecked(-(long)cursor.Uleb() * common.DataFactor), common);
                    break;
                default: throw new BpfFormatException($"call frame information has the unknown instruction 0x{opcode:x} at {cursor.Position - 1}");
            }
        }
        if (rows is not null) Emit(ref state);

        void Advance(ref State current, ulong by)
        {
            if (rows is null) return;
            Emit(ref current);
            at = unchecked(at + by) < at ? length : at + by;
        }

        void Emit(ref State current)
        {
            if (at >= length) return;
            var row = Row(current, (uint)at, common);
            if (rows!.Count > first && rows[^1].Address == row.Address) rows[^1] = row;
            else if (rows.Count == first || !rows[^1].SameRuleAs(row)) rows.Add(row);
        }
    }

    private UnwindRow Row(in State state, uint at, Common common)
    {
        var cfa = state.CfaKind;
        if (cfa == CfaRule.StackPointer)
            cfa = state.CfaRegister == (ulong)StackRegister ? CfaRule.StackPointer : state.CfaRegister == (ulong)FrameRegister ? CfaRule.FramePointer : CfaRule.Unknown;
        bool fits = state.CfaOffset is >= int.MinValue and <= int.MaxValue && state.FrameOffset is >= short.MinValue and <= short.MaxValue && state.ReturnOffset is >= short.MinValue and <= short.MaxValue;
        if (cfa == CfaRule.Unknown || !fits)
        {
            _unsupported++;
            return new UnwindRow(at, 0, 0, 0, CfaRule.Unknown, default, default, 0);
        }
        if (state.Return == RegisterRule.Undefined) cfa = CfaRule.EndOfStack;
        return new UnwindRow(at, (int)state.CfaOffset, (short)state.FrameOffset, (short)state.ReturnOffset, cfa, state.Frame, state.Return, common.IsSignal ? (byte)1 : (byte)0);
    }

    private void SetRegister(ref State state, ulong register, RegisterRule rule, long offset, Common common)
    {
        if (register == (ulong)FrameRegister) (state.Frame, state.FrameOffset) = (rule, offset);
        else if (register == common.ReturnRegister) (state.Return, state.ReturnOffset) = (rule, offset);
    }

    private void RestoreRegister(ref State state, ulong register, Common common)
    {
        if (register == (ulong)FrameRegister) (state.Frame, state.FrameOffset) = (common.Initial.Frame, common.Initial.FrameOffset);
        else if (register == common.ReturnRegister) (state.Return, state.ReturnOffset) = (common.Initial.Return, common.Initial.ReturnOffset);
    }

    private void CfaExpression(ref State state, ReadOnlySpan<byte> expression)
    {
        const byte dereference = 0x06;
        state.CfaKind = CfaRule.Unknown;
        // breg7 8; breg16 0; lit15; and; lit11; ge; lit3; shl; plus: that of every linker for its stubs.
        if (expression.SequenceEqual((ReadOnlySpan<byte>)[0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22]) && !_arm)
        {
            (state.CfaKind, state.CfaOffset) = (CfaRule.LinkerStub, 0);
            return;
        }
        foreach (var (register, kind) in (ReadOnlySpan<(int, CfaRule)>)[(StackRegister, CfaRule.AtStackPointer), (FrameRegister, CfaRule.AtFramePointer)])
        {
            if (!BaseOffset(expression, register, out long offset, out int used) || used + 1 != expression.Length || expression[used] != dereference) continue;
            (state.CfaKind, state.CfaOffset) = (kind, offset);
        }
    }

    /// <summary>A register plus a number, at the beginning of an expression.</summary>
    private static bool BaseOffset(ReadOnlySpan<byte> expression, int register, out long offset, out int used)
    {
        (offset, used) = (0, 0);
        if (expression.Length < 2 || expression[0] != 0x70 + register) return false;
        DwarfCursor cursor = new(expression, 1, true, "call frame information");
        offset = cursor.Sleb();
        used = cursor.Position;
        return true;
    }

    /// <summary>An address in one of the encodings of exception tables.</summary>
    private ulong Pointer(ref DwarfCursor cursor, byte encoding, ulong section, ulong data)
    {
        if (encoding == 0xff) return 0;
        int place = cursor.Position;
        // Aligned: an absolute address on its boundary.
        if (encoding == 0x50)
        {
            cursor.Skip((ulong)(-place & 7));
            return cursor.U64();
        }
        ulong value = (encoding & 0x0f) switch
        {
            0x00 or 0x04 or 0x0c => cursor.U64(),
            0x01 => cursor.Uleb(),
            0x02 => cursor.U16(),
            0x03 => cursor.U32(),
            0x09 => (ulong)cursor.Sleb(),
            0x0a => (ulong)(short)cursor.U16(),
            0x0b => (ulong)(int)cursor.U32(),
            var format => throw new BpfFormatException($"call frame information has an address in the unknown format {format}"),
        };
        if (value == 0) return 0;
        return (encoding & 0x70) switch
        {
            0x10 => unchecked(section + (ulong)place + value),
            0x30 => unchecked(data + value),
            _ => value,
        };
    }

    private sealed class Common(ulong codeFactor, long dataFactor, ulong returnRegister, byte encoding, bool isSignal, bool hasData)
    {
        public ulong CodeFactor => codeFactor;

        public long DataFactor => dataFactor;

        public ulong ReturnRegister => returnRegister;

        public byte Encoding => encoding;

        public bool IsSignal => isSignal;

        public bool HasData => hasData;

        public State Initial;
    }

    private struct State
    {
        public CfaRule CfaKind;
        public ulong CfaRegister;
        public long CfaOffset;
        public RegisterRule Frame, Return;
        public long FrameOffset, ReturnOffset;
    }
}
