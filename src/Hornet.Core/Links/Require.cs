using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Checks of what the caller hands over, made before the kernel is asked, since it answers everything with EINVAL.</summary>
internal static class Require
{
    public static void Type(BpfProgram program, ProgramType type, string kind)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (program.Type != type)
            throw new BpfException($"Program '{program.Name}' is of type {program.Type}; {kind} takes programs of type {type}.");
    }

    public static void Type(BpfProgram program, ReadOnlySpan<ProgramType> types, string kind)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (!types.Contains(program.Type))
            throw new BpfException($"Program '{program.Name}' is of type {program.Type}; {kind} takes programs of type {string.Join(" or ", types.ToArray())}.");
    }

    public static void AttachType(BpfProgram program, ReadOnlySpan<AttachType> types, string kind)
    {
        ArgumentNullException.ThrowIfNull(program);
        // Of a program that was opened it is not known; the kernel then decides.
        if (program.AttachType is { } known && !types.Contains(known))
            throw new BpfException($"Program '{program.Name}' was loaded with attach type {known}; {kind} takes {string.Join(" or ", types.ToArray())}.");
    }
}
