namespace Hornet.Links;

/// <summary>An attachment that the kernel keeps without its process, as recorded in the <see cref="AttachmentJournal"/>.</summary>
public sealed record SurvivingAttachment
{
    internal SurvivingAttachment(JournalOwner owner, JournalEntry entry)
    {
        Owner = owner;
        Kind = entry.Kind;
        Description = entry.Description;
        ProgramIds = [.. entry.Programs.Select(p => p.Id)];
    }

    internal JournalOwner Owner { get; }

    /// <summary>The kind: <c>xdp</c>, <c>tc</c>, <c>cgroup</c>, <c>lwt</c>, <c>struct_ops</c>.</summary>
    public string Kind { get; }

    /// <summary>What is attached where.</summary>
    public string Description { get; }

    /// <summary>The ids of the programs it may be running: one, two when its process died during an update, none for struct_ops.</summary>
    public IReadOnlyList<uint> ProgramIds { get; }

    /// <summary>The process that made it.</summary>
    public int ProcessId => Owner.ProcessId;

    /// <summary>Whether that process still runs; null when it lives in another PID namespace and cannot be seen from here.</summary>
    public bool? OwnerIsAlive => Owner.IsAlive;

    /// <inheritdoc/>
    public override string ToString() => $"{Description} (process {ProcessId})";
}

/// <summary>What became of one recorded attachment.</summary>
/// <param name="Attachment">The attachment; null when its journal could not be read.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">The reason, for people.</param>
public sealed record CleanupResult(SurvivingAttachment? Attachment, CleanupOutcome Outcome, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Attachment is null ? Message : $"{Attachment}: {Message}";
}

/// <summary>What <see cref="AttachmentJournal.Cleanup"/> did about an attachment.</summary>
public enum CleanupOutcome
{
    /// <summary>It was there and was removed.</summary>
    Removed,
    /// <summary>It was not there any more.</summary>
    AlreadyGone,
    /// <summary>Something else is there now, which was left alone.</summary>
    NotOurs,
    /// <summary>It could not be removed; it stays recorded.</summary>
    Failed,
}
