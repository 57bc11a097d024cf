using System.Text;
using Hornet.Compiler.IR;

namespace Hornet.KernelTests.CSharp;

/// <summary>Mistakes that C# does not let anybody make yet, or only front ends make: in IR, each at "line 7 of P.cs".</summary>
internal static class IrMistakes
{
    private const string Maps = "map counts = Hash 4 8 64\nmap events = RingBuf 0 0 4096\nmap constant = Array 4 16 1 flags 128\n";

    private const string At = " @ \"P.cs\" 7:9-7:20\n";

    private const string Lookup = "%k = alloca 4 align 4\n%m = map counts\n%v = helper bpf_map_lookup_elem ptr value:8 (%m, %k)\n";

    private const string Found = Lookup + "%found = cmp ne %v, null value:8\nbr %found, some, none\nnone:\nret 0\nsome:\n";

    private const string Reserved = "%m = map events\n%r = helper bpf_ringbuf_reserve ptr record:8 (%m, 8L, 0L)" + At + "%z = cmp eq %r, null record:8\nbr %z, none, some\nnone:\nret 0\nsome:\n";

    private const string Unknown = "%n = helper bpf_get_prandom_u32 i64 ()\n";

    private const string Packet = "%d = load.u32 ptr packet %ctx, 0\n%e = load.u32 ptr packet_end %ctx, 4\n";

    private static Mistake Make(string name, string expected, string text, string body, string type = "Xdp", string more = "", string license = "GPL") =>
        new(name, expected, text, "") { Module = () => Parse(body, type, more), License = license };

    private static IrModule Parse(string body, string type = "Xdp", string more = "") =>
        IrParser.Parse($"module mistake : {type}\n{Maps}func main(%ctx: ptr ctx) -> i32 {{\nentry:\n{body}\n}}\n{more}");

    private static Mistake WithFunctions(string name, string expected, string text, string body, string functions)
    {
        var mistake = Make(name, expected, text, body, more: functions);
        return mistake with
        {
            Module = () =>
            {
                var module = mistake.Module!();
                foreach (var function in module.Functions) function.Inlining = InlineChoice.Never;
                return module;
            },
        };
    }

