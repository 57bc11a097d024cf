using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>What stands behind a map that is not the kernel's: the machine in user space.</summary>
internal unsafe interface IMapBackend
{
    /// <summary>An operation on an element, as <c>bpf(2)</c> has it: keys and values have the map's sizes.</summary>
    /// <param name="command">Lookup, update, delete, lookup and delete, or the next key.</param>
    /// <param name="key">The key; null for the first of a walk, and for kinds without keys.</param>
    /// <param name="value">The value, or where it or the next key goes.</param>
    /// <param name="flags">The flags.</param>
    Errno Element(BpfCommand command, void* key, void* value, ulong flags);

    /// <summary>The memory of an array, laid out as the kernel's. It lives as long as this object.</summary>
    void* Memory { get; }
}
