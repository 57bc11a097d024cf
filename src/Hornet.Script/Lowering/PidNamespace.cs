using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hornet.Script.Lowering;

/// <summary>The process id namespace of this process, as helpers want it named.</summary>
internal static partial class PidNamespace
{
    private const int WorkingDirectory = -100, AllFields = 0x7ff;

    // struct statx: stx_ino, stx_dev_major, stx_dev_minor.
    private const int Inode = 32, Major = 136, Minor = 140;

    // PROC_PID_INIT_INO
    private const ulong Initial = 0xEFFFFFFC;

    /// <summary>Whether this process counts processes otherwise than the kernel does.</summary>
    public static bool IsOwn { get; } = Current.Inode is not (0 or Initial);

    /// <summary>Device and number; zeros where they cannot be found out.</summary>
    public static (ulong Device, ulong Inode) Current
    {
        get
        {
            Span<byte> buffer = stackalloc byte[256];
            if (!OperatingSystem.IsLinux() || Status(WorkingDirectory, "/proc/self/ns/pid", 0, AllFields, buffer) != 0) return default;
            uint major = BinaryPrimitives.ReadUInt32LittleEndian(buffer[Major..]), minor = BinaryPrimitives.ReadUInt32LittleEndian(buffer[Minor..]);
            // The kernel's own encoding of devices.
            return ((ulong)major << 20 | minor, BinaryPrimitives.ReadUInt64LittleEndian(buffer[Inode..]));
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, Span<byte> buffer);
}
