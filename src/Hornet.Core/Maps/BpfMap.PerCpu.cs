using System.Buffers;
using Hornet.Features;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

// One CPU's value of a per-CPU map, by bytes: BPF_F_CPU and BPF_F_ALL_CPUS (7.0). Reading one CPU's and replacing all CPUs' values
// mean the same without the flags, so older kernels do that; replacing one CPU's value alone they cannot.
public sealed unsafe partial class BpfMap
{
    private const ulong OneCpu = 8;
    private const ulong AllCpus = 16;

    /// <summary>Copies one CPU's value of a key. The kernel copies only that one from 7.0 on (<c>BPF_F_CPU</c>), all of them before.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="cpu">The CPU's number, one of <see cref="CpuList.Possible"/>.</param>
    /// <param name="value">Where the value goes: at least <see cref="ValueSize"/> bytes.</param>
    /// <returns>False when there is no such element.</returns>
    /// <exception cref="InvalidOperationException">The map has no values per CPU.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such CPU.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason than absence.</exception>
    public bool TryLookupCpu(ReadOnlySpan<byte> key, int cpu, Span<byte> value)
    {
        CheckKey(key.Length);
        CheckOneValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = LookupCpuRaw(k, cpu, v);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(this, MapErrors.Lookup, key, errno);
        }
    }

    /// <summary>Replaces one CPU's value of a key and leaves the others (<c>BPF_F_CPU</c>, 7.0). A new element's others are zero.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="cpu">The CPU's number, one of <see cref="CpuList.Possible"/>.</param>
    /// <param name="value">The value, <see cref="ValueSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">The map has no values per CPU.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such CPU.</exception>
    /// <exception cref="BpfNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused: the map is full (E2BIG), an array has no such slot.</exception>
    public void UpdateCpu(ReadOnlySpan<byte> key, int cpu, ReadOnlySpan<byte> value)
    {
        CheckKey(key.Length);
        CheckOneValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = UpdateCpuRaw(k, cpu, v);
            if (errno != Errno.None) throw MapErrors.Refused(this, MapErrors.Update, key, errno);
        }
    }

    /// <summary>Sets every CPU's value of a key to the same (<c>BPF_F_ALL_CPUS</c> from 7.0 on, as many copies before).</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="value">The value, <see cref="ValueSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">The map has no values per CPU.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused: the map is full (E2BIG), an array has no such slot.</exception>
    public void UpdateAllCpus(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        CheckKey(key.Length);
        CheckOneValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = UpdateAllCpusRaw(k, v);
            if (errno != Errno.None) throw MapErrors.Refused(this, MapErrors.Update, key, errno);
        }
    }

    internal Errno LookupCpuRaw(void* key, int cpu, void* value)
    {
        int slot = SlotOf(cpu);
        var errno = LookupRaw(key, value, OneCpu | ((ulong)(uint)cpu << 32));
        if (errno != Errno.EINVAL || HasCpuFlags) return errno;
        byte[] all = ArrayPool<byte>.Shared.Rent(ValueBufferSize);
        fixed (byte* a = all) errno = LookupRaw(key, a, 0);
        if (errno == Errno.None) all.AsSpan(slot * PerCpuStride, ValueSize).CopyTo(new Span<byte>(value, ValueSize));
        ArrayPool<byte>.Shared.Return(all);
        return errno;
    }

    internal Errno UpdateCpuRaw(void* key, int cpu, void* value)
    {
        _ = SlotOf(cpu);
        var errno = UpdateRaw(key, value, OneCpu | ((ulong)(uint)cpu << 32));
        // To read all values, change one and write all back would undo what programs count on the other CPUs meanwhile.
        if (errno == Errno.EINVAL) CpuFlags.Require($"update the value of CPU {cpu} in {this} and leave the others");
        return errno;
    }

    internal Errno UpdateAllCpusRaw(void* key, void* value)
    {
        RequirePerCpu();
        var errno = UpdateRaw(key, value, AllCpus);
        if (errno != Errno.EINVAL || HasCpuFlags) return errno;
        byte[] all = ArrayPool<byte>.Shared.Rent(ValueBufferSize);
        Array.Clear(all, 0, ValueBufferSize);
        for (int at = 0; at < ValueBufferSize; at += PerCpuStride) new ReadOnlySpan<byte>(value, ValueSize).CopyTo(all.AsSpan(at));
        fixed (byte* a = all) errno = UpdateRaw(key, a, 0);
        ArrayPool<byte>.Shared.Return(all);
        return errno;
    }

    private static KernelFeature CpuFlags => KernelFeatures.Find(FeatureCategory.Map, MapFeatures.ValuesOfOneCpu)!;

    private static bool HasCpuFlags => CpuFlags.Probe().State != FeatureState.Unavailable;

    private int SlotOf(int cpu)
    {
        RequirePerCpu();
        var possible = CpuList.Possible;
        for (int i = 0; i < possible.Count; i++)
        {
            if (possible[i] == cpu) return i;
        }
        throw new ArgumentOutOfRangeException(nameof(cpu), cpu, $"This machine's CPUs are {string.Join(", ", possible)}.");
    }

    private void RequirePerCpu()
    {
        if (!IsPerCpu) throw new InvalidOperationException($"{this} has one value for all CPUs.");
    }

    private void CheckOneValue(int length)
    {
        if (length < ValueSize) throw WrongLength($"One CPU's value of {this} takes {ValueSize} bytes; {length} were given.");
    }
}
