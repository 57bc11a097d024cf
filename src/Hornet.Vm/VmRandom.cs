namespace Hornet.Vm;

/// <summary>What <c>bpf_get_prandom_u32</c> draws from: repeatable with a seed, safe on several threads.</summary>
internal sealed class VmRandom(int? seed)
{
    private ulong _state = seed is { } given ? (ulong)(uint)given : (ulong)System.Random.Shared.NextInt64();

    /// <summary>The next number (splitmix64).</summary>
    public uint Next()
    {
        ulong z = Interlocked.Add(ref _state, 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return (uint)((z ^ (z >> 31)) >> 32);
    }
}
