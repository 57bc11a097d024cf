using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectLoader
{
    /// <summary>
    /// What a program is checked against at load: the kernel function, tracepoint, hook, iterator or table it is for, or
    /// another BPF program's function. Section names give it; it is found by BTF id.
    /// </summary>
    private ProgramLoadOptions FindTarget(ProgramSpec program, ProgramLoadOptions options)
    {
        if (program.Type == ProgramType.StructOps) return FindStructOps(program, options);
        if (_options.TargetPrograms.TryGetValue(program.Name, out var target)) return FindInProgram(program, target, options);
        var (prefix, kind) = (program.Type, program.AttachType) switch
        {
            (ProgramType.Tracing, AttachType.TraceRawTp) => ("btf_trace_", BtfKind.Typedef),
            (ProgramType.Tracing, AttachType.TraceIter) => ("bpf_iter_", BtfKind.Function),
            (ProgramType.Lsm, _) => ("bpf_lsm_", BtfKind.Function),
            (ProgramType.Tracing, AttachType.TraceFentryMulti or AttachType.TraceFexitMulti or AttachType.TraceFsessionMulti) => ("", BtfKind.Void),
            (ProgramType.Tracing, _) => ("", BtfKind.Function),
            _ => ("", BtfKind.Void),
        };
        if (program.Type == ProgramType.Ext)
            throw new BpfException($"program '{program.Name}': it replaces a function of another BPF program. Give that program in LoadOptions.TargetPrograms[\"{program.Name}\"]");
        if (kind == BtfKind.Void) return options;
        if (string.IsNullOrEmpty(program.AttachTo))
            throw new BpfException($"program '{program.Name}': the section '{program.SectionName}' does not name what to attach to. Set ProgramSpec.AttachTo");
        int colon = program.AttachTo.IndexOf(':');
        string name = colon < 0 ? prefix + program.AttachTo : program.AttachTo[..(colon + 1)] + prefix + program.AttachTo[(colon + 1)..];
        if (_kernel.Find(name, kind) is { } found) return options with { AttachBtfId = found.Type.Id, AttachBtfObject = found.Module };
        string? near = CloseNames.Suggest(name, _kernel.Vmlinux.OwnTypes.Where(t => t.Kind == kind).Select(t => t.Name));
        throw new BpfException($"program '{program.Name}': this kernel has no {Describe(program)} '{program.AttachTo}'.{(near is null ? "" : " " + near.Replace(prefix.Length == 0 ? "\0" : prefix, ""))}");
    }

    private static string Describe(ProgramSpec program) => program.AttachType switch
    {
        AttachType.TraceRawTp => "tracepoint",
        AttachType.TraceIter => "iterator",
        AttachType.LsmMac or AttachType.LsmCgroup => "security hook",
        _ => "function (in its BTF)",
    };

    private static ProgramLoadOptions FindInProgram(ProgramSpec program, BpfProgram target, ProgramLoadOptions options)
    {
        uint btfId = target.GetInfo().BtfId;
        if (btfId == 0) throw new BpfException($"program '{program.Name}': its target '{target.Name}' was loaded without BTF, so its functions cannot be found");
        using var btf = BpfBtf.Open(btfId);
        using var spec = btf.ReadSpec();
        string name = string.IsNullOrEmpty(program.AttachTo) ? target.Name : program.AttachTo;
        if (spec.TryFind(name, BtfKind.Function, out var function)) return options with { AttachProgram = target.Descriptor, AttachBtfId = function.Id };
        string functions = string.Join(", ", spec.OwnTypes.Where(t => t.Kind == BtfKind.Function).Select(t => t.Name).Take(20));
        throw new BpfException($"program '{program.Name}': its target '{target.Name}' has no function '{name}'; there are {functions}");
    }
}
