using System.IO.Compression;
using System.Text;

namespace Hornet.Script.Runtime;

/// <summary>Something imported, as it was when the bundle was made.</summary>
/// <param name="From">The file that imports it.</param>
/// <param name="Import">As it is written there.</param>
/// <param name="Path">The file; of a folder's files, each.</param>
/// <param name="Bytes">Its contents; of a program in C, what clang made of it.</param>
internal sealed record BundledImport(string From, string Import, string Path, byte[] Bytes);

/// <summary>
/// A script with all that it needs to run elsewhere: what it imports, with programs in C compiled, the headers it includes, and the
/// options that decide what it means. It is a file that can be run: a line for the shell, then the rest packed.
/// </summary>
internal sealed class ScriptBundle
{
    private const string Magic = "hornet bundle 1";
    private static readonly byte[] s_mark = "\n#hornet-bundle\n"u8.ToArray();

    public string Name { get; set; } = "";
    public string Script { get; set; } = "";
    public bool IsUnsafe { get; set; }

    /// <summary>--no-warnings, nothing, -k: 0 to 2.</summary>
    public int Warnings { get; set; } = 1;
    public List<string> Positional { get; } = [];
    public List<string> Named { get; } = [];
    public List<string> IncludeFolders { get; } = [];
    public List<string> IncludeFiles { get; } = [];

    /// <summary>Variables of the environment that are settings (<c>BPFTRACE_…</c>), as name=value.</summary>
    public List<string> Settings { get; } = [];
    public List<BundledImport> Imports { get; } = [];

    /// <summary>Where headers are looked for, and those that were found, by path.</summary>
    public List<string> HeaderFolders { get; } = [];
    public Dictionary<string, string> Headers { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes the file, and lets who may read it run it.</summary>
    public void Save(string path)
    {
        using (FileStream file = new(path, FileMode.Create))
        {
            file.Write(Encoding.UTF8.GetBytes(Launcher(Environment.ProcessPath)));
            file.Write(s_mark);
            using BrotliStream packed = new(file, CompressionLevel.Fastest);
            using BinaryWriter writer = new(packed);
            Write(writer);
        }
        var mode = File.GetUnixFileMode(path);
        if ((mode & UnixFileMode.UserRead) != 0) mode |= UnixFileMode.UserExecute;
        if ((mode & UnixFileMode.GroupRead) != 0) mode |= UnixFileMode.GroupExecute;
        if ((mode & UnixFileMode.OtherRead) != 0) mode |= UnixFileMode.OtherExecute;
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Reads such a file.</summary>
    /// <exception cref="FormatException">It is none, or of another version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ScriptBundle Open(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int mark = bytes.AsSpan().IndexOf(s_mark);
        if (mark < 0) throw new FormatException($"{path} is no bundle of a script: hornet trace --aot FILE makes one");
        try
        {
            using MemoryStream packed = new(bytes, mark + s_mark.Length, bytes.Length - mark - s_mark.Length);
            using BrotliStream plain = new(packed, CompressionMode.Decompress);
            using BinaryReader reader = new(plain);
            return Read(reader);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException($"{path} is a broken bundle: {e.Message}", e);
        }
    }

    // The shell reads no further than the line it leaves by.
    private static string Launcher(string? hornet) => $"""
        #!/bin/sh
        # A tracing script and what it needs (hornet trace --aot). It is run by the hornet on the PATH, or the one that HORNET names.
        exec "${"{"}HORNET:-$(command -v hornet || echo {Quote(hornet ?? "hornet")}){"}"}" trace --bundle "$0" "$@"
        """;

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private void Write(BinaryWriter to)
    {
        to.Write(Magic);
        to.Write(Name);
        to.Write(Script);
        to.Write(IsUnsafe);
        to.Write(Warnings);
        foreach (var list in (List<string>[])[Positional, Named, IncludeFolders, IncludeFiles, Settings, HeaderFolders])
        {
            to.Write(list.Count);
            foreach (string text in list) to.Write(text);
        }
        to.Write(Headers.Count);
        foreach (var (path, text) in Headers)
        {
            to.Write(path);
            to.Write(text);
        }
        to.Write(Imports.Count);
        foreach (var import in Imports)
        {
            to.Write(import.From);
            to.Write(import.Import);
            to.Write(import.Path);
            to.Write(import.Bytes.Length);
            to.Write(import.Bytes);
        }
    }

    private static ScriptBundle Read(BinaryReader from)
    {
        if (from.ReadString() is var magic && magic != Magic) throw new InvalidDataException($"it begins with '{magic}'; this hornet reads '{Magic}'");
        ScriptBundle bundle = new() { Name = from.ReadString(), Script = from.ReadString(), IsUnsafe = from.ReadBoolean(), Warnings = from.ReadInt32() };
        foreach (var list in (List<string>[])[bundle.Positional, bundle.Named, bundle.IncludeFolders, bundle.IncludeFiles, bundle.Settings, bundle.HeaderFolders])
        {
            for (int count = from.ReadInt32(); count > 0; count--) list.Add(from.ReadString());
        }
        for (int count = from.ReadInt32(); count > 0; count--) bundle.Headers.Add(from.ReadString(), from.ReadString());
        for (int count = from.ReadInt32(); count > 0; count--) bundle.Imports.Add(new BundledImport(from.ReadString(), from.ReadString(), from.ReadString(), from.ReadBytes(from.ReadInt32())));
        return bundle;
    }
}
