using System.Text;
using Hornet.Programs.Verifier;
using static Hornet.Programs.Verifier.VerifierCategory;

namespace Hornet.KernelTests.Programs;

/// <summary>The programs that provoke the verifier's messages. Maps are made by the test under the names used here.</summary>
internal static class VerifierCases
{
    // r0 = a pointer to element 0 of the map, or NULL.
    private static string Lookup(string map) =>
        $"""
        *(u32 *)(r10 -4) = 0
        r2 = r10
        r2 += -4
        r1 = map[{map}]
        call bpf_map_lookup_elem

        """;

    private static string LookupChecked(string map) => Lookup(map) + "if r0 != 0 goto found\nr0 = 0\nexit\nfound:\n";

    private const string Return0 = "\nr0 = 0\nexit";

    private static string Repeat(int count, Func<int, string> line)
    {
        StringBuilder text = new();
        for (int n = 0; n < count; n++) text.Append(line(n)).Append('\n');
        return text.ToString();
    }

    // r7 = a context pointer kept; r0 = a number nobody knows.
    private const string Random = "call bpf_get_prandom_u32\n";

    private const string XdpData = "r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\n";

    public static readonly VerifierCase[] All =
    [
        // Registers.
        new("no return value", Uninitialized, ["return value in R0"], "exit"),
        new("an argument register read at entry", Uninitialized, ["at entry only R1"], "r0 = r3\nexit"),
        new("an argument register read after a call", Uninitialized, ["calls destroy R1 to R5", "R6 to R9"], "r0 = r1\ncall bpf_ktime_get_ns\nr0 = r1\nexit"),
        new("a map value followed without a check", NullPointer, ["may be NULL", "call bpf_map_lookup_elem"], Lookup("hash") + "r0 = *(u64 *)(r0 +0)\nexit"),
        new("a ring buffer record followed without a check", NullPointer, ["may be NULL"], "r1 = map[ringbuf]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\n*(u64 *)(r0 +0) = 1" + Return0),
        new("adding to a pointer that may be NULL", NullPointer, ["may be NULL"], Lookup("hash") + "r0 += 4" + Return0),
        new("an argument that may be NULL", NullPointer, ["may be NULL"], Lookup("hash") + "r1 = map[array]\nr2 = r0\ncall bpf_map_lookup_elem" + Return0),
        new("NULL followed", NullPointer, ["is NULL"], "r1 = 0\nr0 = *(u64 *)(r1 +0)\nexit") { Min = "6.1" },
        new("a number followed", NotAPointer, ["holds a number", "bpf_probe_read_kernel"], Random + "r0 = *(u64 *)(r0 +0)\nexit"),
        new("a map followed", ReadOnly, ["only read"], "r1 = map[array]\n*(u64 *)(r1 +0) = 1" + Return0),
        new("the frame pointer written", ReadOnly, ["R10 is the frame pointer"], ".raw 0x0000000000000ab7" + Return0),
        new("a register that does not exist", Instruction, ["R0 to R10"], ".raw 0x0000000000000bb7" + Return0),

        // Memory.
        new("beyond a map value", Bounds, ["8 bytes at offset 4", "8 bytes long"], LookupChecked("array") + "r0 = *(u64 *)(r0 +4)\nexit"),
        new("a random index into a map value", Bounds, ["check the index"], LookupChecked("wide") + "r6 = r0\n" + Random + "w0 = w0\nr6 += r0\nr0 = *(u8 *)(r6 +0)\nexit"),
        new("an index limited too far", Bounds, ["too large"], LookupChecked("wide") + "r6 = r0\n" + Random + "r0 &= 127\nr6 += r0\nr0 = *(u8 *)(r6 +0)\nexit"),
        new("an index that may be negative", Bounds, ["negative"], LookupChecked("wide") + "r6 = r0\nr7 = *(u64 *)(r0 +0)\nif r7 s> 4 goto out\nif r7 s< -4 goto out\nr6 += r7\nr0 = *(u8 *)(r6 +0)\nout:\nr0 = 0\nexit"),
        new("a size that may be negative", Bounds, ["negative"], LookupChecked("wide") + "r2 = *(u64 *)(r0 +0)\nif r2 s> 8 goto out\nr1 = r10\nr1 += -64\ncall bpf_get_current_comm\nout:\nr0 = 0\nexit") { Type = ProgramType.RawTracepoint },
        new("a size without limit", Bounds, ["may be huge", "And(R2, MAX)"], Random + "w2 = w0\nr1 = r10\nr1 += -64\nr3 = 0\ncall bpf_probe_read_kernel" + Return0) { Type = ProgramType.RawTracepoint },
        new("a size of zero", Bounds, ["at least 1"], "r1 = r10\nr1 += -64\nr2 = 0\ncall bpf_get_current_comm" + Return0) { Type = ProgramType.RawTracepoint },
        new("an address beyond the value", Bounds, ["64 bytes long"], "r1 = map[single][0]+64" + Return0),
        new("beyond a ring buffer record", Bounds, ["8 bytes long", "bpf_ringbuf_reserve"], "r1 = map[ringbuf]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\nif r0 == 0 goto out\n*(u64 *)(r0 +8) = 1\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\nout:\nr0 = 0\nexit"),
        new("a packet read without a comparison", PacketBounds, ["data_end"], XdpData + "r0 = *(u8 *)(r2 +0)\nexit") { Type = ProgramType.Xdp },
        new("a packet read beyond the comparison", PacketBounds, ["8 bytes of the packet"], XdpData + "r4 = r2\nr4 += 4\nif r4 > r3 goto out\nr0 = *(u64 *)(r2 +0)\nout:\nr0 = 1\nexit") { Type = ProgramType.Xdp },
        new("a field the context does not have", Context, ["offset 1000"], "r0 = *(u32 *)(r1 +1000)\nexit"),
        new("a context field written that is read-only", Context, ["write"], "r2 = 1\n*(u32 *)(r1 +0) = r2" + Return0),
        new("a negative offset in the context", Context, ["negative"], "r0 = *(u32 *)(r1 -4)\nexit"),
        new("the context moved before a load", Context, ["constant offsets"], "r1 += 8\nr0 = *(u32 *)(r1 +0)\nexit"),
        new("the context moved by a number", Context, ["constant"], "r6 = r1\n" + Random + "r0 &= 4\nr6 += r0\nr0 = *(u32 *)(r6 +0)\nexit"),
        new("a field read at an odd offset", Alignment, ["multiple of 4", "StrictAlignment"], LookupChecked("wide") + "r0 = *(u32 *)(r0 +2)\nexit") { Flags = Hornet.Programs.ProgramFlags.StrictAlignment },
        new("a write to a read-only map", ReadOnly, ["ReadOnlyProgram"], LookupChecked("readonly") + "*(u64 *)(r0 +0) = 1" + Return0),
        new("a read from a write-only map", ReadOnly, ["WriteOnlyProgram"], "*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[writeonly]\ncall bpf_map_lookup_elem\nif r0 == 0 goto out\nr0 = *(u64 *)(r0 +0)\nout:" + Return0),
        new("a write to the packet from a socket filter", ReadOnly, ["may read the packet"], "r2 = *(u32 *)(r1 +76)\nr3 = *(u32 *)(r1 +80)\nr4 = r2\nr4 += 1\nif r4 > r3 goto out\n*(u8 *)(r2 +0) = 1\nout:\nr0 = 0\nexit") { Type = ProgramType.CgroupSkb },

        // Stack.
        new("below the stack", Stack, ["512 bytes"], "*(u64 *)(r10 -520) = 1" + Return0),
        new("above the stack", Stack, ["512 bytes"], "*(u64 *)(r10 +8) = 1" + Return0),
        new("a stack slot read that was not written", Uninitialized, ["were not all written before"], "r0 = *(u64 *)(r10 -8)\nexit") { Until = "6.3" },
        new("a stack slot passed that was not written", Uninitialized, ["were not all written before"], "r1 = map[array]\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem" + Return0) { Until = "6.3" },
        new("a stack slot read that was not written, without CAP_PERFMON", Uninitialized, ["were not all written before"], "r0 = *(u64 *)(r10 -8)\nexit") { WithoutPerfmon = true },
        new("a stack slot passed that was not written, without CAP_PERFMON", Uninitialized, ["were not all written before"], "r1 = map[array]\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem" + Return0) { WithoutPerfmon = true },
        new("the stack at a random place", Stack, ["not constant"], Random + "r0 &= 7\nr1 = r10\nr1 += r0\n*(u8 *)(r1 -4) = 1" + Return0),
        new("a pointer spilled and read in part", Stack, ["parts"], "*(u64 *)(r10 -8) = r1\nr0 = *(u32 *)(r10 -8)\nexit") { WithoutPerfmon = true },
        new("a spilled pointer overwritten in part", Stack, ["a pointer that was saved"], "*(u64 *)(r10 -8) = r1\n*(u8 *)(r10 -8) = 1" + Return0) { WithoutPerfmon = true },
        new("a pointer to the own stack given to the caller", Stack, ["outlive"], "r1 = r10\nr1 += -8\n*(u64 *)(r10 -8) = 0\ncall keep\nr0 = 0\nexit\nkeep:\nr2 = r10\n*(u64 *)(r1 +0) = r2" + Return0),
        new("a pointer to the own stack returned", Stack, ["gone after the return"], "call keep\nr0 = 0\nexit\nkeep:\nr0 = r10\nexit"),
        new("too much stack in a chain of calls", Stack, ["512 are allowed"], "*(u64 *)(r10 -400) = 1\ncall deep\nr0 = 0\nexit\ndeep:\n*(u64 *)(r10 -400) = 1" + Return0),
        new("thirty functions deep", Function, ["more than the kernel allows"], Repeat(30, n => $"{(n == 0 ? "" : $"f{n}:")} call f{n + 1}\nexit") + "f30: r0 = 0\nexit"),

        // Pointers.
        new("arithmetic on the end of the packet", PointerArithmetic, ["pkt_end"], XdpData + "r3 += 4\nr0 = 1\nexit") { Type = ProgramType.Xdp },
        new("32-bit arithmetic on a pointer", PointerArithmetic, ["64-bit form"], LookupChecked("array") + "w0 += 1" + Return0),
        new("two pointers added", PointerArithmetic, ["two pointers"], "r1 += r10" + Return0),
        new("a pointer subtracted from a number", PointerArithmetic, ["subtracted from a number"], "r0 = 5\nr0 -= r10" + Return0) { WithoutPerfmon = true },
        new("a pointer multiplied", PointerArithmetic, ["multiplied"], "r1 *= 4" + Return0) { WithoutPerfmon = true },
        new("a pointer masked", PointerArithmetic, ["&="], "r2 = r10\nr2 &= 7" + Return0) { WithoutPerfmon = true },
        new("a random number subtracted from the stack pointer", PointerArithmetic, ["start at the lowest"], Random + "r0 &= 7\nr1 = r10\nr1 -= r0\n*(u8 *)(r1 -8) = 1" + Return0),
        new("an unlimited number added to a map value", PointerArithmetic, ["limit the number"], LookupChecked("wide") + "r7 = *(u64 *)(r0 +0)\nr0 += r7\nr0 = *(u8 *)(r0 +0)\nexit"),
        new("a huge constant added to a map value", PointerArithmetic, ["far outside"], LookupChecked("wide") + "r0 += 1073741824\nr0 = *(u8 *)(r0 +0)\nexit"),
        new("a pointer compared with a number", PointerLeak, ["CAP_PERFMON"], "r2 = r10\nif r2 == 5 goto out\nout:" + Return0) { WithoutPerfmon = true },
        new("half of a pointer copied", PointerLeak, ["lower half"], "w0 = w1\nexit") { WithoutPerfmon = true },
        new("a pointer returned", PointerLeak, ["returns a pointer"], "r0 = r1\nexit") { WithoutPerfmon = true },
        new("a pointer stored in a map", PointerLeak, ["map"], "r6 = r1\n" + LookupChecked("array") + "*(u64 *)(r0 +0) = r6" + Return0) { WithoutPerfmon = true },
        new("a pointer stored in the context", PointerLeak, ["ctx"], "*(u64 *)(r1 +48) = r10" + Return0) { WithoutPerfmon = true },

        // Arguments.
        new("a number where a map is wanted", Argument, ["LoadMap(R1"], "r1 = 5\nr2 = r10\nr2 += -4\n*(u32 *)(r10 -4) = 0\ncall bpf_map_lookup_elem" + Return0),
        new("a number where memory is wanted", Argument, ["holds a number", "Mov(R2, R10)"], "r1 = map[array]\nr2 = 5\ncall bpf_map_lookup_elem" + Return0),
        new("a number where the context is wanted", Argument, ["keep R1 in R6"], "r1 = 5\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 8\ncall bpf_skb_load_bytes" + Return0),
        new("a size that must be constant", Argument, ["constant"], Random + "r1 = map[ringbuf]\nr2 = r0\nr3 = 0\ncall bpf_ringbuf_reserve" + Return0) { Min = "6.1" },
        new("a map of the wrong type for a helper", Map, ["maps of type Array"], "r2 = r10\nr2 += -8\n*(u64 *)(r10 -8) = 0\nr1 = map[array]\nr3 = 8\nr4 = 0\ncall bpf_ringbuf_output" + Return0),
        new("a tail call through an array", Argument, ["ProgramArray"], "r2 = map[array]\nr3 = 0\ncall bpf_tail_call" + Return0),
        new("a map the helper does not push to", Map, ["maps of type Array"], "*(u64 *)(r10 -8) = 0\nr2 = r10\nr2 += -8\nr1 = map[array]\nr3 = 0\ncall bpf_map_push_elem" + Return0),
        new("a string that is not constant", Argument, [".rodata"], "r1 = r10\nr1 += -8\n*(u64 *)(r10 -8) = 0\nr2 = 8\nr3 = map[single][0]+0\ncall bpf_strncmp" + Return0) { Min = "5.17" },
        new("a dynptr that was not made", Dynptr, ["made before"], "r1 = r10\nr1 += -16\nr2 = 0\nr3 = 4\n*(u64 *)(r10 -8) = 0\n*(u64 *)(r10 -16) = 0\ncall bpf_dynptr_data" + Return0) { Min = "6.1" },

        // Calls.
        new("a helper this type does not have", Helper, ["since Linux 4.10", "program type"], "r2 = 1\nr3 = 1\ncall bpf_xdp_adjust_head\nr0 = 0\nexit") { Type = ProgramType.SocketFilter },
        new("a helper number that does not exist", Helper, ["no helper number 9999"], "call unknown#9999\nexit"),
        new("an access that CO-RE could not relocate", Relocation, ["bpf_core_field_exists"], "call unknown#195896080\nexit"),
        new("a GPL helper without the license", License, ["License = \"GPL\""], "r1 = r10\nr1 += -8\nr2 = 8\nr3 = r10\ncall bpf_probe_read_kernel" + Return0) { Type = ProgramType.RawTracepoint, License = "Proprietary" },
        new("a kernel function that does not exist", KernelFunction, ["by name"], "call kernel-function#1\nexit") { Type = ProgramType.SchedCls, Min = "5.13" },

        // References and locks.
        new("a ring buffer record not submitted", Reference, ["call bpf_ringbuf_reserve", "bpf_ringbuf_submit or bpf_ringbuf_discard"], "r1 = map[ringbuf]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve" + Return0),
        new("a socket not released", Reference, ["bpf_sk_release"], "r2 = r10\nr2 += -12\n*(u32 *)(r10 -12) = 0\n*(u64 *)(r10 -8) = 0\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_tcp" + Return0) { Type = ProgramType.SchedCls },
        new("a record submitted twice", Reference, ["exactly once"], "r1 = map[ringbuf]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\nif r0 == 0 goto out\nr6 = r0\nr1 = r6\nr2 = 0\ncall bpf_ringbuf_submit\nr1 = r6\nr2 = 0\ncall bpf_ringbuf_submit\nout:\nr0 = 0\nexit"),
        new("a packet load with a record held", Reference, ["packet load"], "r6 = r1\nr1 = map[ringbuf]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\nif r0 == 0 goto out\nr7 = r0\nr0 = *(u8 *)skb[0]\nr1 = r7\nr2 = 0\ncall bpf_ringbuf_submit\nout:\nr0 = 0\nexit"),
        new("a tail call with a record held", Reference, ["not released"], "r6 = r1\nr1 = map[ringbuf]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\nif r0 == 0 goto out\nr7 = r0\nr1 = r6\nr2 = map[programs]\nr3 = 0\ncall bpf_tail_call\nr1 = r7\nr2 = 0\ncall bpf_ringbuf_submit\nout:\nr0 = 0\nexit"),
        new("a socket released that was not acquired", Reference, ["does not hold"], "r1 = *(u64 *)(r1 +168)\nif r1 == 0 goto out\ncall bpf_sk_release\nout:\nr0 = 0\nexit") { Type = ProgramType.SchedCls },
        new("a lock not released", VerifierCategory.Lock, ["bpf_spin_unlock"], LookupChecked("locked") + "r1 = r0\ncall bpf_spin_lock" + Return0) { Type = ProgramType.SchedCls },
        new("a lock released that was not taken", VerifierCategory.Lock, ["not held"], LookupChecked("locked") + "r1 = r0\ncall bpf_spin_unlock" + Return0) { Type = ProgramType.SchedCls },
        new("a lock taken twice", VerifierCategory.Lock, ["a second lock"], LookupChecked("locked") + "r6 = r0\nr1 = r0\ncall bpf_spin_lock\nr1 = r6\ncall bpf_spin_lock" + Return0) { Type = ProgramType.SchedCls },
        new("a lock of another value released", VerifierCategory.Lock, ["look it up once"], LookupChecked("locked") + "r6 = r0\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[locked]\ncall bpf_map_lookup_elem\nif r0 == 0 goto out\nr7 = r0\nr1 = r6\ncall bpf_spin_lock\nr1 = r7\ncall bpf_spin_unlock\nout:\nr0 = 0\nexit") { Type = ProgramType.SchedCls },
        new("a call under a lock", VerifierCategory.Lock, ["function is called"], LookupChecked("locked") + "r6 = r0\nr1 = r0\ncall bpf_spin_lock\ncall other\nr1 = r6\ncall bpf_spin_unlock\nr0 = 0\nexit\nother:\nr0 = 0\nexit") { Type = ProgramType.SchedCls, Until = "6.8" },
        new("a helper under a lock", VerifierCategory.Lock, ["function is called"], LookupChecked("locked") + "r6 = r0\nr1 = r0\ncall bpf_spin_lock\ncall bpf_ktime_get_ns\nr1 = r6\ncall bpf_spin_unlock\nr0 = 0\nexit") { Type = ProgramType.SchedCls },
        new("a lock where the map has none", VerifierCategory.Lock, ["BTF"], LookupChecked("array") + "r1 = r0\ncall bpf_spin_lock" + Return0) { Type = ProgramType.SchedCls },
        new("a lock at another offset", VerifierCategory.Lock, ["the field itself"], LookupChecked("locked") + "r1 = r0\nr1 += 4\ncall bpf_spin_lock" + Return0) { Type = ProgramType.SchedCls },
        new("a lock in a tracing program", VerifierCategory.Lock, ["per-CPU"], LookupChecked("locked") + "r1 = r0\ncall bpf_spin_lock" + Return0) { Type = ProgramType.RawTracepoint },
        new("a lock accessed as memory", Map, ["only its own helpers"], LookupChecked("locked") + "r0 = *(u32 *)(r0 +0)\nexit") { Type = ProgramType.SchedCls },

        // Flow.
        new("a loop without an end", Loop, ["counter"], "r0 = 0\nagain:\ngoto again"),
        new("a loop that changes nothing", Loop, ["counter"], "r0 = 0\nr6 = 0\nagain:\nif r6 == 1 goto out\ngoto again\nout:\nexit"),
        // Kernels before 6.4 do not say how long a log is: the load is repeated with larger and larger buffers, which
        // takes minutes on an emulated processor.
        new("a million instructions", Complexity, ["a million is the limit"], "r0 = 0\nr6 = 0\nagain:\nr6 += 1\nif r6 < 2000000 goto again\nexit") { IsSlow = true, Min = "6.4" },
        new("too many open branches", Complexity, ["8192"], "r6 = *(u32 *)(r1 +0)\nr0 = 0\n" + Repeat(9000, n => $"if r6 == {n} goto next{n}\nr0 ^= {n}\nnext{n}:") + "exit") { IsSlow = true, Min = "6.4" },
        new("code that is never reached", ControlFlow, ["no path leads"], "r0 = 0\nexit\nr0 = 1\nexit"),
        new("a jump out of the program", ControlFlow, ["outside of its function"], "r0 = 0\ngoto +5\nexit"),
        new("a program without an exit", ControlFlow, ["runs past its end"], "r0 = 0"),
        new("a jump into a 64-bit load", ControlFlow, ["second half"], "r0 = 0\nif r0 == 1 goto +1\nr1 = 0x5\nexit") { Min = "6.1" },
        new("a call out of the program", ControlFlow, ["outside of the program"], "call pc+10\nexit"),
        new("a recursion", Function, ["recursive"], "call f\nexit\nf:\ncall f\nexit"),
        new("too many functions", Function, ["256"], Repeat(300, n => $"call f{n}") + "r0 = 0\nexit\n" + Repeat(300, n => $"f{n}: r0 = {n}\nexit")),
        new("a return value that is not allowed", ReturnValue, ["0, 1"], "r0 = 2\nexit") { Type = ProgramType.CgroupSock, AttachType = AttachType.CgroupInetSockCreate },
        new("a return value that nobody knows", ReturnValue, ["0, 1"], Random + "exit") { Type = ProgramType.CgroupSock, AttachType = AttachType.CgroupInetSockCreate },

        // Instructions.
        new("an opcode that does not exist", Instruction, ["opcode 0x"], ".raw 0x00000000000000c2" + Return0),
        new("a reserved field that is not zero", Instruction, ["not zero"], ".raw 0x0000000500000095"),
        new("a division by zero", Instruction, ["constant 0"], "r0 = 1\nr0 /= 0\nexit"),
        new("a shift too far", Instruction, ["64"], "r0 = 1\nr0 <<= 64\nexit"),
        new("a 64-bit load of an unknown kind", Instruction, ["5.14"], ".raw 0x0000000000007018 0x0" + Return0),
        new("an atomic that does not exist", Instruction, ["atomic"], "*(u64 *)(r10 -8) = 0\nr1 = 1\n.raw 0x00000020fff81adb" + Return0) { Min = "5.12" },
        new("an atomic on the context", Instruction, ["map values"], "r2 = 1\nlock *(u32 *)(r1 +0) += r2" + Return0),
        new("a packet load in a tracing program", Instruction, ["socket filters"], "r6 = r1\nr0 = *(u8 *)skb[0]\nexit") { Type = ProgramType.RawTracepoint },
        new("a packet load without the context", Instruction, ["Mov(R6, R1)"], "r6 = 0\nr0 = *(u8 *)skb[0]\nexit"),
        new("an address space cast without an arena", Instruction, ["no arena"], "r2 = 1\nr1 = addr_space_cast(r2, 0, 1)" + Return0) { Min = "6.9" },

        // The program as a whole.
        new("a descriptor that is no map", Map, ["not one of a map"], "r1 = map[fd:9999]" + Return0),
        new("an address inside a hash map", Map, ["array"], "r1 = map[hash][0]+0" + Return0),
        new("a tracing program without a target", Attach, ["AttachTo"], "r0 = 0\nexit") { Type = ProgramType.Tracing, AttachType = AttachType.TraceRawTp },
        new("a socket filter that sleeps", Sleep, ["Sleepable"], "r0 = 0\nexit") { Flags = Hornet.Programs.ProgramFlags.Sleepable },
    ];
}
