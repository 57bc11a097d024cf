using System.Reflection;
using Hornet.IL;
using Hornet.KernelTypes;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet;

// Schedulers: sched_ext.
public sealed partial class BpfSession
{
    /// <summary>Has a class schedule the machine's threads (sched_ext, 6.12; a kernel with CONFIG_SCHED_CLASS_EXT).</summary>
    /// <param name="implementation">An object of a class marked <c>[StructOps("sched_ext_ops")]</c>. Its fields are constants of the code.</param>
    /// <returns>The scheduler: in use until it is disposed, or until the kernel ends it for a mistake.</returns>
    /// <exception cref="ArgumentException">The class does not say that it is a scheduler.</exception>
    /// <exception cref="BpfNotSupportedException">This kernel takes no schedulers.</exception>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused a program.</exception>
    /// <exception cref="BpfException">Another scheduler is in use, or this one failed while it was put in use; the message says why.</exception>
    public AttachedScheduler AttachScheduler(object implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        RunningScheduler.Require();
        var type = implementation.GetType();
        if (type.GetCustomAttribute<StructOpsAttribute>() is { TypeName: not StructOpsTable.Scheduler and var other })
            throw new ArgumentException($"{type.Name} implements {other}, and a scheduler is {StructOpsTable.Scheduler}: use {nameof(AttachStructOps)}.", nameof(implementation));
        var recorder = type.GetMethod("Exit") is null ? new SchedulerEndRecorder() : null;
        try
        {
            var table = StructOpsTable.Of(implementation, recorder);
            if (table.TextOf("name") is not { Length: > 0 } name) throw new BpfException($"{type.Name} has no name: schedulers have one, as in public string Name => \"mine\".");
            AttachedScheduler scheduler = new(name, PutInUse(table, name), recorder);
            // What fails while a scheduler is put in use is told to the scheduler, not to who attaches it.
            if (scheduler.End is { } end)
            {
                scheduler.Dispose();
                throw new BpfException($"The scheduler '{name}' could not be put in use. {end}");
            }
            return Own(scheduler);
        }
        catch
        {
            recorder?.Close();
            throw;
        }
    }

    private StructOpsLink PutInUse(StructOpsTable table, string name)
    {
        var loaded = Own(table.Compile(Options ?? RunningKernel.Options, Prints).Load());
        try
        {
            return (StructOpsLink)loaded.AttachAll().Links[table.Name];
        }
        catch (BpfSyscallException e) when (RunningScheduler.Name() is { } other)
        {
            throw new BpfException($"The scheduler '{name}' cannot be put in use: '{other}' is, and there is one at a time.", e);
        }
    }
}
