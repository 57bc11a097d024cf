using Hornet.Isa;
using Hornet.Programs.Verifier;

namespace Hornet.Core.Tests.Programs;

/// <summary>The logs here are of our own programs, written by the kernels named beside them.</summary>
public class VerifierLogTests
{
    // Linux 6.18, level 1.
    private const string NoNullCheck =
        """
        0: R1=ctx() R10=fp0
        ; __u64 *count = bpf_map_lookup_elem(&counts, &key); @ demo.bpf.c:14
        0: (62) *(u32 *)(r10 -4) = 0          ; R10=fp0 fp-8=0000????
        1: (bf) r2 = r10                      ; R2=fp0 R10=fp0
        2: (07) r2 += -4                      ; R2=fp-4
        3: (18) r1 = 0xffff88811303a800       ; R1=map_ptr(map=counts,ks=4,vs=8)
        5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=counts,ks=4,vs=8)
        ; (*count)++; @ demo.bpf.c:15
        6: (79) r1 = *(u64 *)(r0 +0)
        R0 invalid mem access 'map_value_or_null'
        processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0

        """;

    // Linux 5.10: states on lines of their own, another notation, no file in the source lines.
    private const string OldKernel =
        """
        0: R1=ctx(id=0,off=0,imm=0) R10=fp0
        ; int value = ctx->len;
        0: (61) r2 = *(u32 *)(r1 +0)
        1: R1=ctx(id=0,off=0,imm=0) R2_w=inv(id=0,umax_value=4294967295,var_off=(0x0; 0xffffffff)) R10=fp0
        1: (79) r0 = *(u64 *)(r2 +0)
        R2 invalid mem access 'inv'
        processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
        """;

    // The format of Linux 7.3.
    private const string NewFormat =
        """
        0: R1=ctx() R10=fp0
        0: (95) exit
        R0 !read_ok

        Verification failed: Register Type Safety: Unreadable register

        Reason:
          R0 has never been initialized on this path, so the verifier cannot use it as an
          input.

        At:
          insn 0
                | ^-- error: R0 is not readable
          Instruction context:
          >>> 0 | (95) exit

        Causal path:
          no retained diagnostic events on this path

        Suggestion:
          Initialize R0 on every path before this instruction.

        processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
        """;

    [Fact]
    public void The_error_its_instruction_source_and_registers_are_found()
    {
        var log = VerifierLog.Parse(NoNullCheck);
        Assert.Equal("R0 invalid mem access 'map_value_or_null'", log.ErrorLine);
        Assert.Single(log.ErrorLines);
        Assert.Equal(6, log.InstructionIndex);
        Assert.Equal("r1 = *(u64 *)(r0 +0)", log.Instruction);
        Assert.Equal(new SourceLine("demo.bpf.c", 15, 0, "(*count)++;"), log.Source);
        Assert.Equal("map_value_or_null(id=1,map=counts,ks=4,vs=8)", log.Registers[Register.R0]);
        Assert.Equal("fp-4", log.Registers[Register.R2]);
        Assert.Equal((6, 1000000), (log.Statistics!.Instructions, log.Statistics.Limit));
        Assert.Null(log.Report);
    }

    [Fact]
    public void The_short_message_says_why_and_what_to_do_in_five_lines()
    {
        var explanation = VerifierLog.Parse(NoNullCheck).Explain()!;
        Assert.Equal(VerifierCategory.NullPointer, explanation.Category);
        Assert.Equal(Register.R0, explanation.Register);
        Assert.Equal(
            """
            The verifier says: R0 invalid mem access 'map_value_or_null' (instruction 6: r1 = *(u64 *)(r0 +0))
              at demo.bpf.c:15: (*count)++;
              Why: R0 may be NULL, and it is followed without a check; it comes from instruction 5, 'call bpf_map_lookup_elem#1' (demo.bpf.c:14)
              Needed: a pointer that is known not to be NULL; known: R0 holds a pointer to a map value, or NULL
              Fix: compare R0 with 0 and leave before following it: JumpIfZero(R0, …), in C 'if (!p) return 0;'
            """, explanation.ToString());
    }

