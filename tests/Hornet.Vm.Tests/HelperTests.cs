using System.Text;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Vm.Tests;

/// <summary>Helpers, and what a program finds around it.</summary>
public class HelperTests
{
    private static VmProgram Load(VmEngine engine, string text, VmOptions? options = null) =>
        new BpfMachine((options ?? new VmOptions()) with { Engine = engine }).Load(TextAssembler.Assemble(text));

    private static ulong Run(VmEngine engine, string text, byte[]? memory = null, VmOptions? options = null) =>
        Load(engine, text, options).Run((memory ?? []).AsSpan()).EnsureSucceeded().ReturnValue;

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void The_process_the_clock_and_chance_are_what_the_options_say(VmEngine engine)
    {
        VmOptions options = new()
        {
            Process = new VmProcess { ProcessId = 7, ThreadId = 8, UserId = 9, GroupId = 10, Command = "a long command name", ControlGroupId = 11 },
            Clock = () => 123_456_789,
            RandomSeed = 5,
        };
        Assert.Equal(7UL << 32 | 8, Run(engine, "call bpf_get_current_pid_tgid\nexit", options: options));
        Assert.Equal(10UL << 32 | 9, Run(engine, "call bpf_get_current_uid_gid\nexit", options: options));
        Assert.Equal(11UL, Run(engine, "call bpf_get_current_cgroup_id\nexit", options: options));
        Assert.Equal(123_456_789UL, Run(engine, "call bpf_ktime_get_ns\nexit", options: options));
        Assert.Equal(Run(engine, "call bpf_get_prandom_u32\nexit", options: options), Run(engine, "call bpf_get_prandom_u32\nexit", options: options));
        byte[] name = new byte[20];
        Assert.Equal(0UL, Run(engine, "call bpf_get_current_comm\nexit", name, options));
        Assert.Equal("a long command \0\0\0\0\0", Encoding.ASCII.GetString(name));
        Assert.True(Run(engine, "call bpf_ktime_get_ns\nr6 = r0\ncall bpf_ktime_get_ns\nr0 -= r6\nexit") < 60_000_000_000);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Probe_reads_copy_what_is_there_and_fail_where_nothing_is(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var task = machine.AddMemory("a task", "comm of a task\0..."u8);
        var read = machine.Load(TextAssembler.Assemble("""
            r3 = *(u64 *)(r1 + 8)
            r2 = *(u64 *)(r1 + 0)
            r6 = r1
            r1 += 16
            call bpf_probe_read_kernel
            exit
            """));
        var readString = machine.Load(TextAssembler.Assemble("""
            r3 = *(u64 *)(r1 + 8)
            r2 = *(u64 *)(r1 + 0)
            r1 += 16
            call bpf_probe_read_kernel_str
            exit
            """));
        (long, string) run(VmProgram program, long size, ulong address)
        {
            byte[] memory = [.. BitConverter.GetBytes(size), .. BitConverter.GetBytes(address), .. "################"u8];
            long result = (long)program.Run(memory.AsSpan()).EnsureSucceeded().ReturnValue;
            return (result, Encoding.ASCII.GetString(memory, 16, 16).Replace('\0', '0'));
        }
        Assert.Equal((0L, "comm############"), run(read, 4, task.Address));
        Assert.Equal((-14L, "0000############"), run(read, 4, task.Address + 100));
        Assert.Equal((-14L, "0000############"), run(read, 4, 0));
        Assert.Equal((15L, "comm of a task0#"), run(readString, 16, task.Address));
        Assert.Equal((8L, "comm of0########"), run(readString, 8, task.Address));
        Assert.Equal((-14L, "0000000000000000"), run(readString, 16, 0x1234));
        // The target is the program's own business: a bad one is a fault.
        byte[] tooLong = [.. BitConverter.GetBytes(17L), .. BitConverter.GetBytes(task.Address), .. new byte[16]];
        Assert.Equal(VmFaultKind.OutOfBounds, read.Run(tooLong.AsSpan()).Fault?.Kind);
        Assert.Equal(Register.R1, read.Run(tooLong.AsSpan()).Fault?.Register);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Printing_formats_as_the_kernel_does(VmEngine engine)
    {
        foreach (var (format, value, wanted) in ((string, long, string)[])
        [
            ("%d", -5, "-5"), ("%u", -1, "4294967295"), ("%lu", -1, "18446744073709551615"), ("%llx", 0xabcdef0123, "abcdef0123"), ("%x", 0x1_0000_00ff, "ff"),
            ("%5d|", 42, "   42|"), ("%-5d|", 42, "42   |"), ("%05d", -42, "-0042"), ("%#x", 255, "0xff"), ("%c", 'x', "x"), ("100%% %ld", -7, "100% -7"), ("%08lX", 0xbeef, "0000BEEF"),
        ])
        {
            List<string> lines = [];
            BpfMachine machine = new(new VmOptions { Engine = engine, TraceOutput = lines.Add });
            byte[] memory = [.. BitConverter.GetBytes(value), .. Encoding.ASCII.GetBytes(format), 0];
            var program = machine.Load(TextAssembler.Assemble($"r3 = *(u64 *)(r1 + 0)\nr1 += 8\nr2 = {format.Length + 1}\ncall bpf_trace_printk\nexit"));
            Assert.Equal((ulong)wanted.Length, program.Run(memory.AsSpan()).EnsureSucceeded().ReturnValue);
            Assert.Equal([wanted], lines);
            Assert.Equal([wanted], machine.TraceLines);
        }
        Assert.Equal(-22L, (long)Run(engine, "r2 = 4\ncall bpf_trace_printk\nexit", [(byte)'%', (byte)'q', 0, 0]));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Loops_call_back_and_are_charged(VmEngine engine)
    {
        const string text = """
            *(u64 *)(r10 - 8) = 0
            r1 = *(u32 *)(r1 + 0)
            r2 = subprog[f]
            r3 = r10
            r3 += -8
            r4 = 0
            call bpf_loop
            r1 = *(u64 *)(r10 - 8)
            r1 <<= 32
            r0 |= r1
            exit
            f:
            r3 = *(u64 *)(r2 + 0)
            r3 += r1
            *(u64 *)(r2 + 0) = r3
            r0 = 0
            if r1 < 999 goto out
            r0 = 1
            out:
            exit
            """;
        Assert.Equal(10UL | 45UL << 32, Run(engine, text, BitConverter.GetBytes(10)));
        Assert.Equal(1000UL | 499_500UL << 32, Run(engine, text, BitConverter.GetBytes(5000)));
        Assert.Equal(unchecked((ulong)-7), Run(engine, text, BitConverter.GetBytes((8 << 20) + 1)));
        var result = Load(engine, text, new VmOptions { InstructionBudget = 1000 }).Run(BitConverter.GetBytes(5000).AsSpan());
        Assert.Equal(VmFaultKind.BudgetExceeded, result.Fault?.Kind);
        Assert.Equal(VmFaultKind.BadFunctionAddress, Load(engine, "r1 = 1\nr2 = 5\nr3 = 0\nr4 = 0\ncall bpf_loop\nexit").Run().Fault?.Kind);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Text_is_compared_and_parsed(VmEngine engine)
    {
        const string compare = "r3 = r1\nr3 += 8\nr2 = 6\ncall bpf_strncmp\nexit";
        Assert.Equal(0L, (long)Run(engine, compare, [.. "abc\0xyz\0abc\0"u8]));
        Assert.Equal(-1L, (long)Run(engine, compare, [.. "abc\0xyz\0abd\0"u8]));
        Assert.Equal(1L, (long)Run(engine, compare, [.. "abcd\0yz\0abc\0"u8]));
        const string parse = "r4 = r1\nr2 = 8\nr1 += 8\nr3 = 0\nr6 = r4\ncall bpf_strtol\nr1 = *(u64 *)(r6 + 0)\nr0 <<= 32\nr1 <<= 32\nr1 >>= 32\nr0 |= r1\nexit";
        Assert.Equal(4UL << 32 | unchecked((uint)-123), Run(engine, parse, [.. new byte[8], .. "-123abc\0"u8]));
        Assert.Equal(4UL << 32 | 0x1f, Run(engine, parse, [.. new byte[8], .. "0x1f abc"u8]));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void A_helper_of_ones_own_reads_and_writes_the_programs_memory(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        machine.RegisterHelper((BpfHelper)5000, static (execution, text, length, target, _, _) =>
        {
            var bytes = execution.Read(text, (int)length, Register.R1);
            execution.Write(target, (ulong)bytes.Length * 2, Register.R3);
            return (ulong)execution.ReadString(text).Length;
        });
        machine.RegisterKernelFunction("double_it", static (_, value, _, _, _, _) => value * 2);
        var program = machine.Load(
        [
            .. TextAssembler.Assemble("r2 = 6\nr3 = r1\nr3 += 8\ncall 5000\nr1 = r0"),
            Instruction.CallKernelFunction(0).WithReference("double_it", ReferenceKind.KernelFunction),
            Instruction.Exit(),
        ]);
        byte[] memory = [.. "four\0\0\0\0"u8, .. new byte[8]];
        Assert.Equal(8UL, program.Run(memory.AsSpan()).EnsureSucceeded().ReturnValue);
        Assert.Equal(12UL, BitConverter.ToUInt64(memory, 8));
        Assert.Equal(VmFaultKind.OutOfBounds, program.Run(memory.AsSpan(0, 12)).Fault?.Kind);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Spin_locks_are_held_and_given_back(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine, InstructionBudget = 100_000 });
        var map = machine.AddMap(new MapSpec { Name = "m", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        VmFault? run(string text) => machine.Load([Instruction.LoadImm64(Register.R6, 0).WithReference("m", ReferenceKind.MapValue), .. TextAssembler.Assemble(text)]).Run().Fault;
        const string take = "r1 = r6\ncall bpf_spin_lock\n", free = "r1 = r6\ncall bpf_spin_unlock\n";
        Assert.Null(run(take + free + "exit"));
        Assert.Equal(VmFaultKind.NotReleased, run(take + "exit")?.Kind);
        Assert.Equal(0UL, map.Get<int, ulong>(0));
        Assert.Equal(VmFaultKind.BadArgument, run(free + "exit")?.Kind);
        // Taking it twice would wait for ever; the budget ends it.
        Assert.Equal(VmFaultKind.BudgetExceeded, run(take + take + "exit")?.Kind);
        Assert.Null(run(take + free + "exit"));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void May_goto_leaves_the_loop_in_the_end(VmEngine engine)
    {
        const string text = "r0 = 0\nhere: may_goto +2\nr0 += 1\ngoto here\nexit";
        Assert.Equal(8UL << 20, Run(engine, text, options: new VmOptions { InstructionBudget = 1L << 30 }));
    }

    [Fact]
    public void What_a_helper_throws_comes_out()
    {
        BpfMachine machine = new(new VmOptions { Engine = VmEngine.Jit });
        machine.RegisterHelper((BpfHelper)5000, static (_, _, _, _, _, _) => throw new InvalidOperationException("mine"));
        var program = machine.Load(TextAssembler.Assemble("call 5000\nexit"));
        Assert.Equal("mine", Assert.Throws<InvalidOperationException>(() => program.Run()).Message);
    }
}
