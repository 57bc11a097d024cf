using Hornet.Compiler.Diagnostics;

namespace Hornet;

/// <summary>What is asked of programs beside the rules for all kernel code when they are compiled ahead of time.</summary>
internal static class AheadOfTimeRules
{
    public static readonly DiagnosticRule Signature = DiagnosticRules.Add("HRN2140", "A marked method that cannot be a program",
        "each kind of program is given one thing by the kernel, and is called without an object", "make the method static, with the parameters and result that the kind has");

    public static readonly DiagnosticRule MapName = DiagnosticRules.Add("HRN2141", "A map without a name of its own",
        "in an object file a map is known by its name, a word of letters, digits and underscores", "give each map a name of its own where it is created");
}
