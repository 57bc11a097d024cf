using System.Text;
using System.Text.Json;

namespace Hornet.Script.Runtime.Explaining;

/// <summary>An explanation for programs: one object.</summary>
internal static class ExplanationJson
{
    public static string Write(ScriptExplanation script, string release)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("type", "explanation");
            json.WriteString("kernel", release);
            json.WriteBoolean("runs", script.RunsHere);
            if (script.Failure is { } failure) json.WriteString("failure", failure);
            json.WriteString("first_kernel", script.FirstKernel.ToString(2));
            json.WriteStartArray("probes");
            foreach (var probe in script.Probes)
            {
                json.WriteStartObject();
                json.WriteString("program", probe.Program);
                json.WriteString("at", probe.Span.ToString());
                json.WriteString("attachment", probe.Attachment);
                Strings(json, "places", probe.Places);
                json.WriteNumber("instructions", probe.Instructions);
                Number(json, "verified", probe.Verified);
                Number(json, "stack", probe.StackBytes);
                Number(json, "machine_code", probe.MachineCodeBytes);
                Strings(json, "maps", probe.Maps);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("maps");
            foreach (var map in script.Maps)
            {
                json.WriteStartObject();
                json.WriteString("name", map.Name);
                if (map.Purpose is { } purpose) json.WriteString("purpose", purpose);
                json.WriteString("type", map.Type.ToString());
                json.WriteNumber("key_size", map.KeySize);
                json.WriteNumber("value_size", map.ValueSize);
                json.WriteNumber("max_entries", map.MaxEntries);
                Number(json, "memory", (long?)map.MemoryBytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("records");
            foreach (var record in script.Records)
            {
                json.WriteStartObject();
                json.WriteString("at", record.Span.ToString());
                json.WriteString("kind", record.Kind);
                json.WriteNumber("bytes", record.Bytes);
                json.WriteNumber("fit", record.Fit);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Strings(json, "losses", script.Losses);
            json.WriteStartArray("needs");
            foreach (var need in script.Needs)
            {
                json.WriteStartObject();
                json.WriteString("name", need.Name);
                if (need.Since is { } since) json.WriteString("since", since.ToString(2));
                json.WriteBoolean("here", need.IsHere);
                if (need.Detail.Length > 0) json.WriteString("detail", need.Detail);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }
}
