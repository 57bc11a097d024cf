using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.KernelTests;

/// <summary>Small file helpers that .NET lacks.</summary>
internal static unsafe partial class TestFiles
{
    /// <summary>A file's inode number.</summary>
    public static ulong InodeOf(string path)
    {
        // struct stat is 144 bytes on x86-64 and 128 on aarch64; st_ino is the second field on both.
        byte* buffer = stackalloc byte[256];
        Libc.Check(Stat(path, buffer), $"stat {path}");
        return *(ulong*)(buffer + 8);
    }

    /// <summary>Whether a program is found on the PATH.</summary>
    public static bool HasTool(string name) => FindTool(name) is not null;

    /// <summary>Where a program is; null when it is nowhere.</summary>
    public static string? FindTool(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, byte* buffer);
}
