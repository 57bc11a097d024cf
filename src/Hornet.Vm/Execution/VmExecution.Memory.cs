using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Isa;
using Hornet.Vm.Execution;
using Hornet.Vm.Loading;

namespace Hornet.Vm;

public sealed unsafe partial class VmExecution
{
    internal const int RegistersPerFrame = 16;

    /// <summary>The interpreter's registers and windows, a set for each frame.</summary>
    internal readonly ulong* Registers;
    internal readonly VmWindow* Windows;
    private readonly ulong[] _registers;
    private readonly VmWindow[] _windows;

    private readonly VmRegion?[] _regions = new VmRegion?[VmAddress.FirstMachineRegion];
    private readonly List<VmRegion?> _records = [];

    /// <summary>What <see cref="Resolve"/> found last; compiled code reads it from here.</summary>
    internal VmWindow Found;

    /// <summary>Memory that can be read, checked. Valid until the helper returns.</summary>
    /// <param name="address">The address in the program's space.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="register">The register that held the address, for the fault.</param>
    public ReadOnlySpan<byte> Read(ulong address, int length, Register? register = null) =>
        length == 0 ? default : new ReadOnlySpan<byte>(Check(address, length, false, register), length);

    /// <summary>Memory that can be written, checked. Valid until the helper returns.</summary>
    /// <param name="address">The address in the program's space.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="register">The register that held the address, for the fault.</param>
    public Span<byte> Write(ulong address, int length, Register? register = null) =>
        length == 0 ? default : new Span<byte>(Check(address, length, true, register), length);

    /// <summary>Memory that can be read, or false where there is none: for helpers that answer with an error then.</summary>
    public bool TryRead(ulong address, int length, out ReadOnlySpan<byte> memory)
    {
        memory = default;
        if (length == 0) return true;
        if (length < 0 || !TryFind(address, (ulong)length, out var window, out _)) return false;
        memory = new ReadOnlySpan<byte>(window.Host + (address - window.Start), length);
        return true;
    }

    /// <summary>Memory that can be written, or false where there is none.</summary>
    public bool TryWrite(ulong address, int length, out Span<byte> memory)
    {
        memory = default;
        if (length == 0) return true;
        if (length < 0 || !TryFind(address, (ulong)length, out var window, out _) || window.Writable == 0) return false;
        memory = new Span<byte>(window.Host + (address - window.Start), length);
        return true;
    }

    /// <summary>Memory that can be read, up to a length or its end if that comes first; false where there is none.</summary>
    internal bool TryReadUpTo(ulong address, int length, out ReadOnlySpan<byte> memory)
    {
        memory = default;
        if (!TryFind(address, 1, out var window, out _)) return false;
        ulong offset = address - window.Start;
        memory = new ReadOnlySpan<byte>(window.Host + offset, (int)Math.Min((ulong)length, window.Readable - offset));
        return true;
    }

    /// <summary>Reads a value.</summary>
    public T Read<T>(ulong address, Register? register = null) where T : unmanaged => MemoryMarshal.Read<T>(Read(address, sizeof(T), register));

    /// <summary>Writes a value.</summary>
    public void Write<T>(ulong address, T value, Register? register = null) where T : unmanaged => MemoryMarshal.Write(Write(address, sizeof(T), register), in value);

    /// <summary>Reads a string that ends in a zero byte, as UTF-8.</summary>
    /// <param name="address">Where it begins.</param>
    /// <param name="limit">The most bytes to look at.</param>
    public string ReadString(ulong address, int limit = 4096) => Encoding.UTF8.GetString(ReadStringBytes(address, limit));

    /// <summary>The bytes of a string up to its zero byte, the end of its memory or the limit.</summary>
    internal ReadOnlySpan<byte> ReadStringBytes(ulong address, int limit, Register? register = null)
    {
        byte* start = Check(address, 1, false, register);
        int room = (int)Math.Min((ulong)Math.Max(1, limit), Found.Readable - (address - Found.Start));
        var bytes = new ReadOnlySpan<byte>(start, room);
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }

    private byte* Check(ulong address, int length, bool write, Register? register)
    {
        if (length < 0) throw new VmFaultSignal(VmFaultKind.BadArgument, $"{length} is no length", address, register);
        Charge(length >> 3);
        return Resolve(address, (ulong)length, write, register);
    }

