using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>A map of a machine as what stands behind a <see cref="BpfMap"/>, so that the typed maps work on it.</summary>
internal sealed unsafe class MapBackend(VmMap map) : IMapBackend
{
    private readonly Lock _gate = new();
    private IReadOnlyList<byte[]> _walk = [];
    private int _at;

    public VmMap Map => map;

    public void* Memory => map is ArrayMap array ? array.Memory : throw new BpfException($"map '{map.Name}' is {map.Type}, whose memory cannot be mapped");

    private bool IsPerCpu => map.Type is MapType.PerCpuArray or MapType.PerCpuHash or MapType.LruPerCpuHash;

    private int Stride => (map.ValueSize + 7) & ~7;

    public Errno Element(BpfCommand command, void* key, void* value, ulong flags)
    {
        ReadOnlySpan<byte> k = new(key, key is null ? 0 : map.KeySize);
        switch (command)
        {
            case BpfCommand.MapLookupElem:
                return Lookup(k, (byte*)value);
            case BpfCommand.MapUpdateElem:
                return Update(k, (byte*)value, (MapUpdateFlags)flags);
            case BpfCommand.MapDeleteElem:
                return map.DeleteCore(k);
            case BpfCommand.MapLookupAndDeleteElem when map.KeySize == 0:
                return map.Pop(new Span<byte>(value, map.ValueSize), remove: true);
            case BpfCommand.MapLookupAndDeleteElem:
                var found = Lookup(k, (byte*)value);
                return found == Errno.None ? map.DeleteCore(k) : found;
            case BpfCommand.MapGetNextKey:
                return NextKey(k, new Span<byte>(value, map.KeySize));
            default:
                return Errno.EINVAL;
        }
    }

    private Errno Lookup(ReadOnlySpan<byte> key, byte* value)
    {
        // One value, or one for each CPU, 8 bytes aligned.
        for (int cpu = 0; cpu < (IsPerCpu ? map.Machine.Options.CpuCount : 1); cpu++)
        {
            if (map.LookupCore(key, cpu) is not { } bytes) return Errno.ENOENT;
            bytes.CopyTo(new Span<byte>(value + ((long)cpu * Stride), map.ValueSize));
        }
        return Errno.None;
    }

    private Errno Update(ReadOnlySpan<byte> key, byte* value, MapUpdateFlags flags)
    {
        for (int cpu = 0; cpu < (IsPerCpu ? map.Machine.Options.CpuCount : 1); cpu++)
        {
            var error = map.UpdateCore(key, new ReadOnlySpan<byte>(value + ((long)cpu * Stride), map.ValueSize), flags, cpu);
            if (error != Errno.None) return error;
            // The first CPU's update made the element.
            flags &= ~MapUpdateFlags.NoExist;
        }
        return Errno.None;
    }

    // The keys as they were when the walk began. A key that was not among them begins it again, as in the kernel.
    private Errno NextKey(ReadOnlySpan<byte> key, Span<byte> next)
    {
        lock (_gate)
        {
            if (!key.IsEmpty && _at < _walk.Count && key.SequenceEqual(_walk[_at]))
            {
                _at++;
            }
            else
            {
                _walk = map.Keys;
                _at = key.IsEmpty ? 0 : IndexOf(key) + 1;
            }
            if (_at >= _walk.Count) return Errno.ENOENT;
            _walk[_at].CopyTo(next);
            return Errno.None;
        }
    }

    private int IndexOf(ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < _walk.Count; i++)
        {
            if (key.SequenceEqual(_walk[i])) return i;
        }
        return -1;
    }
}
