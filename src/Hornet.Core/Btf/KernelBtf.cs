using System.Diagnostics.CodeAnalysis;
using Hornet.Interop;
using Microsoft.Win32.SafeHandles;

namespace Hornet.Btf;

/// <summary>
/// The running kernel's types: one shared set for vmlinux, mapped rather than read where the kernel allows it (6.16), and
/// one per module. Needs a kernel with <c>CONFIG_DEBUG_INFO_BTF</c> (5.4; modules 5.11); reading the files needs no privilege.
/// </summary>
public static unsafe class KernelBtf
{
    private const string Folder = "/sys/kernel/btf";

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, BtfSpec> s_modules = [];
    private static BtfSpec? s_vmlinux;
    private static BtfBlob? s_mapping;

    /// <summary>Whether this kernel tells its types.</summary>
    public static bool IsAvailable => File.Exists(Folder + "/vmlinux");

    /// <summary>vmlinux's types. The same set for everyone, made at the first use.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel was built without BTF.</exception>
    public static BtfSpec Vmlinux
    {
        get
        {
            lock (s_lock) return s_vmlinux ??= BtfSpec.Parse(s_mapping ?? ReadVmlinux(), null, "vmlinux", shared: true);
        }
    }

    /// <summary>The names of the modules that tell their types, sorted.</summary>
    public static IReadOnlyList<string> Modules => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Where(n => n != "vmlinux").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A module's types, over vmlinux's. The same set for everyone, until the module's file is gone.</summary>
    /// <param name="name">The module's name as in <c>/sys/kernel/btf</c>.</param>
    /// <param name="spec">The types.</param>
    /// <returns>False when the module is not loaded or has no BTF.</returns>
    public static bool TryGetModule(string name, [NotNullWhen(true)] out BtfSpec? spec)
    {
        spec = null;
        if (name is "" or "vmlinux" || name.Contains('/')) return false;
        string path = $"{Folder}/{name}";
        BtfSpec vmlinux = Vmlinux;
        lock (s_lock)
        {
            byte[] data;
            try
            {
                data = File.ReadAllBytes(path);
            }
            catch (IOException)
            {
                s_modules.Remove(name);
                return false;
            }
            // A module that was unloaded and loaded again may be another build.
            if (s_modules.TryGetValue(name, out spec) && spec.RawData.SequenceEqual(data)) return true;
            spec = BtfSpec.Parse(new BtfBlob(data, 0, data.Length), vmlinux, name, shared: true);
            s_modules[name] = spec;
            return true;
        }
    }

    /// <summary>The types of all modules that tell theirs.</summary>
    public static IReadOnlyList<BtfSpec> ReadModules()
    {
        List<BtfSpec> list = [];
        foreach (string name in Modules)
        {
            if (TryGetModule(name, out BtfSpec? module)) list.Add(module);
        }
        return list;
    }

    /// <summary>
    /// Forgets the shared sets, so that their indexes can be collected when nobody uses them any more. Sets in use stay valid.
    /// </summary>
    public static void Release()
    {
        lock (s_lock)
        {
            s_vmlinux = null;
            s_modules.Clear();
        }
    }

    private static BtfBlob ReadVmlinux()
    {
        const string path = Folder + "/vmlinux";
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BpfNotSupportedException("vmlinux BTF", UnsupportedCause.Config,
                $"{path} does not exist: the kernel was built without CONFIG_DEBUG_INFO_BTF, or sysfs is not mounted. Give the types of this kernel as a file instead.",
                new Version(5, 4), e);
        }
        using (file)
        {
            int length = checked((int)RandomAccess.GetLength(file));
            // mmap of this file came with 6.16; before, the driver has no such operation and answers ENODEV or EINVAL.
            void* mapped = length == 0 ? (void*)-1 : Libc.Mmap(null, (nuint)length, Libc.PROT_READ, Libc.MAP_PRIVATE, (int)file.DangerousGetHandle(), 0);
            // The pages are the kernel's own and cost nothing, so the mapping is made once and stays.
            if (mapped != (void*)-1) return s_mapping = new BtfBlob((byte*)mapped, length);

            byte[] data = GC.AllocateUninitializedArray<byte>(length);
            int read = 0;
            while (read < length)
            {
                int n = RandomAccess.Read(file, data.AsSpan(read), read);
                if (n == 0) break;
                read += n;
            }
            return new BtfBlob(data, 0, read);
        }
    }
}
