using System.Buffers.Binary;
using System.Text;
using Hornet.Buffers;
using Hornet.Isa;
using Hornet.Links;
using static Hornet.Isa.Register;

namespace Hornet;

/// <summary>
/// Writes the kernel side of a callback. R6 is the context, R7 the task (or, where programs cannot read it, the pid_tgid), R8
/// the record, R9 what was kept at the entry of a system call. What was kept has the arguments at the same offsets as the context of the entry.
/// </summary>
internal sealed class CaptureCode(CapturePlan plan, ProbeOptions options, int group, int ignoredThread, KernelStages stages)
{
    public const string Events = "events", Lost = "lost", Pending = "pending", Texts = "texts", Scratch = "scratch", Asleep = "asleep", Kept = "kept";

    // What is kept between entry and return: the time (0: nothing is kept), the number of the call, the group, its arguments.
    public const int KeptTime = 0, KeptNumber = 8, KeptGroup = 12, KeptArguments = 16, MostArguments = 6, KeptSize = KeptArguments + 8 * MostArguments;

    public const string Programs = "programs";

    // The context of the raw tracepoints sys_enter and sys_exit: the registers, then the number or the result.
    private const int Registers = 0, NumberOrResult = 8;
    private const int KeySlot = -8, Slot = -16, SmallSlot = -20, KeptSlot = -(KeptSize + 24), RegistersSlot = KeptSlot - 96;

    // The lambdas are compiled for the newest instructions of this kernel.
    private readonly Assembler _code = new(stages.Code.Count > 0 ? IsaLevel.V4 : IsaLevel.V3);
    private readonly TaskFields? _task = TaskFields.OfRunningKernel;
    private int _labels;

    /// <summary>
    /// Whether calls are kept with their tasks (the map <see cref="Kept"/>) and not in a hash: a third of the cost. A thread is in
    /// one call at a time, so there is room for one.
    /// </summary>
    public bool KeepsWithTask { get; init; }

    /// <summary>The only call's number when the program at the entry is attached itself; null when another goes on with it.</summary>
    public uint? Only { get; init; }

    /// <summary>One record for each time the program runs, with a result of the context (-1: none).</summary>
    public Isa.Instruction[] Single(int resultAt = -1, int resultBits = 64, bool resultSigned = true)
    {
        Begin();
        Header(null);
        if (resultAt >= 0)
        {
            _code.Load(R1, R6, resultAt);
            Extend(R1, resultBits, resultSigned);
            _code.Store(R8, RecordLayout.Result, R1);
        }
        else _code.Store(R8, RecordLayout.Result, 0);
        _code.Store(R8, RecordLayout.Duration, 0).Store(R8, RecordLayout.Flags, resultAt >= 0 ? (int)RecordLayout.HasResult : 0, MemorySize.U32);
        foreach (var capture in plan.Captures) Copy(capture, R6);
        return Submit();
    }

    /// <summary>
    /// Runs at every system call and goes on with the program of the one that was called. Attaching to each call's own
    /// tracepoint would take the kernel a grace period each: half a minute for all.
    /// </summary>
    public static Isa.Instruction[] Dispatch(bool atReturn)
    {
        var code = new Assembler(IsaLevel.V3).Mov(R6, R1);
        if (!atReturn) code.Load(R3, R6, NumberOrResult);
        else
        {
            code.Mov(R1, R10).Add(R1, Slot).Mov(R2, 8).Load(R3, R6, Registers).Add(R3, SyscallRegisters.Number).Call(BpfHelper.ProbeReadKernel)
                .JumpIfNotZero(R0, "out").Load(R3, R10, Slot, SyscallRegisters.NumberSize);
        }
        // In an array of programs only the calls that are asked for have one.
        return code.Mov(R1, R6).LoadMap(R2, Programs).Call(BpfHelper.TailCall).Label("out").Mov(R0, 0).Exit().Build();
    }

