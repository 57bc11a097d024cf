using System.Buffers;
using Hornet.Interop;

namespace Hornet.Programs;

public sealed partial class BpfProgram
{
    // What a program can make of a packet: skb programs can grow it to what one skb carries without fragments.
    private const int Growth = 64 * 1024;

    /// <summary>Runs a networking program on one packet (<c>BPF_PROG_TEST_RUN</c>, 4.12).</summary>
    /// <param name="data">The packet from the Ethernet header on.</param>
    /// <param name="repeat">How often, for measuring.</param>
    /// <exception cref="BpfSyscallException">The kernel refused, or cannot run this type.</exception>
    public TestRunResult TestRun(ReadOnlyMemory<byte> data, int repeat = 1) => TestRun(new TestRunOptions { Data = data, Repeat = repeat });

    /// <summary>
    /// Runs the program in the calling thread's context without attaching it (<c>BPF_PROG_TEST_RUN</c>, 4.12; raw
    /// tracepoints 5.10, tracing 5.7, syscall programs 5.14, netfilter 6.4).
    /// </summary>
    /// <remarks>
    /// Signals are blocked meanwhile. A run that one interrupts that cannot be blocked (SIGSTOP) is started again, so the
    /// program may then run more often than asked. Needs the same capabilities as loading, and CAP_NET_ADMIN for packets.
    /// </remarks>
    /// <exception cref="BpfSyscallException">The kernel refused, or cannot run this type.</exception>
    public unsafe TestRunResult TestRun(TestRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Repeat);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Cpu);
        ArgumentOutOfRangeException.ThrowIfNegative(options.BatchSize);

        bool live = options.Flags.HasFlag(TestRunFlags.XdpLiveFrames);
        int dataCapacity = TakesPacket && !live ? options.DataCapacity ?? checked(options.Data.Length + Growth) : 0;
        int contextCapacity = ReturnsContext && !live ? options.Context.Length : 0;
        byte[] dataOut = ArrayPool<byte>.Shared.Rent(dataCapacity);
        byte[] contextOut = ArrayPool<byte>.Shared.Rent(Math.Max(contextCapacity, options.Context.Length));
        try
        {
            using MemoryHandle dataIn = options.Data.Pin();
            using MemoryHandle contextIn = options.Context.Pin();
            fixed (byte* dataOutPointer = dataOut)
            fixed (byte* contextOutPointer = contextOut)
            {
                TestRunAttr attr = default;
                int result;
                do
                {
                    attr = new()
                    {
                        ProgFd = (uint)Descriptor.Value,
                        // The kernel refuses a pointer without a size; an empty array has an address too.
                        DataIn = options.Data.IsEmpty ? 0 : Bpf.Pointer(dataIn.Pointer),
                        DataSizeIn = (uint)options.Data.Length,
                        DataOut = dataCapacity > 0 ? Bpf.Pointer(dataOutPointer) : 0,
                        DataSizeOut = (uint)dataCapacity,
                        CtxIn = options.Context.IsEmpty ? 0 : Bpf.Pointer(contextIn.Pointer),
                        CtxSizeIn = (uint)options.Context.Length,
                        CtxOut = contextCapacity > 0 ? Bpf.Pointer(contextOutPointer) : 0,
                        CtxSizeOut = (uint)contextCapacity,
                        Repeat = RunsOnce ? 0 : (uint)options.Repeat,
                        Flags = (uint)options.Flags,
                        Cpu = (uint)options.Cpu,
                        BatchSize = (uint)options.BatchSize,
                    };
                    if (Type == ProgramType.Syscall)
                    {
                        // The kernel writes a syscall program's context back to where it came from; that is the caller's memory.
                        options.Context.Span.CopyTo(contextOut);
                        attr.CtxIn = Bpf.Pointer(contextOutPointer);
                    }
                    result = SignalMask.CallUninterrupted(BpfCommand.ProgramTestRun, ref attr);
                }
                while (result < 0 && Libc.LastError == Errno.EINTR);

                if (result < 0) throw TestRunRefused(options, Libc.LastError, attr.DataSizeOut, dataCapacity);
                int contextLength = Type == ProgramType.Syscall ? options.Context.Length : contextCapacity > 0 ? (int)attr.CtxSizeOut : 0;
                return new TestRunResult(
                    attr.Retval,
                    attr.Duration,
                    dataCapacity > 0 ? dataOut.AsSpan(0, (int)attr.DataSizeOut).ToArray() : [],
                    contextOut.AsSpan(0, contextLength).ToArray());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(dataOut);
            ArrayPool<byte>.Shared.Return(contextOut);
        }
    }

    private bool TakesPacket => Type is ProgramType.SocketFilter or ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.CgroupSkb
        or ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit or ProgramType.LwtSeg6local or ProgramType.Xdp
        or ProgramType.FlowDissector or ProgramType.Netfilter;

    private bool ReturnsContext => Type is ProgramType.SocketFilter or ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.CgroupSkb
        or ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit or ProgramType.LwtSeg6local or ProgramType.Xdp
        or ProgramType.SkLookup;

    // These refuse a repeat count, even of one.
    private bool RunsOnce => Type is ProgramType.RawTracepoint or ProgramType.RawTracepointWritable or ProgramType.Tracing or ProgramType.Syscall;

    private BpfSyscallException TestRunRefused(TestRunOptions options, Errno errno, uint size, int capacity)
    {
        string? hint = errno switch
        {
            Errno.ENOTSUPP or Errno.EOPNOTSUPP => $"This kernel cannot test-run programs of type {Type}.",
            Errno.EINVAL when TakesPacket && options.Data.Length < 14 => "A packet needs at least its Ethernet header: 14 bytes.",
            Errno.EINVAL when !TakesPacket && options.Data.Length > 0 => $"Programs of type {Type} take no packet.",
            Errno.EINVAL when options.Flags != TestRunFlags.None => $"This kernel or this program type does not know {options.Flags}.",
            Errno.EINVAL when RunsOnce && options.Context.Length > 0 => "The context is larger or smaller than the program's accesses allow.",
            Errno.EINVAL => "The packet or the context is not what this program type takes, or a field of the context is set that must be zero.",
            Errno.ENOSPC when size > capacity => $"The packet became {size} bytes, more than the {capacity} there was room for (DataCapacity).",
            Errno.EPERM => "It needs the capabilities loading the program needs, and CAP_NET_ADMIN for packets.",
            Errno.ENXIO => $"There is no CPU {options.Cpu}, or it is offline.",
            _ => null,
        };
        return new BpfSyscallException($"test-run program '{Name}' ({Type})", errno, hint);
    }
}
