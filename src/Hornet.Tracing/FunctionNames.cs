using System.Text;
using Hornet.Kernel;

namespace Hornet.Tracing;

/// <summary>The names of the kernel's functions and of those of its modules, in the order of the file they come from.</summary>
internal sealed class FunctionNames
{
    private readonly byte[] _text;

    private FunctionNames(byte[] text, bool isTraceable) => (_text, IsTraceable) = (text, isTraceable);

    /// <summary>Whether these are the functions that can be traced; else they are all that there are.</summary>
    public bool IsTraceable { get; }

    /// <summary>All functions (<c>/proc/kallsyms</c>).</summary>
    public static FunctionNames All() => new(KernelText.Read("/proc/kallsyms") ?? [], isTraceable: false);

    /// <summary>What the kernel says it can trace; all functions where it does not say (no ftrace, lockdown).</summary>
    public static FunctionNames Traceable() => Tracefs.FindMount() is { } mount && KernelText.Read(Path.Combine(mount, "available_filter_functions")) is { Length: > 0 } list
        ? new(list, isTraceable: true)
        : All();

    /// <summary>What a file says that can be traced, in the form of the kernel's <c>available_filter_functions</c>.</summary>
    /// <exception cref="BpfException">It cannot be read.</exception>
    public static FunctionNames FromFile(string path)
    {
        try
        {
            return new(File.ReadAllBytes(path), isTraceable: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"Failed to read traceable functions from {path}: {e.Message}", e);
        }
    }

    /// <summary>The functions that match. A name can come several times.</summary>
    /// <param name="module">Modules; null for all. The kernel itself is <c>vmlinux</c>.</param>
    /// <param name="name">Names.</param>
    /// <returns>Names with their modules, null for the kernel itself.</returns>
    public List<(string? Module, string Name)> Find(NamePattern? module, NamePattern name)
    {
        List<(string?, string)> found = [];
        // Functions of one module stand together.
        string? owner = null;
        foreach (var line in KernelText.Lines(_text))
        {
            if (!TryParse(line, out var function, out var file) || !name.Matches(function)) continue;
            if (file.IsEmpty) owner = null;
            else if (owner is null || !Encoding.UTF8.GetBytes(owner).AsSpan().SequenceEqual(file)) owner = Encoding.UTF8.GetString(file);
            if (module is null || module.Matches(owner ?? "vmlinux")) found.Add((owner, Encoding.UTF8.GetString(function)));
        }
        return found;
    }

    // Of the list "name" or "name [module]"; of symbols "address type name", with "\t[module]" behind.
    private bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> function, out ReadOnlySpan<byte> module)
    {
        function = module = default;
        if (!IsTraceable)
        {
            int space = line.IndexOf((byte)' ');
            if (space < 0 || line.Length < space + 4 || line[space + 1] is not ((byte)'t' or (byte)'T' or (byte)'w' or (byte)'W')) return false;
            line = line[(space + 3)..];
        }
        int end = line.IndexOfAny((byte)' ', (byte)'\t');
        function = end < 0 ? line : line[..end];
        int open = end < 0 ? -1 : line[end..].IndexOf((byte)'[');
        if (open >= 0 && line[^1] == (byte)']') module = line[(end + open + 1)..^1];
        return true;
    }
}
