using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Features;

/// <summary>The smallest program that asks a question, and how it is put to the kernel.</summary>
internal sealed unsafe record ProbeProgram(ProgramType Type, params Instruction[] Code)
{
    private const int LogSize = 4096;

    public AttachType AttachType { get; init; }

    /// <summary><c>BPF_F_*</c> of BPF_PROG_LOAD.</summary>
    public uint Flags { get; init; }

    public uint AttachBtfId { get; init; }

    public FileDescriptor? AttachProgram { get; init; }

    public FileDescriptor? Btf { get; init; }

    /// <summary>Pairs of slot and type, one for each function.</summary>
    public uint[] FunctionInfo { get; init; } = [];

    public int[] DescriptorArray { get; init; } = [];

    public int DescriptorArrayLength { get; init; }

    /// <summary>A program of the type that returns a constant.</summary>
    public static ProbeProgram Returning(ProgramType type, int value = 0) =>
        new(type, Instruction.Alu(AluOp.Mov, Register.R0, value), Instruction.Exit());

    /// <summary>What came of a load.</summary>
    /// <param name="Program">The program; null when it was refused.</param>
    /// <param name="Errno">The kernel's answer.</param>
    /// <param name="Log">What the verifier wrote, cut; empty when it was not asked or not reached.</param>
    public readonly record struct Outcome(FileDescriptor? Program, Errno Errno, string Log) : IDisposable
    {
        public void Dispose() => Program?.Dispose();
    }

    /// <summary>Loads the program; the caller disposes what comes out.</summary>
    public Outcome Load(bool withLog = false)
    {
        Span<byte> code = stackalloc byte[InstructionCodec.CountSlots(Code) * InstructionCodec.SlotSize];
        _ = InstructionCodec.Encode(Code, code, bigEndian: !BitConverter.IsLittleEndian);
        byte* log = stackalloc byte[withLog ? LogSize : 1];
        fixed (byte* instructions = code, license = "GPL\0"u8)
        fixed (uint* functions = FunctionInfo)
        fixed (int* descriptors = DescriptorArray)
        {
            ProgramLoadAttr attr = new()
            {
                ProgType = (uint)Type,
                InsnCnt = (uint)(code.Length / InstructionCodec.SlotSize),
                Insns = Bpf.Pointer(instructions),
                License = Bpf.Pointer(license),
                ExpectedAttachType = (uint)AttachType,
                ProgFlags = Flags,
                AttachBtfId = AttachBtfId,
                FdArray = Bpf.Pointer(descriptors),
                FdArrayCnt = (uint)DescriptorArrayLength,
            };
            if (AttachProgram is { } target) attr.AttachProgFd = (uint)target.Value;
            if (Btf is { } btf)
            {
                attr.ProgBtfFd = (uint)btf.Value;
                attr.FuncInfo = Bpf.Pointer(functions);
                attr.FuncInfoRecSize = 8;
                attr.FuncInfoCnt = (uint)(FunctionInfo.Length / 2);
            }
            if (withLog)
            {
                log[0] = 0;
                attr.LogLevel = 1;
                attr.LogBuf = Bpf.Pointer(log);
                attr.LogSize = LogSize;
            }
            int fd = SignalMask.CallUninterrupted(BpfCommand.ProgramLoad, ref attr);
            var errno = fd < 0 ? Libc.LastError : Errno.None;
            // Before 5.11 the memory of programs counts against a limit, and EPERM may mean that.
            if (errno == Errno.EPERM && MemoryLockLimit.TryRaise()) return Load(withLog);
            // A log that does not fit is cut at its end before 6.4, at its beginning after; ENOSPC then hides the answer.
            return new(fd < 0 ? null : new FileDescriptor(fd, "feature probe"), errno, withLog ? Bpf.ReadName(log, LogSize) : "");
        }
    }

    /// <summary>Whether the kernel takes the program, by the usual reading of its error.</summary>
    public ProbeAnswer Ask()
    {
        using var outcome = Load();
        return ProbeAnswer.Of(outcome.Errno);
    }

    /// <summary>
    /// Whether the verifier takes the code. It reports what it does not like as EINVAL, EACCES or EPERM alike, so here a
    /// trivial program of the same type tells permission from dislike.
    /// </summary>
    public ProbeAnswer AskVerifier()
    {
        // Without a log first: one that does not fit the buffer makes the kernel refuse what it would take.
        using (var quiet = Load())
        {
            if (quiet.Errno == Errno.None) return ProbeAnswer.Yes;
        }
        using var outcome = Load(withLog: true);
        if (outcome.Errno is Errno.EPERM or Errno.EACCES && outcome.Log.Length == 0) return ProbeAnswer.Unclear(outcome.Errno);
        return outcome.Errno is Errno.EINVAL or Errno.EACCES or Errno.EPERM or Errno.E2BIG or Errno.EOPNOTSUPP or Errno.ENOTSUPP
            ? ProbeAnswer.No(outcome.Errno, LastLine(outcome.Log))
            : ProbeAnswer.Unclear(outcome.Errno);
    }

    private static string LastLine(string log)
    {
        string[] lines = log.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? last = lines.LastOrDefault(line => !line.StartsWith("processed ", StringComparison.Ordinal));
        return last is null ? "" : $"The verifier says: {last}";
    }
}
