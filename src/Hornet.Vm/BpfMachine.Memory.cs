using Hornet.Vm.Execution;

namespace Hornet.Vm;

public sealed partial class BpfMachine
{
    private readonly Lock _regionLock = new();
    private readonly Dictionary<string, ulong> _symbols = new(StringComparer.Ordinal);

    // Regions are only ever added, and a run that does not see a new one has no address in it.
    private VmRegion?[] _machineRegions = new VmRegion?[16];
    private uint _regionCount;
    private long _mapMemory;

    /// <summary>
    /// Makes memory that programs can reach: a kernel structure for a probe read, user memory, a variable. The address is a new one; pointers
    /// to other memory are written into it as numbers.
    /// </summary>
    /// <param name="name">What it is, for messages.</param>
    /// <param name="contents">What is in it; its length is the memory's.</param>
    /// <param name="writable">Whether programs may write to it.</param>
    public VmMemory AddMemory(string name, ReadOnlySpan<byte> contents, bool writable = true)
    {
        byte[] bytes = GC.AllocateArray<byte>(Math.Max(1, contents.Length), pinned: true);
        contents.CopyTo(bytes);
        var region = VmRegion.OfBlock(name, 0, bytes, writable);
        AddRegion(region, (ulong)bytes.Length);
        return new VmMemory(name, region.Start, bytes.AsMemory(0, contents.Length));
    }

    /// <summary>Says where a kernel symbol is that objects refer to (<c>__ksym</c>).</summary>
    public void DefineSymbol(string name, VmMemory memory) => _symbols[name] = memory.Address;

    internal ulong? Symbol(string name) => _symbols.TryGetValue(name, out ulong address) ? address : null;

    /// <summary>Gives a region its place. It gets as many 4 GiB of addresses as it needs, and some to spare behind its end.</summary>
    internal void AddRegion(VmRegion region, ulong extent)
    {
        lock (_regionLock)
        {
            uint slots = checked((uint)((extent + 0x2_0000) >> 32) + 1);
            if (_regionCount + slots > VmAddress.FirstRecordRegion - VmAddress.FirstMachineRegion) throw new BpfException("the machine's address space is full");
            var table = _machineRegions;
            if (_regionCount + slots > table.Length) Array.Resize(ref table, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(_regionCount + slots));
            region.Start = (ulong)(VmAddress.FirstMachineRegion + _regionCount) << 32 | VmAddress.NullEnd;
            for (uint i = 0; i < slots; i++) table[_regionCount + i] = region;
            _regionCount += slots;
            Volatile.Write(ref _machineRegions, table);
        }
    }

    internal VmRegion? RegionAt(uint index)
    {
        var table = Volatile.Read(ref _machineRegions);
        return index < table.Length ? table[index] : null;
    }

    /// <summary>Counts what a map takes, so that no object asks for more memory than the machine may have.</summary>
    internal void TakeMapMemory(string map, long bytes)
    {
        if (bytes < 0 || bytes > Array.MaxLength || Interlocked.Add(ref _mapMemory, bytes) > Options.MapMemoryLimit)
            throw new BpfException($"map '{map}' would take {bytes} bytes, and all maps of the machine together may take {Options.MapMemoryLimit} (VmOptions.MapMemoryLimit)");
    }
}

/// <summary>Memory of a machine that both programs and the caller use.</summary>
public sealed class VmMemory
{
    private readonly Memory<byte> _bytes;

    internal VmMemory(string name, ulong address, Memory<byte> bytes)
    {
        Name = name;
        Address = address;
        _bytes = bytes;
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>Where programs find it.</summary>
    public ulong Address { get; }

    /// <summary>The bytes themselves, not a copy.</summary>
    public Span<byte> Span => _bytes.Span;
}