    /// <summary>
    /// Checks an access and says where the memory is. The window it lies in is left in <see cref="Found"/>.
    /// </summary>
    internal byte* Resolve(ulong address, ulong size, bool write, Register? register)
    {
        if (!TryFind(address, size, out var window, out var region)) throw OutOfBounds(address, size, write, region, register);
        ulong offset = address - window.Start;
        if (write && window.Writable == 0 && !(region!.WritableBytes is not null && region.AllowsWrite(offset, (uint)size)))
            throw new VmFaultSignal(VmFaultKind.ReadOnly, $"it writes {Bytes(size)} to {region!.Name} at offset {offset}, which can only be read", address, register);
        Found = window;
        return window.Host + offset;
    }

    private bool TryFind(ulong address, ulong size, out VmWindow window, out VmRegion? region)
    {
        window = default;
        region = FindRegion(address);
        if (region is null) return false;
        ulong offset = address - region.Start, first = region.Start;
        byte* host = region.Host;
        if (region.Stride != 0)
        {
            ulong index = offset / region.Stride;
            if (index >= region.Count || (region.Owner == _stack && index > (ulong)Depth)) return false;
            first += index * region.Stride;
            host += index * region.HostStride;
            offset -= index * region.Stride;
        }
        if (offset >= region.Size || region.Size - offset < size) return false;
        window = new VmWindow { Start = first, Host = host, Readable = region.Size, Writable = region.IsWritable && region.WritableBytes is null ? region.Size : 0 };
        return true;
    }

    private VmRegion? FindRegion(ulong address)
    {
        uint id = (uint)(address >> 32);
        if (id < VmAddress.FirstMachineRegion) return _regions[id];
        if (id < VmAddress.FirstRecordRegion) return Machine.RegionAt(id - VmAddress.FirstMachineRegion);
        id -= VmAddress.FirstRecordRegion;
        return id < _records.Count ? _records[(int)id] : null;
    }

    private VmFaultSignal OutOfBounds(ulong address, ulong size, bool write, VmRegion? region, Register? register)
    {
        string access = $"it {(write ? "writes" : "reads")} {Bytes(size)} at 0x{address:x}";
        if (address < VmAddress.NullEnd || address > ulong.MaxValue - VmAddress.NullEnd)
            return new VmFaultSignal(VmFaultKind.NullPointer, access + ", which is a null pointer or near one", address, register);
        uint id = (uint)(address >> 32);
        if (id >= VmAddress.FirstRecordRegion && id - VmAddress.FirstRecordRegion < _records.Count && region is null)
            return new VmFaultSignal(VmFaultKind.Released, access + ", in a record that it gave back before", address, register);
        if (VmAddress.IsMap(address, out _)) return new VmFaultSignal(VmFaultKind.OutOfBounds, access + ", which stands for a map, not for its contents", address, register);
        if (region is null) return new VmFaultSignal(VmFaultKind.OutOfBounds, access + ", where there is no memory", address, register);
        if (region.Owner == _stack && (address - region.Start) / region.Stride is var frame && frame > (ulong)Depth && frame < MostFrames)
            return new VmFaultSignal(VmFaultKind.Released, access + ", in the stack frame of a function that is not active", address, register);
        ulong offset = address - region.Start;
        if (region.Owner == _stack)
        {
            long fromEnd = (long)(offset % region.Stride) - VmAddress.FrameSize;
            // Below a frame is the gap above the one before it.
            if (fromEnd >= VmAddress.FrameSize / 2) fromEnd -= VmAddress.FrameStride;
            return new VmFaultSignal(VmFaultKind.OutOfBounds, $"{access}, at {fromEnd} from the end of a stack frame of {region.Size} bytes", address, register);
        }
        if (region.Stride != 0) offset %= region.Stride;
        return new VmFaultSignal(VmFaultKind.OutOfBounds, $"{access}, which is {region.Name} at offset {(long)offset}; it has {Bytes(region.Size)}", address, register);
    }

    private static string Bytes(ulong size) => size == 1 ? "1 byte" : $"{size} bytes";

    /// <summary>The map that an argument stands for.</summary>
    internal VmMap FindMap(ulong handle, Register register) =>
        VmAddress.IsMap(handle, out uint id) && Machine.MapById(id) is { } map
            ? map
            : throw new VmFaultSignal(VmFaultKind.BadArgument, $"0x{handle:x} is not a map", handle, register);

    /// <summary>Gives a program memory of its own until it is released: a ring buffer record.</summary>
    internal ulong AddRecord(string name, byte* host, uint size, byte[] owner, bool writable = true)
    {
        ulong start = (ulong)(VmAddress.FirstRecordRegion + (uint)_records.Count) << 32 | 0x1_0000;
        _records.Add(new VmRegion { Name = name, Start = start, Size = size, Host = host, Owner = owner, IsWritable = writable });
        return start;
    }