    /// <summary>A system call, told at its entry.</summary>
    public Isa.Instruction[] EnterOnly()
    {
        Begin(Only);
        Arguments(keep: false);
        Header((R9, KeptNumber));
        _code.Store(R8, RecordLayout.Result, 0).Store(R8, RecordLayout.Duration, 0).Store(R8, RecordLayout.Flags, 0, MemorySize.U32);
        foreach (var capture in plan.Captures) Copy(capture, R9);
        return Submit();
    }

    /// <summary>The entry of a system call whose return makes the record.</summary>
    public Isa.Instruction[] Enter()
    {
        Begin(Only);
        Arguments(keep: KeepsWithTask);
        if (KeepsWithTask) return End();
        Key();
        _code.Mov(R3, R9);
        return Keep(Pending);
    }

    /// <summary>
    /// The entry of a call that replaces the process's memory: texts are read now, since at the return they are gone.
    /// </summary>
    public Isa.Instruction[] EnterWithTexts()
    {
        Begin(Only);
        Arguments(keep: false);
        Key();
        _code.Store(R10, SmallSlot, 0, MemorySize.U32).LoadMap(R1, Scratch).Mov(R2, R10).Add(R2, SmallSlot).Call(BpfHelper.MapLookupElem)
            .JumpIfZero(R0, "out").Mov(R8, R0);
        for (int at = 0; at < KeptSize; at += 8) _code.Load(R1, R9, at).Store(R8, at, R1);
        foreach (var (capture, at) in KeptTexts()) Copy(capture with { Field = capture.Field with { Offset = at } }, R9);
        _code.Mov(R3, R8);
        return Keep(Texts);
    }

    /// <summary>The return of a system call: joins the result with what was kept.</summary>
    public Isa.Instruction[] Exit(bool textsKept = false)
    {
        bool withTask = KeepsWithTask && !textsKept;
        if (withTask) FindKept();
        else
        {
            Begin();
            Key();
            _code.LoadMap(R1, textsKept ? Texts : Pending).Mov(R2, R10).Add(R2, KeySlot).Call(BpfHelper.MapLookupElem)
                .JumpIfZero(R0, "out").Mov(R9, R0);
        }
        Header((R9, KeptNumber));
        _code.Load(R1, R6, NumberOrResult).Store(R8, RecordLayout.Result, R1)
            .Load(R1, R8, RecordLayout.Time).Load(R2, R9, KeptTime).Sub(R1, R2).Store(R8, RecordLayout.Duration, R1)
            .Store(R8, RecordLayout.Flags, (int)(RecordLayout.HasResult | RecordLayout.HasDuration), MemorySize.U32);
        var kept = textsKept ? KeptTexts().ToDictionary(k => k.Capture, k => k.At) : [];
        foreach (var capture in plan.Captures)
        {
            if (!kept.TryGetValue(capture, out int at)) Copy(capture, R9);
            else _code.Mov(R1, R8).Add(R1, capture.Field.Offset).Mov(R2, Space(capture)).Mov(R3, R9).Add(R3, at).Call(BpfHelper.ProbeReadKernel);
        }
        Deliver();
        if (withTask) _code.Store(R9, KeptTime, 0);
        else _code.LoadMap(R1, textsKept ? Texts : Pending).Mov(R2, R10).Add(R2, KeySlot).Call(BpfHelper.MapDeleteElem);
        return End(called: stages.Code);
    }

    /// <summary>Bytes that are kept of a call whose texts are read at its entry.</summary>
    public int KeptTextsSize => KeptSize + plan.Captures.Where(c => c.Field.Kind == ProbeFieldKind.Text).Sum(Space);

    private IEnumerable<(Capture Capture, int At)> KeptTexts()
    {
        int at = KeptSize;
        foreach (var capture in plan.Captures.Where(c => c.Field.Kind == ProbeFieldKind.Text))
        {
            yield return (capture, at);
            at += Space(capture);
        }
    }

