using System.Text;

namespace Hornet.Script.Probes;

/// <summary>An attach point taken apart; patterns are still patterns.</summary>
internal sealed record AttachPoint(ProbeType Type)
{
    /// <summary>What a script calls it: <c>name=kprobe:…</c>.</summary>
    public string? UserName { get; init; }

    /// <summary>Module, group of tracepoints, file, unit of time, event; by kind.</summary>
    public string Target { get; init; } = "";

    /// <summary>Function, event, probe; by kind.</summary>
    public string Function { get; init; } = "";

    /// <summary>The provider of a static probe.</summary>
    public string Namespace { get; init; } = "";

    /// <summary><c>cpp</c>.</summary>
    public string Language { get; init; } = "";
    public ulong Offset { get; init; }
    public ulong? Address { get; init; }

    /// <summary>Times per second, time or count; by kind.</summary>
    public ulong Frequency { get; init; }
    public ulong Length { get; init; }
    public string Mode { get; init; } = "";
    public string Pin { get; init; } = "";
    public uint BpfProgram { get; init; }
    public string SourceFile { get; init; } = "";
    public int Line { get; init; }
    public int Column { get; init; }

    /// <summary>Whether it came from a pattern of kinds: what does not fit is left out without a word.</summary>
    public bool IgnoresInvalid { get; init; }

    /// <summary>As <c>probe</c> gives it.</summary>
    public string FullName
    {
        get
        {
            if (UserName is { } given) return given;
            StringBuilder name = new(ProbeNames.NameOf(Type));
            if (Target.Length > 0) name.Append(':').Append(Target);
            if (Language.Length > 0) name.Append(':').Append(Language);
            if (Namespace.Length > 0) name.Append(':').Append(Namespace);
            if (BpfProgram != 0) name.Append(':').Append(BpfProgram);
            if (Function.Length > 0)
            {
                name.Append(':').Append(Function);
                if (Offset != 0) name.Append('+').Append(Offset);
            }
            if (Address is { } address and not 0) name.Append(':').Append(address);
            if (Frequency != 0) name.Append(':').Append(Frequency);
            if (Length != 0) name.Append(':').Append(Length);
            if (Mode.Length > 0) name.Append(':').Append(Mode);
            return name.ToString();
        }
    }
}
