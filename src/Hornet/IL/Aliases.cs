// System.Reflection and its metadata reader use these names too.
global using Constant = Hornet.Compiler.IR.Constant;
global using Instruction = Hornet.Compiler.IR.Instruction;
global using Pointer = Hornet.IL.Values.Pointer;
global using Switch = Hornet.Compiler.IR.Switch;
