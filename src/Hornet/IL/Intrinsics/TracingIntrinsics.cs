using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Compiler.KernelTypes;
using Hornet.IL.Kernel;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>The members of <see cref="Bpf"/> that tracing programs use, and their contexts.</summary>
internal static class TracingIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var bpf = typeof(Bpf);
        registry.Add(bpf, CurrentTask, "get_CurrentTask");
        registry.Add(bpf, static call => OfContext(call, BpfHelper.GetAttachCookie), "get_AttachCookie");
        registry.Add(bpf, static call => OfContext(call, BpfHelper.GetFuncIp), "get_FunctionAddress");
        registry.Add(bpf, static call => OfContext(call, BpfHelper.GetFuncArgCnt), "get_FunctionArgumentCount");
        registry.Add(bpf, static call => Number(call, BpfHelper.Jiffies64), "get_Jiffies");
        registry.Add(bpf, static call => Number(call, BpfHelper.KtimeGetCoarseNs), "get_CoarseTimeNs");
        registry.Add(bpf, static call => Number(call, BpfHelper.KtimeGetTaiNs), "get_TaiTimeNs");
        registry.Add(bpf, static call => new Scalar(call.Translator.Narrow(call.Translator.Call(BpfHelper.GetNumaNodeId, IrType.I64))), "get_NumaNode");
        registry.Add(bpf, IsReturn, "get_IsReturn");
        registry.Add(bpf, SessionCookie, "get_SessionCookie");
        registry.Add(bpf, TryGetArgument, "TryGetArgument");
        registry.Add(bpf, Exists, "Exists");
        registry.Add(bpf, SizeOf, "SizeOf");
        registry.Add(bpf, At, "At");
        registry.Add(bpf, AddressOf, "AddressOf");
        registry.Add(bpf, TryCopyFromUser, "TryCopyFromUser");
        registry.Add(bpf, GetStack, "GetStack");
        registry.Add(bpf, GetTaskStack, "GetTaskStack");
        registry.Add(bpf, static call => Signal(call, BpfHelper.SendSignal), "SendSignal");
        registry.Add(bpf, static call => Signal(call, BpfHelper.SendSignalThread), "SendSignalToThread");
        registry.Add(bpf, OverrideReturn, "OverrideReturn");
        registry.Add(bpf, static call => new Scalar(call.Translator.Call(BpfHelper.GetCurrentAncestorCgroupId, IrType.I64, call.Translator.Widen(call.Number(0), true))), "GetAncestorCgroupId");
        registry.Add(bpf, TryGetIdsInNamespace, "TryGetIdsInNamespace");
        registry.Add(bpf, GetPath, "GetPath");
        registry.Add(bpf, GetRegisters, "GetRegisters");
        registry.Add(bpf, SeqWrite, "SeqWrite");

        foreach (var type in (ReadOnlySpan<Type>)[typeof(ProbeContext), typeof(PerfSample)])
        {
            registry.Add(type, static call => Word(call, ProbeRegisters.InstructionPointer), "get_InstructionPointer");
            registry.Add(type, static call => Word(call, ProbeRegisters.StackPointer), "get_StackPointer");
        }
        registry.Add(typeof(ProbeContext), static call => Word(call, ProbeRegisters.Result), "get_Result");
        registry.Add(typeof(ProbeContext), GetArgument, "GetArgument");
        registry.Add(typeof(PerfSample), static call => Word(call, ProbeRegisters.Size), "get_Period");
        registry.Add(typeof(PerfSample), static call => Word(call, ProbeRegisters.Size + 8), "get_DataAddress");
    }

    private static Scalar Number(IntrinsicCall call, BpfHelper helper) => new(call.Translator.Call(helper, IrType.I64));

    // The context is the first parameter of the program; the functions that helpers call back do not get it.
    private static Value? Context(IntrinsicCall call)
    {
        var t = call.Translator;
        if (t.ProgramContext is { } context) return context;
        t.Report(TracingRules.NoContext, $"{Names.Of(call.Method)} needs the program's context, which a callback does not have: ask before, and capture the answer");
        return null;
    }

    private static ILValue OfContext(IntrinsicCall call, BpfHelper helper) =>
        Context(call) is { } context ? new Scalar(call.Translator.Call(helper, IrType.I64, context)) : ErrorValue.Instance;

    private static ILValue CurrentTask(IntrinsicCall call)
    {
        bool typed = call.Translator.Request.Options.Kernel is not { } kernel || kernel >= new Version(5, 11);
        return new Pointer(typed
            ? call.Translator.Call(BpfHelper.GetCurrentTaskBtf, IrType.Pointer(Region.Kernel("task_struct")))
            : call.Translator.Call(BpfHelper.GetCurrentTask, IrType.Pointer(Region.KernelUntrusted("task_struct"))));
    }

    private static ILValue Word(IntrinsicCall call, int offset)
    {
        var context = (StructValue)call.Translator.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false);
        return new Scalar(call.Translator.Emit(new Load(((Pointer)context.Leaves[0]).Base, offset, MemoryWidth.U64, IrType.I64)));
    }

    private static ILValue GetArgument(IntrinsicCall call)
    {
        var t = call.Translator;
        if (!Translator.IsKnown(call.Number(0), out long index)) return t.Report(Rules.NotConstant, "the number of the argument is not constant");
        return index >= 0 && index < ProbeRegisters.Arguments.Length
            ? Word(call, ProbeRegisters.Arguments[index])
            : t.Report(TracingRules.Parameters, $"there is no register for an argument {index}: {ProbeRegisters.Arguments.Length} arguments are passed in registers, counted from 0");
    }

    // Both take the context since 7.0, and nothing before: what is in the register then does not matter.
    private static ILValue IsReturn(IntrinsicCall call) => Context(call) is { } context
        ? new Scalar(call.Translator.Narrow(call.Translator.Emit(new KernelFunctionCall("bpf_session_is_return", IrType.I32, context)))) : ErrorValue.Instance;

    private static ILValue SessionCookie(IntrinsicCall call) => Context(call) is { } context
        ? new Pointer(call.Translator.Emit(new KernelFunctionCall("bpf_session_cookie", IrType.Pointer(Region.MapValue(8)), context))) : ErrorValue.Instance;

    private static ILValue TryGetArgument(IntrinsicCall call)
    {
        var t = call.Translator;
        if (Context(call) is not { } context) return ErrorValue.Instance;
        var slot = t.NewSlot(8, 8, uninitialized: false);
        var error = t.Call(BpfHelper.GetFuncArg, IrType.I64, context, t.Widen(call.Number(0), false), slot);
        t.StoreTo(call.Arguments[1], Shape.Of(typeof(ulong)), new Scalar(t.Emit(new Load(slot, 0, MemoryWidth.U64, IrType.I64))), false);
        return Succeeded(t, error);
    }

    private static Scalar Succeeded(Translator t, Value error) => new(t.Comparison(Predicate.Equal, error, Translator.Number(0)));

    private static ILValue Exists(IntrinsicCall call)
    {
        var t = call.Translator;
        var view = call.TypeArgument();
        if (KernelViews.NameOf(view) is not { } type) return NoView(call, view);
        if (call.Arguments.Length == 0) return IntrinsicCall.Truth(t.KernelTypes is { } types && new MemberPath(types).TryFindType(type, out _));
        if (call.Arguments[0] is not ObjectConstant { Instance: string name }) return t.Report(Rules.NotConstant, "the name of the property is not constant");
        var property = view.GetProperty(name) ?? view.GetInterfaces().Select(i => i.GetProperty(name)).FirstOrDefault(p => p is not null);
        if (property is null) return t.Report(DiagnosticRules.UnknownKernelField, $"{Names.Of(view)} has no property '{name}'");
        return IntrinsicCall.Truth(t.KernelTypes is { } all && Translator.FindField(all, type, KernelViews.PathsOf(property), out _) is not null);
    }

    private static ILValue NoView(IntrinsicCall call, Type type) =>
        call.Translator.Report(DiagnosticRules.UnknownKernelField, $"{Names.Of(type)} is no view of a kernel type: an interface with [KernelType(\"…\")]");

    private static ILValue SizeOf(IntrinsicCall call)
    {
        if (KernelViews.NameOf(call.TypeArgument()) is not { } type) return NoView(call, call.TypeArgument());
        return new Scalar(call.Translator.Emit(new KernelQuery(KernelFact.Size, type)));
    }

    private static ILValue At(IntrinsicCall call)
    {
        var t = call.Translator;
        if (KernelViews.NameOf(call.TypeArgument()) is not { } type) return NoView(call, call.TypeArgument());
        return new Pointer(t.Emit(new Conversion(ConversionKind.IntegerToPointer, t.Widen(call.Number(0), false), IrType.Pointer(Region.KernelUntrusted(type)))));
    }

    private static ILValue AddressOf(IntrinsicCall call)
    {
        var t = call.Translator;
        return call.Arguments[0] switch
        {
            ObjectConstant { Instance: null } or Pointer { IsNull: true } => new Scalar(Translator.Number(0)),
            Pointer { Region.Kind: RegionKind.Kernel or RegionKind.KernelUntrusted } pointer => new Scalar(t.Emit(new Conversion(ConversionKind.PointerToInteger, t.AddressOf(pointer), IrType.I64))),
            _ => t.Report(Rules.Unsupported, "the address of something is asked that is no object of the kernel"),
        };
    }

    private static ILValue TryCopyFromUser(IntrinsicCall call)
    {
        var t = call.Translator;
        if (KernelMemoryIntrinsics.Place(call, 1) is not { } place) return ErrorValue.Instance;
        if (place.Size == 0) return IntrinsicCall.Truth(true);
        return Succeeded(t, t.Call(BpfHelper.CopyFromUser, IrType.I64, place.Address, Translator.Number(place.Size), t.Widen(call.Number(0), false)));
    }

    private static Value Flags(IntrinsicCall call, int flags, int skip) =>
        call.Translator.Arithmetic(BinaryOperator.Or, call.Translator.Widen(call.Number(flags), false), call.Translator.Widen(call.Number(skip), false));

    private static ILValue GetStack(IntrinsicCall call)
    {
        var t = call.Translator;
        if (Context(call) is not { } context || KernelMemoryIntrinsics.Place(call, 0) is not { } place) return ErrorValue.Instance;
        return place.Size == 0 ? new Scalar(Translator.Number32(0)) : Frames(t, t.Call(BpfHelper.GetStack, IrType.I64, context, place.Address, Translator.Number(place.Size), Flags(call, 1, 2)));
    }

    private static ILValue GetTaskStack(IntrinsicCall call)
    {
        var t = call.Translator;
        if (call.Arguments[0] is not Pointer task || KernelMemoryIntrinsics.Place(call, 1) is not { } place) return ErrorValue.Instance;
        return place.Size == 0 ? new Scalar(Translator.Number32(0))
            : Frames(t, t.Call(BpfHelper.GetTaskStack, IrType.I64, t.AddressOf(task), place.Address, Translator.Number(place.Size), t.Widen(call.Number(2), false)));
    }

    // Bytes to frames; error numbers stay.
    private static ILValue Frames(Translator t, Value bytes) => t.Choose(t.Comparison(Predicate.Greater, bytes, Translator.Number(0)),
        () => new Scalar(t.Narrow(t.Arithmetic(BinaryOperator.LShr, bytes, Translator.Number(3)))), () => new Scalar(t.Narrow(bytes)));

    private static Scalar Signal(IntrinsicCall call, BpfHelper helper) => new(call.Translator.Narrow(call.Translator.Call(helper, IrType.I64, call.Translator.Widen(call.Number(0), false))));

    private static ILValue? OverrideReturn(IntrinsicCall call)
    {
        if (Context(call) is not { } context) return ErrorValue.Instance;
        call.Translator.Call(BpfHelper.OverrideReturn, IrType.I64, context, call.Number(0));
        return null;
    }

    private static ILValue TryGetIdsInNamespace(IntrinsicCall call)
    {
        var t = call.Translator;
        var slot = t.NewSlot(8, 8, uninitialized: true);
        // struct bpf_pidns_info is pid (of the thread), tgid; the kernel fills it with zeros on failure.
        var error = t.Call(BpfHelper.GetNsCurrentPidTgid, IrType.I64, call.Number(0), call.Number(1), slot, Translator.Number(8));
        var shape = Shape.Of(typeof(NamespaceIds));
        t.StoreTo(call.Arguments[2], shape, t.LoadFrom(new Pointer(slot), shape, false), false);
        return Succeeded(t, error);
    }

    private static ILValue GetPath(IntrinsicCall call)
    {
        var t = call.Translator;
        if (call.Arguments[0] is not Pointer path || KernelMemoryIntrinsics.Place(call, 1) is not { } place) return ErrorValue.Instance;
        var length = t.Call(BpfHelper.DPath, IrType.I64, t.AddressOf(path), place.Address, Translator.Number(place.Size));
        return t.Choose(t.Comparison(Predicate.Greater, length, Translator.Number(0)),
            () => new Scalar(t.Narrow(t.Arithmetic(BinaryOperator.Sub, length, Translator.Number(1)))), () => new Scalar(t.Narrow(length)));
    }

    private static ILValue GetRegisters(IntrinsicCall call) => call.Arguments[0] is Pointer task
        ? new Pointer(call.Translator.Call(BpfHelper.TaskPtRegs, IrType.Pointer(Region.Kernel("pt_regs")), call.Translator.AddressOf(task)))
        : ErrorValue.Instance;

    private static ILValue SeqWrite(IntrinsicCall call)
    {
        var t = call.Translator;
        if (t.Request.AttachType != AttachType.TraceIter) return t.Report(TracingRules.NoContext, $"{Names.Of(call.Method)} writes for the reader of an iterator, and this is none");
        if (Context(call) is not { } context) return ErrorValue.Instance;
        Value data;
        int size;
        if (call.Method.IsGenericMethod)
        {
            var shape = Shape.Of(call.TypeArgument());
            size = shape.Size;
            data = t.InMemory(t.LoadFrom(call.Arguments[0], shape, false), shape);
        }
        else
        {
            if (KernelMemoryIntrinsics.Place(call, 0) is not { } place) return ErrorValue.Instance;
            (data, size) = place;
        }
        if (size == 0) return IntrinsicCall.Truth(true);
        var meta = t.Emit(new Load(context, 0, MemoryWidth.U64, IrType.Pointer(Region.Kernel("bpf_iter_meta"))));
        var sequence = t.Emit(new KernelLoad(meta, "bpf_iter_meta", "seq", IrType.Pointer(Region.Kernel("seq_file"))));
        return Succeeded(t, t.Call(BpfHelper.SeqWrite, IrType.I64, sequence, data, Translator.Number(size)));
    }
}
