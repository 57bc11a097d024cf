using System.Globalization;
using System.Text;

namespace Hornet.Script.Runtime.Explaining;

/// <summary>An explanation for people.</summary>
internal static class ExplanationText
{
    private const int MostPlaces = 5;

    // What every kernel that Hornet runs on has is not worth a line.
    private static readonly Version s_worthSaying = new(5, 0);

    public static string Write(ScriptExplanation script, string release)
    {
        StringBuilder text = new();
        foreach (var probe in script.Probes)
        {
            text.Append($"{Safe(First(probe))} ({Safe(probe.Span.ToString())})\n");
            Line("places", probe.Places.Count == 1 ? "1" : probe.Places.Count.ToString(CultureInfo.InvariantCulture));
            if (probe.Places.Count > 1)
            {
                foreach (string place in probe.Places.Take(MostPlaces)) Line("", Safe(place));
                if (probe.Places.Count > MostPlaces) Line("", $"and {probe.Places.Count - MostPlaces} more");
            }
            Line("attached by", probe.Attachment);
            Line("program", $"{probe.Instructions} instructions{(probe.Verified is { } walked ? $", the verifier walked {walked}" : "")}{(probe.StackBytes is { } stack ? $", {stack} bytes of stack" : "")}{(probe.MachineCodeBytes is > 0 and var code ? $", {code} bytes of machine code" : "")}");
            if (probe.Maps.Count > 0) Line("touches", Safe(string.Join(", ", probe.Maps)));
            text.Append('\n');
        }
        text.Append("Maps\n");
        foreach (var map in script.Maps) Line(Safe(map.Name), $"{Describe(map)}{(map.MemoryBytes is { } bytes ? $", {Size(bytes)}" : "")}{(map.Purpose is null ? "" : $": {map.Purpose}")}");
        if (script.Losses.Count > 0) text.Append("\nCan be lost\n");
        foreach (string loss in script.Losses) text.Append($"  {Safe(loss)}\n");
        text.Append("\nNeeds\n");
        foreach (var need in script.Needs.Where(n => n.Since >= s_worthSaying || !n.IsHere))
            Line(need.Since is null ? "?" : $"Linux {need.Since.ToString(2)}", need.IsHere ? need.Name : $"{need.Name}: not here. {Safe(need.Detail)}");
        text.Append('\n');
        text.Append(script.RunsHere ? $"It runs on this kernel ({Safe(release)}); it needs Linux {script.FirstKernel.ToString(2)}.\n"
            : $"It does not run on this kernel ({Safe(release)}): {Safe(script.Failure ?? "what is not here is listed above.")}\n");
        return text.ToString();

        void Line(string name, string value) => text.Append($"  {name,-14} {value}\n");
    }

    private static string First(ExplainedProbe probe)
    {
        string source = probe.Span.Source is null ? probe.Program : probe.Span.Text.ToString();
        int end = source.IndexOf('\n', StringComparison.Ordinal);
        return (end < 0 ? source : source[..end] + " …").Trim();
    }

    private static string Describe(ExplainedMap map) => map.Type switch
    {
        MapType.RingBuf => $"ring buffer of {Size(map.MaxEntries)}",
        MapType.Array or MapType.PerCpuArray when map.MaxEntries == 1 => $"one value of {map.ValueSize} bytes{(map.Type == MapType.PerCpuArray ? " for each CPU" : "")}",
        MapType.StackTrace => $"{map.MaxEntries} stacks of {map.ValueSize} bytes",
        MapType.PerCpuHash or MapType.LruPerCpuHash => $"up to {map.MaxEntries} keys of {map.KeySize} bytes, a value of {map.ValueSize} bytes for each CPU",
        _ => $"up to {map.MaxEntries} keys of {map.KeySize} bytes, values of {map.ValueSize} bytes",
    };

    private static string Size(ulong bytes) => bytes switch
    {
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.#} MiB"),
        >= 10 << 10 => $"{bytes >> 10} KiB",
        _ => $"{bytes} bytes",
    };

    private static string Safe(string text) => UntrustedText.Escape(text);
}