    private static int Space(Capture capture) => capture.Field.Size + (capture.Field.HasLength ? RecordLayout.LengthSize : 0);

    private void Begin(uint? number = null)
    {
        _code.Mov(R6, R1);
        if (number is { } only) _code.Load(R1, R6, NumberOrResult).JumpIf(R1, JumpOp.NotEqual, (int)only, "out");
        FindTask();
        // What a callback does would else be an event for it.
        ThreadId(R1);
        _code.JumpIf(R1, JumpOp.Equal, ignoredThread, "out");
        if (options.ThreadId is { } thread) _code.JumpIf(R1, JumpOp.NotEqual, thread, "out");
        if (options.ProcessId is { } process)
        {
            ProcessId(R1);
            _code.JumpIf(R1, JumpOp.NotEqual, process, "out");
        }
        // Ids above 2^31 do not fit a signed immediate: compare registers.
        if (options.UserId is { } user) _code.Call(BpfHelper.GetCurrentUidGid).Mov32(R0, R0).LoadImm64(R1, user).JumpIf(R0, JumpOp.NotEqual, R1, "out");
        if (options.ProcessName is { } name)
        {
            Span<byte> bytes = stackalloc byte[RecordLayout.ProcessNameSize];
            bytes.Clear();
            Encoding.UTF8.GetBytes(name, bytes);
            // Some kernels (6.1) leave what is behind the name as it was.
            _code.Store(R10, KeptSlot, 0).Store(R10, KeptSlot + 8, 0)
                .Mov(R1, R10).Add(R1, KeptSlot).Mov(R2, RecordLayout.ProcessNameSize).Call(BpfHelper.GetCurrentComm)
                .Load(R1, R10, KeptSlot).LoadImm64(R2, BinaryPrimitives.ReadInt64LittleEndian(bytes)).JumpIf(R1, JumpOp.NotEqual, R2, "out")
                .Load(R1, R10, KeptSlot + 8).LoadImm64(R2, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])).JumpIf(R1, JumpOp.NotEqual, R2, "out");
        }
    }

    // Time, number and arguments of the call, as the call's own tracepoint has them; R9 points there: to the stack, or to what
    // is kept with the task.
    private void Arguments(bool keep)
    {
        bool wanted = plan.Captures.Count > 0;
        // A 32-bit program's calls have other numbers and other registers.
        int? segment = _task is null ? SyscallRegisters.CodeSegment : null;
        if (_task?.Status is { } status) _code.Load(R1, R7, status, MemorySize.U32).And(R1, TaskFields.CompatCall).JumpIfNotZero(R1, "out");
        int from = wanted ? 0 : segment ?? 0, size = wanted ? SyscallRegisters.Size : segment is null ? 0 : 8;
        if (size > 0)
        {
            _code.Mov(R1, R10).Add(R1, RegistersSlot + from).Mov(R2, size).Load(R3, R6, Registers).Add(R3, SyscallRegisters.From + from).Call(BpfHelper.ProbeReadKernel)
                .JumpIfNotZero(R0, "out");
        }
        if (segment is { } at) _code.Load(R1, R10, RegistersSlot + at).JumpIf(R1, JumpOp.Equal, SyscallRegisters.CodeSegment32, "out");
        if (keep)
        {
            FindStorage(create: true);
            _code.JumpIfNotZero(R0, "kept").CountLoss(Lost, "out", SmallSlot).Jump("out").Label("kept").Mov(R9, R0);
        }
        else _code.Mov(R9, R10).Add(R9, KeptSlot);
        for (int i = 0; i < MostArguments; i++)
        {
            if (wanted) _code.Load(R1, R10, RegistersSlot + SyscallRegisters.Arguments[i]).Store(R9, KeptArguments + 8 * i, R1);
            else if (!keep) _code.Store(R9, KeptArguments + 8 * i, 0);
        }
        _code.Load(R1, R6, NumberOrResult).Store(R9, KeptNumber, R1, MemorySize.U32).Store(R9, KeptGroup, group, MemorySize.U32)
            .Call(BpfHelper.KtimeGetNs).Store(R9, KeptTime, R0);
    }

    private void FindTask() => _code.Call(_task is null ? BpfHelper.GetCurrentPidTgid : BpfHelper.GetCurrentTaskBtf).Mov(R7, R0);

    private void ThreadId(Register to)
    {
        if (_task is null) _code.Mov32(to, R7);
        else _code.Load(to, R7, _task.Thread, MemorySize.U32);
    }

    private void ProcessId(Register to)
    {
        if (_task is null) _code.Mov(to, R7).Rsh(to, 32);
        else _code.Load(to, R7, _task.Process, MemorySize.U32);
    }

    // Calls are kept with their tasks only on kernels that have them for programs.
    private void FindStorage(bool create) => _code.LoadMap(R1, Kept).Mov(R2, R7).Mov(R3, 0).Mov(R4, create ? 1 : 0).Call(BpfHelper.TaskStorageGet);

    // At the return: what the entry kept, which has seen to the options. Other calls end here, soon.
    private void FindKept()
    {
        _code.Mov(R6, R1);
        FindTask();
        FindStorage(create: false);
        _code.JumpIfZero(R0, "out").Mov(R9, R0)
            .Load(R1, R9, KeptTime).JumpIfZero(R1, "out")
            .Load(R1, R9, KeptGroup, MemorySize.U32).JumpIf(R1, JumpOp.NotEqual, group, "out");
    }

    // The same thread may be in one call that several callbacks wait for.
    private void Key()
    {
        ThreadId(R1);
        _code.Store(R10, KeySlot, R1, MemorySize.U32).Store(R10, KeySlot + 4, group, MemorySize.U32);
    }

    private Isa.Instruction[] Keep(string map)
    {
        _code.LoadMap(R1, map).Mov(R2, R10).Add(R2, KeySlot).Mov(R4, 0).Call(BpfHelper.MapUpdateElem)
            .JumpIfZero(R0, "out").CountLoss(Lost, "out", SmallSlot);
        return End();
    }

    private void Header((Register Base, int Offset)? number)
    {
        if (stages.Record is null) _code.ReserveOrCountLoss(Events, Lost, plan.RecordSize, "lost", SmallSlot);
        else _code.Store(R10, SmallSlot, 0, MemorySize.U32).LoadMap(R1, stages.Record).Mov(R2, R10).Add(R2, SmallSlot).Call(BpfHelper.MapLookupElem).JumpIfZero(R0, "lost");
        _code.Mov(R8, R0).Store(R8, RecordLayout.Group, group, MemorySize.U32);
        if (number is { } from) _code.Load(R1, from.Base, from.Offset, MemorySize.U32).Store(R8, RecordLayout.Selector, R1, MemorySize.U32);
        else _code.Store(R8, RecordLayout.Selector, 0, MemorySize.U32);
        _code.Call(BpfHelper.KtimeGetNs).Store(R8, RecordLayout.Time, R0).Call(BpfHelper.GetSmpProcessorId).Store(R8, RecordLayout.Cpu, R0, MemorySize.U32);
        Identity();
    }

    // Who it was: thread, process, user, group, name.
    private void Identity()
    {
        if (_task is null)
        {
            _code.Store(R8, RecordLayout.ThreadId, R7).Call(BpfHelper.GetCurrentUidGid).Store(R8, RecordLayout.UserId, R0)
                .Mov(R1, R8).Add(R1, RecordLayout.ProcessName).Mov(R2, RecordLayout.ProcessNameSize).Call(BpfHelper.GetCurrentComm);
            return;
        }
        _code.Load(R1, R7, _task.Credentials);
        Field(RecordLayout.ThreadId, R7, _task.Thread, MemorySize.U32);
        Field(RecordLayout.ProcessId, R7, _task.Process, MemorySize.U32);
        Field(RecordLayout.UserId, R1, _task.User, MemorySize.U32);
        Field(RecordLayout.GroupId, R1, _task.Group, MemorySize.U32);
        Field(RecordLayout.ProcessName, R7, _task.Name, MemorySize.U64);
        Field(RecordLayout.ProcessName + 8, R7, _task.Name + 8, MemorySize.U64);

        void Field(int to, Register from, int at, MemorySize size) => _code.Load(R2, from, at, size).Store(R8, to, R2, size);
    }

    private Isa.Instruction[] Submit()
    {
        Deliver();
        return End(called: stages.Code);
    }

    // The record goes to the reader unless a stage of the query wants it not.
    private void Deliver()
    {
        string unwanted = stages.Record is null ? "unwanted" : "lost";
        foreach (string stage in stages.Functions) _code.Mov(R1, R8).Call(stage).JumpIfZero(R0, unwanted);
        if (stages.Record is not null) _code.Mov(R2, R8).OutputAndWake(Events, Asleep, Lost, stages.DeliveredSize, "lost", SmallSlot);
        else
        {
            _code.Mov(R1, R8).SubmitAndWake(Events, Asleep, SmallSlot);
            // Given back as ever: the kernel wakes the reader if it has taken all before, so the ring does not fill with them.
            if (stages.Functions.Count > 0) _code.Jump("lost").Label(unwanted).Mov(R1, R8).Mov(R2, 0).Call(BpfHelper.RingbufDiscard);
        }
        _code.Label("lost");
    }

    private Isa.Instruction[] End(IReadOnlyList<Isa.Instruction>? called = null)
    {
        _code.Label("out").Mov(R0, 0).Exit();
        foreach (var instruction in called ?? [])
        {
            if (instruction.Metadata is { Symbol: { } function }) _code.Function(function);
            _code.Emit(instruction);
        }
        return _code.Build();
    }


    private void Copy(Capture capture, Register from)
    {
        var field = capture.Field;
        int at = field.Offset, data = at + (field.HasLength ? RecordLayout.LengthSize : 0);
        if (capture.Clear) Clear(at, field.Size);
        switch (field.Kind)
        {
            case ProbeFieldKind.Integer or ProbeFieldKind.Pointer:
                Word(capture, from, R1);
                // A struct's field may be wider than the value.
                if (capture.StoredBytes * 8 > field.Bits && capture.Clear) Extend(R1, field.Bits, field.IsSigned);
                _code.Store(R8, at, R1, Size(capture.StoredBytes));
                break;
            case ProbeFieldKind.Text when capture.From is CaptureFrom.Word or CaptureFrom.Usdt:
                Text(capture, from, data);
                if (field.HasLength) _code.Store(R8, at, R0);
                break;
            case ProbeFieldKind.SocketAddress:
                SocketAddress(capture, from, at, data);
                break;
            default:
                RecordBytes(capture, from, at, data);
                break;
        }
    }

    private void Text(Capture capture, Register from, int data)
    {
        Word(capture, from, R3);
        string done = Label();
        _code.Mov(R1, R8).Add(R1, data).Mov(R2, capture.Field.Size)
            .Call(capture.Memory == PointedMemory.User ? BpfHelper.ProbeReadUserStr : BpfHelper.ProbeReadKernelStr);
        if (capture.Memory != PointedMemory.Either) return;
        _code.JumpIf(R0, JumpOp.SignedGreaterOrEqual, 0, done);
        Word(capture, from, R3);
        _code.Mov(R1, R8).Add(R1, data).Mov(R2, capture.Field.Size).Call(BpfHelper.ProbeReadUserStr).Label(done);
    }

    private void SocketAddress(Capture capture, Register from, int at, int data)
    {
        string bounded = Label(), read = Label();
        if (capture.LengthIsPointer)
        {
            // The kernel wrote address and length; without them there is nothing to read.
            _code.Store(R10, SmallSlot, 0, MemorySize.U32)
                .Mov(R1, R10).Add(R1, SmallSlot).Mov(R2, 4).Load(R3, from, capture.LengthAt).Call(BpfHelper.ProbeReadUser)
                .Load(R2, R10, SmallSlot, MemorySize.U32);
        }
        else if (capture.LengthAt >= 0) _code.Load(R2, from, capture.LengthAt).Mov32(R2, R2);
        else _code.Mov(R2, capture.Field.Size);
        _code.JumpIf(R2, JumpOp.LessOrEqual, capture.Field.Size, bounded).Mov(R2, capture.Field.Size).Label(bounded);
        if (capture.Field.HasLength) _code.Store(R8, at, R2);
        _code.Mov(R1, R8).Add(R1, data);
        Word(capture, from, R3);
        _code.Call(BpfHelper.ProbeReadUser).JumpIfZero(R0, read);
        if (capture.Field.HasLength) _code.Store(R8, at, R0);
        _code.Label(read);
    }

    private void RecordBytes(Capture capture, Register from, int at, int data)
    {
        bool text = capture.Field.Kind == ProbeFieldKind.Text;
        if (capture.From == CaptureFrom.Bytes)
        {
            _code.Mov(R1, R8).Add(R1, data).Mov(R2, Math.Min(capture.Field.Size, capture.Width)).Mov(R3, from).Add(R3, capture.At).Call(BpfHelper.ProbeReadKernel);
            return;
        }
        _code.Load(R2, from, capture.At, MemorySize.U32).Mov(R1, R2).And(R1, 0xffff).Rsh(R2, 16);
        _code.Mov(R3, from).Add(R3, R1);
        if (capture.From == CaptureFrom.RelativeLocation) _code.Add(R3, capture.At + 4);
        _code.Mov(R1, R8).Add(R1, data);
        if (text)
        {
            _code.Mov(R2, capture.Field.Size).Call(BpfHelper.ProbeReadKernelStr);
            if (capture.Field.HasLength) _code.Store(R8, at, R0);
            return;
        }
        string bounded = Label();
        _code.JumpIf(R2, JumpOp.LessOrEqual, capture.Field.Size, bounded).Mov(R2, capture.Field.Size).Label(bounded);
        if (capture.Field.HasLength) _code.Store(R8, at, R2);
        _code.Call(BpfHelper.ProbeReadKernel);
    }

    private void Word(Capture capture, Register from, Register to)
    {
        if (capture.From == CaptureFrom.Usdt)
        {
            string failed = Label(), done = Label();
            _code.LoadUsdtArgument(capture.Probe!, capture.At, from, to, Slot, failed);
            // Only memory can be missing; the verifier takes no code that nothing leads to.
            if (capture.Probe!.Layouts.Any(l => l[capture.At].Kind is UsdtArgumentKind.Memory or UsdtArgumentKind.IndexedMemory))
                _code.Jump(done).Label(failed).Mov(to, 0).Label(done);
            return;
        }
        _code.Load(to, from, capture.At, Size(capture.Width));
    }

    private void Extend(Register register, int bits, bool signed)
    {
        if (bits >= 64) return;
        _code.Lsh(register, 64 - bits);
        if (signed) _code.Arsh(register, 64 - bits);
        else _code.Rsh(register, 64 - bits);
    }

    private void Clear(int at, int size)
    {
        for (int end = at + size; at < end;)
        {
            int step = at % 8 == 0 && end - at >= 8 ? 8 : at % 4 == 0 && end - at >= 4 ? 4 : at % 2 == 0 && end - at >= 2 ? 2 : 1;
            _code.Store(R8, at, 0, Size(step));
            at += step;
        }
    }

    private string Label() => $"l{_labels++}";

    private static MemorySize Size(int bytes) => bytes switch { 1 => MemorySize.U8, 2 => MemorySize.U16, 4 => MemorySize.U32, _ => MemorySize.U64 };
}
