using System.Reflection;
using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Kernel;
using Hornet.IL.Symbols;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;
using Hornet.Tracing;

namespace Hornet.IL;

// Programs at probes: each kind is a context, and what of it the lambda's parameters are.
internal sealed partial class KernelCode
{
    /// <summary>What the program is attached to where the kernel must know it at load; null elsewhere.</summary>
    public string? AttachTo { get; private init; }

    /// <summary>At a tracepoint, given fields of its record by name.</summary>
    public static KernelCode TracepointFields(string group, string name, Delegate kernel) =>
        TracepointRecord($"{group}:{name}", kernel, Tracefs.Format(group, name));

    /// <summary>At a tracepoint whose record has a known layout.</summary>
    public static KernelCode TracepointRecord(string tracepoint, Delegate kernel, TracepointFormat format) =>
        Probe(tracepoint[(tracepoint.IndexOf(':') + 1)..], $"tracepoint:{tracepoint}", ProgramType.Tracepoint, default, kernel, Returns.Nothing,
            (t, method, context) => new TracepointBinder(t, method, context, tracepoint, format).Bind());

    /// <summary>At a tracepoint, given what its function is given; unlike <see cref="TypedTracepoint"/>, all by address.</summary>
    public static KernelCode RawTracepoint(string name, Delegate kernel) =>
        Probe(name, $"raw_tracepoint:{name}", ProgramType.RawTracepoint, default, kernel, Returns.Nothing, Arguments(TracepointSignature(name, trusted: false)));

    /// <summary>At a tracepoint, given what its function is given, with types that the verifier knows.</summary>
    public static KernelCode TypedTracepoint(string name, Delegate kernel) =>
        Probe(name, $"tp_btf:{name}", ProgramType.Tracing, AttachType.TraceRawTp, kernel, Returns.Nothing, Arguments(TracepointSignature(name, trusted: true)), name);

    /// <summary>At a function's beginning or return, through a trampoline.</summary>
    public static KernelCode Trampoline(string function, AttachType hook, Delegate kernel, bool sleepable)
    {
        var prototype = RequiredPrototype(function);
        bool modifies = hook == AttachType.ModifyReturn;
        var signature = ProbeSignature.Trampoline(function, prototype, withResult: hook != AttachType.TraceFentry);
        string kind = hook switch { AttachType.TraceFentry => "fentry", AttachType.TraceFexit => "fexit", _ => "fmod_ret" };
        return Probe(function, $"{kind}:{function}", ProgramType.Tracing, hook, kernel, modifies ? Returns.Number : Returns.Nothing, Arguments(signature), function, sleepable);
    }

    /// <summary>At a hook of the security modules.</summary>
    public static KernelCode SecurityHook(string hook, Delegate kernel, bool sleepable, AttachType type = AttachType.LsmMac)
    {
        if (Prototype($"bpf_lsm_{hook}") is not { } prototype)
        {
            TracingTarget.SecurityHook(hook).Dispose();
            throw new BpfException($"The kernel's BTF has no prototype of the security hook '{hook}'.");
        }
        bool isVoid = prototype.Target.Kind == BtfKind.Void;
        return Probe(hook, $"lsm:{hook}", ProgramType.Lsm, type, kernel, isVoid ? Returns.Nothing : type == AttachType.LsmCgroup ? Returns.Number : Returns.NumberOrNothing,
            Arguments(ProbeSignature.Trampoline(hook, prototype, withResult: !isVoid && type == AttachType.LsmMac)), hook, sleepable);
    }

    /// <summary>At a kernel function's beginning or return, through a breakpoint or fprobe.</summary>
    public static KernelCode Kprobe(string function, bool isReturn, Delegate kernel, AttachType type = default)
    {
        bool session = type == AttachType.TraceKprobeSession;
        var prototype = function.AsSpan().IndexOfAny('*', '?') < 0 && KernelBtf.IsAvailable ? Prototype(function) : null;
        var signature = isReturn ? ProbeSignature.Return(function, prototype) : ProbeSignature.Registers(function, prototype);
        string kind = $"{(isReturn ? "kretprobe" : "kprobe")}{(session ? ".session" : type != default ? ".multi" : "")}";
        return Probe(function, $"{kind}:{function}", ProgramType.Kprobe, type, kernel, session ? Returns.NumberOrNothing : Returns.Nothing, Arguments(signature));
    }

    /// <summary>At a function of a program or library, at its beginning or return.</summary>
    public static KernelCode Uprobe(string binary, string function, bool isReturn, Delegate kernel, AttachType type = default, bool sleepable = false)
    {
        string name = $"{Path.GetFileName(binary)}:{function}";
        var signature = isReturn ? ProbeSignature.Return(name, null) : ProbeSignature.Registers(name, null);
        string kind = $"{(isReturn ? "uretprobe" : "uprobe")}{(type == AttachType.TraceUprobeSession ? ".session" : type != default ? ".multi" : "")}";
        return Probe(function, $"{kind}:{name}", ProgramType.Kprobe, type, kernel, type == AttachType.TraceUprobeSession ? Returns.NumberOrNothing : Returns.Nothing, Arguments(signature), null, sleepable);
    }

    /// <summary>At a static probe of a program or library.</summary>
    public static KernelCode Usdt(UsdtProbe probe, Delegate kernel) =>
        Probe(probe.Name, $"usdt:{probe}", ProgramType.Kprobe, default, kernel, Returns.Nothing, (t, method, context) => new UsdtBinder(t, method, context, probe).Bind());

