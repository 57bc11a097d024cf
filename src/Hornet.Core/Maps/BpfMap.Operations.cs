using System.Runtime.CompilerServices;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

// The element operations by bytes. They allocate nothing, and a miss is an answer, not an exception.
public sealed unsafe partial class BpfMap
{
    /// <summary>Copies the value of a key.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes; empty for the kinds without keys (queues and stacks peek).</param>
    /// <param name="value">Where the value goes: at least <see cref="ValueBufferSize"/> bytes.</param>
    /// <param name="flags">How to read.</param>
    /// <returns>False when there is no such element.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason than absence.</exception>
    public bool TryLookup(ReadOnlySpan<byte> key, Span<byte> value, MapLookupFlags flags = MapLookupFlags.None)
    {
        CheckKey(key.Length);
        CheckValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = LookupRaw(k, v, (ulong)flags);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(this, MapErrors.Lookup, key, errno);
        }
    }

    /// <summary>A copy of the value of a key, or null when there is none.</summary>
    /// <inheritdoc cref="TryLookup"/>
    public byte[]? Lookup(ReadOnlySpan<byte> key, MapLookupFlags flags = MapLookupFlags.None)
    {
        byte[] value = new byte[ValueBufferSize];
        return TryLookup(key, value, flags) ? value : null;
    }

    /// <summary>Creates or replaces an element.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes; empty for the kinds without keys (queues and stacks push).</param>
    /// <param name="value">The value, <see cref="ValueBufferSize"/> bytes.</param>
    /// <param name="flags">How an existing element is treated.</param>
    /// <exception cref="BpfSyscallException">The kernel refused: the map is full (E2BIG), the element exists or does not.</exception>
    public void Update(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        CheckKey(key.Length);
        CheckValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = UpdateRaw(k, v, (ulong)flags);
            if (errno != Errno.None) throw MapErrors.Refused(this, MapErrors.Update, key, errno, flags);
        }
    }

    /// <summary>
    /// Creates or replaces an element; false when <see cref="MapUpdateFlags.NoExist"/> found one or
    /// <see cref="MapUpdateFlags.Exist"/> found none.
    /// </summary>
    /// <inheritdoc cref="Update"/>
    public bool TryUpdate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags)
    {
        CheckKey(key.Length);
        CheckValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = UpdateRaw(k, v, (ulong)flags);
            if (errno == Errno.None) return true;
            return IsCondition(errno, flags) ? false : throw MapErrors.Refused(this, MapErrors.Update, key, errno, flags);
        }
    }

    /// <summary>Removes an element.</summary>
    /// <returns>False when there is no such element.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason; elements of arrays cannot be removed.</exception>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        CheckKey(key.Length);
        fixed (byte* k = key)
        {
            var errno = DeleteRaw(k);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(this, MapErrors.Delete, key, errno);
        }
    }

    /// <summary>Copies the value of a key and removes it in one step (hash kinds since 5.14; queues and stacks pop, 4.20).</summary>
    /// <inheritdoc cref="TryLookup"/>
    public bool TryLookupAndDelete(ReadOnlySpan<byte> key, Span<byte> value, MapLookupFlags flags = MapLookupFlags.None)
    {
        CheckKey(key.Length);
        CheckValue(value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            var errno = LookupAndDeleteRaw(k, v, (ulong)flags);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(this, MapErrors.LookupAndDelete, key, errno);
        }
    }

    /// <summary>
    /// The key after a key, in the kernel's own order. When <paramref name="key"/> is no longer in a hash, the kernel
    /// begins again at the first: use the enumerations of the typed maps, which see to that.
    /// </summary>
    /// <param name="key">The key to go on from; empty for the first.</param>
    /// <param name="next">Where the key goes, <see cref="KeySize"/> bytes. May be the same memory as <paramref name="key"/>.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="BpfSyscallException">The kind cannot be iterated, or the kernel refused.</exception>
    public bool TryGetNextKey(ReadOnlySpan<byte> key, Span<byte> next)
    {
        if (!key.IsEmpty) CheckKey(key.Length);
        CheckKey(next.Length);
        fixed (byte* k = key)
        fixed (byte* n = next)
        {
            var errno = NextKeyRaw(k, n);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(this, MapErrors.NextKey, key, errno);
        }
    }

    /// <summary>
    /// Takes write access from user space for good (<c>BPF_MAP_FREEZE</c>, 5.2); programs may still write. The verifier
    /// then treats the contents of a <see cref="MapFlags.ReadOnlyProgram"/> array as constants.
    /// </summary>
    /// <exception cref="BpfSyscallException">The map is mapped writable (EBUSY), frozen already, or the kernel refused.</exception>
    public void Freeze()
    {
        MapElemAttr attr = new() { MapFd = (uint)Descriptor.Value };
        if (Bpf.Call(BpfCommand.MapFreeze, ref attr) < 0)
            throw MapErrors.Refused(this, MapErrors.Freeze, default, Libc.LastError);
    }

    /// <summary>Whether a refusal only says that the condition of a conditional update did not hold.</summary>
    internal static bool IsCondition(Errno errno, MapUpdateFlags flags) =>
        (errno == Errno.EEXIST && (flags & MapUpdateFlags.NoExist) != 0)
        || (errno == Errno.ENOENT && (flags & MapUpdateFlags.Exist) != 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Errno LookupRaw(void* key, void* value, ulong flags) => Element(BpfCommand.MapLookupElem, key, value, flags);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Errno UpdateRaw(void* key, void* value, ulong flags) => Element(BpfCommand.MapUpdateElem, key, value, flags);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Errno LookupAndDeleteRaw(void* key, void* value, ulong flags) => Element(BpfCommand.MapLookupAndDeleteElem, key, value, flags);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Errno DeleteRaw(void* key) => Element(BpfCommand.MapDeleteElem, key, null, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Errno NextKeyRaw(void* key, void* next) => Element(BpfCommand.MapGetNextKey, key, next, 0);

    private Errno Element(BpfCommand command, void* key, void* value, ulong flags)
    {
        if (Backend is not null) return Backend.Element(command, key, value, flags);
        MapElemAttr attr;
        // Written field by field: the padding after map_fd is within a command's known part and is not checked, but the
        // kernel does check what lies beyond the last field, so the size passed is exactly that of the struct.
        attr.MapFd = (uint)Descriptor.Value;
        attr.Key = (ulong)key;
        attr.Value = (ulong)value;
        attr.Flags = flags;
        return Bpf.Call(command, &attr, sizeof(MapElemAttr)) >= 0 ? Errno.None : Libc.LastError;
    }

    private void CheckKey(int length)
    {
        if (length != KeySize) throw WrongLength($"The key of {this} is {KeySize} bytes; {length} were given.");
    }

    private void CheckValue(int length)
    {
        // The kernel copies as many bytes as it thinks the value has, whatever the length of the memory behind it.
        if (length < ValueBufferSize)
            throw WrongLength($"The value of {this} takes {ValueBufferSize} bytes{(IsPerCpu ? $" ({PerCpuStride} for each of {CpuList.PossibleCount} CPUs)" : "")}; {length} were given.");
    }

    private static ArgumentException WrongLength(string message) => new(message);
}
