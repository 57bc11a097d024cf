using Hornet.Programs;

namespace Hornet.Script.Runtime;

/// <summary>A program of a script and what the kernel has of it.</summary>
internal sealed record RunningProgram(ScriptProgram Script, BpfProgram Program);
