using Hornet.Compiler.Diagnostics;

namespace Hornet.IL;

/// <summary>What a probe's code and the probe must agree in.</summary>
internal static class TracingRules
{
    public static readonly DiagnosticRule Parameters = DiagnosticRules.Add("HRN2201", "The parameters do not fit the probe",
        "the kernel hands a program the arguments of what is probed, with the types they have there", "write the parameters as the message says; leave out those at the end, or name those that are wanted");

    public static readonly DiagnosticRule Result = DiagnosticRules.Add("HRN2202", "The result does not fit the probe",
        "what the program returns decides what happens next", "return an int: 0 to go on, a negative error number to forbid");

    public static readonly DiagnosticRule KernelFunction = DiagnosticRules.Add("HRN2203", "A kernel function is called that this kernel does not have so",
        "kernel functions are no stable interface: they come, go and change", "declare the function as the message says, or use another one");

    public static readonly DiagnosticRule NoContext = DiagnosticRules.Add("HRN2204", "Something is asked that this kind of program does not know",
        "each kind of program is told something else by the kernel", "use a kind of program that knows it");
}
