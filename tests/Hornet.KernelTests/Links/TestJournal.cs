using System.Runtime.CompilerServices;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

/// <summary>A journal of the test run's own, so that a test never cleans up what something else on this machine recorded.</summary>
internal static class TestJournal
{
    public static string Directory { get; } = Path.Combine(Path.GetTempPath(), $"hornet-journal-{Environment.ProcessId}");

    [ModuleInitializer]
    internal static void Use()
    {
        AttachmentJournal.Directory = Directory;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (System.IO.Directory.Exists(Directory)) System.IO.Directory.Delete(Directory, recursive: true);
        };
    }
}
