namespace Hornet.Vm;

/// <summary>How a program is executed.</summary>
public enum VmEngine
{
    /// <summary>
    /// Compiled where the runtime can make code (<see cref="System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported"/>),
    /// once the program has run often enough for it to pay; interpreted until then, and elsewhere.
    /// </summary>
    Auto,

    /// <summary>Instruction by instruction. Starts at once, and works under Native AOT.</summary>
    Interpreter,

    /// <summary>Compiled to .NET code before the first run. Needs a runtime that can make code.</summary>
    Jit,
}
