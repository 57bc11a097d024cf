using Hornet.Btf;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// What a BTF-typed program (tp_btf, fentry, fexit, fmod_ret, LSM, iterator, freplace) is attached to. It must be known when
/// the program is loaded: <c>BpfProgram.Load(spec, target.For(options))</c>.
/// </summary>
public sealed class TracingTarget : IDisposable
{
    private readonly FileDescriptor? _module;
    private readonly FileDescriptor? _program;

    private TracingTarget(uint btfId, string name, FileDescriptor? module = null, FileDescriptor? program = null)
    {
        BtfId = btfId;
        Name = name;
        _module = module;
        _program = program;
    }

    /// <summary>The type id of the target in its BTF.</summary>
    public uint BtfId { get; }

    /// <summary>The target's name.</summary>
    public string Name { get; }

    /// <summary>The load options with the target filled in.</summary>
    public ProgramLoadOptions For(ProgramLoadOptions? options = null) =>
        (options ?? ProgramLoadOptions.Default) with { AttachBtfId = BtfId, AttachBtfObject = _module, AttachProgram = _program };

    /// <summary>A function of the kernel or of a module (5.11), for fentry, fexit, fmod_ret and fsession.</summary>
    public static TracingTarget Function(string name) => Find(name, "", BtfKind.Function, "function with BTF");

    /// <summary>A tracepoint, for tp_btf: <c>sched_switch</c>.</summary>
    public static TracingTarget Tracepoint(string name) => Find(name, "btf_trace_", BtfKind.Typedef, "tracepoint");

    /// <summary>A hook of the security modules, for LSM programs: <c>file_open</c>.</summary>
    public static TracingTarget SecurityHook(string name) => Find(name, "bpf_lsm_", BtfKind.Function, "security hook");

    /// <summary>A kind of iterator: <c>task</c>, <c>bpf_map_elem</c>.</summary>
    public static TracingTarget Iterator(string name) => Find(name, "bpf_iter_", BtfKind.Function, "iterator");

    /// <summary>A function of a loaded BPF program that was loaded with BTF.</summary>
    public static TracingTarget FunctionOf(BpfProgram program, string name)
    {
        ArgumentNullException.ThrowIfNull(program);
        uint id = program.GetInfo().BtfId;
        if (id == 0) throw new BpfException($"Program '{program.Name}' was loaded without BTF, so its functions cannot be found.");
        using var btf = BpfBtf.Open(id);
        using var spec = btf.ReadSpec();
        if (spec.TryFind(name, BtfKind.Function, out var function)) return new TracingTarget(function.Id, name, program: program.Descriptor);
        string[] functions = [.. spec.OwnTypes.Where(t => t.Kind == BtfKind.Function).Select(t => t.Name)];
        throw new BpfSyscallException($"find function '{name}' in program '{program.Name}'", Errno.ENOENT, CloseNames.Describe(name, functions));
    }

    /// <summary>Closes what was opened to name a module's BTF. The loaded program does not need it any more.</summary>
    public void Dispose() => _module?.Dispose();

    private static TracingTarget Find(string name, string prefix, BtfKind kind, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var vmlinux = KernelBtf.Vmlinux;
        if (vmlinux.TryFind(prefix + name, kind, out var type)) return new TracingTarget(type.Id, name);
        foreach (string moduleName in KernelBtf.Modules)
        {
            if (!KernelBtf.TryGetModule(moduleName, out var module) || module is null || !module.TryFind(prefix + name, kind, out type)) continue;
            uint object_ = BpfBtf.Enumerate().FirstOrDefault(b => b.IsKernel && b.Name == moduleName).Id;
            if (object_ == 0) continue;
            return new TracingTarget(type.Id, name, BpfBtf.Open(object_).Descriptor);
        }
        var names = vmlinux.OwnTypes.Where(t => t.Kind == kind).Select(t => t.Name).Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..]);
        throw new BpfSyscallException($"find {what} '{name}' in the kernel's BTF", Errno.ENOENT, CloseNames.Suggest(name, names));
    }
}
