namespace Hornet.Vm.Tests;

/// <summary>What every test of behaviour runs with.</summary>
public static class Engines
{
    public static TheoryData<VmEngine> All => [VmEngine.Interpreter, VmEngine.Jit];
}
