using System.Buffers.Binary;
using Hornet.Btf;
using Hornet.Compiler;
using Hornet.Compiler.IR;
using Hornet.Programs;

namespace Hornet.KernelTests.Compiler;

/// <summary>Compiled programs that do what programs do: packets, maps, functions, kernel fields, large memory, source lines.</summary>
public class CompiledProgramTests
{
    private static CompilationResult Compile(string text, CompilerOptions? options = null)
    {
        var module = IrParser.Parse(text);
        return BpfCompiler.Compile(module, options ?? CompiledCode.Options);
    }

    [KernelFact]
    public void A_packet_is_read_where_it_is_long_enough()
    {
        var result = Compile(
            """
            module filter : Xdp
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %eth = packet %ctx, 12L, 2
              %short = cmp eq %eth, null packet:2
              br %short, pass, ethernet
            ethernet:
              %type = load.u16 i32 %eth, 0
              %host = bswap16 i32 %type
              %ip = cmp eq %host, 2048
              br %ip, v4, pass
            v4:
              %first = packet %ctx, 14L, 1
              %none = cmp eq %first, null packet:1
              br %none, pass, header
            header:
              %byte = load.u8 i32 %first, 0
              %words = and i32 %byte, 15
              %bytes = shl i32 %words, 2
              %wide = zext32 i64 %bytes
              %at = add i64 %wide, 14L
              %tcp = packet %ctx, %at, 4
              %nothing = cmp eq %tcp, null packet:4
              br %nothing, pass, port
            port:
              %raw = load.u16 i32 %tcp, 2
              %number = bswap16 i32 %raw
              ret %number
            pass:
              ret 2
            }
            """);
        using var loaded = result.Load();
        var packet = new byte[60];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), 0x0800);
        packet[14] = 0x46; // 24 bytes of header
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14 + 24 + 2), 31337);
        Assert.Equal(31337u, loaded.Program("filter").TestRun(new TestRunOptions { Data = packet }).ReturnValue);
        Assert.Equal(2u, loaded.Program("filter").TestRun(new TestRunOptions { Data = packet.AsMemory(0, 40) }).ReturnValue);
        packet[12] = 0x86;
        Assert.Equal(2u, loaded.Program("filter").TestRun(new TestRunOptions { Data = packet }).ReturnValue);
    }

    [KernelFact]
    public void Every_byte_of_large_memory_is_there_and_cleared()
    {
        var result = Compile(
            """
            module large : SocketFilter
            map io = Array 4 256 1
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %big = alloca 2000 align 8
              %io = global io, 0
              %index = load.u64 i64 %io, 0
              %in = and i64 %index, 1023
              %place = ptradd %big, %in
              store.u8 %place, 0, 7
              jump loop
            loop:
              %i = phi i64 [entry: 0L, loop: %next]
              %sum = phi i32 [entry: 0, loop: %more]
              %p = ptradd %big, %i
              %b = load.u8 i32 %p, 0
              %more = add i32 %sum, %b
              %next = add i64 %i, 1L
              %again = cmp ult %next, 2000L
              br %again, loop, done
            done:
              ret %more
            }
            """.Replace("%index, 1023", "%index, 1023L", StringComparison.Ordinal));
        var io = new byte[256];
        io[0] = 200;
        Assert.Contains(result.Object.Maps, m => m.Name == ".scratch");
        // Twice: what the first run left must not be seen by the second.
        using var loaded = result.Load();
        loaded.Map("io").Update(new byte[4], io);
        for (int run = 0; run < 2; run++) Assert.Equal(7u, loaded.Program("large").TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue);
    }

    [KernelFact(MinKernel = "5.17")]
    public void A_callback_runs_once_per_round()
    {
        var result = Compile(
            """
            module rounds : SocketFilter
            map io = Array 4 256 1
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %f = function body
              %state = alloca 8 align 8
              %n = helper bpf_loop i64 (10, %f, %state, 0L)
              %sum = load.u64 i64 %state, 0
              %r = trunc i32 %sum
              ret %r
            }
            func body(%index: i32, %state: ptr stack) -> i32 {
            entry:
              %wide = zext32 i64 %index
              %old = load.u64 i64 %state, 0
              %new = add i64 %old, %wide
              store.u64 %state, 0, %new
              ret 0
            }
            """);
        Assert.Equal(45u, CompiledCode.Run(result, new byte[256]).Result);
    }

    [KernelFact(MinKernel = "5.14")]
    public void A_field_of_a_kernel_type_is_read_by_name()
    {
        var result = Compile(
            """
            module task : Syscall
            map io = Array 4 256 1
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %address = helper bpf_get_current_task i64 ()
              %task = inttoptr ptr untrusted:task_struct %address
              %tgid = kload i32 %task, "task_struct", "tgid"
              %leader = kload ptr untrusted:task_struct %task, "task_struct", "group_leader"
              %pid = kload i32 %leader, "task_struct", "pid"
              %same = cmp eq %tgid, %pid
              br %same, yes, no
            yes:
              ret %tgid
            no:
              ret 0
            }
            """);
        using var loaded = result.Load();
        Assert.Equal((uint)Environment.ProcessId, loaded.Program("task").TestRun(new TestRunOptions()).ReturnValue);
    }

    [KernelFact]
    public void A_field_that_does_not_exist_is_told_with_those_that_do()
    {
        Assert.SkipUnless(KernelBtf.IsAvailable, "the kernel does not describe its types");
        var e = Assert.Throws<Hornet.Compiler.Diagnostics.CompilationException>(() => Compile(
            "module task : Syscall\nfunc main(%ctx: ptr ctx) -> i32 {\nentry:\n  %t = kload i32 %ctx, \"task_struct\", \"tgidd\"\n  ret %t\n}"));
        Assert.Contains("tgid", e.Message, StringComparison.Ordinal);
        Assert.Contains("HRN3014", e.Message, StringComparison.Ordinal);
    }

    [KernelFact]
    public void The_kernel_knows_functions_and_lines()
    {
        var module = IrParser.Parse(
            """
            module lines : SocketFilter
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %x = helper bpf_get_prandom_u32 i32 () @ "Program.cs" 41:9-41:20
              %y = call twice (%x) @ "Program.cs" 42:9-42:20
              ret %y @ "Program.cs" 43:9-43:20
            }
            func twice(%v: i32) -> i32 {
            entry:
              %t = add i32 %v, %v @ "Program.cs" 50:9-50:20
              ret %t @ "Program.cs" 51:9-51:20
            }
            """);
        module.Functions[1].Inlining = InlineChoice.Never;
        using var loaded = BpfCompiler.Compile(module, CompiledCode.Options).Load();
        Assert.Null(loaded.BtfFailure);
        string dump = string.Join('\n', loaded.Program("lines").Dump().Instructions.Select(i => $"{i.Metadata?.Symbol} {i.Metadata?.Source}"));
        Assert.Contains("twice", dump, StringComparison.Ordinal);
        foreach (int line in (int[])[41, 42, 50]) Assert.Contains($"Line = {line}", dump, StringComparison.Ordinal);
    }

    [KernelFact]
    public void What_the_verifier_refuses_is_told_at_its_line()
    {
        // The number that is added to the pointer has no bound. Some kernels refuse the addition, some the load.
        var result = Compile(
            """
            module refused : SocketFilter
            map io = Array 4 256 1
            func main(%ctx: ptr ctx) -> i32 {
            entry:
              %io = global io, 0
              %index = load.u64 i64 %io, 0
              %p = ptradd %io, %index @ "Program.cs" 17:21-17:30
              %x = load.u8 i32 %p, 0 @ "Program.cs" 17:21-17:30
              ret %x
            }
            """);
        var e = Assert.Throws<VerifierException>(() => result.Load());
        Assert.Contains("Program.cs:17", e.Message + e.Log, StringComparison.Ordinal);
    }
}
