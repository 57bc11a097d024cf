using System.Text;

namespace Hornet.Cli.Tools;

/// <summary>The flags of open(2) by name (asm-generic/fcntl.h; x86-64).</summary>
internal static class OpenFlags
{
    // O_SYNC and O_TMPFILE contain other flags, so they come first.
    private static readonly (uint Bits, string Name)[] s_flags =
    [
        (0x101000, "O_SYNC"), (0x410000, "O_TMPFILE"), (0x40, "O_CREAT"), (0x80, "O_EXCL"), (0x100, "O_NOCTTY"), (0x200, "O_TRUNC"),
        (0x400, "O_APPEND"), (0x800, "O_NONBLOCK"), (0x1000, "O_DSYNC"), (0x2000, "O_ASYNC"), (0x4000, "O_DIRECT"),
        (0x8000, "O_LARGEFILE"), (0x10000, "O_DIRECTORY"), (0x20000, "O_NOFOLLOW"), (0x40000, "O_NOATIME"), (0x80000, "O_CLOEXEC"),
        (0x200000, "O_PATH"),
    ];

    /// <summary><c>O_RDWR|O_CREAT</c>; bits without a name in hexadecimal.</summary>
    public static string Describe(uint flags)
    {
        var text = new StringBuilder((flags & 3) switch { 0 => "O_RDONLY", 1 => "O_WRONLY", 2 => "O_RDWR", _ => "O_ACCMODE" });
        uint rest = flags & ~3u;
        foreach (var (bits, name) in s_flags)
        {
            if ((rest & bits) != bits) continue;
            text.Append('|').Append(name);
            rest &= ~bits;
        }
        if (rest != 0) text.Append("|0x").Append(rest.ToString("x"));
        return text.ToString();
    }
}