    [Fact]
    public void A_line_goes_on_until_the_next_also_where_the_kernel_tells_its_text_only()
    {
        // As compilers leave it: a line is noted where it begins.
        Instruction[] program = [.. new Assembler().Mov(Register.R2, Register.R0).Add(Register.R2, Register.R3).Exit().Build()];
        program[0] = program[0].WithSource(new SourceLine("Program.cs", 17, 21, "p + index"));
        const string Log = """
            ; p + index
            0: (bf) r2 = r0
            1: (0f) r2 += r3
            math between map_value pointer and register with unbounded min value is not allowed

            """;
        var explanation = VerifierLog.Parse(Log, program).Explain()!;
        Assert.Equal((1, "Program.cs", 17), (explanation.InstructionIndex, explanation.Source!.File, explanation.Source.Line));
        Assert.Contains("at Program.cs:17: p + index", explanation.ToString());
        // What the kernel places elsewhere stays there.
        var told = VerifierLog.Parse(Log.Replace("1: (0f)", "; other @ other.c:3\n1: (0f)", StringComparison.Ordinal), program);
        Assert.Equal("other.c", told.SourceOf(1)!.File);
    }

    [Fact]
    public void Logs_of_old_kernels_are_understood()
    {
        var log = VerifierLog.Parse(OldKernel);
        Assert.Equal((1, "int value = ctx->len;"), (log.InstructionIndex!.Value, log.Source!.Text));
        var explanation = log.Explain()!;
        Assert.Equal(VerifierCategory.NotAPointer, explanation.Category);
        Assert.Equal("R2 holds a number from 0 to 4294967295", explanation.Known);
    }

    [Fact]
    public void The_report_of_new_kernels_is_taken_apart_and_preferred()
    {
        var log = VerifierLog.Parse(NewFormat);
        Assert.Equal("R0 !read_ok", log.ErrorLine);
        Assert.Equal(("Register Type Safety", "Unreadable register"), (log.Report!.Category, log.Report.Title));
        Assert.Equal("R0 has never been initialized on this path, so the verifier cannot use it as an input.", log.Report.Reason);
        Assert.Equal("Initialize R0 on every path before this instruction.", log.Report.Suggestion);
        Assert.Equal(4, log.Report.At.Count);
        Assert.Equal("  no retained diagnostic events on this path", Assert.Single(log.Report.CausalPath));
        Assert.Equal(1, log.Statistics!.Instructions);
        var explanation = log.Explain()!;
        Assert.Equal((VerifierCategory.Uninitialized, 0), (explanation.Category, explanation.InstructionIndex!.Value));
        Assert.Equal(log.Report.Reason, explanation.Reason);
        Assert.StartsWith(log.Report.Suggestion, explanation.Suggestion);
        Assert.Contains("Exit()", explanation.Suggestion);
    }

    [Fact]
    public void A_report_explains_what_the_table_does_not_know()
    {
        var explanation = VerifierLog.Parse(NewFormat.Replace("R0 !read_ok", "R0 is frobnicated")).Explain()!;
        Assert.Equal((VerifierCategory.Unknown, Register.R0), (explanation.Category, explanation.Register));
        Assert.Equal("Initialize R0 on every path before this instruction.", explanation.Suggestion);
    }

    [Fact]
    public void An_unknown_message_is_passed_on()
    {
        var explanation = VerifierLog.Parse("0: (95) exit\nR0 is frobnicated\n").Explain()!;
        Assert.Equal((VerifierCategory.Unknown, "R0 is frobnicated"), (explanation.Category, explanation.Message));
        Assert.Null(explanation.Suggestion);
    }

    [Theory]
    [InlineData("verifier bug: something is off (x > y)")]
    [InlineData("verifier internal error: something")]
    [InlineData("kernel subsystem misconfigured func x#3")]
    public void The_kernels_own_defects_are_named_so(string line) => Assert.Equal(VerifierCategory.VerifierBug, VerifierLog.Parse(line).Explain()!.Category);

