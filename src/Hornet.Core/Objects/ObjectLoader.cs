using Hornet.Btf;
using Hornet.Features;
using Hornet.Interop;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Objects;

/// <summary>
/// Brings an object into the kernel: types, maps, their first contents, programs, then what needs programs. When anything
/// fails, everything that was made is taken away again, pins included.
/// </summary>
internal sealed partial class ObjectLoader : IDisposable
{
    private readonly BpfObject _object;
    private readonly LoadOptions _options;
    private readonly List<ProgramSpec> _wanted = [];
    private readonly Dictionary<string, BpfMap> _maps = [];
    private readonly Dictionary<string, BpfProgram> _programs = [];
    private readonly Dictionary<string, int> _dataOffsets = [];
    private readonly List<BpfMap> _pinned = [];
    private readonly KernelTypes _kernel;
    private readonly KconfigValues _kconfigValues;
    private BpfBtf? _btf;
    private BpfException? _btfFailure;
    private Dictionary<uint, uint> _movedTypes = [];
    private Dictionary<(ProgramType Type, uint Function), uint> _contextFunctions = [];

    private ObjectLoader(BpfObject spec, LoadOptions options)
    {
        _object = spec;
        _options = options;
        _kernel = new KernelTypes(options.KernelTypes);
        _kconfigValues = new KconfigValues(spec, options.Kconfig);
    }

    public static LoadedObject Load(BpfObject spec, LoadOptions options)
    {
        using ObjectLoader loader = new(spec, options);
        try
        {
            loader.Run();
            return new LoadedObject(spec, loader._maps, loader._programs, loader._btf, loader._dataOffsets, loader._structOpsValues) { BtfFailure = loader._btfFailure };
        }
        catch
        {
            loader.Undo();
            throw;
        }
    }

    /// <summary>Closes what only the loading needed.</summary>
    public void Dispose()
    {
        _kernel.Dispose();
    }

    private void Run()
    {
        if (_object.IsLittleEndian != BitConverter.IsLittleEndian)
            throw new BpfException($"load {_object.Name}: the object is for {(_object.IsLittleEndian ? "little" : "big")}-endian machines and this one is not. Compile it with -target bpf{(BitConverter.IsLittleEndian ? "el" : "eb")}");
        ChoosePrograms();
        Resolve();
        LoadBtf();
        CreateMaps();
        WriteMaps();
        foreach (var program in _wanted) _programs.Add(program.Name, LoadProgram(program));
        WriteProgramArrays();
        WriteStructOps();
    }

    private void ChoosePrograms()
    {
        HashSet<string> names = [];
        foreach (var program in _object.Programs)
        {
            if (!names.Add(program.Name)) throw new BpfException($"load {_object.Name}: two programs are named '{program.Name}'");
            if (!program.AutoLoad) continue;
            // A member of a table that is not created has no use, and without its table no type to be checked against.
            if (program.Type == ProgramType.StructOps && !StructOpsUses(program.Name).Any(u => u.Map.AutoCreate)) continue;
            _wanted.Add(program);
        }
    }

    private void LoadBtf()
    {
        if (_object.Btf is null) return;
        try
        {
            _btf = BpfBtf.Load(ObjectBtf.ForKernel(_object, BpfBtf.FeaturesWith(_options.Token), HasContextTags, out _movedTypes, out _contextFunctions), _options.Token, _object.Name);
        }
        catch (BpfSyscallException e) when (e.Errno is not (Errno.EPERM or Errno.ENOMEM) && !_object.Maps.Any(m => m.Type == MapType.StructOps && m.AutoCreate))
        {
            // Types are how things are shown, and old kernels know less of them. Where a program cannot do without, the
            // verifier says so, and the reason is told then.
            _btfFailure = e;
        }
    }

    private static bool HasContextTags() => KernelFeatures.Find(FeatureCategory.Instruction, "context argument tags")!.Probe().State == FeatureState.Available;

    private void Undo()
    {
        foreach (var program in _programs.Values) program.Dispose();
        foreach (var map in _pinned)
        {
            try
            {
                map.Unpin();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfException)
            {
                // The error that brought us here matters more than a pin somebody else removed.
            }
        }
        for (int i = _pinned.Count - 1; i >= 0; i--) PinFolders.Remove(_pinned[i].PinFolders);
        foreach (var map in _maps.Values) map.Dispose();
        _btf?.Dispose();
    }
}
