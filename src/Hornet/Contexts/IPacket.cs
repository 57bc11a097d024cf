namespace Hornet;

/// <summary>
/// A packet, whatever kind of program sees it: methods that are written for it (<c>where TPacket : IPacket, allows ref
/// struct</c>) serve XDP, tc, cgroups and socket filters alike.
/// </summary>
public interface IPacket
{
    /// <summary>Copies a value out of the packet.</summary>
    /// <param name="offset">Where it begins, in bytes from the packet's beginning.</param>
    /// <param name="value">The value; zero when the packet ends before.</param>
    /// <returns>Whether it lies within the packet.</returns>
    bool TryRead<T>(int offset, out T value) where T : unmanaged;
}
