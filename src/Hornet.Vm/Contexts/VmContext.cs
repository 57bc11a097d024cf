using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hornet.Vm.Execution;

namespace Hornet.Vm;

/// <summary>What a program is given in R1. A context may be used again for the next run, by one run at a time.</summary>
public abstract class VmContext
{
    private protected VmContext()
    {
    }

    /// <summary>No context: R1 is 0.</summary>
    public static VmContext Empty { get; } = new NoContext();

    /// <summary>Memory of any layout, such as the argument of a syscall program.</summary>
    public static VmMemoryContext Memory(ReadOnlySpan<byte> contents, bool writable = true) => new(contents, writable);

    /// <summary>The record of a tracepoint as its <c>format</c> file describes it, the common fields included. Programs can only read it.</summary>
    public static VmMemoryContext Tracepoint(ReadOnlySpan<byte> record) => new(record, writable: false);

    /// <summary>A record or context given as a struct.</summary>
    public static VmMemoryContext Of<T>(T value, bool writable = false) where T : unmanaged => new(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), writable);

    /// <summary>
    /// The arguments of raw and BTF tracepoints, and of <c>fentry</c> and <c>fexit</c>: 8 bytes each, for <c>fexit</c> with the return value at
    /// the end. Pointers are addresses of the machine's memory (<see cref="VmMemory.Address"/>).
    /// </summary>
    public static VmMemoryContext Arguments(params ReadOnlySpan<ulong> arguments) => new(MemoryMarshal.AsBytes(arguments), writable: false);

    /// <summary>The registers at a kernel or user probe, laid out as this processor's <c>struct pt_regs</c>.</summary>
    public static VmMemoryContext PtRegs(VmRegisters registers) => new(registers.ToBytes(), writable: false);

    /// <summary>A packet for an XDP program.</summary>
    public static VmXdpContext Xdp(ReadOnlySpan<byte> packet) => new(packet);

    /// <summary>A packet for a tc, socket filter or cgroup program.</summary>
    public static VmSkbContext Skb(ReadOnlySpan<byte> packet) => new(packet);

    /// <summary>Puts the context where the program finds it, and says what is in R1 and R2.</summary>
    internal abstract (ulong R1, ulong R2) Attach(VmExecution execution);

    internal virtual void Detach(VmExecution execution)
    {
        execution.SetRegion(VmAddress.ContextRegion, null);
        execution.SetRegion(VmAddress.PacketRegion, null);
    }

    private sealed class NoContext : VmContext
    {
        internal override (ulong R1, ulong R2) Attach(VmExecution execution) => default;

        internal override void Detach(VmExecution execution)
        {
        }
    }
}

/// <summary>A context that is plain memory.</summary>
public sealed class VmMemoryContext : VmContext
{
    private readonly byte[] _bytes;
    private readonly int _length;
    private readonly VmRegion _region;

    internal VmMemoryContext(ReadOnlySpan<byte> contents, bool writable)
    {
        _length = contents.Length;
        _bytes = GC.AllocateArray<byte>(Math.Max(1, _length), pinned: true);
        contents.CopyTo(_bytes);
        _region = VmRegion.OfBlock("the context", VmAddress.Context, _bytes, writable);
        _region.Size = (ulong)_length;
    }

    /// <summary>The bytes, as the last run left them.</summary>
    public Span<byte> Span => _bytes.AsSpan(0, _length);

    internal override (ulong R1, ulong R2) Attach(VmExecution execution)
    {
        execution.SetRegion(VmAddress.ContextRegion, _region);
        return (VmAddress.Context, (ulong)_length);
    }
}

/// <summary>The registers that a probe sees, by meaning.</summary>
public sealed record VmRegisters
{
    /// <summary>The arguments of the function, at most six on x86-64 and eight on arm64.</summary>
    public IReadOnlyList<ulong> Arguments { get; init; } = [];

    /// <summary>The return value.</summary>
    public ulong ReturnValue { get; init; }

    /// <summary>The instruction pointer.</summary>
    public ulong InstructionPointer { get; init; }

    /// <summary>The stack pointer.</summary>
    public ulong StackPointer { get; init; }

    /// <summary>The frame pointer.</summary>
    public ulong FramePointer { get; init; }

    /// <summary>The registers as the kernel's <c>struct pt_regs</c> of this processor.</summary>
    internal byte[] ToBytes()
    {
        bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        // x86-64: r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss.
        // arm64: x0 to x30, sp, pc, pstate.
        int[] arguments = arm ? [0, 1, 2, 3, 4, 5, 6, 7] : [14, 13, 12, 11, 9, 8];
        if (Arguments.Count > arguments.Length) throw new BpfException($"{Arguments.Count} arguments do not fit in registers; this processor passes {arguments.Length}, the rest on the stack");
        byte[] bytes = new byte[arm ? 34 * 8 : 21 * 8];
        Set(arm ? 0 : 10, ReturnValue);
        for (int i = 0; i < Arguments.Count; i++) Set(arguments[i], Arguments[i]);
        Set(arm ? 29 : 4, FramePointer);
        Set(arm ? 31 : 19, StackPointer);
        Set(arm ? 32 : 16, InstructionPointer);
        return bytes;

        void Set(int register, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(register * 8), value);
    }
}
