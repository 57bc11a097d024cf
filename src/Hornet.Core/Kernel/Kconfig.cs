using System.IO.Compression;

namespace Hornet.Kernel;

/// <summary>
/// The options a kernel was built with (<c>CONFIG_BPF_LSM=y</c>). Read from <c>/proc/config.gz</c>, else
/// <c>/boot/config-RELEASE</c>, else <c>/lib/modules/RELEASE/config</c>.
/// </summary>
public sealed class Kconfig
{
    private static readonly Lazy<Kconfig?> s_running = new(FindRunning);
    private readonly Dictionary<string, string> _options;

    private Kconfig(string source, Dictionary<string, string> options)
    {
        Source = source;
        _options = options;
    }

    /// <summary>
    /// The running kernel's configuration; null when the machine does not tell it. The environment variable
    /// <c>HORNET_KCONFIG</c> names another file to read.
    /// </summary>
    public static Kconfig? Running => s_running.Value;

    /// <summary>The file it was read from.</summary>
    public string Source { get; }

    /// <summary>The number of options that are set.</summary>
    public int Count => _options.Count;

    /// <summary>An option's value as written: <c>y</c>, <c>m</c>, <c>1000</c>, <c>"text"</c>; null when it is not set.</summary>
    /// <param name="name">The name, with or without <c>CONFIG_</c>.</param>
    public string? this[string name] =>
        _options.GetValueOrDefault(name.StartsWith("CONFIG_", StringComparison.Ordinal) ? name : "CONFIG_" + name);

    /// <summary>Whether an option is built in or a module.</summary>
    public bool IsEnabled(string name) => this[name] is "y" or "m";

    /// <summary>Reads a configuration file, compressed with gzip or plain.</summary>
    public static Kconfig Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        bool compressed = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
        file.Position = 0;
        using Stream content = compressed ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        return Parse(reader, path);
    }

    /// <summary>Reads a configuration's text. Comments, and options that are not set, are left out.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    public static Kconfig Parse(TextReader reader, string source)
    {
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("CONFIG_", StringComparison.Ordinal)) continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) options[line[..equals]] = line[(equals + 1)..].Trim();
        }
        return new Kconfig(source, options);
    }

    private static Kconfig? FindRunning()
    {
        string release = KernelVersion.Release;
        string?[] places =
        [
            Environment.GetEnvironmentVariable("HORNET_KCONFIG"),
            "/proc/config.gz",
            $"/boot/config-{release}",
            $"/lib/modules/{release}/config",
            $"/lib/modules/{release}/build/.config",
        ];
        foreach (string? place in places)
        {
            if (string.IsNullOrEmpty(place)) continue;
            try
            {
                return Load(place);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
            }
        }
        return null;
    }
}
