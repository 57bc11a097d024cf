using System.Collections.Concurrent;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using Hornet.Vm.Loading;
using Hornet.Vm.Maps;
using Hornet.Vm.Objects;

namespace Hornet.Vm;

/// <summary>A helper or kernel function: what programs call.</summary>
/// <param name="execution">The run it is called from: memory, context, budget.</param>
/// <param name="r1">The first argument.</param>
/// <param name="r2">The second argument.</param>
/// <param name="r3">The third argument.</param>
/// <param name="r4">The fourth argument.</param>
/// <param name="r5">The fifth argument.</param>
/// <returns>What the program finds in R0.</returns>
public delegate ulong VmHelper(VmExecution execution, ulong r1, ulong r2, ulong r3, ulong r4, ulong r5);

/// <summary>
/// An eBPF machine in user space: maps, memory, helpers and the programs that use them. Programs are checked for their
/// structure when they are loaded and for everything else while they run, so that none can do more than end with a
/// <see cref="VmFault"/>. Nothing here needs a kernel or privileges.
/// <para>Programs may run on several threads at a time. Maps, memory, helpers and programs are added before that.</para>
/// </summary>
public sealed partial class BpfMachine
{
    private readonly List<VmProgram> _programs = [];
    private readonly List<VmMap> _mapList = [];
    private readonly Dictionary<string, VmMap> _maps = new(StringComparer.Ordinal);
    private readonly Dictionary<int, VmHelper> _helpers;
    private readonly Dictionary<string, VmHelper> _kernelFunctions = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _trace = new();

    /// <summary>Sets up a machine.</summary>
    /// <param name="options">How; null for the defaults.</param>
    public BpfMachine(VmOptions? options = null)
    {
        Options = options ?? new VmOptions();
        if (Options.CpuCount is < 1 or > 1024) throw new BpfException($"a machine has 1 to 1024 CPUs, not {Options.CpuCount} (VmOptions.CpuCount)");
        if (Options.InstructionBudget < 1) throw new BpfException($"a budget of {Options.InstructionBudget} instructions is none (VmOptions.InstructionBudget)");
        if (Options.Engine == VmEngine.Jit && !System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported)
            throw new BpfException("this runtime cannot make code (Native AOT, or DynamicCodeSupport is off): use VmEngine.Interpreter or VmEngine.Auto");
        Random = new VmRandom(Options.RandomSeed);
        _helpers = VmHelpers.CreateTable();
    }

    /// <summary>How the machine is set up.</summary>
    public VmOptions Options { get; }

    /// <summary>The maps by name.</summary>
    public IReadOnlyDictionary<string, VmMap> Maps => _maps;

    /// <summary>The programs, in the order they were loaded.</summary>
    public IReadOnlyList<VmProgram> Programs => _programs;

    /// <summary>What programs printed with <c>bpf_trace_printk</c>, oldest first: the last thousand lines.</summary>
    public IReadOnlyCollection<string> TraceLines => _trace;

    internal VmRandom Random { get; }

    /// <summary>Makes a map with its first contents.</summary>
    /// <exception cref="BpfException">There is one of that name, the machine does not have the kind, or the sizes are wrong.</exception>
    public VmMap AddMap(MapSpec spec)
    {
        if (_maps.ContainsKey(spec.Name)) throw new BpfException($"the machine has a map named '{spec.Name}' already");
        var map = VmMapFactory.Create(this, spec, (uint)_mapList.Count + 1);
        _mapList.Add(map);
        _maps.Add(spec.Name, map);
        foreach (var (key, value) in spec.Contents)
        {
            if (value is byte[] bytes) map.Update(key, bytes);
        }
        return map;
    }

    /// <summary>Adds a helper, or replaces one of the machine's own.</summary>
    /// <param name="helper">Its number; numbers beyond the kernel's are free to use.</param>
    /// <param name="implementation">What it does. Exceptions it throws, other than faults, come out of <see cref="VmProgram.Run(VmContext, VmRunOptions)"/>.</param>
    public void RegisterHelper(BpfHelper helper, VmHelper implementation) => _helpers[(int)helper] = implementation;

    /// <summary>Adds a kernel function (kfunc) for programs loaded from now on, by the name that objects call it.</summary>
    public void RegisterKernelFunction(string name, VmHelper implementation) => _kernelFunctions[name] = implementation;

    /// <summary>Checks a program and makes it ready to run. Maps are found by the names its instructions carry.</summary>
    /// <exception cref="BpfFormatException">It is malformed, or names what the machine does not have.</exception>
    public VmProgram Load(ProgramSpec spec) => Load(spec.Name, spec.Instructions.AsReadOnly(), spec.Type, null);

    /// <summary>Checks a program and makes it ready to run.</summary>
    /// <exception cref="BpfFormatException">It is malformed, or names what the machine does not have.</exception>
    public VmProgram Load(IEnumerable<Instruction> instructions, string name = "program") => Load(name, [.. instructions], ProgramType.Unspec, null);

    /// <summary>Decodes a program of 8-byte slots, in this machine's byte order, checks it and makes it ready to run.</summary>
    /// <exception cref="BpfFormatException">It is malformed.</exception>
    public VmProgram Load(ReadOnlySpan<byte> code, string name = "program") =>
        Load(name, InstructionCodec.Decode(code, bigEndian: !BitConverter.IsLittleEndian), ProgramType.Unspec, null);

    /// <summary>
    /// Loads an object as clang or Hornet makes it: its maps with their first contents, its global variables, its programs with subprograms,
    /// adjusted to the kernel's types.
    /// </summary>
    /// <param name="spec">The object.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="BpfException">The object is for another byte order, or its maps do not go with those the machine has.</exception>
    public VmObject Load(BpfObject spec, VmObjectOptions? options = null) => new VmObjectLoader(this, spec, options ?? new VmObjectOptions()).Load();

    internal VmProgram Load(string name, IReadOnlyList<Instruction> instructions, ProgramType type, IReadOnlyDictionary<string, VmMap>? maps)
    {
        uint id = (uint)_programs.Count + 1;
        ProgramLinker linker = new(this, name, id, maps);
        VmProgram program = new(this, id, name, type, CodeBuilder.Build(name, instructions, linker));
        _programs.Add(program);
        return program;
    }

    internal VmMap? MapById(uint id) => id - 1 < (uint)_mapList.Count ? _mapList[(int)id - 1] : null;

    internal VmProgram? ProgramById(uint id) => id - 1 < (uint)_programs.Count ? _programs[(int)id - 1] : null;

    internal VmHelper? Helper(int number) => _helpers.GetValueOrDefault(number);

    internal VmHelper? KernelFunction(string name) => _kernelFunctions.GetValueOrDefault(name);

    internal void Trace(string line)
    {
        const int most = 1000;
        _trace.Enqueue(line);
        while (_trace.Count > most) _trace.TryDequeue(out _);
        Options.TraceOutput?.Invoke(line);
    }
}