    public static IEnumerable<Mistake> All()
    {
        yield return Make("a record is not given back", "HRN3004", "neither submitted nor discarded", Reserved + "store.u64 %r, 0, 1L\nret 0");
        yield return Make("a record is given back on one way only", "HRN3004", "neither submitted nor discarded", Reserved + Unknown + "%c = cmp ugt %n, 5L\nbr %c, give, keep\ngive:\nhelper bpf_ringbuf_submit void (%r, 0L)\nret 0\nkeep:\nret 1");
        yield return Make("a record is written after it was given", "HRN3017", "", Reserved + "helper bpf_ringbuf_submit void (%r, 0L)\nstore.u64 %r, 0, 1L" + At + "ret 0");
        yield return Make("a record is given twice", "HRN3017", "", Reserved + "helper bpf_ringbuf_submit void (%r, 0L)\nhelper bpf_ringbuf_submit void (%r, 0L)" + At + "ret 0");
        yield return Make("a record is written beyond its end", "HRN3011", "where there are 8", Reserved + "store.u32 %r, 8, 1" + At + "helper bpf_ringbuf_submit void (%r, 0L)\nret 0");
        yield return Make("a reserved record is not tested", "HRN3002", "a reserved record is followed", "%m = map events\n%r = helper bpf_ringbuf_reserve ptr record:8 (%m, 8L, 0L)\nstore.u64 %r, 0, 1L" + At + "helper bpf_ringbuf_submit void (%r, 0L)\nret 0");
        yield return Make("the packet is read without a comparison", "HRN3003", "without a comparison with its end", Packet + "%x = load.u8 i32 %d, 12" + At + "ret %x");
        yield return Make("the packet is compared too short", "PacketBounds", "", Packet + "%q = ptradd %d, 4L\n%c = cmp ugt %q, %e\nbr %c, short, long\nshort:\nret 0\nlong:\n%x = load.u32 i32 %d, 4" + At + "ret %x");
        yield return Make("the packet's end is followed", "HRN3010", "a pointer to packet_end is followed", Packet + "%x = load.u32 i32 %e, 0" + At + "ret %x");
        yield return Make("the packet is read after its head was moved", "NotAPointer|PacketBounds", "", Packet + "%q = ptradd %d, 4L\n%c = cmp ugt %q, %e\nbr %c, short, long\nshort:\nret 0\nlong:\n%h = helper bpf_xdp_adjust_head i64 (%ctx, 4)\n%x = load.u8 i32 %d, 0" + At + "ret %x");
        yield return Make("a field of the context that is not there", "Context", "", "%x = load.u32 i32 %ctx, 1000" + At + "ret %x");
        yield return Make("a field of the context is written", "Context", "", "store.u32 %ctx, 12, 5" + At + "ret 0");
        yield return Make("the context at a number nobody knows", "Context|PointerArithmetic", "", Unknown + "%i = and i64 %n, 4L\n%p = ptradd %ctx, %i\n%x = load.u32 i32 %p, 0" + At + "ret %x");
        yield return Make("a context of another kind of program", "Context", "", "%x = load.u32 i32 %ctx, 80" + At + "ret %x", "CgroupDevice");
        yield return Make("a return value the hook does not know", "ReturnValue", "", "ret 9" + At, "CgroupSkb");
        yield return Make("constant data is written", "ReadOnly", "", "%g = global constant, 0\nstore.u32 %g, 0, 5" + At + "ret 0");
        yield return Make("a lookup in a map that has no keys", "Bounds", "invalid zero-sized read", "%k = alloca 4 align 4\n%m = map events\n%v = helper bpf_map_lookup_elem i64 (%m, %k)" + At + "%t = trunc i32 %v\nret %t");
        yield return Make("a number where a map is wanted", "Argument", "", "%k = alloca 4 align 4\n%v = helper bpf_map_delete_elem i64 (5L, %k)" + At + "%t = trunc i32 %v\nret %t");
        yield return Make("a key by value", "Argument", "", "%m = map counts\n%v = helper bpf_map_delete_elem i64 (%m, 5L)" + At + "%t = trunc i32 %v\nret %t");
        yield return Make("more is copied than the buffer holds", "Stack|Bounds", "", "%s = alloca 16 align 8\n%x = helper bpf_get_current_comm i64 (%s, 600)" + At + "%t = trunc i32 %x\nret %t", "Tracepoint");
        yield return Make("a size nobody checked", "Bounds", "", "%s = alloca 16 align 8\n%h = helper bpf_get_prandom_u32 i64 ()\n%x = helper bpf_get_current_comm i64 (%s, %h)" + At + "%t = trunc i32 %x\nret %t", "Tracepoint");
        // The table of helpers by kind is of Linux 6.18: newer kernels say it themselves.
        yield return Make("a helper of another kind of program", "HRN3007|Helper", "bpf_xdp_adjust_head", "%x = helper bpf_xdp_adjust_head i64 (%ctx, 4)" + At + "%t = trunc i32 %x\nret %t", "Tracepoint");
        yield return Make("memory of a process is read by a packet's program", "HRN3007|Helper", "bpf_probe_write_user", "%s = alloca 16 align 8\n%x = helper bpf_probe_write_user i64 (0L, %s, 8)" + At + "%t = trunc i32 %x\nret %t");
        yield return Make("a GPL-only helper under another license", "HRN3008", "license 'Proprietary'", "%s = alloca 16 align 8\n%x = helper bpf_probe_read_kernel i64 (%s, 8, 0L)" + At + "ret 0", "Tracepoint", license: "Proprietary");
        yield return Make("memory of the process is followed", "HRN3010", "memory of the process is read directly", Unknown + "%u = inttoptr ptr user %n\n%x = load.u32 i32 %u, 0" + At + "ret %x", "Tracepoint");
        yield return Make("kernel memory by an address is followed", "HRN3010", "kernel memory is read directly", Unknown + "%u = inttoptr ptr untrusted %n\n%x = load.u32 i32 %u, 0" + At + "ret %x", "Tracepoint");
        yield return Make("one pointer to two kinds of memory", "HRN3009", "different kinds of memory", Unknown + "%c = cmp ugt %n, 5L\n%s = alloca 8 align 8\nbr %c, a, b\na:\njump use\nb:\njump use\nuse:\n%w = phi ptr unknown [a: %s, b: %ctx]\n%x = load.u32 i32 %w, 0" + At + "ret %x");
        yield return Make("an element tested on another way", "HRN3002", "without a test for null", Lookup + Unknown + "%c = cmp ugt %n, 5L\nbr %c, test, use\ntest:\n%z = cmp eq %v, null value:8\nbr %z, none, use\nuse:\nstore.u64 %v, 0, 1L" + At + "ret 0\nnone:\nret 1");
        yield return Make("before the beginning of an element", "HRN3011", "at offset -8", Found + "%b = ptradd %v, -8L\nstore.u64 %b, 0, 1L" + At + "ret 0");
        yield return Make("an element at a number checked too high", "Bounds", "", Found + Unknown + "%c = cmp ult %n, 64L\nbr %c, in, out\nout:\nret 1\nin:\n%p = ptradd %v, %n\nstore.u8 %p, 0, 1" + At + "ret 0");
        yield return Make("a local that was not written", "HRN3001", "not written on every way here", Unknown + "%s = alloca 16 align 8 uninitialized\n%c = cmp ugt %n, 5L\nbr %c, a, b\na:\nstore.u64 %s, 0, 1L\nstore.u64 %s, 8, 1L\njump b\nb:\n%o = and i64 %n, 8L\n%q = ptradd %s, %o\n%y = load.u64 i64 %s, 8" + At + "store.u8 %q, 0, 1\n%x = load.u64 i64 %s, 0\n%w = add i64 %x, %y\n%t = trunc i32 %w\nret %t");
        yield return Make("a loop on what the packet says", "Complexity|Loop", "", "jump loop\nloop:\n%i = phi i64 [entry: 0L, loop: %j]\n%n = helper bpf_get_prandom_u32 i64 ()\n%j = add i64 %i, %n" + At + "%c = cmp ne %j, 12345L" + At.TrimEnd() + "\nbr %c, loop, out\nout:\nret 0");
        yield return Make("an endless loop", "HRN3006", "nothing leads out", "jump loop\nloop:\njump loop" + At);
        yield return Make("a socket that was found is not given back", "Reference", "", "%t = alloca 12 align 4\n%s = helper bpf_sk_lookup_tcp i64 (%ctx, %t, 12, -1L, 0L)\n%z = cmp eq %s, 0L\nbr %z, none, some\nnone:\nret 0\nsome:\nret 1" + At);
        yield return WithFunctions("functions that call each other", "HRN3013", "calls itself", "%x = call f (1)\nret %x",
            "func f(%x: i32) -> i32 {\nentry:\n%y = call g (%x)" + At + "ret %y\n}\nfunc g(%x: i32) -> i32 {\nentry:\n%y = call f (%x)" + At + "ret %y\n}");
        yield return WithFunctions("six arguments", "HRN3005", "takes 6 arguments", "%x = call f (1, 2, 3, 4, 5, 6)" + At + "ret %x",
            "func f(%a: i32, %b: i32, %c: i32, %d: i32, %e: i32, %f: i32) -> i32 {\nentry:\nret %f\n}");
        yield return WithFunctions("calls through nine functions", "HRN3015", "9 functions", "%x = call f1 (1)\nret %x", Chain(8));
        yield return WithFunctions("too much stack in a chain of calls", "HRN4001", "bytes of stack", "%x = call f1 (1)" + At + "ret %x", Chain(3, 128));
        yield return WithFunctions("the address of a callee's stack is returned", "Stack|PointerLeak|ReturnValue", "", "%x = call f ()\n%y = load.u64 i64 %x, 0" + At + "%t = trunc i32 %y\nret %t",
            "func f() -> ptr stack {\nentry:\n%s = alloca 8 align 8\nret %s" + At + "}");
    }

    private static string Chain(int count, int stack = 0)
    {
        StringBuilder text = new();
        for (int i = 1; i <= count; i++)
        {
            string local = stack > 0 ? $"%s = alloca {stack} align 8\n%n = zext32 i64 %x\n%o = and i64 %n, 64L\n%p = ptradd %s, %o\nstore.u64 %p, 0, %n\n%l = load.u32 i32 %s, 64\n" : "%l = add i32 %x, 1\n";
            string call = i < count ? $"%y = call f{i + 1} (%l){At}" : "%y = add i32 %l, 1\n";
            string body = stack > 0 ? $"{local}%s2 = alloca {stack - 8} align 8\n%p2 = ptradd %s2, %o\nstore.u64 %p2, 0, %n\n{call}%l2 = load.u32 i32 %s2, 64\n%r = add i32 %y, %l2\nret %r\n" : $"{local}{call}ret %y\n";
            text.Append($"func f{i}(%x: i32) -> i32 {{\nentry:\n{body}}}\n");
        }
        return text.ToString();
    }
}
