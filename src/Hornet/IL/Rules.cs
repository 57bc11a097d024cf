using Hornet.Compiler.Diagnostics;

namespace Hornet.IL;

/// <summary>What C# code cannot do in the kernel: HRN1xxx is about the language, HRN2xxx about what is called and captured.</summary>
internal static class Rules
{
    private const string NoHeap = "eBPF has no heap and no garbage collector";

    public static readonly DiagnosticRule Allocation = DiagnosticRules.Add("HRN1001", "Objects are allocated",
        NoHeap, "use a struct, stackalloc, or a map that the kernel code captures");

    public static readonly DiagnosticRule Exceptions = DiagnosticRules.Add("HRN1002", "Exceptions are thrown or caught",
        "eBPF has no exceptions; a failed check (overflow, index, division by zero) ends the program with its default result", "return early, or return a bool");

    public static readonly DiagnosticRule FloatingPoint = DiagnosticRules.Add("HRN1003", "Floating-point numbers are used",
        "eBPF has integers only", "count in a smaller unit (nanoseconds, thousandths), and divide in user space");

    public static readonly DiagnosticRule VirtualCall = DiagnosticRules.Add("HRN1004", "A call whose target is not known",
        "eBPF has no indirect calls; the compiler must know which method is meant", "call the method of a struct, a sealed class or a captured object; or use a type parameter with a constraint");

    public static readonly DiagnosticRule Recursion = DiagnosticRules.Add("HRN1005", "A method calls itself",
        "the verifier follows every call, and the stack of a program is 512 bytes", "use a loop, with an array of known size as the stack");

    public static readonly DiagnosticRule Boxing = DiagnosticRules.Add("HRN1006", "A value is boxed or cast to a reference type",
        NoHeap, "use a generic method with a constraint instead of object or an interface");

    public static readonly DiagnosticRule VariableSize = DiagnosticRules.Add("HRN1007", "A size is not constant",
        "the stack's layout is fixed when the program is compiled", "use a constant size, and a length beside it");

    public static readonly DiagnosticRule MutableStatic = DiagnosticRules.Add("HRN1008", "A static field that can change",
        "static fields are read once, when the program is compiled; changes would not be seen on either side", "make it readonly, or a static readonly BpfGlobal<T>, which both sides read and write");

    public static readonly DiagnosticRule CapturedWrite = DiagnosticRules.Add("HRN1009", "A captured variable is assigned",
        "captured values are constants of the kernel code; an assignment would not be seen outside", "use a BpfGlobal<T>, which both sides read and write");

    public static readonly DiagnosticRule NotConstant = DiagnosticRules.Add("HRN1010", "A value must be known when the program is compiled",
        "objects, delegates and references to locals exist only while the program is compiled", "branch around the whole use instead of choosing the object first");

    public static readonly DiagnosticRule NullDereference = DiagnosticRules.Add("HRN1011", "Null is dereferenced",
        "the object was null when the program was compiled", "assign it before the program is loaded");

    public static readonly DiagnosticRule ReferenceInMemory = DiagnosticRules.Add("HRN1012", "References are kept in memory",
        "a reference, a span or an object is not bytes; only values that hold none can be stored", "store an index or an offset instead, and make the reference where it is used");

    public static readonly DiagnosticRule ReadOnlyWrite = DiagnosticRules.Add("HRN1013", "Read-only data is written",
        "literals and captured arrays are constants of the program", "copy them to a stackalloc span first");

    public static readonly DiagnosticRule TooLarge = DiagnosticRules.Add("HRN1014", "The program is too large",
        "methods are compiled into their callers; the kernel accepts a million instructions at most", "make loops smaller, or split the program");

    public static readonly DiagnosticRule Unsupported = DiagnosticRules.Add("HRN1015", "A construct that cannot be compiled",
        "it has no counterpart in eBPF", "write it with integers, structs, spans and references");

    public static readonly DiagnosticRule ForbiddenCall = DiagnosticRules.Add("HRN2104", "A library method is called",
        "only Hornet's types, the program's own methods and the listed System methods are compiled", "see docs/csharp-in-the-kernel.md for what there is; do the rest in user space");

    public static readonly DiagnosticRule Linq = DiagnosticRules.Add("HRN2105", "LINQ is used",
        "LINQ allocates iterators and calls through interfaces", "write a loop");

    public static readonly DiagnosticRule Async = DiagnosticRules.Add("HRN2106", "Asynchronous code",
        "a program runs to its end at once", "send an event to user space, and wait there");

    public static readonly DiagnosticRule Locks = DiagnosticRules.Add("HRN2107", "A lock is taken",
        "programs run where waiting is not allowed", "use Interlocked, or a per-CPU map");

    public static readonly DiagnosticRule Strings = DiagnosticRules.Add("HRN2108", "Strings are made",
        NoHeap, "send the parts to user space and format there; compare bytes with a UTF-8 literal: \"…\"u8");

    public static readonly DiagnosticRule Printing = DiagnosticRules.Add("HRN2109", "The console is used",
        "the kernel has no console of this process", "use Bpf.Print($\"…\"), whose text is made in user space");

    public static readonly DiagnosticRule Multicast = DiagnosticRules.Add("HRN2110", "A delegate of several methods",
        "one program is one method", "attach each method by itself");

    public static readonly DiagnosticRule NoBody = DiagnosticRules.Add("HRN2111", "A method without IL",
        "code is compiled from IL; methods made by Reflection.Emit or expression trees, abstract and native ones have none", "pass a lambda or a method group");

    public static readonly DiagnosticRule UnknownProbeField = DiagnosticRules.Add("HRN2130", "A field that the event does not have",
        "fields are found by name, in the event's own description, when the program is compiled", "use one of the names that the message lists, with the method for its kind");

    public static readonly DiagnosticRule NotInThisProgram = DiagnosticRules.Add("HRN2120", "A member that this kind of program does not have",
        "each kind of program has its own part of a context and its own helpers", "attach the code where the member exists, or do without it");

    public static readonly DiagnosticRule MapMember = DiagnosticRules.Add("HRN2112", "A member of a map that kernel code does not have",
        "programs reach the elements of a map one by one, or walk through a hash or an array; batches, counts and everything by descriptor are system calls", "see docs/csharp-maps.md for the members of each kind; do the rest in user space");

    public static readonly DiagnosticRule KernelFieldCopied = DiagnosticRules.Add("HRN2113", "A value with fields of the kernel is copied",
        "locks, timers, references to kernel objects, lists, trees and their nodes are the kernel's; the verifier refuses to read or write them as bytes", "work on the value in place: ref var value = ref map.Find(key), or GetOrAdd(key)");
}
