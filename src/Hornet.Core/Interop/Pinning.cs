using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>Names for kernel objects in the BPF file system: shared by maps, programs and links.</summary>
internal static unsafe class Pinning
{
    /// <summary>
    /// Pins the object (<c>BPF_OBJ_PIN</c>). The name must be free; folders of its path that are missing in the BPF file
    /// system are made, and removed again when the kernel refuses the pin.
    /// </summary>
    /// <returns>The folders that were made, outermost first.</returns>
    public static IReadOnlyList<string> Pin(FileDescriptor descriptor, string path, string what)
    {
        string operation = $"pin {what} at '{path}'";
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(Checked(path));
        var made = PinFolders.Make(path, operation);
        try
        {
            ObjAttr attr = new() { Pathname = Bpf.Pointer(name), BpfFd = (uint)descriptor.Value };
            if (Bpf.Call(BpfCommand.ObjPin, ref attr) >= 0) return made;
            var errno = Libc.LastError;
            PinFolders.Remove(made);
            throw Refused(operation, path, errno);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
        }
    }

    /// <summary>Opens whatever is pinned at the path (<c>BPF_OBJ_GET</c>).</summary>
    public static FileDescriptor Open(string path, string what, uint fileFlags = 0)
    {
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(Checked(path));
        try
        {
            ObjAttr attr = new() { Pathname = Bpf.Pointer(name), FileFlags = fileFlags };
            return Bpf.TryOpen(BpfCommand.ObjGet, ref attr, $"{what} pinned at {path}")
                ?? throw Refused($"open the {what} pinned at '{path}'", path, Libc.LastError);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
        }
    }

    /// <summary>Removes the name. The object lives on while a descriptor, a link or another pin holds it.</summary>
    public static void Unpin(string path)
    {
        // unlink(2) through File.Delete would be silent about a missing file.
        if (!File.Exists(path)) throw new BpfSyscallException($"unpin '{path}'", Errno.ENOENT);
        File.Delete(path);
    }

    private static string Checked(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0')) throw new ArgumentException("A path cannot contain a zero byte.", nameof(path));
        return path;
    }

    private static BpfSyscallException Refused(string operation, string path, Errno errno)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        string? hint = errno switch
        {
            Errno.EEXIST => "The name is taken: unpin it first, or open what is pinned there.",
            Errno.ENOENT when !Directory.Exists(folder) => $"The folder '{folder}' does not exist.",
            Errno.ENOENT => "Nothing is pinned there.",
            Errno.EINVAL => $"'{folder}' is not on a BPF file system. Mount one: mount -t bpf bpf /sys/fs/bpf.",
            // The kernel answers EPERM for a folder that is not bpffs, and for a name with a full stop (reserved).
            Errno.EPERM when Path.GetFileName(path).Contains('.') => PinFolders.FullStop,
            Errno.EPERM => $"Either '{folder}' is not on a BPF file system (mount -t bpf bpf /sys/fs/bpf), or this process lacks CAP_BPF.",
            Errno.EACCES => "The file's mode does not let this user in.",
            _ => null,
        };
        return new BpfSyscallException(operation, errno, hint);
    }
}
