namespace Hornet.AheadOfTime.Wrong;

/// <summary>Programs that cannot be compiled.</summary>
public class Mistakes
{
    [Tracepoint("sched:sched_switch")]
    public static void Allocates() => GC.KeepAlive(new object());

    [Xdp]
    public static int Returns(int number) => number;

    [Xdp]
    public XdpAction Instance(XdpContext packet) => XdpAction.Pass;

    [Tracepoint("sched:sched_switch")]
    public static void Generic<T>() { }
}
