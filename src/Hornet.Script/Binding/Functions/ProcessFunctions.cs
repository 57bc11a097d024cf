using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>Who runs, where, and when chance decides.</summary>
internal static class ProcessFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("pid", 0, 1, c => Number(c, BoundIntrinsic.Pid, BoundIntrinsic.PidInNamespace)) { MayBeWord = true, Result = IntegerType.UInt32, Arguments = [ArgumentKind.Syntax] },
        new("tid", 0, 1, c => Number(c, BoundIntrinsic.Tid, BoundIntrinsic.TidInNamespace)) { MayBeWord = true, Result = IntegerType.UInt32, Arguments = [ArgumentKind.Syntax] },
        Simple("uid", BoundIntrinsic.Uid, IntegerType.UInt32),
        Simple("gid", BoundIntrinsic.Gid, IntegerType.UInt32),
        Simple("cpu", BoundIntrinsic.Cpu, IntegerType.UInt32),
        Simple("numaid", BoundIntrinsic.NumaNode, IntegerType.UInt32),
        Simple("rand", BoundIntrinsic.Random, IntegerType.UInt32),
        Simple("jiffies", BoundIntrinsic.Jiffies, IntegerType.UInt64),
        Simple("cgroup", BoundIntrinsic.CgroupId, IntegerType.UInt64),
        new("ncpus", 0, 0, c => new BoundConversion(c.Span, IntegerType.UInt64, BoundConversionKind.Integer, Literals.Integer(c.Span, c.Context.Options.System.CpuCount))) { MayBeWord = true, Result = IntegerType.UInt64 },
        new("username", 0, 0, c => c.Make(BoundIntrinsic.UserName, UserNameType.Instance, Body.AsInteger(c.Make(BoundIntrinsic.Uid, IntegerType.UInt32), IntegerType.UInt64))) { MayBeWord = true, Result = UserNameType.Instance },
        new("comm", 0, 1, Comm) { MayBeWord = true, Arguments = [ArgumentKind.Integer] },
        new("curtask", 0, 0, CurrentTask) { MayBeWord = true },
        new("cpid", 0, 0, Child) { MayBeWord = true, Result = IntegerType.UInt64 },
        // True when there is none, as bpftrace has it.
        new("has_cpid", 0, 0, c => Literals.Boolean(c.Span, c.Context.Options.ChildPid is null)) { MayBeWord = true, Result = BooleanType.Instance },
    ];

    private static Builtin Simple(string name, BoundIntrinsic intrinsic, ScriptType type) => new(name, 0, 0, c => c.Make(intrinsic, type)) { MayBeWord = true, Result = type };

    private static BoundExpression Number(Call c, BoundIntrinsic initial, BoundIntrinsic own)
    {
        bool inNamespace = c.Context.Options.System.InPidNamespace;
        if (c.Count == 0) return c.Make(inNamespace ? own : initial, IntegerType.UInt32);
        if (c.Syntax[0] is not IdentifierSyntax { Name: var mode }) return c.Fail($"{c.Name}() only supports curr_ns and init as the argument");
        switch (mode)
        {
            case "init": return c.Make(initial, IntegerType.UInt32);
            case "curr_ns": return c.Make(inNamespace ? own : initial, IntegerType.UInt32);
            default:
                c.Report(c.Syntax[0].Span, $"Invalid PID namespace mode: {mode} (expects: curr_ns or init)");
                return c.Unknown;
        }
    }

    private static BoundExpression Comm(Call c)
    {
        if (c.Count == 0) return c.Make(BoundIntrinsic.Comm, new StringType(16));
        if (!c.Context.Options.System.HasKernelFunction("bpf_task_from_pid"))
            return c.Fail($"Syntax comm(PID) is not supported in this probe type yet. Type: {(c.Target is { } target ? ProbeRules.Kind(target.Type) : "none")}");
        return c.Make(BoundIntrinsic.CommOf, new StringType(64), Body.AsInteger(c[0], IntegerType.Int32));
    }

    private static BoundExpression CurrentTask(Call c)
    {
        ScriptType task = c.Context.Types?.FindType("struct task_struct") ?? VoidType.Instance;
        return c.Make(BoundIntrinsic.CurrentTask, new PointerType(task, AddressSpace.Kernel));
    }

    private static BoundExpression Child(Call c)
    {
        if (c.Context.Options.ChildPid is null) c.Body.Warn(c.Span, "No child command (`-c`); cpid is zero");
        return new BoundConversion(c.Span, IntegerType.UInt64, BoundConversionKind.Integer, Literals.Integer(c.Span, c.Context.Options.ChildPid ?? 0));
    }
}
