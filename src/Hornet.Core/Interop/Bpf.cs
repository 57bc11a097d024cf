using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Interop;

/// <summary>The one door to <c>bpf(2)</c>. Commands are typed by their attribute struct in BpfAttr.cs.</summary>
internal static unsafe class Bpf
{
    /// <summary>The size of <c>char name[BPF_OBJ_NAME_LEN]</c>, with the terminating zero.</summary>
    public const int ObjectNameLength = 16;

    /// <summary>The shape of a call; what a test puts in place of the kernel.</summary>
    public delegate int Handler(BpfCommand command, void* attr, int size, out Errno errno);

    /// <summary>Replaces the kernel on this thread. Only unit tests set it, to provoke answers no kernel here gives.</summary>
    [ThreadStatic]
    internal static Handler? Override;

    /// <summary>Issues the command and returns the kernel's result, or -1 with <see cref="Libc.LastError"/> set.</summary>
    public static int Call<T>(BpfCommand command, ref T attr) where T : unmanaged
    {
        fixed (T* p = &attr) return Call(command, p, sizeof(T));
    }

    /// <summary>Issues the command and returns the kernel's result, or -1 with <see cref="Libc.LastError"/> set.</summary>
    public static int Call(BpfCommand command, void* attr, int size)
    {
        if (Override is { } handler)
        {
            int answer = handler(command, attr, size, out var errno);
            Marshal.SetLastPInvokeError((int)errno);
            return answer;
        }
        return (int)Libc.Syscall3(Libc.NrBpf, (nint)command, attr, size);
    }

    /// <summary>
    /// Like <see cref="Call{T}(BpfCommand, ref T)"/> for a command that returns a new descriptor, which is owned at once.
    /// Returns null with <see cref="Libc.LastError"/> set when the kernel refuses.
    /// </summary>
    public static FileDescriptor? TryOpen<T>(BpfCommand command, ref T attr, string what) where T : unmanaged
    {
        int fd = Call(command, ref attr);
        return fd < 0 ? null : new FileDescriptor(fd, what);
    }

    /// <summary>
    /// Copies a name into a fixed <c>char[16]</c> of the kernel's, cut to 15 bytes. The kernel allows letters, digits,
    /// underscore and full stop; anything else becomes an underscore, so that a name never makes a load fail.
    /// </summary>
    public static void CopyName(string name, byte* destination)
    {
        Span<byte> target = new(destination, ObjectNameLength);
        target.Clear();
        int n = 0;
        foreach (char c in name)
        {
            if (n == ObjectNameLength - 1) break;
            target[n++] = char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? (byte)c : (byte)'_';
        }
    }

    /// <summary>Reads a zero-terminated name from a fixed field. Bytes that are not UTF-8 become U+FFFD.</summary>
    public static string ReadName(byte* source, int length = ObjectNameLength)
    {
        ReadOnlySpan<byte> bytes = new(source, length);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>The address of a pinned or stack value as the kernel's <c>__aligned_u64</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pointer(void* pointer) => (ulong)pointer;

    /// <summary>
    /// Fills an info struct for a descriptor (<c>BPF_OBJ_GET_INFO_BY_FD</c>). Fields an older kernel does not know stay zero.
    /// </summary>
    /// <returns>False with <see cref="Libc.LastError"/> set when the kernel refuses.</returns>
    public static bool TryGetInfo<T>(FileDescriptor descriptor, ref T info) where T : unmanaged
    {
        fixed (T* p = &info)
        {
            InfoAttr attr = new() { BpfFd = (uint)descriptor.Value, InfoLen = (uint)sizeof(T), Info = Pointer(p) };
            return Call(BpfCommand.ObjGetInfoByFd, ref attr) >= 0;
        }
    }
}
