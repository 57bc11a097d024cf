using System.Globalization;
using System.Text.Json;
using Hornet.Interop;

namespace Hornet.Links;

/// <summary>
/// One attachment that outlives its process, as written in the journal. What finds it again is in
/// <see cref="Properties"/>, whose keys belong to the kind.
/// </summary>
internal sealed record JournalEntry(string Kind, string Description)
{
    /// <summary>The programs it may be running: the attached one and, during an update, the next one.</summary>
    public List<ProgramIdentity> Programs { get; init; } = [];

    public Dictionary<string, string> Properties { get; init; } = [];

    public JournalEntry With(string key, ulong value)
    {
        Properties[key] = value.ToString(CultureInfo.InvariantCulture);
        return this;
    }

    public JournalEntry With(string key, string value)
    {
        Properties[key] = value;
        return this;
    }

    public string Text(string key) =>
        Properties.TryGetValue(key, out string? value) ? value : throw new BpfFormatException($"the journal's entry '{Description}' has no '{key}'");

    public ulong Number(string key) =>
        ulong.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? value : throw new BpfFormatException($"the journal's entry '{Description}' has '{Text(key)}' for {key}, which is no number");

    public bool Has(string key) => Properties.ContainsKey(key);
}

/// <summary>Who wrote a journal file: a process is its number and the time it started, within one boot and one PID namespace.</summary>
internal readonly record struct JournalOwner(string BootId, ulong PidNamespace, int ProcessId, ulong StartTime)
{
    public string FileName => $"{ProcessId}-{StartTime}.json";

    public static JournalOwner Current { get; } = new(ReadBootId(), ReadPidNamespace(), Environment.ProcessId, ReadStartTime(Environment.ProcessId) ?? 0);

    /// <summary>Whether the process is still there; null when it cannot be seen from here (another PID namespace).</summary>
    public bool? IsAlive =>
        BootId != Current.BootId ? false : PidNamespace != Current.PidNamespace ? null : ReadStartTime(ProcessId) == StartTime;

    /// <summary>The start of a process in clock ticks since boot (field 22 of /proc/PID/stat); null when there is none.</summary>
    internal static ulong? ReadStartTime(int processId)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            // The name, in parentheses, may hold spaces and parentheses; the state follows it as field 3.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            // A zombie holds nothing any more.
            return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string ReadBootId() => File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "";

    private static ulong ReadPidNamespace() => FileStatus.Of("/proc/self/ns/pid")?.Inode ?? 0;
}

/// <summary>One process's journal: read and written whole, hand-made JSON so that nothing needs reflection.</summary>
internal sealed record JournalFile(JournalOwner Owner, IReadOnlyList<JournalEntry> Entries)
{
    private const int Version = 1;
    private const int LargestFile = 16 << 20;

    /// <summary>Writes beside the target and renames, so that a reader and a sudden death see the old or the new, never half.</summary>
    public void Write(string directory)
    {
        string target = Path.Combine(directory, Owner.FileName);
        string temporary = target + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            Write(json);
        File.Move(temporary, target, overwrite: true);
    }

    /// <exception cref="BpfFormatException">The file is not a journal.</exception>
    public static JournalFile Read(string path)
    {
        if (new FileInfo(path).Length > LargestFile) throw new BpfFormatException($"the journal '{path}' is larger than {LargestFile} bytes");
        return Parse(File.ReadAllBytes(path), path);
    }

    internal static JournalFile Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version != Version) throw new BpfFormatException($"the journal '{path}' has version {version}; this library knows {Version}");
            var owner = new JournalOwner(root.GetProperty("bootId").GetString()!, root.GetProperty("pidNamespace").GetUInt64(),
                root.GetProperty("pid").GetInt32(), root.GetProperty("startTime").GetUInt64());
            return new JournalFile(owner, [.. root.GetProperty("attachments").EnumerateArray().Select(ParseEntry)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BpfFormatException($"the journal '{path}' is damaged: {e.Message}", e);
        }
    }

    private static JournalEntry ParseEntry(JsonElement json) => new(Text(json, "kind"), Text(json, "description"))
    {
        Programs = [.. json.GetProperty("programs").EnumerateArray().Select(p =>
            new ProgramIdentity(p.GetProperty("id").GetUInt32(), Text(p, "tag"), p.GetProperty("loadTime").GetUInt64()))],
        Properties = ParseProperties(json.GetProperty("properties")),
    };

    private static Dictionary<string, string> ParseProperties(JsonElement json)
    {
        var properties = new Dictionary<string, string>();
        foreach (var property in json.EnumerateObject())
            properties[property.Name] = property.Value.GetString() ?? throw new FormatException($"'{property.Name}' is null");
        return properties;
    }

    private static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("bootId", Owner.BootId);
        json.WriteNumber("pidNamespace", Owner.PidNamespace);
        json.WriteNumber("pid", Owner.ProcessId);
        json.WriteNumber("startTime", Owner.StartTime);
        json.WriteStartArray("attachments");
        foreach (var entry in Entries)
        {
            json.WriteStartObject();
            json.WriteString("kind", entry.Kind);
            json.WriteString("description", entry.Description);
            json.WriteStartArray("programs");
            foreach (var program in entry.Programs)
            {
                json.WriteStartObject();
                json.WriteNumber("id", program.Id);
                json.WriteString("tag", program.Tag);
                json.WriteNumber("loadTime", program.LoadTime);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("properties");
            foreach (var (key, value) in entry.Properties) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
