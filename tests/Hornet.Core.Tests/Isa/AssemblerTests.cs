using Hornet.Isa;
using static Hornet.Isa.Register;

namespace Hornet.Core.Tests.Isa;

public class AssemblerTests
{
    [Fact]
    public void Labels_resolve_forwards_and_backwards()
    {
        var program = new Assembler()
            .Mov(R0, 0)
            .Label("again")
            .Add(R0, 1)
            .JumpIf(R0, JumpOp.Less, 10, "again")
            .LoadImm64(R1, 1L << 40)
            .JumpIfZero(R0, "out")
            .Mov(R0, R1)
            .Label("out").Label("also")
            .Exit()
            .Build();
        Assert.Equal(
            """
            r0 = 0
            r0 += 1
            if r0 < 0xa goto pc-2
            r1 = 0x10000000000
            if r0 == 0x0 goto pc+1
            r0 = r1
            exit
            """, string.Join('\n', program));
        Assert.All(program, i => Assert.Null(i.Metadata));
    }

    [Fact]
    public void Functions_keep_their_name_and_calls_their_target()
    {
        var program = new Assembler().Function("main").LoadFunction(R2, "callback").Call("callback").Exit().Function("callback").Mov(R0, 0).Exit().Build();
        Assert.Equal("main", program[0].Symbol);
        Assert.Equal("callback", program[3].Symbol);
        Assert.Equal((3, PseudoSource.Function), ((int)program[0].Constant, program[0].PseudoSource));
        Assert.Equal((1, CallKind.Function), ((int)program[1].Constant, program[1].CallKind));
        Assert.Equal(("callback", ReferenceKind.Function), (program[1].Reference, program[1].Metadata!.ReferenceKind));
    }

    [Fact]
    public void Maps_are_named_for_the_loader()
    {
        var program = new Assembler().LoadMap(R1, "events").LoadMapValue(R2, "data", 24).LoadMap(R3, 9).LoadMapValue(R4, 9, 8).Build();
        Assert.Equal(("events", ReferenceKind.Map), (program[0].Reference, program[0].Metadata!.ReferenceKind));
        Assert.Equal(("data", ReferenceKind.MapValue, 24L << 32), (program[1].Reference, program[1].Metadata!.ReferenceKind, program[1].Constant));
        Assert.Equal((9L, PseudoSource.MapFd), (program[2].Constant, program[2].PseudoSource));
        Assert.Equal((9L | (8L << 32), PseudoSource.MapValue), (program[3].Constant, program[3].PseudoSource));
    }

    [Fact]
    public void A_far_jump_becomes_a_long_one()
    {
        Assembler assembler = new();
        assembler.Jump("end");
        for (int n = 0; n < 40_000; n++) assembler.Mov(R0, n);
        var program = assembler.Label("end").Exit().Build();
        Assert.Equal("gotol pc+40000", program[0].ToString());
    }

    [Fact]
    public void A_far_condition_jumps_around_a_long_jump()
    {
        Assembler assembler = new();
        assembler.JumpIf(R1, JumpOp.AnyBitSet, 4, "end");
        for (int n = 0; n < 40_000; n++) assembler.Mov(R0, n);
        var program = assembler.Label("end").Exit().Build();
        Assert.Equal("if r1 & 0x4 goto pc+1 | goto pc+1 | gotol pc+40000", string.Join(" | ", program.Take(3)));
    }

    [Fact]
    public void Lengthening_one_jump_may_put_another_out_of_reach()
    {
        // The inner jump just reaches until the outer condition grows by two slots between it and its target.
        Assembler assembler = new();
        assembler.Jump("end").JumpIfZero(R1, "far");
        for (int n = 0; n < 32_766; n++) assembler.Mov(R0, n);
        assembler.Label("end").Mov(R0, 1).Mov(R0, 2).Mov(R0, 3);
        var program = assembler.Label("far").Exit().Build();
        Assert.Equal("gotol pc+32769", program[0].ToString());
        Assert.Equal("gotol pc+32769", program[3].ToString());
    }

    [Fact]
    public void A_jump_that_reaches_exactly_stays_short()
    {
        Assembler assembler = new();
        assembler.Jump("end");
        for (int n = 0; n < short.MaxValue; n++) assembler.Mov(R0, n);
        Assert.Equal("goto pc+32767", assembler.Label("end").Exit().Build()[0].ToString());
    }

    [Fact]
    public void Source_lines_go_with_the_instructions()
    {
        var program = new Assembler().Here("first").Mov(R0, 0).Source(new SourceLine("a.c", 3, 1, "x")).Exit().Build();
        Assert.EndsWith("AssemblerTests.cs", program[0].Metadata!.Source!.File);
        Assert.Equal("first", program[0].Metadata!.Source!.Text);
        Assert.Equal(3, program[1].Metadata!.Source!.Line);
    }

