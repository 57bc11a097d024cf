using Hornet.Script.Probes;

namespace Hornet.Script.Lowering;

/// <summary>
/// Probes at the calls and at the returns of the same functions become one program, attached once, where the kernel has sessions
/// (6.10): the program asks which of the two it is at.
/// </summary>
internal static class Sessions
{
    /// <summary>For each part that becomes a session, the part at its returns.</summary>
    public static Dictionary<ProgramPart, ProgramPart> Find(IReadOnlyList<ProgramPart> parts, LoweringOptions options)
    {
        Dictionary<ProgramPart, ProgramPart> sessions = new(ReferenceEqualityComparer.Instance);
        HashSet<ProgramPart> taken = new(ReferenceEqualityComparer.Instance);
        foreach (var entry in parts.Where(p => IsCandidate(p, ProbeType.Kprobe)))
        {
            // Of several probes at the returns, none is this one's.
            ProgramPart[] returns = [.. parts.Where(p => IsCandidate(p, ProbeType.Kretprobe) && !taken.Contains(p) && SameFunctions(p, entry))];
            if (returns is not [var only] || !options.HasKprobeSessions()) continue;
            taken.Add(only);
            sessions.Add(entry, only);
        }
        return sessions;
    }

    // What a number of the place means is another thing for calls and returns.
    private static bool IsCandidate(ProgramPart part, ProbeType type) => !part.UsesCookie && part.Targets[0].Type == type
        && (part.Targets[0].AttachType == AttachType.TraceKprobeMulti || part.Targets is [KprobeTarget { Point: { Target: "", Offset: 0, Address: null, Function.Length: > 0 } }]);

    private static bool SameFunctions(ProgramPart a, ProgramPart b) =>
        a.Targets.Count == b.Targets.Count && a.Targets.Select(t => t.FunctionName).SequenceEqual(b.Targets.Select(t => t.FunctionName));
}
