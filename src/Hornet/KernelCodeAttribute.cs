namespace Hornet;

/// <summary>
/// Says that code runs in the kernel, so that Hornet's analyzers check it where it is written: on a parameter, the lambda or
/// method given for it; on a method, its body; on a result, the lambdas that the method returns. Parameters of
/// <see cref="BpfSession"/> have it; give it to parameters of your own that are handed on to one.
/// </summary>
/// <remarks>It changes nothing at run time. Attributes derived from it mean the same.</remarks>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Method | AttributeTargets.ReturnValue)]
public class KernelCodeAttribute : Attribute;
