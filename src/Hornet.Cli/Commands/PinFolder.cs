using Hornet.Cli.Common;
using Hornet.Kernel;

namespace Hornet.Cli.Commands;

/// <summary>
/// A folder of pins that is made whole or not at all: <c>FOLDER/prog/NAME</c>, <c>FOLDER/map/NAME</c>, <c>FOLDER/link/NAME</c>.
/// Disposing removes what was pinned unless <see cref="Keep"/> was called.
/// </summary>
internal sealed class PinFolder : IDisposable
{
    private readonly string _path;
    private readonly List<string> _folders = [];
    private readonly List<string> _pins = [];
    private bool _keep;

    public PinFolder(string path)
    {
        _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Mounts.Bpffs is null && Within(_path, Mounts.UsualPlace("bpf")!)) Mounts.Ensure("bpf");
        // Asked first, since elsewhere the folders would be made and only the pins refused.
        if (Mounts.List().Where(m => Within(_path, m.Path)).OrderBy(m => m.Path.Length).LastOrDefault()?.Type != "bpf")
            throw new UserException($"'{_path}' is not in a BPF file system. Use a folder below {Mounts.Bpffs ?? "one: mount -t bpf bpf /sys/fs/bpf, then /sys/fs/bpf/NAME"}.");
    }

    /// <summary>Pins one thing and says where.</summary>
    /// <param name="kind">Which folder: <c>prog</c>, <c>map</c> or <c>link</c>.</param>
    /// <param name="name">The thing's name in its object.</param>
    /// <param name="pin">Pins it at a path.</param>
    public string Add(string kind, string name, Action<string> pin)
    {
        string folder = $"{_path}/{kind}";
        MakeFolder(folder);
        // The file system takes no full stops (.rodata), and a name from a file must not lead elsewhere.
        string path = $"{folder}/{string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'))}";
        pin(path);
        _pins.Add(path);
        return path;
    }

    /// <summary>Everything is done: the pins stay.</summary>
    public void Keep() => _keep = true;

    public void Dispose()
    {
        if (_keep) return;
        for (int i = _pins.Count - 1; i >= 0; i--) File.Delete(_pins[i]);
        for (int i = _folders.Count - 1; i >= 0; i--)
        {
            try
            {
                Directory.Delete(_folders[i]);
            }
            catch (IOException)
            {
                // Somebody else has put something there meanwhile.
            }
        }
    }

    private void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        MakeFolder(Path.GetDirectoryName(folder)!);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot make the folder '{folder}': {e.Message} Names there cannot contain a full stop.");
        }
        _folders.Add(folder);
    }

    private static bool Within(string path, string folder) => folder == "/" || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
