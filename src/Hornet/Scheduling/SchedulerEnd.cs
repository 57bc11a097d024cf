using System.Text;

namespace Hornet;

/// <summary>Why a scheduler ended (<c>enum scx_exit_kind</c>).</summary>
public enum SchedulerEndKind
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>It is over.</summary>
    Done = 1,

    /// <summary>User space detached it.</summary>
    Detached = 64,

    /// <summary>It ended itself: <see cref="BpfScheduler.Exit"/>.</summary>
    Exited = 65,

    /// <summary>The kernel ended it, as when a CPU came or went.</summary>
    EndedByKernel = 66,

    /// <summary>Somebody pressed SysRq-S.</summary>
    SysRq = 67,

    /// <summary>The scheduler that it was part of ended.</summary>
    ParentEnded = 68,

    /// <summary>It did what a scheduler must not do.</summary>
    Error = 1024,

    /// <summary>It reported an error: <see cref="BpfScheduler.Fail"/>.</summary>
    Failed = 1025,

    /// <summary>A thread that could run did not for too long.</summary>
    Stall = 1026,
}

/// <summary>Why and how a scheduler ended.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Code">What it gave to <see cref="BpfScheduler.Exit"/>; what the kernel says otherwise, often 0.</param>
/// <param name="Reason">The kernel's words for the kind.</param>
/// <param name="Message">What happened, in the words of the kernel or the scheduler; may be empty.</param>
public sealed record SchedulerEnd(SchedulerEndKind Kind, long Code, string Reason, string Message)
{
    /// <summary>Whether it ended because of a mistake.</summary>
    public bool IsError => Kind >= SchedulerEndKind.Error;

    /// <summary>What happened, as a sentence for people.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Kind switch
        {
            SchedulerEndKind.Detached => "The scheduler was detached",
            SchedulerEndKind.Exited => Code == 0 ? "The scheduler ended itself" : $"The scheduler ended itself with code {Code}",
            SchedulerEndKind.EndedByKernel => "The kernel ended the scheduler, as when a CPU comes or goes",
            SchedulerEndKind.SysRq => "The scheduler was ended by SysRq-S",
            SchedulerEndKind.ParentEnded => "The scheduler ended with the one it was part of",
            SchedulerEndKind.Failed => "The scheduler reported an error",
            SchedulerEndKind.Stall => "The kernel ended the scheduler: a thread that could run did not for longer than timeout_ms. Is everything that is enqueued dispatched?",
            SchedulerEndKind.Error => "The kernel ended the scheduler for a mistake",
            _ => $"The scheduler ended ({(Reason.Length > 0 ? Reason : Kind.ToString())})",
        });
        if (Message.Length > 0) text.Append(text[^1] == '?' ? " " : ": ").Append(UntrustedText.Escape(Message));
        else if (text[^1] != '?') text.Append('.');
        return text.ToString();
    }
}
