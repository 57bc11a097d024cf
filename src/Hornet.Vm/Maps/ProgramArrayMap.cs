using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>Program arrays: where tail calls go. Values are program numbers (<see cref="VmProgram.Id"/>).</summary>
internal sealed class ProgramArrayMap : VmMap
{
    private readonly VmProgram?[] _programs;

    public ProgramArrayMap(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id)
    {
        machine.TakeMapMemory(spec.Name, (long)spec.MaxEntries * 8);
        _programs = new VmProgram?[spec.MaxEntries];
    }

    public override int Count => _programs.Count(p => p is not null);

    public override IReadOnlyList<byte[]> Keys => [.. Enumerable.Range(0, _programs.Length).Where(i => _programs[i] is not null).Select(BitConverter.GetBytes)];

    internal VmProgram? this[uint index] => index < _programs.Length ? _programs[index] : null;

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu) =>
        this[MemoryMarshal.Read<uint>(key)] is { } program ? BitConverter.GetBytes(program.Id) : null;

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu)
    {
        uint index = MemoryMarshal.Read<uint>(key);
        if (flags != MapUpdateFlags.Any) return Errno.EINVAL;
        if (index >= _programs.Length) return Errno.E2BIG;
        if (Machine.ProgramById(MemoryMarshal.Read<uint>(value)) is not { } program) return Errno.EBADF;
        _programs[index] = program;
        return Errno.None;
    }

    internal override Errno DeleteCore(ReadOnlySpan<byte> key)
    {
        uint index = MemoryMarshal.Read<uint>(key);
        if (index >= _programs.Length) return Errno.E2BIG;
        if (_programs[index] is null) return Errno.ENOENT;
        _programs[index] = null;
        return Errno.None;
    }
}
