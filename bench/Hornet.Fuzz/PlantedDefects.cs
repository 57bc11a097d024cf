namespace Hornet.Fuzz;

/// <summary>
/// A parser with the three kinds of defect that the fuzzer looks for, each behind a number that only mutation puts there.
/// A harness that misses one would pass a broken parser too.
/// </summary>
internal static class PlantedDefects
{
    public const string Target = "planted";

    /// <summary>A seed that is accepted, and has none of the defects' triggers.</summary>
    public static byte[] Seed { get; } = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    /// <summary>What must be found: an exception, time, memory.</summary>
    public const int Count = 3;

    public static void Run(byte[] data)
    {
        if (data.Length < 12) throw new BpfFormatException("planted: too short");
        if (data[3] == 0xff) _ = data[data.Length + data[3]];
        if (data[7] == 0x80) Thread.Sleep(1100);
        if (data[11] == 0x7f) _ = GC.AllocateUninitializedArray<byte>(257 << 20);
    }
}
