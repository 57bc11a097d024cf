namespace Hornet.Links;

/// <summary>Which way packets go, seen from the interface.</summary>
public enum TcDirection
{
    /// <summary>Packets that arrive.</summary>
    Ingress,
    /// <summary>Packets that leave.</summary>
    Egress,
}

/// <summary>A tc filter as the kernel lists it.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Parent">The qdisc or class it hangs on; <c>ffff:fff2</c> and <c>ffff:fff3</c> are the two sides of clsact.</param>
/// <param name="Handle">Its number within the priority.</param>
/// <param name="Priority">Smaller runs first.</param>
/// <param name="Protocol">The EtherType of the packets it sees; 3 for all.</param>
/// <param name="Chain">The chain; 0 is where packets begin.</param>
/// <param name="Kind">The classifier: <c>bpf</c>, <c>u32</c>, <c>matchall</c>…</param>
public sealed record TcFilter(int InterfaceIndex, uint Parent, uint Handle, ushort Priority, ushort Protocol, uint Chain, string Kind)
{
    /// <summary>The id of the BPF program (4.16); 0 for other classifiers.</summary>
    public uint ProgramId { get; init; }

    /// <summary>The name given with the BPF program; null for other classifiers.</summary>
    public string? Name { get; init; }

    /// <summary>Whether what the program returns is what happens to the packet (<c>da</c>), rather than a class to look up.</summary>
    public bool DirectAction { get; init; }

    /// <summary>The class packets are put in, as <c>major &lt;&lt; 16 | minor</c>; 0 when none is set.</summary>
    public uint ClassId { get; init; }
}
