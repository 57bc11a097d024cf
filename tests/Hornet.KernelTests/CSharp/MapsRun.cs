namespace Hornet.KernelTests.CSharp;

/// <summary>Runs kernel code by hand, so that the test knows how often it ran.</summary>
internal static class MapsRun
{
    public static void Once(Action kernel, Action? then = null) => Times(1, kernel, then);

    /// <param name="times">How often.</param>
    /// <param name="kernel">The kernel code.</param>
    /// <param name="then">What the test does while the program is still loaded.</param>
    public static void Times(int times, Action kernel, Action? then = null)
    {
        using BpfSession session = new();
        using var program = session.LoadXdp(_ =>
        {
            kernel();
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        // What failed a check would have ended with Aborted.
        for (int i = 0; i < times; i++) Assert.Equal((uint)XdpAction.Pass, program.TestRun(packet).ReturnValue);
        then?.Invoke();
    }
}
