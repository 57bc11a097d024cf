namespace Hornet.Script.Output;

/// <summary>The forms of output (option -f).</summary>
internal enum OutputKind { Text, Json, Csv }

internal static class OutputKinds
{
    /// <summary>The form of a name as it stands behind -f; null when there is none.</summary>
    public static OutputKind? Parse(string name) => name switch
    {
        "text" => OutputKind.Text,
        "json" => OutputKind.Json,
        "csv" => OutputKind.Csv,
        _ => null,
    };

    public static ScriptOutput Create(OutputKind kind, OutputSink sink, OutputSink errors, ValueFormatter formatter, OutputOptions options) => kind switch
    {
        OutputKind.Json => new JsonOutput(sink, errors, formatter, options),
        OutputKind.Csv => new CsvOutput(sink, errors, formatter, options),
        _ => new TextOutput(sink, errors, formatter, options),
    };
}
