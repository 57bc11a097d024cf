using Hornet.Isa;

namespace Hornet.Vm.Execution;

/// <summary>Unwinds a run to where it was started. Never leaves the machine.</summary>
internal sealed class VmFaultSignal(VmFaultKind kind, string message, ulong? address = null, Register? register = null) : Exception
{
    public VmFaultKind Kind => kind;

    public string Text => message;

    public ulong? Address => address;

    public Register? Register => register;
}
