using System.Runtime.InteropServices;
using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// Files and their extended attributes, in kernel code of LSM programs; what touches attributes may sleep, and is for programs that may. Names are
/// literals: <c>"user.checksum"u8</c>, or below <c>"security.bpf."u8</c>, which only programs can set.
/// </summary>
public static class BpfFile
{
    /// <summary>The program file that a thread runs (<c>bpf_get_task_exe_file</c>, 6.12): to be released.</summary>
    /// <returns>Null when it has none, as threads of the kernel.</returns>
    [KernelFunction("bpf_get_task_exe_file")]
    public static KernelFile? GetExecutable(this TaskStruct task) => throw KernelOnly.Error();

    /// <summary>Gives a file back (<c>bpf_put_file</c>, 6.12).</summary>
    [KernelFunction("bpf_put_file")]
    public static void Release(this KernelFile file) => throw KernelOnly.Error();

    /// <summary>Writes the path of a place as the current process sees it, with a zero at its end (<c>bpf_path_d_path</c>, 6.12).</summary>
    /// <param name="path">The place: <c>file.FPath</c>.</param>
    /// <param name="destination">Where to. Its length must be constant.</param>
    /// <returns>The length in bytes with the zero; a negative error number when it does not fit.</returns>
    [KernelFunction("bpf_path_d_path")]
    public static int GetPath(this KernelPath path, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Reads an extended attribute (<c>bpf_get_file_xattr</c>, 6.8).</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The attribute: a literal, whose bytes end with a zero.</param>
    /// <param name="value">Where it is written.</param>
    /// <returns>Its length in bytes; a negative error number when there is none (-61, ENODATA) or it does not fit (-34, ERANGE).</returns>
    public static int GetAttribute(this KernelFile file, ReadOnlySpan<byte> name, ref BpfDynptr value) => OfFile(file, ref MemoryMarshal.GetReference(name), ref value);

    /// <summary>Reads an extended attribute (<c>bpf_get_dentry_xattr</c>, 6.12).</summary>
    /// <param name="name">The file by its name, as a parameter of the hook: what was read out of another object is not sure to stay.</param>
    /// <param name="attribute">The attribute: a literal, whose bytes end with a zero.</param>
    /// <param name="value">Where it is written.</param>
    /// <returns>Its length in bytes; a negative error number when there is none (-61, ENODATA) or it does not fit (-34, ERANGE).</returns>
    public static int GetAttribute(this Dentry name, ReadOnlySpan<byte> attribute, ref BpfDynptr value) => OfName(name, ref MemoryMarshal.GetReference(attribute), ref value);

    /// <summary>Sets an extended attribute (<c>bpf_set_dentry_xattr</c>, 6.15): one below <c>security.bpf.</c>.</summary>
    /// <param name="name">The file by its name.</param>
    /// <param name="attribute">The attribute: a literal, whose bytes end with a zero.</param>
    /// <param name="value">What it is from now on.</param>
    /// <param name="flags">0; 1 when it must not be there (XATTR_CREATE), 2 when it must (XATTR_REPLACE).</param>
    /// <returns>0, or a negative error number.</returns>
    public static int SetAttribute(this Dentry name, ReadOnlySpan<byte> attribute, ref BpfDynptr value, int flags = 0) => Set(name, ref MemoryMarshal.GetReference(attribute), ref value, flags);

    /// <summary>Removes an extended attribute (<c>bpf_remove_dentry_xattr</c>, 6.15): one below <c>security.bpf.</c>.</summary>
    /// <param name="name">The file by its name.</param>
    /// <param name="attribute">The attribute: a literal, whose bytes end with a zero.</param>
    /// <returns>0, or a negative error number.</returns>
    public static int RemoveAttribute(this Dentry name, ReadOnlySpan<byte> attribute) => Remove(name, ref MemoryMarshal.GetReference(attribute));

    /// <summary>Reads an extended attribute of a control group's folder (<c>bpf_cgroup_read_xattr</c>, 6.17): one below <c>user.</c>. This one does not sleep.</summary>
    /// <param name="group">The control group.</param>
    /// <param name="name">The attribute: a literal, whose bytes end with a zero.</param>
    /// <param name="value">Where it is written.</param>
    /// <returns>Its length in bytes; a negative error number when there is none or it does not fit.</returns>
    public static int GetAttribute(this Cgroup group, ReadOnlySpan<byte> name, ref BpfDynptr value) => OfGroup(group, ref MemoryMarshal.GetReference(name), ref value);

    /// <summary>The digest of a file that fs-verity protects, as <c>struct fsverity_digest</c> (<c>bpf_get_fsverity_digest</c>, 6.8; a kernel with CONFIG_FS_VERITY).</summary>
    /// <returns>0, or a negative error number: -61 (ENODATA) when it has none.</returns>
    [KernelFunction("bpf_get_fsverity_digest")]
    public static int GetVerityDigest(this KernelFile file, ref BpfDynptr digest) => throw KernelOnly.Error();

    [KernelFunction("bpf_get_file_xattr")]
    private static int OfFile(KernelFile file, ref byte name, ref BpfDynptr value) => throw KernelOnly.Error();

    [KernelFunction("bpf_get_dentry_xattr")]
    private static int OfName(Dentry name, ref byte attribute, ref BpfDynptr value) => throw KernelOnly.Error();

    [KernelFunction("bpf_set_dentry_xattr")]
    private static int Set(Dentry name, ref byte attribute, ref BpfDynptr value, int flags) => throw KernelOnly.Error();

    [KernelFunction("bpf_remove_dentry_xattr")]
    private static int Remove(Dentry name, ref byte attribute) => throw KernelOnly.Error();

    [KernelFunction("bpf_cgroup_read_xattr")]
    private static int OfGroup(Cgroup group, ref byte name, ref BpfDynptr value) => throw KernelOnly.Error();
}
