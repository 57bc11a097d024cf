using System.Buffers;
using System.Text;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Programs;

/// <summary>
/// BPF_PROG_LOAD: once without a log, and when the kernel refuses, again with one. Writing the log costs more than the
/// verification itself, so a program that is accepted never pays for it.
/// </summary>
internal static unsafe class ProgramLoader
{
    public static BpfProgram Load(ProgramSpec spec, ProgramLoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        using var types = KernelCalls.IsNeeded(spec) ? new KernelTypes(null) : null;
        if (types is not null) (spec, options) = KernelCalls.Resolve(spec, options, types);
        using JumpTables tables = new();
        byte[] code = ProgramEncoder.Encode(spec, options, tables);
        int[] descriptors = Descriptors(spec, options);
        byte[] license = Encoding.UTF8.GetBytes(spec.License + "\0");

        using MemoryHandle functionInfo = options.FunctionInfo.Pin();
        using MemoryHandle lineInfo = options.LineInfo.Pin();
        fixed (byte* instructions = code)
        fixed (byte* licenseText = license)
        fixed (int* descriptorArray = descriptors)
        {
            ProgramLoadAttr attr = new()
            {
                ProgType = (uint)spec.Type,
                InsnCnt = (uint)(code.Length / InstructionCodec.SlotSize),
                Insns = Bpf.Pointer(instructions),
                License = Bpf.Pointer(licenseText),
                KernVersion = spec.KernelVersion,
                ProgFlags = (uint)spec.Flags,
                ProgIfindex = options.InterfaceIndex != 0 ? options.InterfaceIndex : spec.InterfaceIndex,
                ExpectedAttachType = (uint)spec.AttachType,
                AttachBtfId = options.AttachBtfId,
                FdArray = Bpf.Pointer(descriptorArray),
            };
            Bpf.CopyName(spec.Name, attr.ProgName);
            if (options.AttachProgram is { } target) attr.AttachProgFd = (uint)target.Value;
            else if (options.AttachBtfObject is { } module) attr.AttachBtfObjFd = (uint)module.Value;
            if (options.BindDescriptorArray) attr.FdArrayCnt = (uint)descriptors.Length;
            if (options.Btf is { } btf)
            {
                attr.ProgBtfFd = (uint)btf.Value;
                attr.FuncInfo = Bpf.Pointer(functionInfo.Pointer);
                attr.FuncInfoRecSize = (uint)options.FunctionInfoRecordSize;
                attr.FuncInfoCnt = (uint)(options.FunctionInfo.Length / options.FunctionInfoRecordSize);
                attr.LineInfo = Bpf.Pointer(lineInfo.Pointer);
                attr.LineInfoRecSize = (uint)options.LineInfoRecordSize;
                attr.LineInfoCnt = (uint)(options.LineInfo.Length / options.LineInfoRecordSize);
            }
            if (options.Token is { } token)
            {
                attr.ProgFlags |= (uint)ProgramFlags.TokenFd;
                attr.ProgTokenFd = token.Descriptor.Value;
            }

            if (KernelVersion.Running < new KernelVersion(5, 0) && spec.Type == ProgramType.Kprobe && attr.KernVersion == 0) attr.KernVersion = KernelVersion.Running.Code;

            var attempt = options.LogLevel == VerifierLogLevel.None ? Try(spec, ref attr) : TryWithLog(spec, ref attr, options.LogLevel);
            if (attempt.Descriptor is null && options.LogLevel == VerifierLogLevel.None)
            {
                // The first answer is kept: a log can only add to it (older kernels say ENOSPC for a log they had to cut).
                var refusal = attempt;
                attempt = refusal.Errno == Errno.E2BIG ? TryTooLarge(spec, ref attr) : TryWithLog(spec, ref attr, VerifierLogLevel.Paths);
                if (attempt.Descriptor is null) attempt = attempt with { Errno = refusal.Errno };
            }
            // Before 5.11 the memory of programs counts against a limit, and EPERM may mean that.
            if (attempt is { Descriptor: null, Errno: Errno.EPERM, Log: "" } && MemoryLockLimit.TryRaise())
                attempt = options.LogLevel == VerifierLogLevel.None ? Try(spec, ref attr) : TryWithLog(spec, ref attr, options.LogLevel);
            if (attempt is { Descriptor: null, Errno: Errno.EINVAL, Log: "" })
            {
                // Refused before the verifier ran. Kernels before 4.15 know no names, before 5.2 no full stop in them.
                attr.ProgName[0] = 0;
                var nameless = Try(spec, ref attr);
                if (nameless.Descriptor is not null) attempt = nameless;
            }
            return attempt.Descriptor is { } descriptor
                ? new BpfProgram(descriptor, spec.Name, spec.Type, spec.AttachType) { VerifierLog = attempt.Log }
                : throw LoadFailure.Explain(spec, options, attempt.Errno, attempt.Log, attempt.LogIsComplete);
        }
    }

