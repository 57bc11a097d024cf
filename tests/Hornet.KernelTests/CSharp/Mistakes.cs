using System.Runtime.CompilerServices;
using Hornet.Compiler;
using Hornet.Compiler.IR;
using Hornet.IL;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>A program that must not run, and what the user is told instead.</summary>
/// <param name="Name">What is wrong, as a person would say it.</param>
/// <param name="Expected">The rule that refuses it (<c>HRN3002</c>), or the category of the explained verifier message.</param>
/// <param name="Text">What the message must say.</param>
/// <param name="At">A text of the source line it must point to.</param>
internal sealed record Mistake(string Name, string Expected, string Text, string At)
{
    /// <summary>The C#; null when the mistake is made in IR.</summary>
    public Delegate? Kernel { get; init; }

    /// <summary>Makes the IR; null when the mistake is made in C#.</summary>
    public Func<IrModule>? Module { get; init; }

    public string License { get; init; } = "GPL";

    /// <summary>Needs this kernel: older ones let it pass, or say it in other words.</summary>
    public string MinKernel { get; init; } = "6.12";

    public CompilationResult Compile()
    {
        if (Module is not null) return BpfCompiler.Compile(Module(), CompilerOptionsHere with { License = License });
        return (Kernel!.Method.GetParameters().Length > 0 && Kernel.Method.GetParameters()[^1].ParameterType == typeof(XdpContext) ? KernelCode.Xdp("mistake", Kernel) : KernelCode.Tracepoint("sched:sched_switch", Kernel)).Compile();
    }

    private static CompilerOptions CompilerOptionsHere => RunningKernel.Options;
}

/// <summary>Mistakes as people make them in C#.</summary>
internal sealed class CSharpMistakes(BpfHashMap<uint, ulong> counts, BpfArray<ulong> slots)
{
    private static uint s_counter;

    private static Mistake Xdp(string name, string expected, string text, string at, Func<XdpContext, XdpAction> kernel) => new(name, expected, text, at) { Kernel = kernel };

    private static Mistake Trace(string name, string expected, string text, string at, Action kernel) => new(name, expected, text, at) { Kernel = kernel };

    public IEnumerable<Mistake> All()
    {
        var counts1 = counts;
        var slots1 = slots;
        yield return Trace("a missing element is counted", "HRN3002", "the result of a lookup in counts is followed without a test", "found++;", () =>
        {
            ref ulong found = ref counts1.Find(Bpf.Tgid);
            found++;
        });
        yield return Trace("the null test is the wrong way around", "HRN3002", "without a test for null", "found += 2;", () =>
        {
            ref ulong found = ref counts1.Find(Bpf.Tgid);
            if (Unsafe.IsNullRef(ref found)) found += 2;
        });
        yield return Trace("only one of two elements is tested", "HRN3002", "without a test for null", "first += second;", () =>
        {
            ref ulong first = ref counts1.Find(1u), second = ref counts1.Find(2u);
            if (!Unsafe.IsNullRef(ref first)) first += second;
        });
        yield return Trace("an element of an array is not tested", "HRN3002", "the result of a lookup in slots", "slot = 7;", () =>
        {
            ref ulong slot = ref slots1.Find(Bpf.Cpu);
            slot = 7;
        });
        yield return Trace("a loop without an end", "HRN3006", "nothing leads out of this loop", "counts1[1]++", () =>
        {
            while (true) counts1[1]++;
        });
        yield return Trace("a loop whose condition does not change", "Loop", "", "", () =>
        {
            uint step = Bpf.Random;
            while (step > 5) counts1[0]++;
        });
        yield return Xdp("a loop that waits for a random number", "Complexity|Loop", "", "Bpf.Random", ctx =>
        {
            uint tries = 0;
            while (Bpf.Random != 77) tries += 3;
            return tries > 5 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Xdp("a loop far too long for the verifier", "Complexity", "", "", ctx =>
        {
            ulong sum = 0;
            // The more in a round, the fewer rounds until the verifier has had enough: each costs it much more than an instruction does.
            for (uint i = 0; i < 3_000_000; i++) sum += ((((((((((sum * i ^ 5) * i ^ 6) * i ^ 7) * i ^ 8) * i ^ 9) * i ^ 10) * i ^ 11) * i ^ 12) * i ^ 13) * i ^ 14) * i ^ 15;
            return sum > 7 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Xdp("an address out of nowhere is read", "HRN1015", "", "*(byte*)", FromNowhere);
        yield return Xdp("beyond a local array, by a constant", "HRN3011", "where there are 16", "Unsafe.Add(ref numbers[0], 4)", ctx =>
        {
            Span<int> numbers = stackalloc int[4];
            Unsafe.Add(ref numbers[0], 4) = 9;
            return numbers[ctx.Data.Length & 3] > 3 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Xdp("beyond a local array, by a number nobody checked", "PointerArithmetic", "unbounded min value", "Unsafe.Add(ref numbers[0], at)", ctx =>
        {
            Span<int> numbers = stackalloc int[4];
            int at = (int)Bpf.Random;
            Unsafe.Add(ref numbers[0], at) = 9;
            return numbers[ctx.Data.Length & 3] > 3 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Trace("beyond an element, by a constant", "HRN3011", "where there are 8", "Unsafe.Add(ref found, 1)", () =>
        {
            ref ulong found = ref counts1.Find(1u);
            if (!Unsafe.IsNullRef(ref found)) Unsafe.Add(ref found, 1) = 5;
        });
        yield return Trace("beyond an element, by a number nobody checked", "Bounds", "", "Unsafe.Add(ref found, (int)Bpf.Cpu)", () =>
        {
            ref ulong found = ref counts1.Find(1u);
            if (!Unsafe.IsNullRef(ref found)) Unsafe.Add(ref found, (int)Bpf.Cpu) = 5;
        });
        yield return Trace("a method that calls itself", "HRN1005", "", "Deeper", () => counts1[(uint)Deeper(3)]++);
        yield return Trace("a variable outside is assigned", Rules.CapturedWrite.Id, "", "slots1 = null!", () => slots1 = null!);
        yield return Trace("a static variable is changed", Rules.MutableStatic.Id, "s_counter", "s_counter++", () => s_counter++);
        yield return Xdp("a buffer of a length that is not constant", Rules.VariableSize.Id, "", "stackalloc byte[ctx.Data.Length]", ctx =>
        {
            Span<byte> copy = stackalloc byte[ctx.Data.Length];
            return copy.Length > 3 ? XdpAction.Pass : XdpAction.Drop;
        });
    }

    private static unsafe XdpAction FromNowhere(XdpContext ctx)
    {
        byte value = *(byte*)(nuint)(ulong)Bpf.KtimeNs; // an address out of nowhere
        return value > ctx.Data.Length ? XdpAction.Pass : XdpAction.Drop;
    }

    private static int Deeper(int n) => n <= 0 ? 0 : Deeper(n - 1) + 1;
}