    [Fact]
    public void The_log_of_an_accepted_program_explains_nothing()
    {
        var log = VerifierLog.Parse(
            """
            func#0 @0
            Live regs before insn:
                  0: .......... (b7) r0 = 0
                  1: 0......... (95) exit
            0: R1=ctx() R10=fp0
            0: (b7) r0 = 0                        ; R0=0
            1: (95) exit
            verification time 128 usec
            stack depth 8+16
            processed 2 insns (limit 1000000) max_states_per_insn 1 total_states 2 peak_states 3 mark_read 0
            """);
        Assert.Empty(log.ErrorLines);
        Assert.Null(log.Explain());
        Assert.Equal(TimeSpan.FromMicroseconds(128), log.Statistics!.Duration);
        Assert.Equal([8, 16], log.Statistics.StackDepths);
        Assert.Equal((1, 2, 3), (log.Statistics.MaxStatesPerInstruction, log.Statistics.TotalStates, log.Statistics.PeakStates));
        Assert.Null(VerifierLog.Parse("").Explain());
    }

    [Fact]
    public void What_the_verifier_says_of_its_work_is_no_error()
    {
        var log = VerifierLog.Parse(
            """
            0: R1=ctx() R10=fp0
            0: (b7) r6 = 1                        ; R6=1
            1: (85) call pc+2
            caller:
             R6=1 R10=fp0
            callee:
             frame1: R1=ctx() R10=fp0
            4: frame1: R1=ctx() R10=fp0
            4: (b7) r0 = 0                        ; frame1: R0=0
            5: (95) exit
            returning from callee:
             frame1: R0=0 R1=ctx() R10=fp0
            to caller at 2:
             R0=0 R6=1 R10=fp0
            from 5 to 2: R0=0 R6=1 R10=fp0
            mark_precise: frame0: last_idx 2 first_idx 0 subseq_idx -1
            mark_precise: frame0: regs=r6 stack= before 1: (85) call pc+2
            2: (0f) r6 += r10                     ; R6=fp1 R10=fp0
            3: (79) r0 = *(u64 *)(r6 +0)
            (0) frame 0 insn 4 +live -8
            (0) live stack update done in 2 iterations
            invalid read from stack R6 off=1 size=8
            """);
        Assert.Equal("invalid read from stack R6 off=1 size=8", Assert.Single(log.ErrorLines));
        Assert.Equal(3, log.InstructionIndex);
        Assert.Equal(VerifierCategory.Stack, log.Explain()!.Category);
    }

    [Fact]
    public void What_an_old_kernel_does_not_say_is_not_made_up()
    {
        // Linux 5.10, level 1: states only where paths meet.
        var log = VerifierLog.Parse(
            """
            from 2 to 4: R0=inv0 R1=ctx(id=0,off=0,imm=0) R6=ctx(id=0,off=0,imm=0) R10=fp0
            4: (b7) r1 = 0
            5: (85) call bpf_ktime_get_ns#5
            6: (79) r0 = *(u64 *)(r1 +0)
            R1 !read_ok
            """);
        Assert.Equal([Register.R6, Register.R10], log.Registers.Keys.Order());
        Assert.Null(log.Explain()!.Known);
    }

    [Fact]
    public void The_place_where_a_reference_was_acquired_is_named()
    {
        var explanation = VerifierLog.Parse(
            """
            ; e = bpf_ringbuf_reserve(&events, 8, 0); @ leak.c:9
            4: (85) call bpf_ringbuf_reserve#131  ; R0=ringbuf_mem_or_null(id=2,ref_obj_id=2,sz=8) refs=2
            5: (b7) r0 = 0                        ; R0=0 refs=2
            6: (95) exit
            Unreleased reference id=2 alloc_insn=4
            BPF_EXIT instruction in main prog would lead to reference leak
            """).Explain()!;
        Assert.Equal(VerifierCategory.Reference, explanation.Category);
        Assert.Contains("instruction 4, 'call bpf_ringbuf_reserve#131' (leak.c:9)", explanation.Reason);
        Assert.Contains("bpf_ringbuf_submit or bpf_ringbuf_discard", explanation.Suggestion);
    }

    [Fact]
    public void A_message_without_line_feed_is_cut_from_the_counts() =>
        Assert.Equal("expected prog array map for tail call", VerifierLog.Parse("3: (85) call bpf_tail_call#12\nexpected prog array map for tail callprocessed 3 insns (limit 1000000) max_states_per_insn 0\n").ErrorLine);

