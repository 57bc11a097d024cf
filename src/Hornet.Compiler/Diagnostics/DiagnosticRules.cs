namespace Hornet.Compiler.Diagnostics;

/// <summary>A rule for kernel code.</summary>
/// <param name="Id">The number.</param>
/// <param name="Title">What the rule says, in a few words.</param>
/// <param name="Why">Why it is so.</param>
/// <param name="Fix">What to do instead.</param>
public sealed record DiagnosticRule(string Id, string Title, string Why, string Fix);

/// <summary>
/// The rules, one table for the compiler and for whoever checks source while it is written. HRN3xxx are about what the
/// kernel's verifier would refuse, HRN4xxx about limits of the machine.
/// </summary>
public static partial class DiagnosticRules
{
    private static readonly Dictionary<string, DiagnosticRule> s_rules = [];

    /// <summary>Memory of the stack is read that was not written on every path.</summary>
    public static DiagnosticRule UninitializedStack { get; } = Add("HRN3001", "Stack memory is read before it is written",
        "the verifier follows every path and refuses to read stack bytes that a path did not write", "give the variable a value first");

    /// <summary>A pointer that may be null is followed.</summary>
    public static DiagnosticRule MissingNullCheck { get; } = Add("HRN3002", "A pointer that may be null is followed",
        "a lookup gives null when there is no such element, and the verifier wants to see the test", "test the result first: TryGetValue, Unsafe.IsNullRef(ref value), or 'is null' for objects of the kernel");

    /// <summary>The packet is read without a check of its length.</summary>
    public static DiagnosticRule UncheckedPacket { get; } = Add("HRN3003", "The packet is accessed without a check of its length",
        "a packet may be shorter, and the verifier wants to see the comparison with its end", "use TryRead, or compare the length first");

    /// <summary>A ring buffer record is neither submitted nor discarded on some path.</summary>
    public static DiagnosticRule RecordNotReleased { get; } = Add("HRN3004", "A reserved record is neither submitted nor discarded",
        "the kernel waits for every reserved record; the verifier refuses a program that can end without giving one back", "call Submit or Discard on every path");

    /// <summary>A function has more than five parameters.</summary>
    public static DiagnosticRule TooManyArguments { get; } = Add("HRN3005", "A function takes more than five arguments",
        "eBPF passes arguments in five registers", "pass a struct by reference, or let the function be inlined");

    /// <summary>A loop never ends.</summary>
    public static DiagnosticRule EndlessLoop { get; } = Add("HRN3006", "A loop has no end",
        "the verifier must see that a program ends", "count to a constant, or leave the loop on a condition that changes");

    /// <summary>A helper does not exist for the program or the kernel.</summary>
    public static DiagnosticRule HelperNotAvailable { get; } = Add("HRN3007", "A helper is not available here",
        "each kind of program has its own set of helpers, which grew with kernel versions", "use another helper, kind of program or kernel");

    /// <summary>A helper needs a GPL-compatible license.</summary>
    public static DiagnosticRule GplOnly { get; } = Add("HRN3008", "A helper is for GPL-compatible programs only",
        "the kernel lets only programs under a GPL-compatible license call it", "license the program under the GPL, or do without the helper");

    /// <summary>Paths with pointers to different kinds of memory meet.</summary>
    public static DiagnosticRule MixedRegions { get; } = Add("HRN3009", "One pointer points to different kinds of memory",
        "one instruction cannot access a context, a packet and plain memory alike", "access the memory in each branch");

    /// <summary>Memory cannot be accessed directly.</summary>
    public static DiagnosticRule NotDirectlyReadable { get; } = Add("HRN3010", "Memory cannot be accessed directly",
        "a program may follow only pointers that the verifier knows; user memory and kernel memory by address are read by helpers", "copy it with a read helper first");

    /// <summary>An access lies outside of the memory.</summary>
    public static DiagnosticRule OutOfBounds { get; } = Add("HRN3011", "An access lies outside of its memory",
        "the verifier checks every access against the size of what it points into", "stay within the size");

