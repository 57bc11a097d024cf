using Hornet.Interop;

namespace Hornet.Links;

/// <summary>
/// Remembers, on disk, the attachments that the kernel keeps when their process is killed: XDP programs and tc filters
/// set over netlink, cgroup programs without a link, routes with programs, struct_ops put in use by value. Each process writes what it holds before it
/// attaches; <see cref="Cleanup"/> removes what dead processes left behind (<c>hornet cleanup</c>).
/// </summary>
/// <remarks>
/// Attachments by BPF link need none of this: the kernel drops them with the process. What is pinned is meant to stay
/// and is not touched either.
/// </remarks>
public static class AttachmentJournal
{
    private static readonly Lock s_lock = new();
    private static readonly List<JournalEntry> s_own = [];
    private static string? s_directory;

    /// <summary>
    /// Raised when this process makes an attachment that would survive <c>kill -9</c>: a program shows or logs the
    /// notice. The same text is in <see cref="BpfLink.SurvivalNotice"/>.
    /// </summary>
    public static event Action<BpfLink, string>? SurvivorAttached;

    /// <summary>
    /// Where the journals are: <c>HORNET_STATE_DIR</c> when it is set, else <c>/run/hornet/attachments</c> for root and
    /// <c>$XDG_RUNTIME_DIR/hornet/attachments</c> for others. It must belong to this user and be closed to everyone else,
    /// since what is written there is removed from the kernel later.
    /// </summary>
    public static string Directory
    {
        get => s_directory ?? Environment.GetEnvironmentVariable("HORNET_STATE_DIR") ??
            (Libc.GetEffectiveUserId() == 0 ? "/run/hornet/attachments"
                : Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? $"/run/user/{Libc.GetEffectiveUserId()}", "hornet", "attachments"));
        set => s_directory = value;
    }

    /// <summary>What living and dead processes of this user have recorded, oldest process first.</summary>
    /// <exception cref="BpfException">The directory is not safe, or a journal in it is damaged.</exception>
    public static IReadOnlyList<SurvivingAttachment> List() =>
        [.. Files().Select(JournalFile.Read).OrderBy(f => f.Owner.StartTime).SelectMany(f => f.Entries.Select(e => new SurvivingAttachment(f.Owner, e)))];

    /// <summary>What dead processes left behind, as recorded; the kernel is not asked whether it is still there.</summary>
    /// <exception cref="BpfException">The directory is not safe, or a journal in it is damaged.</exception>
    public static IReadOnlyList<SurvivingAttachment> FindOrphans() => [.. List().Where(a => a.OwnerIsAlive == false)];

    /// <summary>
    /// Removes what dead processes left behind. A thing is removed only if the kernel shows there the very program that
    /// was recorded (id, tag and time of loading), so that what somebody else put in its place stays.
    /// </summary>
    /// <returns>One result per recorded attachment, and one per journal that could not be read.</returns>
    public static IReadOnlyList<CleanupResult> Cleanup()
    {
        var results = new List<CleanupResult>();
        foreach (string path in Files()) CleanupFile(path, results);
        return results;
    }

    /// <summary>
    /// Writes an entry before the attachment is made, so that a kill in between cannot lose it.
    /// </summary>
    /// <returns>Null, or why it could not be written; the attachment is made all the same, and the caller is told.</returns>
    internal static string? Record(JournalEntry entry)
    {
        lock (s_lock)
        {
            s_own.Add(entry);
            return WriteOwn();
        }
    }

    /// <summary>Writes an entry that was changed in place.</summary>
    internal static void Rewrite()
    {
        lock (s_lock) WriteOwn();
    }

    /// <summary>Forgets an entry after the attachment is gone.</summary>
    internal static void Forget(JournalEntry entry)
    {
        lock (s_lock)
        {
            if (s_own.Remove(entry)) WriteOwn();
        }
    }

    internal static void Announce(BpfLink link, string notice) => SurvivorAttached?.Invoke(link, notice);

    private static string? WriteOwn()
    {
        try
        {
            string directory = Directory;
            if (s_own.Count == 0)
            {
                File.Delete(Path.Combine(directory, JournalOwner.Current.FileName));
                return null;
            }
            if (!System.IO.Directory.Exists(directory))
                System.IO.Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            RequireSafe(directory);
            new JournalFile(JournalOwner.Current, s_own).Write(directory);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfException)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Files()
    {
        string directory = Directory;
        if (!System.IO.Directory.Exists(directory)) return [];
        RequireSafe(directory);
        return System.IO.Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal);
    }

    // Whoever can write here can make root remove other people's filters.
    private static void RequireSafe(string directory)
    {
        var status = FileStatus.Of(directory, followLinks: false) ?? throw new BpfSyscallException($"look at the journal directory '{directory}'", Libc.LastError);
        if (!status.IsDirectory) throw new BpfException($"The journal directory '{directory}' is not a directory (or a symbolic link to one).");
        if (status.OwnerId != Libc.GetEffectiveUserId() || !status.IsPrivate)
            throw new BpfException($"The journal directory '{directory}' belongs to user {status.OwnerId} with mode {Convert.ToString(status.Mode & 0xfff, 8)}; it must be this user's with mode 700.");
    }

    private static void CleanupFile(string path, List<CleanupResult> results)
    {
        JournalFile file;
        try
        {
            file = JournalFile.Read(path);
        }
        catch (FileNotFoundException)
        {
            return; // its process has just ended properly
        }
        catch (Exception e) when (e is BpfFormatException or IOException or UnauthorizedAccessException)
        {
            results.Add(new CleanupResult(null, CleanupOutcome.Failed, e.Message));
            return;
        }
        if (file.Owner.IsAlive != false) return;
        var left = new List<JournalEntry>();
        foreach (var entry in file.Entries)
        {
            var result = Remove(new SurvivingAttachment(file.Owner, entry), entry);
            results.Add(result);
            if (result.Outcome == CleanupOutcome.Failed) left.Add(entry);
        }
        if (left.Count == 0) File.Delete(path);
        else (file with { Entries = left }).Write(Path.GetDirectoryName(path)!);
    }

    private static CleanupResult Remove(SurvivingAttachment attachment, JournalEntry entry)
    {
        if (attachment.Owner.BootId != JournalOwner.Current.BootId) return new(attachment, CleanupOutcome.AlreadyGone, "it was recorded before the last reboot");
        try
        {
            CleanupResult? result = null;
            if (!entry.Has("netns")) return RemoveHere(attachment, entry);
            bool reached = NetworkNamespaces.TryRun(entry.Number("netns"), () => result = RemoveHere(attachment, entry));
            return reached ? result! : new(attachment, CleanupOutcome.AlreadyGone, "its network namespace is gone");
        }
        catch (BpfException e)
        {
            return new(attachment, CleanupOutcome.Failed, e.Message);
        }
    }

    private static CleanupResult RemoveHere(SurvivingAttachment attachment, JournalEntry entry)
    {
        if (entry.Kind == StructOpsLink.JournalKind)
        {
            return StructOpsLink.Remove(entry)
                ? new(attachment, CleanupOutcome.Removed, "removed")
                : new(attachment, CleanupOutcome.AlreadyGone, "its map is gone");
        }
        bool programLives = false;
        foreach (var identity in entry.Programs)
        {
            using var program = identity.Open();
            if (program is null) continue;
            programLives = true;
            bool removed = entry.Kind switch
            {
                XdpLink.JournalKind => XdpLink.Remove(entry, program),
                TcFilterLink.JournalKind => TcFilterLink.Remove(entry, program),
                CgroupLink.JournalKind => CgroupLink.Remove(entry, program),
                LwtRoute.JournalKind => LwtRoute.Remove(entry),
                _ => throw new BpfFormatException($"the journal's entry '{entry.Description}' has the unknown kind '{entry.Kind}'"),
            };
            if (removed) return new(attachment, CleanupOutcome.Removed, "removed");
        }
        return programLives
            ? new(attachment, CleanupOutcome.NotOurs, "the recorded program is not attached there any more; nothing was changed")
            : new(attachment, CleanupOutcome.AlreadyGone, "its program is gone");
    }
}
