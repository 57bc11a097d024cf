using System.Collections.Concurrent;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>Helpers: what does the verifier say to a program that does nothing but call one, with wrong arguments?</summary>
internal static class HelperFeatures
{
    private static readonly ConcurrentDictionary<(ProgramType, BpfHelper), KernelFeature> s_byType = new();

    // Between them these can call nearly every helper; the rest is tried when none of them can.
    private static readonly ProgramType[] s_mostCapable =
    [
        ProgramType.Tracing, ProgramType.SchedCls, ProgramType.Kprobe, ProgramType.Xdp, ProgramType.Syscall, ProgramType.SockOps,
        ProgramType.CgroupSockAddr, ProgramType.SkMsg, ProgramType.Lsm,
    ];

    private static ProgramType[]? s_types;
    private static KernelFeature[]? s_everyHelper;

    private static ProgramType[] Types => s_types ??= [.. s_mostCapable, .. ProgramTypeFeatures.Types.Except(s_mostCapable).Where(type => type != ProgramType.Ext)];

    /// <summary>Every helper. Who asks for one of a program's type does not wait for all to be made.</summary>
    public static IReadOnlyList<KernelFeature> All =>
        s_everyHelper ??= [.. Enumerable.Range(1, HelperTable.Count - 1).Select(n => Make((BpfHelper)n, null, () => ProbeAny((BpfHelper)n)))];

    /// <summary>Whether programs of a type can call a helper.</summary>
    public static KernelFeature For(ProgramType type, BpfHelper helper) =>
        s_byType.GetOrAdd((type, helper), key => Make(key.Item2, key.Item1, () => Probe(key.Item1, key.Item2)));

    private static ProbeAnswer ProbeAny(BpfHelper helper)
    {
        var refused = ProbeAnswer.No(Errno.None, "No kind of program that can be loaded here may call it.");
        foreach (var type in Types)
        {
            var one = Ask(type, helper, out bool unknownEverywhere);
            if (one.State == FeatureState.Available || unknownEverywhere) return one;
            // A type this process may not load could be the one that may call it.
            if (one.State == FeatureState.Undetermined && one.Errno is Errno.EPERM or Errno.EACCES) refused = one;
        }
        return refused;
    }

    private static ProbeAnswer Probe(ProgramType type, BpfHelper helper) => Ask(type, helper, out _);

    private static ProbeAnswer Ask(ProgramType type, BpfHelper helper, out bool unknownEverywhere)
    {
        unknownEverywhere = false;
        var last = ProbeAnswer.Unclear(Errno.None, $"A program of type {type} cannot be loaded without something to attach to, so this cannot be asked.");
        foreach (var program in ProgramTypeFeatures.Frames(type, Instruction.CallHelper(helper), Instruction.Exit()))
        {
            var answer = Ask(program, out unknownEverywhere);
            if (answer.State == FeatureState.Available || unknownEverywhere) return answer;
            if (last.State != FeatureState.Undetermined || last.Errno is not (Errno.EPERM or Errno.EACCES)) last = answer;
        }
        return last;
    }

    private static ProbeAnswer Ask(ProbeProgram program, out bool unknownEverywhere)
    {
        unknownEverywhere = false;
        using var outcome = program.Load(withLog: true);
        if (outcome.Errno == Errno.None) return ProbeAnswer.Yes;
        string log = outcome.Log;
        // The number is beyond the kernel's last helper: no kind of program has it.
        if (log.Contains("invalid func ", StringComparison.Ordinal))
        {
            unknownEverywhere = true;
            return ProbeAnswer.No(outcome.Errno, "The kernel does not know the helper.");
        }
        // Before 6.13 the first, since then the second, for a helper that is not this type's (or is taken away by lockdown).
        if (log.Contains("unknown func ", StringComparison.Ordinal) || log.Contains("cannot use helper ", StringComparison.Ordinal))
            return ProbeAnswer.No(outcome.Errno, $"Programs of type {program.Type} cannot call it.");
        if (log.Length == 0)
        {
            // The verifier was not reached: the type is not there, or not for this process.
            return outcome.Errno is Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOTSUPP
                ? ProbeAnswer.Unclear(outcome.Errno, $"This kernel has no programs of type {program.Type}.")
                : ProbeAnswer.Unclear(outcome.Errno);
        }
        // A complaint before the call was walked, as 5.10's about what the program is attached to, says nothing about the helper.
        if (!log.Contains("(85) call ", StringComparison.Ordinal)) return ProbeAnswer.Unclear(outcome.Errno, $"The verifier refuses programs of type {program.Type} before it looks at the call.");
        // Anything else is about the arguments, which the verifier only looks at when it knows the helper.
        return ProbeAnswer.Yes;
    }

    private static KernelFeature Make(BpfHelper helper, ProgramType? type, Func<ProbeAnswer> probe)
    {
        string name = HelperTable.NameOf(helper) ?? $"helper {(int)helper}";
        if (type is not null) name += $" in {ProgramTypeFeatures.Find(type.Value)?.Name ?? type.ToString()}";
        return new(FeatureCategory.Helper, name, HelperTable.FirstKernel(helper)?.ToString(2), probe)
        {
            HiddenBy = helper switch
            {
                // LOCKDOWN_BPF_WRITE_USER and LOCKDOWN_BPF_READ_KERNEL in bpf_tracing_func_proto (5.13; commit ff40e51043af).
                BpfHelper.ProbeWriteUser => LockdownMode.Integrity,
                BpfHelper.ProbeRead or BpfHelper.ProbeReadStr or BpfHelper.ProbeReadKernel or BpfHelper.ProbeReadKernelStr => LockdownMode.Confidentiality,
                _ => null,
            },
            // Only what stands under #ifdef of the option: others compile without it and answer with an error when called.
            Config = helper switch
            {
                BpfHelper.OverrideReturn => "CONFIG_BPF_KPROBE_OVERRIDE",
                BpfHelper.RcRepeat or BpfHelper.RcKeydown or BpfHelper.RcPointerRel => "CONFIG_BPF_LIRC_MODE2",
                BpfHelper.LwtSeg6StoreBytes or BpfHelper.LwtSeg6AdjustSrh or BpfHelper.LwtSeg6Action => "CONFIG_IPV6_SEG6_BPF",
                BpfHelper.InodeStorageGet or BpfHelper.InodeStorageDelete or BpfHelper.BprmOptsSet or BpfHelper.ImaInodeHash or BpfHelper.ImaFileHash => "CONFIG_BPF_LSM",
                BpfHelper.SkbGetXfrmState => "CONFIG_XFRM",
                BpfHelper.TcpRawGenSyncookieIpv4 or BpfHelper.TcpRawCheckSyncookieIpv4 => "CONFIG_SYN_COOKIES",
                BpfHelper.SkbCgroupClassid => "CONFIG_CGROUP_NET_CLASSID",
                _ => null,
            },
            ConfigDecides = true,
            Needs = Capability.PerfMon,
        };
    }
}
