using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Script.Binding;
using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    /// <summary>What a call gives, where that is a number.</summary>
    private Value CallNumber(BoundCall call)
    {
        switch (call.Intrinsic)
        {
            case BoundIntrinsic.Pid: return B.Binary(BinaryOperator.LShr, B.Helper(BpfHelper.GetCurrentPidTgid, IrType.I64), Number(32));
            case BoundIntrinsic.Tid: return Low(B.Helper(BpfHelper.GetCurrentPidTgid, IrType.I64));
            case BoundIntrinsic.PidInNamespace: return InNamespace(call.Span, 4);
            case BoundIntrinsic.TidInNamespace: return InNamespace(call.Span, 0);
            case BoundIntrinsic.Uid: return Low(B.Helper(BpfHelper.GetCurrentUidGid, IrType.I64));
            case BoundIntrinsic.Gid: return B.Binary(BinaryOperator.LShr, B.Helper(BpfHelper.GetCurrentUidGid, IrType.I64), Number(32));
            case BoundIntrinsic.NsecsMonotonic or BoundIntrinsic.NsecsBoot or BoundIntrinsic.NsecsTai or BoundIntrinsic.NsecsSoftwareTai:
                return Nanoseconds(call.Span, call.Intrinsic);
            case BoundIntrinsic.Elapsed:
                var now = B.Helper(BpfHelper.KtimeGetNs, IrType.I64);
                return B.Sub(now, B.Load(B.GlobalReference(Map(_whole.Began)), 0, MemoryWidth.U64, IrType.I64));
            case BoundIntrinsic.Cpu: return Low(B.Helper(BpfHelper.GetSmpProcessorId, IrType.I64));
            case BoundIntrinsic.NumaNode: return Fit(B.Helper(BpfHelper.GetNumaNodeId, IrType.I64), call.Type);
            case BoundIntrinsic.CpuCount: return Number(Options.CpuCount);
            case BoundIntrinsic.Random: return Low(B.Helper(BpfHelper.GetPrandomU32, IrType.I64));
            case BoundIntrinsic.Jiffies: return Helper(call.Span, "jiffies", BpfHelper.Jiffies64, IrType.I64);
            case BoundIntrinsic.CgroupId: return B.Helper(BpfHelper.GetCurrentCgroupId, IrType.I64);
            case BoundIntrinsic.CurrentTask: return B.Helper(BpfHelper.GetCurrentTask, IrType.I64);
            case BoundIntrinsic.Context: return B.Convert(ConversionKind.PointerToInteger, _frame.Context, IrType.I64);
            case BoundIntrinsic.FunctionAddress: return FunctionAddress(call.Span);
            case BoundIntrinsic.TargetName:
                return _part.UsesCookie ? B.Add(B.Helper(BpfHelper.GetAttachCookie, IrType.I64, _frame.Context), Number(_part.FirstName)) : Number(_part.FirstName);
            case BoundIntrinsic.UserMode:
                var ring = B.Binary(BinaryOperator.And, Register(PtRegs.CodeSegment), Number(3));
                return FromTruth(B.Compare(Predicate.Equal, ring, Number(3)));
            case BoundIntrinsic.Register: return Fit(Register((int)call.Number), call.Type);
            case BoundIntrinsic.Stack or BoundIntrinsic.UnwoundStack: return StackId(call);
            case BoundIntrinsic.StackLength: return StackLength(call);
            case BoundIntrinsic.TextLength: return TextLength(call.Arguments[0]);
            case BoundIntrinsic.TextEqual: return FromTruth(Condition(call));
            case BoundIntrinsic.TextFind: return TextFind(call);
            case BoundIntrinsic.MemoryCompare: return MemoryCompare(call);
            case BoundIntrinsic.WriteUser: return WriteUser(call);
            case BoundIntrinsic.HasKey: return HasKey(call);
            case BoundIntrinsic.Delete: return Delete(call);
            case BoundIntrinsic.Find: return Find(call);
            case BoundIntrinsic.MapLength: return MapLength(call);
            case BoundIntrinsic.KernelSymbol or BoundIntrinsic.UserName or BoundIntrinsic.ErrorText: return Scalar(call.Arguments[0]);
            case BoundIntrinsic.ByteSwap:
                var (bits, _) = Shape(call.Type);
                var value = Scalar(call.Arguments[0]);
                return bits == 8 ? value : Fit(B.ByteSwap(bits, value), call.Type);
            case BoundIntrinsic.Signal:
                return call.Number == 1
                    ? Helper(call.Span, "signal_thread", BpfHelper.SendSignalThread, IrType.I64, Scalar(call.Arguments[0]))
                    : Helper(call.Span, "signal", BpfHelper.SendSignal, IrType.I64, Scalar(call.Arguments[0]));
            case BoundIntrinsic.PerCpuAddress: return PerCpuAddress(call);
            case BoundIntrinsic.SocketCookie: return B.Helper(BpfHelper.GetSocketCookie, IrType.I64, Scalar(call.Arguments[0]));
            case BoundIntrinsic.Override:
                VoidCall(call);
                return Number(0);
            case BoundIntrinsic.PacketOutput: return PacketOutput(call);
            default: throw new InvalidOperationException($"{call.Intrinsic} of type {call.Type} is no number.");
        }
    }

    /// <summary>A call that gives nothing.</summary>
    private void VoidCall(BoundCall call)
    {
        switch (call.Intrinsic)
        {
            case BoundIntrinsic.Override:
                ReportFailure(B.Helper(BpfHelper.OverrideReturn, IrType.I64, _frame.Context, Scalar(call.Arguments[0])), BpfHelper.OverrideReturn, 1);
                break;
            case BoundIntrinsic.Signal:
                var helper = call.Number == 1 ? BpfHelper.SendSignalThread : BpfHelper.SendSignal;
                ReportFailure(CallNumber(call), helper, 1);
                break;
            case BoundIntrinsic.KernelPrint: KernelPrint(call); break;
            default: CallNumber(call); break;
        }
    }

    private void KernelPrint(BoundCall call)
    {
        byte[] format = [.. ((BoundText)call.Arguments[0]).Bytes, 0];
        List<Value> arguments = [ReadOnly(format), Number(format.Length)];
        foreach (var argument in call.Arguments.Skip(1))
        {
            if (IsNumber(argument.Type))
            {
                arguments.Add(Scalar(argument));
                continue;
            }
            var text = Direct(Locate(argument, false), argument.Type, argument.Type.Size);
            arguments.Add(Offset(text.Pointer, text.Offset));
        }
        B.Helper(BpfHelper.TracePrintk, IrType.I64, [.. arguments]);
    }

    private Value Low(Value number) => B.Convert(ConversionKind.ZeroExtend32, number, IrType.I64);

    private Value Nanoseconds(SourceSpan span, BoundIntrinsic clock) => ClockMap() is { } map ? ReadMapNumber(new BoundMapRead(span, map.Value, map, null)) : clock switch
    {
        BoundIntrinsic.NsecsBoot => B.Helper(BpfHelper.KtimeGetBootNs, IrType.I64),
        BoundIntrinsic.NsecsTai => Helper(span, "nsecs(tai)", BpfHelper.KtimeGetTaiNs, IrType.I64),
        BoundIntrinsic.NsecsSoftwareTai => B.Add(B.Helper(BpfHelper.KtimeGetBootNs, IrType.I64), Number(_whole.TaiAheadOfBoot)),
        _ => B.Helper(BpfHelper.KtimeGetNs, IrType.I64),
    };

    private BoundMap? ClockMap() => Options.ClockMap is { } name ? _whole.Script.Maps.FirstOrDefault(m => "@" + m.Name == name && m.Key is null && m.Value is IntegerType) : null;

    // struct bpf_pidns_info: the thread's number, then the process's.
    private Value InNamespace(SourceSpan span, int offset)
    {
        var (device, inode) = Options.PidNamespace ?? PidNamespace.Current;
        var info = _frame.Take(8);
        B.Store(info, 0, MemoryWidth.U64, Number(0));
        Helper(span, "a process id in its namespace", BpfHelper.GetNsCurrentPidTgid, IrType.I64, Number((long)device), Number((long)inode), info, Number(8));
        return B.Load(info, offset, MemoryWidth.U32, IrType.I64);
    }

    private Value FunctionAddress(SourceSpan span)
    {
        bool isUser = Target.Type is ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt;
        bool hasHelper = Target.ProgramType is ProgramType.Tracing || Target.ProgramType == ProgramType.Kprobe && !isUser;
        if (hasHelper && Options.Has(BpfHelper.GetFuncIp)) return B.Helper(BpfHelper.GetFuncIp, IrType.I64, _frame.Context);
        // Where a function returns, the registers tell its caller; the kernel knows what was entered.
        if (Target.Type == ProbeType.Uretprobe && Options.Has(6, 6)) return B.Helper(BpfHelper.GetFuncIp, IrType.I64, _frame.Context);
        if (Target.HasRegisters && Target.Type is not (ProbeType.Kretprobe or ProbeType.Uretprobe)) return Register(PtRegs.InstructionPointer);
        Error(span, Target.Type == ProbeType.Uretprobe
            ? $"{Target.FullName} does not tell its function on this kernel: bpf_get_func_ip knows those of programs since kernel 6.6"
            : $"{Target.FullName} does not tell its function on this kernel: bpf_get_func_ip exists since kernel {HelperTable.FirstKernel(BpfHelper.GetFuncIp)}");
        return Number(0);
    }

    // The kernel finds the task, which is held while its name is read.
    private void ReadCommOf(BoundCall call, Value to, int offset, int align, bool padded)
    {
        if (padded) Zero(to, offset, call.Type.Size, align);
        else B.Store(to, offset, MemoryWidth.U8, Constant.Int32(0));
        if (!Options.Has(6, 2))
        {
            Error(call.Span, $"comm() of another process needs bpf_task_from_pid, which exists since kernel 6.2; this one is {Options.Kernel.ToString(2)}");
            return;
        }
        var task = B.Append(new KernelFunctionCall("bpf_task_from_pid", IrType.Pointer(Region.Kernel("task_struct")), Scalar(call.Arguments[0])));
        When(IsNotNull(task), () =>
        {
            var name = B.Append(new KernelFieldAddress(task, "task_struct", "comm", IrType.Pointer(Region.KernelUntrusted())));
            B.Append(new ReadMemory(ReadMemoryKind.KernelString, Offset(to, offset), Number(Math.Min(16, call.Type.Size)), name));
            B.Append(new KernelFunctionCall("bpf_task_release", IrType.Void, task));
        });
    }

    // Variables of each CPU lie at the variable's address plus that CPU's offset.
    private Value PerCpuAddress(BoundCall call)
    {
        var address = Scalar(call.Arguments[0]);
        if (!KernelSymbols.Find(["__per_cpu_offset"], out _).TryGetValue("__per_cpu_offset", out ulong table))
        {
            Error(call.Span, "the kernel does not tell where per-CPU variables are: /proc/kallsyms has no __per_cpu_offset", "A kernel with CONFIG_KALLSYMS_ALL has it.");
            return Number(0);
        }
        var cpu = call.Arguments.Count > 1 ? Scalar(call.Arguments[1]) : Low(B.Helper(BpfHelper.GetSmpProcessorId, IrType.I64));
        var slot = B.Add(B.Binary(BinaryOperator.Mul, cpu, Number(8)), Number((long)table));
        return B.Add(address, Load(new RemotePlace(slot, 0, false), IntegerType.UInt64));
    }

    private Value WriteUser(BoundCall call)
    {
        var to = Scalar(call.Arguments[0]);
        var what = call.Arguments[1];
        var copy = _frame.Take(what.Type.Size);
        StoreTo(what, copy, 0, 8, true);
        return Helper(call.Span, "write_user", BpfHelper.ProbeWriteUser, IrType.I64, to, copy, Number(what.Type.Size));
    }

    // ---- What is more than a number.

    private void StoreCall(BoundCall call, Value to, int offset, int align, bool padded)
    {
        switch (call.Intrinsic)
        {
            case BoundIntrinsic.Comm:
                // Some kernels (6.1) leave what is behind the name as it was.
                if (padded) Zero(to, offset, call.Type.Size, align);
                B.Helper(BpfHelper.GetCurrentComm, IrType.I64, Offset(to, offset), Number(Math.Min(16, call.Type.Size)));
                break;
            case BoundIntrinsic.ReadText: ReadText(call, to, offset, align, padded); break;
            case BoundIntrinsic.ReadBuffer: ReadBuffer(call, to, offset, align, padded); break;
            case BoundIntrinsic.TextConcat: TextConcat(call, to, offset, align, padded); break;
            case BoundIntrinsic.CommOf: ReadCommOf(call, to, offset, align, padded); break;
            case BoundIntrinsic.Path: ReadPath(call, to, offset, align, padded); break;
            case BoundIntrinsic.Stack or BoundIntrinsic.UnwoundStack:
                StoreWord(to, offset, align, 8, StackId(call));
                StoreProcess(to, offset, align);
                break;
            case BoundIntrinsic.UserSymbol:
                StoreWord(to, offset, align, 8, Scalar(call.Arguments[0]));
                StoreProcess(to, offset, align);
                break;
            case BoundIntrinsic.Timestamp:
                StoreWord(to, offset, align, 8, Scalar(call.Arguments[0]));
                StoreWord(to, offset + 8, align, 4, call.Arguments.Count > 1 ? Scalar(call.Arguments[1]) : Number(0));
                StoreWord(to, offset + 12, align, 4, Number(call.Number));
                break;
            case BoundIntrinsic.CgroupPath:
                StoreWord(to, offset, align, 8, Scalar(call.Arguments[0]));
                StoreWord(to, offset + 8, align, 8, Number(call.Number));
                break;
            case BoundIntrinsic.InetAddress: StoreAddress(call, to, offset, align); break;
            case BoundIntrinsic.MacAddress: Copy(PlaceOf(call.Arguments[0]), 6, to, offset, align); break;
            default: throw new InvalidOperationException($"{call.Intrinsic} of type {call.Type} is not written to memory.");
        }
    }

    private void StoreWord(Value to, int offset, int align, int size, Value number)
    {
        if (align >= size) B.Store(to, offset, MemoryWidths.Unsigned(size), number);
        else StoreUnaligned(to, offset, align, size, number);
    }

    // Whose stack or symbol it is, and which probe saw it.
    private void StoreProcess(Value to, int offset, int align)
    {
        // By the number that the process can be looked at with.
        StoreWord(to, offset + 8, align, 4, PidNamespace.IsOwn ? InNamespace(default, 4) : B.Binary(BinaryOperator.LShr, B.Helper(BpfHelper.GetCurrentPidTgid, IrType.I64), Number(32)));
        StoreWord(to, offset + 12, align, 4, Number(_number));
    }

    /// <summary>The bytes of an array, or those a pointer points to.</summary>
    private Place PlaceOf(BoundExpression expression) => expression.Type switch
    {
        PointerType pointer => new RemotePlace(Scalar(expression), 0, IsUser(pointer.Space)),
        var type when IsNumber(type) => Number(expression),
        _ => Locate(expression, true),
    };

    private MemoryPlace Number(BoundExpression expression)
    {
        var slot = _frame.Take(8);
        B.Store(slot, 0, MemoryWidth.U64, Scalar(expression));
        return new MemoryPlace(slot, 0, 8, true);
    }

    private const int AddressFamily4 = 2, AddressFamily6 = 10;

    // (address) or (family, address): an integer or 4 bytes are IPv4, 16 bytes IPv6, unless the family says otherwise.
    private void StoreAddress(BoundCall call, Value to, int offset, int align)
    {
        var address = call.Arguments[^1];
        bool isLong = !IsNumber(address.Type) && address.Type.Size >= 16;
        var family = call.Arguments.Count > 1 ? Scalar(call.Arguments[0]) : Number(isLong ? AddressFamily6 : AddressFamily4);
        StoreWord(to, offset, align, 4, family);
        if (IsNumber(address.Type) && address.Type is not PointerType)
        {
            StoreWord(to, offset + 4, align, 4, Scalar(address));
            Zero(to, offset + 8, 12, Math.Min(align, 4));
            return;
        }
        int size = address.Type is PointerType ? 16 : Math.Min(16, address.Type.Size);
        Copy(PlaceOf(address), size, to, offset + 4, Math.Min(align, 4));
        if (size < 16) Zero(to, offset + 4 + size, 16 - size, Math.Min(align, 4));
    }
}
