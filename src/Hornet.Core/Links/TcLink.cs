using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A traffic-control program on a network interface, by whatever the kernel has: <see cref="TcxLink"/> on 6.6 and
/// later, otherwise <see cref="TcFilterLink"/> on the clsact qdisc. The same program works with both as long as it
/// returns <c>TC_ACT_*</c>: their numbers mean the same.
/// </summary>
public static class TcLink
{
    /// <summary>Attaches a program behind those that are there.</summary>
    /// <returns>A <see cref="TcxLink"/>, or a <see cref="TcFilterLink"/>, which survives the process (<see cref="BpfLink.SurvivesProcess"/>).</returns>
    /// <exception cref="BpfException">There is no such interface, or the kernel refused; the message says why.</exception>
    public static BpfLink Attach(BpfProgram program, string interfaceName, TcDirection direction)
    {
        try
        {
            return TcxLink.Attach(program, interfaceName, direction);
        }
        catch (BpfNotSupportedException)
        {
            // Permission and every other refusal are not "not supported" and are not answered by trying something else.
            return TcFilterLink.Attach(program, interfaceName, direction);
        }
    }
}
