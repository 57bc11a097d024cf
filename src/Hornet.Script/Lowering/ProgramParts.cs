using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Probes;

namespace Hornet.Script.Lowering;

/// <summary>What becomes one program: a body and the places it is attached to.</summary>
/// <param name="Program">The body.</param>
/// <param name="Targets">The places.</param>
/// <param name="FirstName">The number of the first place's name.</param>
/// <param name="UsesCookie">Whether the place's position is its cookie.</param>
internal sealed record ProgramPart(BoundProgram Program, IReadOnlyList<ProbeTarget> Targets, int FirstName, bool UsesCookie);

/// <summary>
/// Divides the places of a body where one program cannot serve them all: it asks where it is and the kernel has no cookies for
/// the kind, or its arguments lie elsewhere at each place.
/// </summary>
internal static class ProgramParts
{
    public static IEnumerable<ProgramPart> Split(BoundProgram program, LoweringOptions options)
    {
        var targets = program.Targets;
        bool asks = program.UsesCookie && targets.Count > 1;
        // The cookie of a static probe's place is the layout of its arguments.
        if (targets.Any(t => t.Sites is not null) || asks && !HasCookies(targets[0], options))
        {
            for (int i = 0; i < targets.Count; i++) yield return new(program, [targets[i]], program.FirstName + i, false);
            yield break;
        }
        yield return new(program, targets, program.FirstName, asks);
    }

    private static bool HasCookies(ProbeTarget target, LoweringOptions options) => target.ProgramType switch
    {
        ProgramType.Kprobe or ProgramType.Tracepoint or ProgramType.PerfEvent => options.Has(BpfHelper.GetAttachCookie),
        ProgramType.Tracing or ProgramType.Lsm => options.Has(5, 19),
        ProgramType.RawTracepoint => options.Has(6, 10),
        _ => false,
    };
}
