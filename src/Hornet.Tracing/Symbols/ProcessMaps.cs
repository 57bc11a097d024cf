using System.Globalization;
using System.Text;
using Hornet.Interop;

namespace Hornet.Tracing.Symbols;

/// <summary>A piece of a process' memory: a line of <c>/proc/PID/maps</c>.</summary>
/// <param name="Start">The first address.</param>
/// <param name="End">The address behind the last.</param>
/// <param name="FileOffset">Where in the file the first address is.</param>
/// <param name="IsExecutable">Whether code may run there.</param>
/// <param name="Device">The file's device as the kernel writes it (<c>fe:01</c>).</param>
/// <param name="Inode">The file's number; 0 when there is none behind it.</param>
/// <param name="Name">The path as the process sees it, or a name in brackets (<c>[heap]</c>, <c>[vdso]</c>); empty for plain memory. Untrusted.</param>
/// <param name="IsDeleted">The file has been deleted or replaced since.</param>
public readonly record struct MemoryMapping(ulong Start, ulong End, ulong FileOffset, bool IsExecutable, string Device, ulong Inode, string Name, bool IsDeleted)
{
    /// <summary>Whether a file is behind it.</summary>
    public bool IsFile => Inode != 0 && Name.StartsWith('/');

    /// <summary>Whether it is the code that the kernel gives every process (<c>[vdso]</c>).</summary>
    public bool IsVdso => Name == "[vdso]";
}

/// <summary>
/// What a process has mapped where, at one moment. It stays true for addresses of that moment after the process ended.
/// </summary>
public sealed class ProcessMaps
{
    private readonly MemoryMapping[] _mappings;

    internal ProcessMaps(int processId, MemoryMapping[] mappings) => (ProcessId, _mappings) = (processId, mappings);

    /// <summary>The process.</summary>
    public int ProcessId { get; }

    /// <summary>The mappings, ascending.</summary>
    public IReadOnlyList<MemoryMapping> Mappings => _mappings;

    /// <summary>Reads the mappings of a process. Needs what ptrace needs: the same user, or <c>CAP_SYS_PTRACE</c>.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="executableOnly">Only what can hold code.</param>
    /// <exception cref="BpfSyscallException">There is no such process, or it may not be looked at.</exception>
    public static ProcessMaps Read(int processId, bool executableOnly = false)
    {
        try
        {
            return Parse(processId, File.ReadLines($"/proc/{processId}/maps", Encoding.Latin1), executableOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BpfSyscallException($"read the mappings of process {processId}", e is UnauthorizedAccessException ? Errno.EACCES : Errno.ESRCH, null);
        }
    }

    /// <summary>The mapping that an address is in; null for none.</summary>
    public MemoryMapping? Find(ulong address)
    {
        int low = 0, high = _mappings.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ref readonly var mapping = ref _mappings[middle];
            if (address < mapping.Start) high = middle - 1;
            else if (address >= mapping.End) low = middle + 1;
            else return mapping;
        }
        return null;
    }

    /// <summary>
    /// The paths under which the file of a mapping can be opened from here, best first: through the mapping itself, which works
    /// for deleted files but needs <c>CAP_CHECKPOINT_RESTORE</c> or <c>CAP_SYS_ADMIN</c>; in the process' own file system; as it stands.
    /// </summary>
    public IEnumerable<string> PathsOf(MemoryMapping mapping)
    {
        if (!mapping.IsFile) yield break;
        yield return $"/proc/{ProcessId}/map_files/{mapping.Start:x}-{mapping.End:x}";
        if (mapping.IsDeleted) yield break;
        yield return $"/proc/{ProcessId}/root{mapping.Name}";
        yield return mapping.Name;
    }

    internal static ProcessMaps Parse(int processId, IEnumerable<string> lines, bool executableOnly)
    {
        const string deleted = " (deleted)";
        List<MemoryMapping> mappings = [];
        bool sorted = true;
        foreach (string line in lines)
        {
            // 7f0000001000-7f0000002000 r-xp 00001000 fe:00 131   /usr/lib/libx.so
            ReadOnlySpan<char> rest = line;
            var range = Word(ref rest);
            var access = Word(ref rest);
            var offset = Word(ref rest);
            var device = Word(ref rest);
            var inode = Word(ref rest);
            int dash = range.IndexOf('-');
            if (dash < 0 || access.Length < 4) continue;
            bool executable = access[2] == 'x';
            if (executableOnly && !executable) continue;
            if (!Hex(range[..dash], out ulong start) || !Hex(range[(dash + 1)..], out ulong end) || !Hex(offset, out ulong at) || end <= start) continue;
            if (!ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)) continue;
            // The kernel writes a new line as \012 and everything else as it is; the bytes are UTF-8 if they are anything.
            string name = Decode(rest.TrimStart());
            bool gone = name.EndsWith(deleted, StringComparison.Ordinal);
            if (gone) name = name[..^deleted.Length];
            sorted &= mappings.Count == 0 || mappings[^1].End <= start;
            mappings.Add(new MemoryMapping(start, end, at, executable, device.ToString(), number, name, gone));
        }
        if (!sorted) mappings.Sort((a, b) => a.Start.CompareTo(b.Start));
        return new ProcessMaps(processId, [.. mappings]);

        static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> text)
        {
            text = text.TrimStart(' ');
            int end = text.IndexOf(' ');
            var word = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[end..];
            return word;
        }

        static bool Hex(ReadOnlySpan<char> text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

        static string Decode(ReadOnlySpan<char> text)
        {
            bool plain = !text.ContainsAnyExceptInRange(' ', '~') && !text.Contains('\\');
            if (plain) return text.ToString();
            byte[] bytes = Encoding.Latin1.GetBytes(text.ToString().Replace("\\012", "\n", StringComparison.Ordinal));
            return Encoding.UTF8.GetString(bytes);
        }
    }
}
