using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Vm.Tests;

/// <summary>Whole objects. What clang makes of C is in the kernel tests, where the kernel says what is right.</summary>
public class ObjectTests
{
    private static BpfObject Object()
    {
        BpfObject spec = new("sample");
        spec.Maps.Add(new MapSpec { Name = "jumps", Type = MapType.ProgramArray, KeySize = 4, ValueSize = 4, MaxEntries = 1, Contents = { (new byte[4], "second") } });
        spec.Maps.Add(new MapSpec { Name = ".rodata", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1, Flags = MapFlags.ReadOnlyProgram, Contents = { (new byte[4], BitConverter.GetBytes(40L)) } });
        spec.Maps.Add(new MapSpec { Name = "sockets", Type = MapType.SockMap, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        spec.Programs.Add(new ProgramSpec
        {
            Name = "first",
            Type = ProgramType.Xdp,
            Instructions =
            [
                Instruction.LoadImm64(Register.R2, 0).WithReference("jumps", ReferenceKind.Map),
                Instruction.Alu(AluOp.Mov, Register.R3, 0),
                Instruction.CallHelper(BpfHelper.TailCall),
                Instruction.Alu(AluOp.Mov, Register.R0, 1),
                Instruction.Exit(),
            ],
        });
        spec.Programs.Add(new ProgramSpec
        {
            Name = "second",
            Type = ProgramType.Xdp,
            Instructions =
            [
                Instruction.LoadImm64(Register.R1, 0).WithReference(".rodata", ReferenceKind.MapValue),
                Instruction.CallFunction(0).WithReference("add_two", ReferenceKind.Function),
                Instruction.Exit(),
                Instruction.Load(MemorySize.U64, Register.R0, Register.R1, 0).WithSymbol("add_two"),
                Instruction.Alu(AluOp.Add, Register.R0, 2),
                Instruction.Exit(),
            ],
        });
        spec.Programs.Add(new ProgramSpec
        {
            Name = "third",
            Type = ProgramType.Xdp,
            Instructions = [Instruction.LoadImm64(Register.R1, 0).WithReference("sockets", ReferenceKind.Map), Instruction.Exit()],
        });
        return spec;
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Programs_find_their_maps_functions_and_each_other(VmEngine engine)
    {
        var loaded = new BpfMachine(new VmOptions { Engine = engine }).Load(Object());
        Assert.Equal(42UL, loaded.Program("first").Run(VmContext.Xdp(new byte[14])).EnsureSucceeded().ReturnValue);
        Assert.Equal(["first", "second"], loaded.Programs.Keys);
        Assert.Equal("sample.rodata", loaded.Map(".rodata").Name);
    }

    [Fact]
    public void A_program_that_cannot_be_loaded_says_why_when_it_is_asked_for()
    {
        var loaded = new BpfMachine().Load(Object());
        Assert.Equal(["third"], loaded.NotLoaded.Keys);
        Assert.Contains("does not have maps of the kind SockMap", Assert.Throws<BpfException>(() => loaded.Program("third")).Message, StringComparison.Ordinal);
        Assert.Contains("no program 'fourth'", Assert.Throws<BpfException>(() => loaded.Program("fourth")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_of_one_machine_share_maps_that_are_alike()
    {
        BpfMachine machine = new();
        var mine = machine.AddMap(new MapSpec { Name = "jumps", Type = MapType.ProgramArray, KeySize = 4, ValueSize = 4, MaxEntries = 5 });
        Assert.Same(mine, machine.Load(Object()).Map("jumps"));
        Assert.Equal(1, mine.Count);
        Assert.Throws<BpfException>(() => machine.Load(Object()));
        BpfMachine other = new();
        other.AddMap(new MapSpec { Name = "jumps", Type = MapType.Hash, KeySize = 4, ValueSize = 4, MaxEntries = 5 });
        Assert.Contains("not like the object's", Assert.Throws<BpfException>(() => other.Load(Object())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_only_data_stays_as_it_is()
    {
        BpfMachine machine = new();
        machine.Load(Object());
        var program = machine.Load(
        [
            Instruction.LoadImm64(Register.R1, 0).WithReference("sample.rodata", ReferenceKind.MapValue),
            Instruction.Store(MemorySize.U64, Register.R1, 0, 5),
            Instruction.Exit(),
        ]);
        Assert.Equal(VmFaultKind.ReadOnly, program.Run().Fault?.Kind);
    }
}
