using System.Collections.Concurrent;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Features;

/// <summary>Kernel functions (kfuncs): is it in the kernel's BTF, and what does the verifier say to a call of it?</summary>
internal static class KernelFunctionFeatures
{
    private static readonly ConcurrentDictionary<(string, ProgramType), KernelFeature> s_known = new();
    private static readonly ConcurrentDictionary<(string, KernelMember, bool), KernelFeature> s_knownInMembers = new();

    /// <summary>Whether programs of a type can call a kernel function of vmlinux or of a loaded module.</summary>
    public static KernelFeature For(string name, ProgramType type) => s_known.GetOrAdd((name, type), key =>
        new KernelFeature(FeatureCategory.KernelFunction, $"{key.Item1} in {ProgramTypeFeatures.Find(key.Item2)?.Name ?? key.Item2.ToString()}", "5.13", () => Probe(key.Item1, key.Item2, ProgramTypeFeatures.Frames)));

    /// <summary>Whether a member of a table of functions can call a kernel function.</summary>
    public static KernelFeature For(string name, KernelMember member, bool maySleep) => s_knownInMembers.GetOrAdd((name, member, maySleep), key =>
        new KernelFeature(FeatureCategory.KernelFunction, $"{key.Item1} in {key.Item2}", "5.13", () => Probe(key.Item1, ProgramType.StructOps, (_, code) => ProgramTypeFeatures.MemberFrames(key.Item2, key.Item3, code))));

    /// <summary>The names of all functions the kernel marks as callable (decl tag <c>bpf_kfunc</c>, 6.10), sorted.</summary>
    public static IReadOnlyList<string> List()
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        Collect(KernelBtf.Vmlinux, names);
        foreach (string module in KernelBtf.Modules)
        {
            if (KernelBtf.TryGetModule(module, out var spec) && spec is not null) Collect(spec, names);
        }
        return [.. names];
    }

    private static void Collect(BtfSpec spec, SortedSet<string> names)
    {
        foreach (var type in spec.OwnTypes)
        {
            if (type.Kind == BtfKind.DeclTag && type.NameBytes.SequenceEqual("bpf_kfunc"u8) && type.Target.Kind == BtfKind.Function)
                names.Add(type.Target.Name);
        }
    }

    private static ProbeAnswer Probe(string name, ProgramType type, Func<ProgramType, Instruction[], IEnumerable<ProbeProgram>> frames)
    {
        if (!KernelBtf.IsAvailable) return ProbeAnswer.No(Errno.None, "Kernel functions are found through the kernel's BTF, which it does not have.");
        if (KernelBtf.Vmlinux.TryFind(name, BtfKind.Function, out var function)) return Ask(name, type, function.Id, null, frames);
        foreach (string module in KernelBtf.Modules)
        {
            if (!KernelBtf.TryGetModule(module, out var spec) || spec is null || !spec.TryFind(name, BtfKind.Function, out function)) continue;
            foreach (var loaded in BpfBtf.Enumerate())
            {
                if (loaded.Name != module) continue;
                using var btf = BpfBtf.Open(loaded.Id);
                return Ask(name, type, function.Id, btf.Descriptor, frames);
            }
        }
        return ProbeAnswer.No(Errno.None, $"The kernel's BTF has no function '{name}'.");
    }

    private static ProbeAnswer Ask(string name, ProgramType type, uint id, FileDescriptor? module, Func<ProgramType, Instruction[], IEnumerable<ProbeProgram>> frames)
    {
        // Index 0 of the array stands for vmlinux, so a module's is at 1. Some functions are only for iterators, or for one kind of hook: who may call it anywhere can call it.
        ProbeAnswer? answer = null;
        foreach (var frame in frames(type, [Instruction.CallKernelFunction((int)id, (short)(module is null ? 0 : 1)), Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Exit()]))
        {
            answer = Ask(name, type, module is null ? frame : frame with { DescriptorArray = [0, module.Value] });
            if (answer.Value.State != FeatureState.Unavailable) break;
        }
        return answer ?? ProbeAnswer.Unclear(Errno.None, $"A program of type {type} cannot be loaded without something to attach to, so this cannot be asked.");
    }

    private static ProbeAnswer Ask(string name, ProgramType type, ProbeProgram program)
    {
        using var outcome = program.Load(withLog: true);
        if (outcome.Errno == Errno.None) return ProbeAnswer.Yes;
        if (outcome.Log.Length == 0) return ProbeAnswer.Unclear(outcome.Errno, outcome.Errno == Errno.EINVAL ? $"This kernel has no programs of type {type}." : "");
        if (outcome.Log.Contains("is not allowed", StringComparison.Ordinal) || outcome.Log.Contains("calling kernel function is not supported", StringComparison.Ordinal)
            || outcome.Log.Contains("require device-bound program", StringComparison.Ordinal) && type != ProgramType.Xdp
            || outcome.Log.Contains("attach to unsupported member", StringComparison.Ordinal)
            || outcome.Log.Contains("does not have a valid func_proto", StringComparison.Ordinal)
            || outcome.Log.Contains("must be sleepable to call", StringComparison.Ordinal) && type == ProgramType.StructOps
            || outcome.Log.Contains("kernel btf_id", StringComparison.Ordinal) && outcome.Log.Contains("is not a function", StringComparison.Ordinal))
            return ProbeAnswer.No(outcome.Errno, $"Programs of type {type} cannot call '{name}'.");
        // Anything else is about the arguments.
        return ProbeAnswer.Yes;
    }
}
