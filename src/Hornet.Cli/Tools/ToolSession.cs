using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Cli.Tools;

/// <summary>
/// What a tool has in the kernel: its maps, programs and links. Owns them all; dispose detaches first, then closes. When
/// anything on the way to "attached" fails, nothing stays behind.
/// </summary>
internal sealed class ToolSession : IDisposable
{
    private readonly Dictionary<string, BpfMap> _maps = [];
    private readonly List<BpfProgram> _programs = [];
    private readonly List<BpfLink> _links = [];

    public IReadOnlyList<BpfLink> Links => _links;

    /// <summary>Tracepoints are found in tracefs; on machines that do not mount it by themselves it is mounted at its usual place.</summary>
    public static void EnsureTracefs()
    {
        if (Tracefs.FindMount() is null) Mounts.Ensure("tracefs");
    }

    public BpfMap Map(string name, MapType type, int keySize, int valueSize, uint entries)
    {
        var map = BpfMap.Create(new MapSpec { Name = name, Type = type, KeySize = (uint)keySize, ValueSize = (uint)valueSize, MaxEntries = entries });
        _maps.Add(name, map);
        return map;
    }

    public BpfProgram Program(ProgramSpec spec)
    {
        var program = BpfProgram.Load(spec, new ProgramLoadOptions { Maps = _maps });
        _programs.Add(program);
        return program;
    }

    public void Attach(BpfLink link) => _links.Add(link);

    /// <summary>Stops the probes; maps stay readable for the summary.</summary>
    public void Detach()
    {
        BpfLink.DisposeAll(_links);
        _links.Clear();
    }

    public void Dispose()
    {
        Detach();
        foreach (var program in _programs) program.Dispose();
        foreach (var map in _maps.Values) map.Dispose();
    }
}
