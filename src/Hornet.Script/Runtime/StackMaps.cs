using Hornet.Maps;
using Hornet.Objects;
using Hornet.Script.Output;
using Hornet.Script.Types;

namespace Hornet.Script.Runtime;

/// <summary>The stacks of a script, once its maps are in the kernel.</summary>
internal sealed class StackMaps(CompiledScript script) : IStacks
{
    private LiveStacks? _live;

    public void Use(LoadedObject loaded)
    {
        Dictionary<StackType, BpfMap> maps = [], more = [];
        foreach (var (type, name) in script.StackMaps)
        {
            if (loaded.Maps.TryGetValue(name, out var map)) maps.Add(type, map);
            if (loaded.Maps.TryGetValue(name + CompiledScript.MoreStacks, out map)) more.Add(type, map);
        }
        _live = new LiveStacks(maps) { More = more };
    }

    public ReadOnlySpan<byte> Frames(StackType type, long id) => _live is null ? default : _live.Frames(type, id);
}
