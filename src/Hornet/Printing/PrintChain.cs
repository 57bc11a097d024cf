using Hornet.IL.Values;

namespace Hornet.Printing;

/// <summary>What was appended to a text so far, while kernel code is compiled.</summary>
internal sealed record PrintChain(PrintChain? Before, PrintPart? Part, ILValue? Value)
{
    /// <summary>Nothing.</summary>
    public static PrintChain Empty { get; } = new(null, null, null);

    /// <summary>The parts and their values in order; texts side by side are one.</summary>
    public (PrintPart Part, ILValue? Value)[] ToArray()
    {
        List<(PrintPart, ILValue?)> parts = [];
        for (var at = this; at?.Part is { } part; at = at.Before)
        {
            if (part.Text is not null && parts.Count > 0 && parts[^1].Item1.Text is { } behind) parts[^1] = (part with { Text = part.Text + behind }, null);
            else parts.Add((part, at.Value));
        }
        parts.Reverse();
        return [.. parts];
    }
}