    /// <summary>Takes a record back; false when the address is not the beginning of one.</summary>
    internal bool RemoveRecord(ulong address)
    {
        uint id = (uint)(address >> 32) - VmAddress.FirstRecordRegion;
        if (id >= _records.Count || _records[(int)id] is not { } record || record.Start != address) return false;
        _records[(int)id] = null;
        MemoryVersion++;
        return true;
    }

    /// <summary>Sets one of the regions that belong to the run: context and packet.</summary>
    internal void SetRegion(uint id, VmRegion? region)
    {
        _regions[id] = region;
        MemoryVersion++;
    }

    internal VmRegion? RegionOf(uint id) => _regions[id];

    /// <summary>
    /// Notes what the program must give back before it ends, and what is done then: with true when the program did it, with
    /// false when the run ended before.
    /// </summary>
    internal void Hold(ulong address, string what, Action<bool> giveBack) => _held[address] = (what, giveBack);

    /// <summary>Gives back what was held; false when nothing was.</summary>
    internal bool GiveBack(ulong address, bool flag)
    {
        if (!_held.Remove(address, out var held)) return false;
        held.GiveBack(flag);
        return true;
    }

    /// <summary>Notes a lock that the program took, to be freed whatever happens.</summary>
    internal void HoldLock(ulong address)
    {
        byte* word = ResolveAtomic(address, 4, true, (int)Register.R1);
        Hold(address, "a lock", _ => Volatile.Write(ref *(uint*)word, 0));
    }

    private readonly Dictionary<ulong, (string What, Action<bool> GiveBack)> _held = [];

    private void CheckReleased()
    {
        if (_held.Count == 0) return;
        var (address, held) = _held.First();
        throw new VmFaultSignal(VmFaultKind.NotReleased, $"it ended without giving back {held.What}", address);
    }

    private void EndRun()
    {
        if (_held.Count > 0)
        {
            foreach (var (_, giveBack) in _held.Values) giveBack(false);
            _held.Clear();
        }
        if (_records.Count > 0) _records.Clear();
        Context = VmContext.Empty;
    }

    /// <summary>As <see cref="Resolve"/>, for atomic accesses, which must be aligned.</summary>
    internal byte* ResolveAtomic(ulong address, uint size, bool write, int register)
    {
        if ((address & (size - 1)) != 0)
            throw new VmFaultSignal(VmFaultKind.Misaligned, $"an atomic operation on {size} bytes at 0x{address:x}, which is not a multiple of {size}", address, (Register)register);
        byte* host = Resolve(address, size, write, (Register)register);
        if (((ulong)host & (size - 1)) != 0)
            throw new VmFaultSignal(VmFaultKind.Misaligned, $"an atomic operation on memory that the machine was given at an address that is no multiple of {size}; give it in an array of its own", address, (Register)register);
        return host;
    }

    /// <summary>A legacy packet load, in network byte order; false beyond the packet's end, which ends the program with 0.</summary>
    internal bool TryPacketLoad(OpCode code, int constant, ulong index, ulong r6, out ulong value)
    {
        value = 0;
        var packet = _regions[VmAddress.PacketRegion] ?? throw new VmFaultSignal(VmFaultKind.NoPacket, "legacy packet loads need a packet: run the program with VmContext.Skb");
        if (r6 != VmAddress.Context) throw new VmFaultSignal(VmFaultKind.BadArgument, "legacy packet loads take the context in R6", r6, Register.R6);
        // The kernel adds in 32 bits.
        long offset = code >= OpCode.PacketIndirect8 ? (int)((uint)index + (uint)constant) : constant;
        // As the kernel's SKF_NET_OFF and SKF_LL_OFF: counted from the network header, or from the link header before it.
        const int network = -0x100000, link = -0x200000, linkHeader = 14;
        if (offset is < 0 and >= network) offset = offset - network + linkHeader;
        else if (offset is < network and >= link) offset -= link;
        int size = 1 << ((int)(code - OpCode.PacketAbsolute8) % 3);
        if (offset < 0 || (ulong)offset > packet.Size || packet.Size - (ulong)offset < (ulong)size) return false;
        var bytes = new ReadOnlySpan<byte>(packet.Host + offset, size);
        value = size switch { 1 => bytes[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(bytes), _ => BinaryPrimitives.ReadUInt32BigEndian(bytes) };
        return true;
    }
}