    /// <summary>An instruction does not exist on the kernel.</summary>
    public static DiagnosticRule InstructionNotAvailable { get; } = Add("HRN3012", "An operation needs a newer kernel",
        "the instruction set grew with kernel versions", "use a kernel that has it");

    /// <summary>A function calls itself.</summary>
    public static DiagnosticRule Recursion { get; } = Add("HRN3013", "A function calls itself",
        "the stack of a program is 512 bytes, and the verifier refuses recursion", "use a loop");

    /// <summary>A kernel type or field does not exist.</summary>
    public static DiagnosticRule UnknownKernelField { get; } = Add("HRN3014", "A kernel type or field does not exist",
        "the running kernel's BTF does not have it", "ask whether it exists first, or use what this kernel has");

    /// <summary>Functions call each other too deeply.</summary>
    public static DiagnosticRule CallsTooDeep { get; } = Add("HRN3015", "Calls are nested too deeply",
        "the verifier follows at most eight functions that call each other", "let some of them be inlined");

    /// <summary>A reference to a kernel object is not given back on some path.</summary>
    public static DiagnosticRule ReferenceNotReleased { get; } = Add("HRN3016", "A reference to a kernel object is not given back",
        "while a program holds a reference the kernel keeps the object; the verifier refuses a program that can end with one", "call Release, or Drop, on every path, also before a check that may end the program; or put it into a map's value with Exchange, into a list or a tree");

    /// <summary>A reference to a kernel object is used after it was given back.</summary>
    public static DiagnosticRule UsedAfterRelease { get; } = Add("HRN3017", "A reference is used after it was given back",
        "the object may be gone by then", "read what is needed before Release, Drop, Exchange or the end of the lock");

    /// <summary>A list or tree is used without its lock.</summary>
    public static DiagnosticRule LockNotHeld { get; } = Add("HRN3018", "A list or a tree is used without its lock",
        "other CPUs change lists and trees at the same time; the verifier wants the lock of the same map value held", "use it in: using (value.Lock.Enter()) …, with the lock of the value that the list or tree is in");

    /// <summary>Something is done under a lock that the kernel does not allow there.</summary>
    public static DiagnosticRule ForbiddenUnderLock { get; } = Add("HRN3019", "A lock is held where it must not be",
        "while a spin lock is held another CPU may be waiting in a loop; the verifier allows no helpers and no second lock under it, and no end of the program", "do it before the lock is entered, or after it is left");

    /// <summary>Maps of several kinds have lists or trees.</summary>
    public static DiagnosticRule SeveralSharedTypes { get; } = Add("HRN3020", "Lists or trees of maps of different types are used together",
        "a program is loaded with the types of the map that its lists and trees are in, and has one set of types", "put all lists and trees that belong together into one struct");

    /// <summary>The stack is too large.</summary>
    public static DiagnosticRule StackTooLarge { get; } = Add("HRN4001", "The stack is larger than 512 bytes",
        "a program and the functions it calls have 512 bytes of stack together", "use fewer or smaller locals, or keep them in a per-CPU map");

    /// <summary>The code is too large.</summary>
    public static DiagnosticRule ProgramTooLarge { get; } = Add("HRN4002", "The program is too large",
        "a jump crosses at most 32767 instructions", "split the program by tail calls, or let loops stay loops");

    /// <summary>All rules, by number.</summary>
    public static IReadOnlyCollection<DiagnosticRule> All => s_rules.Values;

    /// <summary>Finds a rule by its number; null when there is none.</summary>
    public static DiagnosticRule? Find(string id) => s_rules.TryGetValue(id, out var rule) ? rule : null;

    /// <summary>Adds a rule of a front end.</summary>
    /// <exception cref="ArgumentException">The number is taken.</exception>
    public static DiagnosticRule Add(string id, string title, string why, string fix)
    {
        DiagnosticRule rule = new(id, title, why, fix);
        s_rules.Add(id, rule);
        return rule;
    }
}