    private readonly record struct Attempt(FileDescriptor? Descriptor, Errno Errno, string Log, bool LogIsComplete);

    private static Attempt Try(ProgramSpec spec, ref ProgramLoadAttr attr)
    {
        attr.LogLevel = 0;
        attr.LogSize = 0;
        attr.LogBuf = 0;
        int fd = SignalMask.CallUninterrupted(BpfCommand.ProgramLoad, ref attr);
        return fd >= 0 ? new(Own(fd, spec), Errno.None, "", true) : new(null, Libc.LastError, "", true);
    }

    private static Attempt TryWithLog(ProgramSpec spec, ref ProgramLoadAttr attr, VerifierLogLevel level)
    {
        attr.LogLevel = (uint)level;
        string cut = "";
        for (uint size = VerifierLogBuffer.FirstSize; ;)
        {
            using var buffer = VerifierLogBuffer.TryCreate(size);
            if (buffer is null)
            {
                if (size == VerifierLogBuffer.FirstSize) throw new BpfSyscallException($"map {size} bytes for the verifier's log", Libc.LastError);
                // Address space is limited: the part of the log that found room is worth more than an error about memory.
                return new(null, Errno.ENOSPC, cut, false);
            }
            attr.LogBuf = buffer.Address;
            attr.LogSize = size;
            attr.LogTrueSize = 0;
            int fd = SignalMask.CallUninterrupted(BpfCommand.ProgramLoad, ref attr);
            if (fd >= 0) return new(Own(fd, spec), Errno.None, buffer.Text, true);

            var errno = Libc.LastError;
            if (errno == Errno.ENOSPC && VerifierLogBuffer.NextSize(size, attr.LogTrueSize) is > 0 and var larger)
            {
                size = larger;
                cut = buffer.Text;
                continue;
            }
            // EFAULT and everything else: what was written is worth having.
            return new(null, errno, buffer.Text, errno != Errno.ENOSPC);
        }
    }

    // A million instructions make a log of a hundred megabytes, and each further attempt walks them all again. A part of it shows
    // where the verifier was; since 6.4 a full buffer keeps the end, where the message is, before it keeps the beginning.
    private static Attempt TryTooLarge(ProgramSpec spec, ref ProgramLoadAttr attr)
    {
        attr.LogLevel = (uint)VerifierLogLevel.Paths;
        string part;
        using (var buffer = VerifierLogBuffer.TryCreate(VerifierLogBuffer.PartSize))
        {
            if (buffer is null) return TryWithLog(spec, ref attr, VerifierLogLevel.Paths);
            attr.LogBuf = buffer.Address;
            attr.LogSize = buffer.Size;
            attr.LogTrueSize = 0;
            int fd = SignalMask.CallUninterrupted(BpfCommand.ProgramLoad, ref attr);
            if (fd >= 0) return new(Own(fd, spec), Errno.None, buffer.Text, true);
            var errno = Libc.LastError;
            part = buffer.Text;
            if (errno != Errno.ENOSPC) return new(null, errno, part, true);
        }
        // The first line or the last one is cut.
        if (attr.LogTrueSize != 0) return new(null, Errno.ENOSPC, part[(part.IndexOf('\n') + 1)..], false);
        var last = TryWithLog(spec, ref attr, VerifierLogLevel.Statistics);
        return last with { Log = last.Descriptor is null ? $"{part[..(part.LastIndexOf('\n') + 1)]}{last.Log}" : last.Log, LogIsComplete = false };
    }

    private static FileDescriptor Own(int fd, ProgramSpec spec) => new(fd, $"program {spec.Name}");

    private static int[] Descriptors(ProgramSpec spec, ProgramLoadOptions options)
    {
        var result = new int[options.DescriptorArray.Count];
        for (int i = 0; i < result.Length; i++)
        {
            if (options.DescriptorArray[i] is { } descriptor) result[i] = descriptor.Value;
            else if (options.BindDescriptorArray) throw new BpfException($"load program '{spec.Name}': entry {i} of the descriptor array is empty, so the array cannot be bound");
        }
        return result;
    }
}