    [Fact]
    public void The_program_lends_its_source_lines_and_instructions()
    {
        var program = new Assembler().Source(new SourceLine("Program.cs", 7, 0, "return x;")).Exit().Build();
        var explanation = VerifierLog.Parse("unreachable insn 0\nprocessed 0 insns (limit 1000000)", program).Explain()!;
        Assert.Equal(("exit", "Program.cs"), (explanation.Instruction, explanation.Source!.File));
    }

    [Theory]
    [InlineData("ctx()", "the program's context")]
    [InlineData("5", "the number 5")]
    [InlineData("P0", "the number 0")]
    [InlineData("inv0", "the number 0")]
    [InlineData("invP-1", "the number -1")]
    [InlineData("0xffff88811d8e4000", "the number 0xffff88811d8e4000")]
    [InlineData("scalar()", "a number of which nothing is known")]
    [InlineData("inv(id=0)", "a number of which nothing is known")]
    [InlineData("Pscalar(umax=255,var_off=(0x0; 0xff))", "a number from 0 to 255")]
    [InlineData("scalar(smin=-4,smax=4)", "a number from -4 to 4")]
    [InlineData("scalar(smin=umin=smin32=umin32=1,smax=umax=smax32=umax32=8,var_off=(0x0; 0xf))", "a number from 1 to 8")]
    [InlineData("scalar(smax=4)", "a number of at most 4, perhaps negative")]
    [InlineData("fp-16", "the address fp-16 on the stack")]
    [InlineData("fp0", "the frame pointer")]
    [InlineData("pkt(off=14,r=34)", "a packet pointer at offset 14, 34 bytes of the packet are known to be there")]
    [InlineData("pkt(id=0,off=0,r=0,imm=0)", "a packet pointer that was not compared with the end of the packet")]
    [InlineData("map_value(map=x,ks=4,vs=64,off=8)", "a pointer to a map value of 64 bytes at offset 8")]
    [InlineData("trusted_ptr_task_struct()", "a pointer to task_struct")]
    [InlineData("rcu_ptr_or_null_cgroup(id=3)", "a rcu pointer to cgroup, or NULL")]
    [InlineData("untrusted_ptr_file()", "an untrusted pointer to file")]
    [InlineData("ringbuf_mem(ref_obj_id=2,sz=8)", "a pointer to 8 bytes of memory")]
    [InlineData("sock_or_null(id=2)", "a pointer to sock, or NULL")]
    public void States_are_put_in_words(string state, string words) => Assert.Equal(words, KnownState.Describe(state));

    [Fact]
    public void The_table_explains_many_messages_each_in_words_that_are_filled_in()
    {
        Assert.True(Explainer.Count >= 150, $"{Explainer.Count}");
        foreach (var message in Explainer.Messages)
        {
            foreach (var template in message.Templates)
            {
                // A line that the template matches: each hole filled with something fitting.
                string line = template.Text;
                foreach (string hole in (string[])["reg", "reg2"]) line = line.Replace("{" + hole + "}", "R3");
                foreach (string hole in (string[])["n", "insn", "to", "size", "id", "at", "n2", "off", "bytes"]) line = line.Replace("{" + hole + "}", "7");
                line = System.Text.RegularExpressions.Regex.Replace(line, "\\{\\w+\\}", "something");
                var explanation = VerifierLog.Parse($"1: (85) call bpf_tail_call#12\n{line}\n").Explain() ?? throw new InvalidOperationException($"taken for no error: {line}");
                Assert.True(explanation.Template is not null, template.Text);
                string words = explanation.ToString();
                Assert.False(words.Contains('{') || words.Contains('}'), $"{template.Text}: {words}");
                Assert.True(words.Split('\n').Length <= 5, words);
            }
        }
    }

    [Fact]
    public void Mutated_logs_never_throw()
    {
        Random random = new(11);
        string[] seeds = [NoNullCheck, OldKernel, NewFormat];
        for (int n = 0; n < 2_000; n++)
        {
            var text = seeds[n % seeds.Length].ToCharArray();
            for (int m = random.Next(1, 12); m > 0; m--) text[random.Next(text.Length)] = (char)random.Next(m == 5 ? 0x10000 : 128);
            int from = random.Next(text.Length / 2);
            string log = new(text, from, random.Next(text.Length - from));
            _ = VerifierLog.Parse(log).Explain()?.ToString();
        }
    }
}
