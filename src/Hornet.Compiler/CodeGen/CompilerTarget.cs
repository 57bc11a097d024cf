using Hornet.Isa;

namespace Hornet.Compiler.CodeGen;

/// <summary>What the code generator may use of the machine.</summary>
internal sealed record CodeGenTarget(IsaLevel Level)
{
    /// <summary>The kernel types whose layout the loader fills in; null when it is known.</summary>
    public CoreTypes? Core { get; init; }
}
