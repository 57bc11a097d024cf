using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.KernelTests.Kernel;

/// <summary>
/// A BPF file system that delegates rights to a user namespace. Two processes make it: the one inside opens it, so that it
/// belongs to its namespace; the privileged one outside says what is delegated; the one inside mounts it.
/// </summary>
internal static unsafe partial class Delegation
{
    private const int FsOpenCloseOnExec = 1, SetString = 1, Create = 6, MoveEmptyPath = 4;

    /// <summary>Inside: opens the file system, not yet made, and returns its descriptor.</summary>
    public static FileDescriptor Open() => new(Libc.Check((int)SystemCall(430, Text("bpf"), FsOpenCloseOnExec, 0, 0, 0), "fsopen bpf"), "bpffs to be");

    /// <summary>Outside: says what is delegated, and makes the file system that a process has opened.</summary>
    public static void Delegate(int process, int descriptor, params ReadOnlySpan<(string Key, string Value)> options)
    {
        using FileDescriptor pid = new(Libc.Check((int)SystemCall(434, process, 0, 0, 0, 0), $"open process {process}"), "process");
        using FileDescriptor context = new(Libc.Check((int)SystemCall(438, pid.Value, descriptor, 0, 0, 0), "take the process's descriptor"), "bpffs to be");
        foreach (var (key, value) in options)
            Libc.Check((int)SystemCall(431, context.Value, SetString, Text(key), Text(value), 0), $"set {key}={value}");
        Libc.Check((int)SystemCall(431, context.Value, Create, 0, 0, 0), "make the BPF file system");
    }

    /// <summary>Inside: mounts it on a folder of the process's own mount namespace.</summary>
    public static void Mount(FileDescriptor context, string path)
    {
        const int currentFolder = -100;
        using FileDescriptor mount = new(Libc.Check((int)SystemCall(432, context.Value, 1, 0, 0, 0), "fsmount"), "mount");
        Libc.Check((int)SystemCall(429, mount.Value, Text(""), currentFolder, Text(path), MoveEmptyPath), $"mount at {path}");
    }

    // A few strings of a test process; nothing frees them.
    private static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    // The numbers are the same on every architecture (since Linux 5.1).
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e);
}
