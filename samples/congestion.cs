#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// A TCP congestion control that is a C# class: the kernel's own Reno, counting. Sockets choose it by its name.
// As root: dotnet run samples/congestion.cs, then Ctrl-C
using Hornet;
using Hornet.KernelTypes;
using Hornet.Maps;

using var calls = BpfArray<ulong>.Create("calls", 2);
using var session = new BpfSession();
session.AttachStructOps(new CountingReno(calls));
Console.WriteLine("hornet_reno can be chosen: setsockopt(TCP_CONGESTION), or sysctl net.ipv4.tcp_congestion_control; Ctrl-C ends");
session.WaitForShutdown();
Console.WriteLine($"{calls[0]} connections, {calls[1]} acknowledgements");

[StructOps("tcp_congestion_ops")]
sealed class CountingReno(BpfArray<ulong> calls)
{
    public string Name => "hornet_reno";

    public void Init(Sock sk) => calls[0]++;

    public uint Ssthresh(Sock sk) => RenoThreshold(sk);

    public uint UndoCwnd(Sock sk) => RenoUndo(sk);

    public void CongAvoid(Sock sk, uint ack, uint acked)
    {
        calls[1]++;
        RenoAvoid(sk, ack, acked);
    }

    [KernelFunction("tcp_reno_ssthresh")] static uint RenoThreshold(Sock sk) => throw new NotSupportedException();
    [KernelFunction("tcp_reno_undo_cwnd")] static uint RenoUndo(Sock sk) => throw new NotSupportedException();
    [KernelFunction("tcp_reno_cong_avoid")] static void RenoAvoid(Sock sk, uint ack, uint acked) => throw new NotSupportedException();
}
