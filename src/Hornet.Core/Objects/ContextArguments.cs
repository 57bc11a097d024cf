using System.Runtime.InteropServices;
using Hornet.Btf;

namespace Hornet.Objects;

/// <summary>
/// Arguments of global functions that are tagged to be the program's context (<c>__arg_ctx</c>). Kernels before 6.8 do not
/// read the tag, but know a context by the name of its type. So each tagged function gets a second description with that
/// type, for each kind of program that calls it.
/// </summary>
internal static class ContextArguments
{
    private const string KprobeContext = "bpf_user_pt_regs_t", PerfEventContext = "bpf_perf_event_data", RawTracepointContext = "bpf_raw_tracepoint_args";

    /// <summary>Whether an object has tagged arguments at all.</summary>
    public static bool AreIn(BtfSpec btf)
    {
        foreach (var type in btf.OwnTypes)
        {
            if (IsTag(type)) return true;
        }
        return false;
    }

    /// <summary>Adds the descriptions to an object's types.</summary>
    /// <param name="spec">The object.</param>
    /// <param name="builder">A copy of its types.</param>
    /// <returns>The function to load a program of a type with, by the function as the object describes it.</returns>
    public static Dictionary<(ProgramType Type, uint Function), uint> Rewrite(BpfObject spec, BtfBuilder builder)
    {
        Dictionary<(ProgramType, uint), uint> rewritten = [];
        Dictionary<string, uint> pointers = [];
        var tags = Tags(spec.Btf!).ToLookup(tag => tag.TargetId, tag => tag.ComponentIndex);
        foreach (var program in spec.Programs)
        {
            if (ContextOf(program.Type) is not { } context) continue;
            foreach (var instruction in program.Instructions)
            {
                if (instruction.Metadata?.Tag is not InstructionOrigin { FunctionTypeId: > 0 and var id } || rewritten.ContainsKey((program.Type, id))) continue;
                var function = spec.Btf![id];
                // A static function is checked with what its callers pass, whatever it says.
                if (function.Kind != BtfKind.Function || (BtfLinkage)(builder.Word(id, 1) & 0xffff) != BtfLinkage.Global || function.Target.Kind != BtfKind.FunctionPrototype) continue;
                var parameters = function.Target.Parameters;
                int[] indexes = [.. tags[id].Where(i => i >= 0 && i < parameters.Count && IsStandIn(parameters[i].Type, program.Type, context))];
                if (indexes.Length == 0) continue;
                if (!pointers.TryGetValue(context, out uint pointer)) pointers.Add(context, pointer = builder.AddPointer(builder.AddStruct(context, 0)));
                rewritten.Add((program.Type, id), Copy(builder, function, indexes, pointer));
            }
        }
        return rewritten;
    }

    private static IEnumerable<BtfType> Tags(BtfSpec btf) => btf.OwnTypes.Where(IsTag);

    private static bool IsTag(BtfType type) => type.Kind == BtfKind.DeclTag && type.NameBytes.SequenceEqual("arg:ctx"u8);

    private static uint Copy(BtfBuilder builder, BtfType function, int[] indexes, uint pointer)
    {
        uint[] prototype = builder.Record(function.TargetId).ToArray();
        foreach (int index in indexes) prototype[4 + 2 * index] = pointer;
        uint[] copy = builder.Record(function.Id).ToArray();
        copy[2] = builder.AddRaw(prototype);
        uint id = builder.AddRaw(copy);
        foreach (int index in indexes) builder.AddDeclTag("arg:ctx", id, index);
        return id;
    }

    /// <summary>
    /// Whether an argument of this type means the context without being called so. What has the right type stays, and so
    /// does what has a wrong one: there the verifier should complain.
    /// </summary>
    private static bool IsStandIn(BtfType type, ProgramType program, string context)
    {
        type = type.Resolve();
        if (type.Kind != BtfKind.Pointer) return false;
        var target = type.Target.SkipModifiers();
        if (program is ProgramType.Kprobe or ProgramType.PerfEvent && target.Kind == BtfKind.Typedef && target.Name == KprobeContext) return false;
        target = target.Resolve();
        return program switch
        {
            _ when target.Kind == BtfKind.Void => true,
            _ when target.Kind == BtfKind.Struct && target.Name == context => false,
            ProgramType.Kprobe => target is { Kind: BtfKind.Struct, Name: "pt_regs" },
            ProgramType.PerfEvent => target.Kind == BtfKind.Struct && target.Name == RegistersOfThisMachine,
            ProgramType.RawTracepoint or ProgramType.RawTracepointWritable => target is { Kind: BtfKind.Int, Size: 8 },
            _ => false,
        };
    }

    // What bpf_user_pt_regs_t is, by arch/*/include/uapi/asm/bpf_perf_event.h.
    private static string RegistersOfThisMachine => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm64 => "user_pt_regs",
        Architecture.S390x => "user_regs_struct",
        _ => "pt_regs",
    };

    /// <summary>The name by which the verifier knows the context (include/linux/bpf_types.h); null where it has none.</summary>
    private static string? ContextOf(ProgramType type) => type switch
    {
        ProgramType.CgroupSkb or ProgramType.FlowDissector or ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtSeg6local
            or ProgramType.LwtXmit or ProgramType.SchedAct or ProgramType.SchedCls or ProgramType.SkSkb or ProgramType.SocketFilter => "__sk_buff",
        ProgramType.CgroupDevice => "bpf_cgroup_dev_ctx",
        ProgramType.CgroupSock => "bpf_sock",
        ProgramType.CgroupSockAddr => "bpf_sock_addr",
        ProgramType.CgroupSockOpt => "bpf_sockopt",
        ProgramType.CgroupSysctl => "bpf_sysctl",
        ProgramType.Kprobe => KprobeContext,
        ProgramType.Netfilter => "bpf_nf_ctx",
        ProgramType.PerfEvent => PerfEventContext,
        ProgramType.RawTracepoint or ProgramType.RawTracepointWritable => RawTracepointContext,
        ProgramType.SkLookup => "bpf_sk_lookup",
        ProgramType.SkMsg => "sk_msg_md",
        ProgramType.SkReusePort => "sk_reuseport_md",
        ProgramType.SockOps => "bpf_sock_ops",
        ProgramType.Xdp => "xdp_md",
        _ => null,
    };
}
