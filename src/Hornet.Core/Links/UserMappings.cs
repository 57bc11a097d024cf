using System.Globalization;
using Hornet.Interop;

namespace Hornet.Links;

/// <summary>Where a process has mapped the code of a file (<c>/proc/PID/maps</c>).</summary>
internal static class UserMappings
{
    /// <summary>A piece of the file in memory.</summary>
    public readonly record struct Piece(ulong Start, ulong End, ulong FileOffset);

    /// <summary>The executable pieces of a file in a process; a library that was loaded twice has each twice.</summary>
    /// <param name="process">The process.</param>
    /// <param name="path">The file as we see it.</param>
    /// <exception cref="BpfSyscallException">There is no such process, or it may not be looked at.</exception>
    public static List<Piece> OfCode(int process, string path)
    {
        string prefix = $"/proc/{process}/root";
        // The process sees it without the prefix through which we see it.
        string theirs = path.StartsWith(prefix + "/", StringComparison.Ordinal) ? path[prefix.Length..] : Path.GetFullPath(path);
        ulong inode = FileStatus.Of(path)?.Inode ?? 0;
        string name = Path.GetFileName(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path);
        try
        {
            return Parse(File.ReadLines($"/proc/{process}/maps"), theirs, name, inode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BpfSyscallException($"read the mappings of process {process}", e is UnauthorizedAccessException ? Errno.EACCES : Errno.ESRCH, null);
        }
    }

    /// <summary>
    /// The lines that are this file: of this path, or of this name and inode (a symbolic link; the device is no help, as
    /// overlay and btrfs show another one here than stat does).
    /// </summary>
    internal static List<Piece> Parse(IEnumerable<string> lines, string path, string name, ulong inode)
    {
        List<Piece> pieces = [];
        foreach (string line in lines)
        {
            // 7f0000001000-7f0000002000 r-xp 00001000 fe:00 131   /usr/lib/libx.so
            string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 6 || parts[1].Length < 3 || parts[1][2] != 'x') continue;
            string file = parts[5].TrimStart();
            bool same = file == path || (Path.GetFileName(file) == name && ulong.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number == inode);
            if (!same || parts[0].Split('-') is not [var from, var to]) continue;
            if (Hex(from, out ulong start) && Hex(to, out ulong end) && Hex(parts[2], out ulong offset) && end > start) pieces.Add(new Piece(start, end, offset));
        }
        return pieces;

        static bool Hex(string text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