    /// <summary>At samples of an event.</summary>
    public static KernelCode PerfEvent(string name, Delegate kernel) => Probe(name, $"perf_event:{name}", ProgramType.PerfEvent, default, kernel, Returns.Nothing,
        Arguments(new ProbeSignature { Name = "a perf event", Arguments = [] }));

    /// <summary>For each object of a kind.</summary>
    public static KernelCode Iterator(string kind, Delegate kernel, bool sleepable)
    {
        if (Prototype($"bpf_iter_{kind}") is not { } prototype)
        {
            TracingTarget.Iterator(kind).Dispose();
            throw new BpfException($"The kernel's BTF has no prototype of the iterator '{kind}'.");
        }
        var all = ProbeSignature.Trampoline($"iterator {kind}", prototype, withResult: false);
        // The description of the iteration comes first in the kernel, and last for who counts parameters.
        var signature = all with { Arguments = [.. all.Arguments.Skip(1), .. all.Arguments.Take(1)], EndsAtNull = true };
        return Probe(kind, $"iter:{kind}", ProgramType.Tracing, AttachType.TraceIter, kernel, Returns.Nothing, Arguments(signature), kind, sleepable);
    }

    /// <summary>Run by a system call, with a struct of the caller's.</summary>
    public static KernelCode Syscall(string name, Delegate kernel) => Probe(name, $"syscall:{name}", ProgramType.Syscall, default, kernel, Returns.NumberOrNothing, (t, method, context) =>
    {
        // The context is memory like any other to such a program.
        var parameters = ProbeBinder.Parameters(method);
        return parameters is [{ ParameterType: { IsByRef: true } type }]
            ? [new Pointer(t.Emit(new Conversion(ConversionKind.Reinterpret, context, IrType.Pointer(new Region(RegionKind.Memory, Layout.SizeOf(type.GetElementType()!))))))]
            : [];
    });

    private enum Returns
    {
        Nothing,
        Number,
        NumberOrNothing,
    }

    private static Func<Translator, MethodInfo, Value, ILValue[]> Arguments(ProbeSignature signature) => (t, method, context) => new ProbeBinder(t, method, context, signature).Bind();

    private static KernelCode Probe(string name, string description, ProgramType type, AttachType attachType, Delegate kernel, Returns returns,
        Func<Translator, MethodInfo, Value, ILValue[]> bind, string? attachTo = null, bool sleepable = false)
    {
        if (!kernel.HasSingleTarget)
            throw new CompilationException([Diagnostic.Error(Rules.Multicast, null, $"{description} is a delegate of {kernel.GetInvocationList().Length} methods")]);
        var method = kernel.Method;
        CheckResult(method, returns, description);
        return new KernelCode(new TranslationRequest
        {
            Name = SafeName(name),
            Description = description,
            ProgramType = type,
            AttachType = attachType,
            Flags = sleepable ? ProgramFlags.Sleepable : ProgramFlags.None,
            Method = method,
            // "counts[key]++" has a value, which nobody asked for.
            DropsResult = returns == Returns.Nothing,
            Target = method.IsStatic && kernel.Target is null ? null : new ObjectConstant(kernel.Target),
            Bind = translator => bind(translator, method, translator.Scope.Function.AddParameter(IrType.Pointer(Region.Context), "ctx")),
        })
        {
            AttachTo = attachTo,
        };
    }

    private static void CheckResult(MethodInfo method, Returns returns, string description)
    {
        bool isVoid = method.ReturnType == typeof(void);
        bool isNumber = ScalarShape.TryCreate(method.ReturnType) is { IsFloat: false, Size: <= 4 };
        string? problem = returns switch
        {
            Returns.Number when !isNumber => $"{description} decides what happens: the lambda returns {(isVoid ? "nothing" : Names.Of(method.ReturnType))}, not int",
            Returns.NumberOrNothing when !isVoid && !isNumber => $"{description} returns an int, and the lambda returns {Names.Of(method.ReturnType)}",
            _ => null,
        };
        if (problem is null) return;
        var at = SymbolReader.Of(method).At(0);
        var location = at is { } range ? new SourceLocation { File = range.File, Line = range.Line, Column = range.Column, EndLine = range.EndLine, EndColumn = range.EndColumn, Method = Names.Of(method) } : null;
        throw new CompilationException([Diagnostic.Error(TracingRules.Result, location is null ? null : SourceText.Attach(location), problem)]);
    }

    private static BtfType? Prototype(string function) => KernelFunctionProbe.Find(function).FirstOrDefault() is { } probe ? probe.Function.Target : null;

    private static BtfType RequiredPrototype(string function)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        if (Prototype(function) is { } prototype) return prototype;
        // It says which names are close.
        TracingTarget.Function(function).Dispose();
        throw new BpfException($"The kernel's BTF has no prototype of '{function}'.");
    }

    private static ProbeSignature TracepointSignature(string name, bool trusted)
    {
        if (RawTracepointProbe.Find(name).FirstOrDefault() is not { } probe)
        {
            TracingTarget.Tracepoint(name).Dispose();
            throw new BpfException($"The kernel's BTF has no prototype of the tracepoint '{name}'.");
        }
        var prototype = probe.Prototype;
        BtfType? named = Prototype($"__traceiter_{name}") ?? Prototype($"__bpf_trace_{name}");
        return ProbeSignature.Tracepoint(name, prototype, named, trusted);
    }
}
