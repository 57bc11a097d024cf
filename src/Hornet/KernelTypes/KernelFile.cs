namespace Hornet.KernelTypes;

/// <summary>An open file (<c>struct file</c>).</summary>
[KernelType("file")]
public interface KernelFile
{
    /// <summary>Flags of open(2).</summary>
    uint FFlags { get; }

    /// <summary>What the file may be used for (<c>FMODE_*</c>).</summary>
    uint FMode { get; }

    /// <summary>Where reading and writing goes on, in bytes.</summary>
    long FPos { get; }

    /// <summary>The file's inode.</summary>
    Inode FInode { get; }

    /// <summary>Where it was opened.</summary>
    KernelPath FPath { get; }

    /// <summary>The last part of its name.</summary>
    [KernelField("f_path.dentry.d_name.name")]
    KernelString Name { get; }
}

/// <summary>A place in the tree of mounted file systems (<c>struct path</c>).</summary>
[KernelType("path")]
public interface KernelPath
{
    /// <summary>The name in its file system.</summary>
    Dentry Dentry { get; }
}

/// <summary>A name in a file system (<c>struct dentry</c>).</summary>
[KernelType("dentry")]
public interface Dentry
{
    /// <summary>The name, without the folders it is in.</summary>
    [KernelField("d_name.name")]
    KernelString Name { get; }

    /// <summary>The length of the name in bytes.</summary>
    [KernelField("d_name.len")]
    uint NameLength { get; }

    /// <summary>The folder it is in; a root is in itself.</summary>
    Dentry DParent { get; }

    /// <summary>What it names; null for a name without a file.</summary>
    Inode? DInode { get; }
}

/// <summary>A file, a folder, a device… as its file system knows it (<c>struct inode</c>).</summary>
[KernelType("inode")]
public interface Inode
{
    /// <summary>Its number in the file system.</summary>
    ulong IIno { get; }

    /// <summary>Kind and permissions, as in stat(2).</summary>
    ushort IMode { get; }

    /// <summary>The owner.</summary>
    [KernelField("i_uid.val")]
    uint Uid { get; }

    /// <summary>The size in bytes.</summary>
    long ISize { get; }

    /// <summary>The device it is on: major number in the upper 12 of 32 bits, minor number in the lower 20.</summary>
    [KernelField("i_sb.s_dev")]
    uint Device { get; }

    /// <summary>The device it stands for, when it is one.</summary>
    uint IRdev { get; }
}

/// <summary>A program that is about to be executed (<c>struct linux_binprm</c>).</summary>
[KernelType("linux_binprm")]
public interface LinuxBinprm
{
    /// <summary>The path as execve(2) was given it.</summary>
    KernelString Filename { get; }

    /// <summary>The path of what is executed: an interpreter for scripts.</summary>
    KernelString Interp { get; }

    /// <summary>The file.</summary>
    KernelFile File { get; }

    /// <summary>The number of arguments.</summary>
    int Argc { get; }
}