    public static TheoryData<string, Action<Assembler>> Mistakes => new()
    {
        { "'nowhere' is not defined", a => a.Jump("nowhere").Exit().Build() },
        { "did you mean 'Out'?", a => a.Jump("out").Label("Out").Exit().Build() },
        { "defined twice", a => a.Label("x").Mov(R0, 0).Label("x") },
        { "needs a name", a => a.Label(" ") },
        { "nothing follows the label 'end'", a => a.Jump("end").Label("end").Build() },
        { "'x' is a label, not a function", a => a.Call("x").Exit().Label("x").Exit().Build() },
        { "r10 is the frame pointer", a => a.Mov(R10, 1) },
        { "r10 is the frame pointer", a => a.Load(R10, R1) },
        { "r10 is the frame pointer", a => a.LoadImm64(R10, 1) },
        { "r10 is the frame pointer", a => a.AtomicFetchAdd(R1, 0, R10) },
        { "r11 is not a register", a => a.Mov(R11, 1) },
        { "offset 32768 does not fit", a => a.Load(R1, R2, 32768) },
        { "load it with LoadImm64", a => a.Mov(R1, 1L << 31) },
        { "does not fit in 32 bits", a => a.Mov32(R1, 1L << 32) },
        { "4 or 8 bytes only", a => a.AtomicAdd(R1, 0, R2, MemorySize.U16) },
        { "width of 24 bits is not one of 16, 32, 64", a => a.ToBigEndian(R1, 24) },
        { "unknown opcode", a => a.LoadSigned(R1, R2, 0, MemorySize.U64) },
        { "Call is not a comparison", a => a.JumpIf(R1, JumpOp.Call, 0, "x") },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void A_mistake_is_named(string message, Action<Assembler> mistake)
    {
        var e = Assert.Throws<BpfFormatException>(() => mistake(new Assembler()));
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void Instructions_above_the_level_are_refused()
    {
        Assert.Contains("needs ISA v2", Assert.Throws<BpfFormatException>(() => new Assembler(IsaLevel.V1).JumpIf(R1, JumpOp.Less, 1, "x")).Message);
        Assert.Contains("needs ISA v3", Assert.Throws<BpfFormatException>(() => new Assembler(IsaLevel.V2).JumpIf32(R1, JumpOp.Equal, 1, "x")).Message);
        Assert.Contains("needs ISA v4", Assert.Throws<BpfFormatException>(() => new Assembler(IsaLevel.V3).SignedDiv(R1, R2)).Message);
        Assembler far = new(IsaLevel.V3);
        far.Jump("end");
        for (int n = 0; n < 40_000; n++) far.Mov(R0, n);
        Assert.Contains("long jumps need ISA v4", Assert.Throws<BpfFormatException>(() => far.Label("end").Exit().Build()).Message);
    }

    [Theory]
    [InlineData("r1 = 5", IsaLevel.V1)]
    [InlineData("w1 = 5", IsaLevel.V1)]
    [InlineData("lock *(u64 *)(r1 +0) += r2", IsaLevel.V1)]
    [InlineData("r0 = *(u32 *)skb[0]", IsaLevel.V1)]
    [InlineData("if r1 < r2 goto +0", IsaLevel.V2)]
    [InlineData("if r1 s<= 3 goto +0", IsaLevel.V2)]
    [InlineData("if w1 == 3 goto +0", IsaLevel.V3)]
    [InlineData("lock *(u64 *)(r1 +0) |= r2", IsaLevel.V3)]
    [InlineData("r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)", IsaLevel.V3)]
    [InlineData("r1 s/= r2", IsaLevel.V4)]
    [InlineData("r1 = (s8)r2", IsaLevel.V4)]
    [InlineData("r1 = *(s8 *)(r2 +0)", IsaLevel.V4)]
    [InlineData("r1 = bswap16 r1", IsaLevel.V4)]
    [InlineData("gotol +0", IsaLevel.V4)]
    [InlineData("may_goto +0", IsaLevel.V4)]
    [InlineData("r1 = load_acquire((u64 *)(r2 +0))", IsaLevel.V4)]
    [InlineData("r1 = addr_space_cast(r2, 0, 1)", IsaLevel.V4)]
    public void The_level_of_an_instruction_is_known(string text, IsaLevel level) =>
        Assert.Equal(level, TextAssembler.Assemble(text).Single().Level);

    [Fact]
    public void The_helper_table_agrees_with_the_enum()
    {
        Assert.Equal(Enum.GetValues<BpfHelper>().Length, HelperTable.Count);
        foreach (var helper in Enum.GetValues<BpfHelper>())
        {
            string name = HelperTable.NameOf(helper)!;
            Assert.Equal(helper.ToString(), string.Concat(name[4..].Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..])));
            Assert.True(HelperTable.TryParse(name, out var back) && back == helper);
        }
        Assert.Equal(new Version(3, 18), HelperTable.FirstKernel(BpfHelper.MapLookupElem));
        Assert.Equal(new Version(5, 8), HelperTable.FirstKernel(BpfHelper.RingbufReserve));
        Assert.True(HelperTable.IsGplOnly(BpfHelper.ProbeRead));
        Assert.False(HelperTable.IsGplOnly(BpfHelper.MapLookupElem));
        Assert.Null(HelperTable.NameOf((BpfHelper)9999));
        Assert.Null(HelperTable.FirstKernel((BpfHelper)(-1)));
    }
}
