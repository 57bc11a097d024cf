namespace Hornet.Programs.Verifier;

/// <summary>What kind of mistake the verifier found.</summary>
public enum VerifierCategory
{
    /// <summary>The message is not known; the kernel's own words are all there is.</summary>
    Unknown,
    /// <summary>Something is read that was never written.</summary>
    Uninitialized,
    /// <summary>A pointer that may be NULL is used without a check.</summary>
    NullPointer,
    /// <summary>A number is used as a pointer, or a pointer of the wrong kind is followed.</summary>
    NotAPointer,
    /// <summary>An access may be outside of its memory, or a size is not known to be small enough.</summary>
    Bounds,
    /// <summary>A packet is accessed beyond what was compared with its end.</summary>
    PacketBounds,
    /// <summary>The program's context is accessed where this program type has nothing.</summary>
    Context,
    /// <summary>The stack is accessed wrongly, or too much of it is used.</summary>
    Stack,
    /// <summary>A calculation with a pointer that the verifier does not follow.</summary>
    PointerArithmetic,
    /// <summary>A kernel address would get out.</summary>
    PointerLeak,
    /// <summary>A write to what may only be read.</summary>
    ReadOnly,
    /// <summary>An access is not aligned.</summary>
    Alignment,
    /// <summary>An argument is not of the kind that the called function asks for.</summary>
    Argument,
    /// <summary>A helper that does not exist here or that this kind of program may not call.</summary>
    Helper,
    /// <summary>A kernel function that cannot be called here.</summary>
    KernelFunction,
    /// <summary>The license forbids it.</summary>
    License,
    /// <summary>Something acquired is not released, or released without being held.</summary>
    Reference,
    /// <summary>A lock, an RCU section or a section without preemption or interrupts is not balanced.</summary>
    Lock,
    /// <summary>A dynptr or an iterator is used out of order.</summary>
    Dynptr,
    /// <summary>A loop that does not end, or that the kernel's version does not allow.</summary>
    Loop,
    /// <summary>The program is too complex or too large to verify.</summary>
    Complexity,
    /// <summary>Jumps or calls that lead nowhere, code that is never reached.</summary>
    ControlFlow,
    /// <summary>Bits that are no instruction.</summary>
    Instruction,
    /// <summary>A function is called wrongly, too deep, or recursively.</summary>
    Function,
    /// <summary>A return value outside of what this kind of program may return.</summary>
    ReturnValue,
    /// <summary>A map does not fit the program or the access.</summary>
    Map,
    /// <summary>The program's type information is missing or wrong.</summary>
    Btf,
    /// <summary>What the program wants to attach to does not exist or does not allow it.</summary>
    Attach,
    /// <summary>The program sleeps where it may not.</summary>
    Sleep,
    /// <summary>The process lacks a capability for it.</summary>
    Permission,
    /// <summary>A type or field the program was compiled for is missing in the running kernel (CO-RE).</summary>
    Relocation,
    /// <summary>The kernel found a defect in its own verifier.</summary>
    VerifierBug,
}
