using BenchmarkDotNet.Attributes;
using Hornet.Maps;

namespace Hornet.Bench.Micro;

/// <summary>One map operation each: what remains is the system call. Needs root.</summary>
[MemoryDiagnoser]
public class MapBenchmarks
{
    private readonly byte[] _key = BitConverter.GetBytes(1);
    private readonly byte[] _absent = BitConverter.GetBytes(77);
    private readonly byte[] _value = BitConverter.GetBytes(41L);
    private BpfMap _map = null!;

    [GlobalSetup]
    public void Setup()
    {
        _map = BpfMap.Create(new() { Name = "bench", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 1024 });
        _map.Update(_key, _value);
    }

    [GlobalCleanup]
    public void Cleanup() => _map.Dispose();

    [Benchmark(Baseline = true)]
    public bool Lookup() => _map.TryLookup(_key, _value);

    [Benchmark]
    public bool Miss() => _map.TryLookup(_absent, _value);

    [Benchmark]
    public void Update() => _map.Update(_key, _value);
}
