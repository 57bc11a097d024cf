using System.Globalization;
using Hornet.Interop;

namespace Hornet.Maps;

public sealed unsafe partial class BpfMap
{
    /// <summary>Asks the kernel about the map.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public MapInfo GetInfo() => GetInfo(Descriptor, Spec.Name);

    internal static MapInfo GetInfo(FileDescriptor descriptor, string name)
    {
        MapInfoRaw raw = default;
        if (!Bpf.TryGetInfo(descriptor, ref raw))
        {
            var errno = Libc.LastError;
            throw new BpfSyscallException($"get info of map '{name}'", errno,
                errno == Errno.EINVAL ? "The descriptor is not one of a map" : null);
        }
        var info = new MapInfo
        {
            Id = raw.Id,
            Type = (MapType)raw.Type,
            Name = Bpf.ReadName(raw.Name),
            KeySize = raw.KeySize,
            ValueSize = raw.ValueSize,
            MaxEntries = raw.MaxEntries,
            Flags = (MapFlags)raw.MapFlags,
            Extra = raw.MapExtra,
            InterfaceIndex = raw.Ifindex,
            BtfId = raw.BtfId,
            KeyTypeId = raw.BtfKeyTypeId,
            ValueTypeId = raw.BtfValueTypeId,
            KernelValueTypeId = raw.BtfVmlinuxValueTypeId,
            KernelBtfId = raw.BtfVmlinuxId,
        };
        return WithFdInfo(info, descriptor.Value);
    }

    // struct bpf_map_info has neither the memory nor the frozen state; bpf_map_show_fdinfo() prints both.
    private static MapInfo WithFdInfo(MapInfo info, int fd)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines($"/proc/self/fdinfo/{fd}");
        }
        catch (IOException)
        {
            return info;
        }
        catch (UnauthorizedAccessException)
        {
            return info;
        }
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':');
            if (colon < 0 || !ulong.TryParse(line.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)) continue;
            info = line.AsSpan(0, colon) switch
            {
                "memlock" => info with { MemoryBytes = value },
                "frozen" => info with { Frozen = value != 0 },
                "owner_prog_type" => info with { OwnerType = (ProgramType)value },
                _ => info,
            };
        }
        return info;
    }
}
