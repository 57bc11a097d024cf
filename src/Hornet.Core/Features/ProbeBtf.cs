using Hornet.Btf;
using Hornet.Interop;

namespace Hornet.Features;

/// <summary>The smallest BTF that a probe needs.</summary>
internal static class ProbeBtf
{
    /// <summary>One 4-byte integer, type 1: what local storage takes for a key and a value.</summary>
    public static FileDescriptor? LoadInt(out Errno errno)
    {
        BtfBuilder builder = new();
        _ = builder.AddInt("int", 4, BtfIntEncoding.Signed);
        return Load(builder, out errno);
    }

    public static FileDescriptor? Load(BtfBuilder builder, out Errno errno)
    {
        byte[] data = builder.ToArray(!BitConverter.IsLittleEndian);
        var descriptor = BpfBtf.TryLoad(data, null, "feature probe", 0, 0, out _);
        errno = descriptor is null ? Libc.LastError : Errno.None;
        if (errno == Errno.EPERM && MemoryLockLimit.TryRaise()) return Load(builder, out errno);
        return descriptor;
    }
}
