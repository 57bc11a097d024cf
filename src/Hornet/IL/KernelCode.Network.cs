using Hornet.Programs;

namespace Hornet.IL;

// Programs of the network stack and of control groups: one context, a result that the hook gives a meaning.
internal sealed partial class KernelCode
{
    /// <summary>Code that is given a context.</summary>
    /// <param name="name">The program's name.</param>
    /// <param name="description">What it is, for messages: <c>tc:eth0:ingress</c>.</param>
    /// <param name="type">The type of program.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="attachType">The hook, for types that have several.</param>
    /// <param name="defaultResult">What the program returns that a failed check ended, or that returns nothing.</param>
    /// <param name="flags">How it is loaded.</param>
    public static KernelCode Network(string name, string description, ProgramType type, Delegate kernel, AttachType attachType = default, long defaultResult = 0, ProgramFlags flags = 0)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var code = Create(name, description, type, kernel, withContext: true, attachType, defaultResult);
        return flags == 0 ? code : new KernelCode(code._request with { Flags = flags });
    }

    /// <summary>The same code for packets of one interface.</summary>
    public KernelCode For(uint interfaceIndex) => new(_request) { InterfaceIndex = interfaceIndex };

    /// <summary>The interface that the program is bound to; 0 for none.</summary>
    public uint InterfaceIndex { get; private init; }
}
