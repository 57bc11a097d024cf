namespace Hornet.Script.Syntax.C;

/// <summary>What <c>__attribute__((…))</c> and <c>_Alignas</c> say about a layout; all others say nothing about one.</summary>
internal sealed class CAttributes
{
    public bool IsPacked { get; set; }

    /// <summary>The greatest alignment asked for; 0 for none.</summary>
    public int Alignment { get; set; }

    /// <summary>The machine mode, as <c>DI</c> of <c>mode(DI)</c>; null without one.</summary>
    public string? Mode { get; set; }

    public void Add(CAttributes other)
    {
        IsPacked |= other.IsPacked;
        Alignment = Math.Max(Alignment, other.Alignment);
        Mode ??= other.Mode;
    }
}
