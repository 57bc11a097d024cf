using Hornet.Isa;

namespace Hornet.Compiler.CodeGen;

/// <summary>What the code generator may use of the machine.</summary>
internal sealed record CodeGenTarget(IsaLevel Level);
