using Hornet.Kernel;

namespace Hornet;

/// <summary>What the events of one probe look like.</summary>
internal sealed class ProbeSchema(string probe, IReadOnlyList<ProbeField> fields, bool resultIsError)
{
    public string Probe { get; } = probe;

    public IReadOnlyList<ProbeField> Fields { get; } = fields;

    /// <summary>Whether a result from -4095 to -1 is an error number.</summary>
    public bool ResultIsError { get; } = resultIsError;

    // Both also run while kernel code is compiled.
    public ProbeField FindText(string name) => Find(name) is { Kind: ProbeFieldKind.Text } field
        ? field
        : throw new ArgumentException($"The field '{name}' ({Find(name).TypeName}) of {Probe} is {Find(name).Kind}, not copied text.");

    public ProbeField Find(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name) return field;
        }
        throw new KeyNotFoundException($"{Probe} has no field '{name}'. {CloseNames.Describe(name, [.. Fields.Select(f => f.Name)])}");
    }
}
