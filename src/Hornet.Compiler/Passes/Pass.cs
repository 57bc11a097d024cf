using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>A step that changes IR and nothing else.</summary>
internal abstract class Pass
{
    /// <summary>A few words for stages and messages.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Runs over all functions. Returns whether anything changed.</summary>
    public virtual bool Run(IrModule module)
    {
        bool changed = false;
        foreach (var function in module.Functions.ToList()) changed |= Run(function);
        return changed;
    }

    /// <summary>Runs over one function. Returns whether anything changed.</summary>
    public virtual bool Run(IrFunction function) => false;
}
