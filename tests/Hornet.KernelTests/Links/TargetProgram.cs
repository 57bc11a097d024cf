using Hornet.Btf;
using Hornet.Isa;
using Hornet.Links;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Links;

/// <summary>An XDP program whose global function returns 7, with the types that name it: what freplace and fentry on programs attach to.</summary>
internal sealed class TargetProgram : IDisposable
{
    public const string Callee = "callee";
    private readonly BpfBtf _btf;
    private readonly byte[] _replacementInfo;

    public TargetProgram()
    {
        BtfBuilder types = new();
        uint number = types.AddInt("int", 4, BtfIntEncoding.Signed);
        uint context = types.AddPointer(types.AddStruct("xdp_md", 4, new BtfMemberDefinition("data", number, 0)));
        uint prototype = types.AddPrototype(number, ("ctx", context));
        uint main = types.AddFunction("entry", prototype, BtfLinkage.Global);
        uint callee = types.AddFunction(Callee, prototype, BtfLinkage.Global);
        _btf = BpfBtf.Load(types.ToArray());
        Instruction[] code = new Assembler().Call(Callee).Exit().Function(Callee).Mov(R0, 7).Exit().Build();
        Program = BpfProgram.Load(new ProgramSpec { Name = "entry", Type = ProgramType.Xdp, Instructions = code },
            new() { Btf = _btf.Descriptor, FunctionInfo = Info((0, main), (2, callee)) });
        _replacementInfo = Info((0, callee));
    }

    public BpfProgram Program { get; }

    public uint Run() => Program.TestRun(new byte[64]).ReturnValue;

    public BpfProgram LoadReplacement(int result, TracingTarget target) =>
        BpfProgram.Load(new ProgramSpec { Name = "replacement", Type = ProgramType.Ext, Instructions = new Assembler().Mov(R0, result).Exit().Build() },
            target.For(new() { Btf = _btf.Descriptor, FunctionInfo = _replacementInfo }));

    public void Dispose()
    {
        Program.Dispose();
        _btf.Dispose();
    }

    private static byte[] Info(params (uint Offset, uint Type)[] functions) =>
        [.. functions.SelectMany(f => (byte[])[.. BitConverter.GetBytes(f.Offset), .. BitConverter.GetBytes(f.Type)])];
}
