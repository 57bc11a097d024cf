using BenchmarkDotNet.Attributes;
using Hornet.Btf;

namespace Hornet.Bench.Micro;

/// <summary>The kernel's types: made ready, looked up, solved against. No privilege needed.</summary>
[MemoryDiagnoser]
public class BtfBenchmarks
{
    private BtfSpec _vmlinux = null!;
    private BtfSpec _local = null!;
    private CoreRelocation[] _relocations = [];

    [GlobalSetup]
    public void Setup()
    {
        _vmlinux = KernelBtf.Vmlinux;
        _vmlinux.EnsureNameIndex();
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint task = b.AddStruct("task_struct", 8, new("pid", i, 0), new("tgid", i, 32));
        _local = b.Build("program");
        _relocations = [new(0, task, "0:0", CoreRelocationKind.FieldByteOffset), new(8, task, "0:1", CoreRelocationKind.FieldByteOffset)];
    }

    /// <summary>The bar: 8 ms, 2 MB.</summary>
    [Benchmark]
    public BtfSpec Ready()
    {
        KernelBtf.Release();
        BtfSpec spec = KernelBtf.Vmlinux;
        spec.EnsureNameIndex();
        return spec;
    }

    [Benchmark]
    public bool Hit() => _vmlinux.TryFind("task_struct", BtfKind.Struct, out _);

    [Benchmark]
    public bool Miss() => _vmlinux.TryFind("no_such_type_anywhere", BtfKind.Struct, out _);

    [Benchmark]
    public ulong SolveTwoRelocations() => new CoreRelocator(_local, _vmlinux).Solve(_relocations)[1].Value;
}
