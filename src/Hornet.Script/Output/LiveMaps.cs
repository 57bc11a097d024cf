using Hornet.Maps;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>A map in the kernel.</summary>
/// <param name="map">The map.</param>
/// <param name="shape">What is in it.</param>
internal sealed class LiveMapContents(BpfMap map, ScriptMap shape) : IMapContents
{
    private readonly int _keySize = shape.Key?.Size ?? map.KeySize;
    private readonly int _cpus = map.IsPerCpu ? map.ValueBufferSize / map.PerCpuStride : 1;

    private bool _wasZeroed;

    private int Stride => map.IsPerCpu ? map.PerCpuStride : map.ValueSize;

    public MapSnapshot Read()
    {
        MapSnapshot snapshot = new(_keySize, shape.Value.Size, _cpus);
        foreach (var (key, value) in map.ReadAll())
        {
            // Elements of an array are there from the beginning: one that is all zero was never set, unless zero() was called.
            if (IsArray && !_wasZeroed && value.AsSpan().IndexOfAnyExcept((byte)0) < 0) continue;
            snapshot.Add(Padded(key), value, Stride);
        }
        return snapshot;
    }

    public byte[]? Find(ReadOnlySpan<byte> key)
    {
        var value = new byte[map.ValueBufferSize];
        if (!map.TryLookup(key[..map.KeySize], value)) return null;
        var packed = new byte[_cpus * shape.Value.Size];
        for (int cpu = 0; cpu < _cpus; cpu++) value.AsSpan(cpu * Stride, shape.Value.Size).CopyTo(packed.AsSpan(cpu * shape.Value.Size));
        return packed;
    }

    public void Clear()
    {
        if (!IsArray)
        {
            map.Clear();
            return;
        }
        Zero();
        _wasZeroed = false;
    }

    public void Zero()
    {
        _wasZeroed = Read().Count > 0;
        var zero = new byte[map.ValueBufferSize];
        foreach (var (key, _) in map.ReadAll())
        {
            try
            {
                map.Update(key, zero, MapUpdateFlags.Exist);
            }
            catch (BpfSyscallException e) when (e.Errno == Interop.Errno.ENOENT)
            {
                // The program removed it meanwhile.
            }
        }
    }

    private bool IsArray => map.Type is MapType.Array or MapType.PerCpuArray;

    // The key of an array is its position in 4 bytes, of a map without a key that is 0.
    private byte[] Padded(byte[] key)
    {
        if (key.Length < _keySize) Array.Resize(ref key, _keySize);
        return key;
    }
}

/// <summary>Stacks in the kernel's maps.</summary>
/// <param name="maps">The map of each kind of stack.</param>
internal sealed class LiveStacks(IReadOnlyDictionary<StackType, BpfMap> maps) : IStacks
{
    private byte[] _frames = [];

    /// <summary>The maps of stacks whose place in the first ones was taken: numbers of 2^32 and more are theirs.</summary>
    public IReadOnlyDictionary<StackType, BpfMap> More { get; init; } = new Dictionary<StackType, BpfMap>();

    public ReadOnlySpan<byte> Frames(StackType type, long id)
    {
        if (!(id > uint.MaxValue ? More : maps).TryGetValue(type, out var map)) return default;
        if (_frames.Length < map.ValueBufferSize) _frames = new byte[map.ValueBufferSize];
        Span<byte> key = stackalloc byte[8];
        BitConverter.TryWriteBytes(key, id);
        var frames = _frames.AsSpan(0, map.ValueBufferSize);
        return map.TryLookup(key[..map.KeySize], frames) ? frames : default;
    }
}
