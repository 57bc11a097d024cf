using System.Globalization;
using Hornet.Interop;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

/// <summary>
/// A process that attaches in one of the ways of <see cref="DeathKinds"/> and is killed at once. It enters the network
/// namespace of the calling thread, so nothing ever touches the machine's own.
/// </summary>
/// <param name="ProcessId">The process that is dead.</param>
/// <param name="LinkClass">The class of the link it made.</param>
/// <param name="LinkId">The kernel's number of the link; 0 when it was no link object.</param>
/// <param name="LinkType">The kernel's kind of the link.</param>
/// <param name="Announced">Whether the process was told that the attachment would survive it.</param>
/// <param name="Programs">The programs it had loaded.</param>
internal sealed record DyingProcess(int ProcessId, string LinkClass, uint LinkId, LinkType LinkType, bool Announced, IReadOnlyList<uint> Programs)
{
    // What must not be collected before the process dies.
    private static readonly List<object> s_kept = [];

    /// <summary>Has it attached and killed.</summary>
    /// <param name="kind">How to attach.</param>
    /// <param name="place">The path or name of the kind's <see cref="DeathPlace"/>.</param>
    public static DyingProcess Run(DeathKind kind, string place)
    {
        using var here = NetworkNamespaces.OpenCurrent();
        using var child = ChildProcess.Start(Child, $"/proc/{Environment.ProcessId}/fd/{here.Value}", TestJournal.Directory, kind.Name, place);
        string[] words = child.WaitForLine("attached ").Split(' ');
        child.KillHard();
        return new DyingProcess(child.Id, words[1], Number(words[2]), (LinkType)Number(words[3]), bool.Parse(words[4]), [.. words[5].Split(',').Select(Number)]);
    }

    private static int Child(string[] arguments)
    {
        using (var network = NetworkNamespaces.Open(arguments[0]))
            Libc.Check(NetworkNamespaces.SetNamespace(network.Value, NetworkNamespaces.CloneNewNet), "enter the test's network namespace");
        AttachmentJournal.Directory = arguments[1];
        string? told = null;
        AttachmentJournal.SurvivorAttached += (_, notice) => told = notice;
        var stage = new DeathStage(arguments[3]);
        var link = DeathKinds.Get(arguments[2]).Attach(stage);
        s_kept.AddRange([stage, link]);
        // The event, the property and the notice say the same.
        Assert.Equal((told is not null, told), (link.SurvivesProcess, link.SurvivalNotice));
        var info = link.Descriptor is null ? null : link.GetInfo();
        Console.WriteLine($"attached {link.GetType().Name} {info?.Id ?? 0} {(uint)(info?.Type ?? 0)} {link.SurvivesProcess} {string.Join(',', stage.Programs.Select(p => p.GetInfo().Id))}");
        Thread.Sleep(Timeout.Infinite);
        return 1;
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
