using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>Who owns a file and which one it is, by <c>statx(2)</c>: the one stat whose layout is the same on every architecture.</summary>
/// <param name="Inode">The inode number: the id of a cgroup directory and of a namespace.</param>
/// <param name="Mode">Type and permissions (<c>st_mode</c>).</param>
/// <param name="OwnerId">The owner's user id.</param>
internal readonly record struct FileStatus(ulong Inode, ushort Mode, uint OwnerId)
{
    private const int NoFollow = 0x100, EmptyPath = 0x1000;

    public bool IsDirectory => (Mode & 0xf000) == 0x4000;

    /// <summary>Whether anyone but the owner may do anything with it.</summary>
    public bool IsPrivate => (Mode & 0x3f) == 0;

    /// <summary>The status of a path, or null with <see cref="Libc.LastError"/> set.</summary>
    public static FileStatus? Of(string path, bool followLinks = true) => Of(Libc.AT_FDCWD, path, followLinks ? 0 : NoFollow);

    /// <summary>The status of an open file, or null with <see cref="Libc.LastError"/> set.</summary>
    public static FileStatus? Of(int descriptor) => Of(descriptor, "", EmptyPath);

    private static unsafe FileStatus? Of(int directory, string path, int flags)
    {
        const uint basic = 0x7ff; // STATX_BASIC_STATS
        StatxRaw raw;
        return Libc.Statx(directory, path, flags, basic, &raw) < 0 ? null : new FileStatus(raw.Inode, raw.Mode, raw.OwnerId);
    }
}

/// <summary><c>struct statx</c>, what Hornet reads of it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxRaw
{
    [FieldOffset(20)] public uint OwnerId;
    [FieldOffset(28)] public ushort Mode;
    [FieldOffset(32)] public ulong Inode;
}

internal static unsafe partial class Libc
{
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(int directory, string path, int flags, uint mask, StatxRaw* status);
}
