using Hornet.Interop;

namespace Hornet.Links;

/// <summary>
/// The journal's side of one attachment that outlives its process: recorded before it is made, kept true while programs
/// are exchanged, forgotten when it is gone.
/// </summary>
internal sealed class Survivor
{
    private readonly JournalEntry _entry;

    private Survivor(JournalEntry entry, string? problem)
    {
        _entry = entry;
        Notice = problem is null
            ? $"{entry.Description} stays attached if this process is killed; `hornet cleanup` removes it then."
            : $"{entry.Description} stays attached if this process is killed, and must then be removed by hand: it could not be recorded ({problem}).";
    }

    public string Notice { get; }

    public JournalEntry Entry => _entry;

    /// <summary>Records an attachment of a program that is about to be made by <paramref name="attach"/>.</summary>
    public static Survivor Record(JournalEntry entry, FileDescriptor program, Action<Survivor> attach)
    {
        entry.Programs.Add(ProgramIdentity.Of(program));
        return Record(entry, attach);
    }

    /// <summary>Records an attachment that is no single program's: what its entry says must identify it.</summary>
    public static Survivor Record(JournalEntry entry, Action<Survivor> attach)
    {
        var survivor = new Survivor(entry, AttachmentJournal.Record(entry));
        try
        {
            attach(survivor);
        }
        catch
        {
            survivor.Forget();
            throw;
        }
        return survivor;
    }

    /// <summary>Writes what became known only by attaching: a handle the kernel chose.</summary>
    public void Learned(string key, ulong value)
    {
        _entry.With(key, value);
        AttachmentJournal.Rewrite();
    }

    /// <summary>Exchanges the program; while it happens, either may be the one attached.</summary>
    public void Update(FileDescriptor program, Action update)
    {
        var next = ProgramIdentity.Of(program);
        var before = _entry.Programs[0];
        SetPrograms(before, next);
        try
        {
            update();
        }
        catch
        {
            SetPrograms(before);
            throw;
        }
        SetPrograms(next);
    }

    public void Forget() => AttachmentJournal.Forget(_entry);

    private void SetPrograms(params ReadOnlySpan<ProgramIdentity> programs)
    {
        _entry.Programs.Clear();
        _entry.Programs.AddRange(programs);
        AttachmentJournal.Rewrite();
    }
}
