using Hornet.Maps;

namespace Hornet;

/// <summary>What kernel code does with maps whose elements are kernel objects: programs, interfaces, CPUs, control groups, stacks.</summary>
public static class BpfReferenceMapExtensions
{
    extension(BpfProgramArray programs)
    {
        /// <summary>
        /// Goes on in the program of a slot, with this program's context, and does not come back. Only when the slot is
        /// empty, does not exist, or 33 tail calls were made already, this program goes on.
        /// </summary>
        [KernelOnly]
        public void TailCall(uint index) => throw KernelOnly.Error();

        /// <summary>Goes on in the program of a slot; the same as without the context, which is always this program's own.</summary>
        [KernelOnly]
        public void TailCall<TContext>(TContext context, uint index) where TContext : struct, allows ref struct => throw KernelOnly.Error();
    }

    extension(BpfDevMap devices)
    {
        /// <summary>Sends the packet out of the interface of a slot: return what this returns.</summary>
        /// <param name="index">The slot.</param>
        /// <param name="otherwise">What happens to the packet when the slot is empty (5.3).</param>
        [KernelOnly]
        public XdpAction Redirect(uint index, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();

        /// <summary>Whether a slot has an interface (5.3).</summary>
        [KernelOnly]
        public bool Contains(uint index) => throw KernelOnly.Error();
    }

    extension(BpfDevMapHash devices)
    {
        /// <summary>Sends the packet out of the interface of a key: return what this returns.</summary>
        /// <param name="key">The key.</param>
        /// <param name="otherwise">What happens to the packet when there is no such key.</param>
        [KernelOnly]
        public XdpAction Redirect(uint key, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();

        /// <summary>Whether a key has an interface.</summary>
        [KernelOnly]
        public bool Contains(uint key) => throw KernelOnly.Error();
    }

    extension(BpfCpuMap cpus)
    {
        /// <summary>Lets another CPU take the packet: return what this returns.</summary>
        /// <param name="cpu">The CPU.</param>
        /// <param name="otherwise">What happens to the packet when that CPU takes none (5.3).</param>
        [KernelOnly]
        public XdpAction Redirect(uint cpu, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();
    }

    extension(BpfXskMap sockets)
    {
        /// <summary>Gives the packet to the AF_XDP socket of a slot: return what this returns.</summary>
        /// <param name="index">The slot, usually <see cref="XdpContext.QueueIndex"/>.</param>
        /// <param name="otherwise">What happens to the packet when the slot is empty (5.3).</param>
        [KernelOnly]
        public XdpAction Redirect(uint index, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();
    }

    extension(BpfCgroupArray groups)
    {
        /// <summary>Whether the current task is in the control group of a slot or below it (<c>bpf_current_task_under_cgroup</c>, 4.9).</summary>
        [KernelOnly]
        public bool ContainsCurrentTask(uint index) => throw KernelOnly.Error();
    }

    extension(BpfStackTraceMap stacks)
    {
        /// <summary>Keeps the current stack (<c>bpf_get_stackid</c>, 4.6; GPL).</summary>
        /// <param name="flags">Which stack.</param>
        /// <param name="skip">How many of the innermost frames to leave out.</param>
        /// <returns>
        /// The stack's id, the same for the same stack, for <see cref="BpfStackTraceMap.TryGetStack"/>; negative when there is none: an error
        /// number. Kernels up to 6.1 at least have no kernel stack in the programs of single system calls (<c>syscalls:*</c>).
        /// </returns>
        [KernelOnly]
        public int Capture(StackFlags flags = StackFlags.None, byte skip = 0) => throw KernelOnly.Error();
    }
}
