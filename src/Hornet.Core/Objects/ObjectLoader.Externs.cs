using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectLoader
{
    private readonly KernelVersion _kernelVersion = KernelVersion.Running;
    private readonly Dictionary<string, KernelType> _types = [];
    private Dictionary<string, ulong> _addresses = [];
    private bool _addressesHidden;
    private byte[] _kconfig = [];

    /// <summary>Looks up what the wanted programs ask of the kernel. What is missing matters when a program is loaded that uses it.</summary>
    private void Resolve()
    {
        HashSet<string> used = [];
        foreach (var program in _wanted)
        {
            foreach (var instruction in program.Instructions)
            {
                if (instruction.Metadata is { ReferenceKind: ReferenceKind.KernelSymbol or ReferenceKind.KernelFunction, Reference: { } name }) used.Add(name);
            }
        }
        List<string> byAddress = [];
        foreach (var external in _object.Externs)
        {
            if (external.Kind == ExternKind.KernelAddress && used.Contains(external.Name)) byAddress.Add(external.Name);
            if (external.Kind is ExternKind.KernelVariable or ExternKind.KernelFunction && used.Contains(external.Name)) FindType(external);
        }
        FindAddresses(byAddress);
        _kconfig = _kconfigValues.Fill();
    }

    private void FindAddresses(List<string> byAddress)
    {
        if (_types.Count == 0)
        {
            // The usual case, and the first in most processes, in which the runtime would have to compile what follows.
            _addresses = KernelSymbols.Find(byAddress, out _addressesHidden);
            return;
        }
        // The kernel finds a variable of its BTF by name in its symbols, which have variables only with CONFIG_KALLSYMS_ALL.
        var variables = _types.Where(t => t.Value is { Module: null, Type.Kind: BtfKind.Variable }).Select(t => (t.Key, t.Value.Type.Name)).ToList();
        _addresses = KernelSymbols.Find([.. byAddress, .. variables.Select(v => v.Name)], out _addressesHidden);
        foreach (var (name, listed) in variables)
        {
            if (_addresses.ContainsKey(listed)) continue;
            _types.Remove(name);
            _mismatches[name] = $"the kernel, which describes it in its BTF, does not list it in /proc/kallsyms (CONFIG_KALLSYMS_ALL is off)";
        }
    }

    /// <summary>A name may have a flavor, as CO-RE types do: <c>foo___v2</c> is one more way to declare <c>foo</c>.</summary>
    private static string KernelName(string name)
    {
        int flavor = name.IndexOf("___", StringComparison.Ordinal);
        return flavor > 0 ? name[..flavor] : name;
    }

    private void FindType(ExternSymbol external)
    {
        bool isFunction = external.Kind == ExternKind.KernelFunction;
        if (!KernelBtf.IsAvailable && _options.KernelTypes is null) return;
        string name = KernelName(external.Name);
        if (_kernel.Find(name, isFunction ? BtfKind.Function : BtfKind.Variable) is not { } found) return;
        // What a compiler calls by name alone it checks itself.
        if (external.BtfId == 0)
        {
            _types[external.Name] = found;
            return;
        }
        var local = _object.Btf![external.BtfId].Target;
        // A weak symbol may be declared in several ways, of which one fits; a strong one that does not fit is an error.
        if (!AreCompatible(local, found.Type.Target))
        {
            _mismatches[external.Name] = $"{(isFunction ? "the kernel function" : "the kernel variable")} '{name}' is of another type in this kernel than in the program";
            return;
        }
        _types[external.Name] = found;
    }

    private readonly Dictionary<string, string> _mismatches = [];

    private static bool AreCompatible(BtfType local, BtfType kernel)
    {
        if (local.Kind == BtfKind.FunctionPrototype) return new CoreTypeMatch().AreCompatible(local, kernel);
        // Variables: kinds must agree, and names where both have one; how the members look is CO-RE's business.
        var (l, k) = (local.Resolve(), kernel.Resolve());
        return l.Kind == k.Kind || (l.IsEnum && k.IsEnum) || (l.IsComposite && k.IsComposite) || l.Kind == BtfKind.Forward || k.Kind == BtfKind.Forward;
    }

    private ExternSymbol Extern(ProgramSpec program, string name) => _object.Externs.TryGet(name, out var external)
        ? external
        : throw new BpfException($"program '{program.Name}': it refers to '{name}', which the object does not declare");

    private Instruction PrepareSymbol(ProgramSpec program, Instruction instruction, InstructionMetadata metadata, List<FileDescriptor?> descriptors)
    {
        var external = Extern(program, metadata.Reference!);
        ulong value = 0;
        Register source = 0;
        switch (external.Kind)
        {
            case ExternKind.KernelAddress:
                if (!_addresses.TryGetValue(external.Name, out value) && !external.IsWeak) throw Missing(program, external);
                if (value == 0 && _addressesHidden && !external.IsWeak)
                    throw new BpfException($"program '{program.Name}': the address of the kernel symbol '{external.Name}' is hidden from this process. It needs CAP_SYSLOG, and kernel.kptr_restrict below 2");
                break;
            case ExternKind.KernelVariable or ExternKind.KernelFunction:
                if (_types.TryGetValue(external.Name, out var type))
                {
                    source = (Register)PseudoSource.BtfId;
                    value = type.Type.Id | (ulong)(uint)(type.Module?.Value ?? 0) << 32;
                }
                else if (!external.IsWeak)
                {
                    throw Missing(program, external);
                }
                break;
            case ExternKind.Unknown when external.Value is { Length: 8 } given:
                value = BitConverter.ToUInt64(given);
                break;
            default:
                throw Missing(program, external);
        }
        return instruction with { Src = source, Constant = (long)value, Metadata = metadata with { Reference = null, ReferenceKind = ReferenceKind.None } };
    }

    private Instruction PrepareCall(ProgramSpec program, Instruction instruction, InstructionMetadata metadata, List<FileDescriptor?> descriptors)
    {
        var external = Extern(program, metadata.Reference!);
        if (external.Kind != ExternKind.KernelFunction) throw Missing(program, external);
        if (!_types.TryGetValue(external.Name, out var type))
        {
            if (!external.IsWeak) throw Missing(program, external);
            return Poison(instruction, PoisonedFunction + _object.Externs.IndexOf(external), $"the kernel function '{external.Name}', {WhyMissing(external)}");
        }
        short index = 0;
        if (type.Module is not null)
        {
            int at = descriptors.IndexOf(type.Module);
            if (at < 0)
            {
                at = descriptors.Count;
                descriptors.Add(type.Module);
            }
            index = checked((short)at);
        }
        return instruction with
        {
            Src = (Register)CallKind.KernelFunction,
            Constant = type.Type.Id,
            Offset = index,
            Metadata = metadata with { Reference = null, ReferenceKind = ReferenceKind.None, Comment = external.Name },
        };
    }

    private BpfException Missing(ProgramSpec program, ExternSymbol external) => new(external.Kind switch
    {
        ExternKind.Unknown when external.BtfId != 0 => $"program '{program.Name}': the function '{external.Name}' is declared but defined nowhere. Define it, declare it __ksym if it is the kernel's, or link the object that has it",
        ExternKind.Unknown => $"program '{program.Name}': the symbol '{external.Name}' is declared but defined nowhere. Declare it __ksym or __kconfig if it is the kernel's, or link the object that has it",
        ExternKind.KernelFunction => $"program '{program.Name}': it calls the kernel function '{external.Name}', {WhyMissing(external)}. Declare it __weak and ask bpf_ksym_exists() first, or switch the program's AutoLoad off",
        ExternKind.KernelVariable => $"program '{program.Name}': it uses the kernel variable '{external.Name}', {WhyMissing(external)}. Declare it __weak, or switch the program's AutoLoad off",
        _ => $"program '{program.Name}': it uses the kernel symbol '{external.Name}', which this kernel does not have (variables are listed only with CONFIG_KALLSYMS_ALL). Declare it __weak, or switch the program's AutoLoad off",
    });

    private string WhyMissing(ExternSymbol external)
    {
        if (_mismatches.TryGetValue(external.Name, out string? mismatch)) return $"but {mismatch}";
        return KernelBtf.IsAvailable || _options.KernelTypes is not null
            ? "which this kernel does not have"
            : "and this kernel does not tell its types (CONFIG_DEBUG_INFO_BTF)";
    }
}
