using System.Buffers.Binary;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

internal sealed partial class ValueFormatter
{
    private const int MaximumCachedFrames = 1 << 16;
    private const int BuildIdFrameSize = 32;
    private readonly Dictionary<(ulong Address, bool IsPerf), byte[]> _kernelFrames = [];
    private readonly Dictionary<(ulong Address, int Process, int Probe, bool IsPerf), byte[]> _userFrames = [];
    private readonly List<SymbolFrame> _frames = [];

    /// <summary>
    /// Forgets what the addresses of processes were called: a process may have ended and its number be another's. Called before each map
    /// and each record; within a map the same frames come again and again.
    /// </summary>
    public void ForgetProcesses()
    {
        if (_userFrames.Count > 0) _userFrames.Clear();
    }

    /// <summary>A line end, then a line for each frame.</summary>
    private void Stack(ByteWriter writer, StackType type, ReadOnlySpan<byte> bytes)
    {
        writer.Byte((byte)'\n');
        long id = (long)ScriptValue.Integer(bytes, 64, true);
        if (id < 0) return;
        int process = type.IsUser ? (int)ScriptValue.Integer(Slice(bytes, 8, 4), 32, true) : -1;
        int probe = type.IsUser ? (int)ScriptValue.Integer(Slice(bytes, 12, 4), 32, true) : -1;
        var frames = Context.Stacks.Frames(type, id);
        if (type.Mode == StackMode.BuildId && type.IsUser)
        {
            for (; frames.Length >= BuildIdFrameSize; frames = frames[BuildIdFrameSize..])
            {
                if (!BuildIdFrame(writer, frames[..BuildIdFrameSize])) return;
            }
            return;
        }
        for (; frames.Length >= 8; frames = frames[8..])
        {
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(frames);
            if (address == 0) return;
            if (address == ulong.MaxValue)
            {
                writer.Bytes("        <unwind failure>\n"u8);
                return;
            }
            if (type.Mode == StackMode.Raw)
            {
                writer.Hex(address);
                writer.Byte((byte)'\n');
                continue;
            }
            writer.Bytes(FrameLines(type, address, process, probe));
        }
    }

    // struct bpf_stack_build_id: status (0 empty, 1 valid, 2 address only), 20 bytes of id, offset or address.
    private static bool BuildIdFrame(ByteWriter writer, ReadOnlySpan<byte> frame)
    {
        int status = BinaryPrimitives.ReadInt32LittleEndian(frame);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(frame[24..]);
        if (status == 0) return false;
        if (status == 1)
        {
            foreach (byte b in frame.Slice(4, 20)) writer.Hex(b, 2);
            writer.Bytes(" 0x"u8);
            writer.Hex(offset, 2);
        }
        else
        {
            writer.Hex(offset);
        }
        writer.Byte((byte)'\n');
        return true;
    }

    private byte[] FrameLines(StackType type, ulong address, int process, int probe)
    {
        bool isPerf = type.Mode == StackMode.Perf;
        if (type.IsUser ? _userFrames.TryGetValue((address, process, probe, isPerf), out var lines) : _kernelFrames.TryGetValue((address, isPerf), out lines)) return lines;
        ByteWriter writer = new();
        _frames.Clear();
        if (type.IsUser) Context.Symbols.User(address, process, probe, Context.ShowDebugInfo, _frames);
        else Context.Symbols.Kernel(address, Context.ShowDebugInfo, _frames);
        if (_frames.Count == 0)
        {
            FrameStart(writer, isPerf, address);
            writer.Address(address);
            if (isPerf && type.IsUser) writer.Bytes(" ([unknown])"u8);
            writer.Byte((byte)'\n');
        }
        foreach (var frame in _frames)
        {
            if (frame.IsInlined && !Context.ShowDebugInfo) continue;
            FrameStart(writer, isPerf, address);
            Frame(writer, frame, type.IsUser, isPerf);
            writer.Byte((byte)'\n');
        }
        lines = writer.Written.ToArray();
        if (type.IsUser)
        {
            if (_userFrames.Count >= MaximumCachedFrames) _userFrames.Clear();
            _userFrames[(address, process, probe, isPerf)] = lines;
        }
        else
        {
            if (_kernelFrames.Count >= MaximumCachedFrames) _kernelFrames.Clear();
            _kernelFrames[(address, isPerf)] = lines;
        }
        return lines;
    }

    private static void FrameStart(ByteWriter writer, bool isPerf, ulong address)
    {
        if (!isPerf)
        {
            writer.Bytes("        "u8);
            return;
        }
        writer.Byte((byte)'\t');
        writer.Hex(address);
        writer.Byte((byte)' ');
    }

    private void Frame(ByteWriter writer, in SymbolFrame frame, bool isUser, bool isPerf)
    {
        if (frame.IsInlined && !isPerf) writer.Bytes("[inlined] "u8);
        Foreign(writer, Source.ScriptBytes.Of(frame.Name));
        if (!frame.IsInlined)
        {
            writer.Byte((byte)'+');
            writer.Unsigned(frame.Offset);
        }
        if (isPerf)
        {
            // Where it was mapped from; kernel frames have no such place.
            if (isUser && frame.Module is { } module)
            {
                writer.Bytes(" ("u8);
                Foreign(writer, Source.ScriptBytes.Of(module));
                writer.Byte((byte)')');
            }
            else if (frame.IsInlined)
            {
                writer.Bytes(" (inlined)"u8);
            }
            else if (isUser)
            {
                writer.Bytes(" ([unknown])"u8);
            }
            return;
        }
        if (frame.File is null || !Context.ShowDebugInfo) return;
        writer.Byte((byte)'@');
        Foreign(writer, Source.ScriptBytes.Of(frame.File));
        writer.Byte((byte)':');
        writer.Signed(frame.Line);
    }

    private void KernelSymbol(ByteWriter writer, ulong address)
    {
        _frames.Clear();
        Context.Symbols.Kernel(address, false, _frames);
        Symbol(writer, address);
    }

    private void UserSymbol(ByteWriter writer, ulong address, int process, int probe)
    {
        _frames.Clear();
        Context.Symbols.User(address, process, probe, false, _frames);
        Symbol(writer, address);
    }

    private void Symbol(ByteWriter writer, ulong address)
    {
        foreach (var frame in _frames)
        {
            if (frame.IsInlined) continue;
            Foreign(writer, Source.ScriptBytes.Of(frame.Name));
            return;
        }
        writer.Address(address);
    }
}
