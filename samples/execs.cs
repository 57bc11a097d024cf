#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Programs that are executed, as an asynchronous stream out of the kernel. As root: dotnet run samples/execs.cs
using Hornet;
using Hornet.KernelTypes;

using var execs = BpfRingBuffer<Exec>.Create("execs");
using var session = new BpfSession();
session.AttachTracepoint("sched:sched_process_exec", (in SchedProcessExec e) =>
{
    if (!execs.TryReserve(out var exec)) return;
    exec.Value = new() { Pid = e.Pid, Uid = Bpf.Uid };
    e.Filename.CopyTo(exec.Value.File);
    exec.Submit();
});
using CancellationTokenSource stop = new();
_ = Task.Run(() => { session.WaitForShutdown(); stop.Cancel(); });
Console.WriteLine($"{"PID",-8} {"USER",-6} FILE");
try
{
    await foreach (var exec in execs.WithCancellation(stop.Token))
        Console.WriteLine($"{exec.Pid,-8} {exec.Uid,-6} {UntrustedText.Escape(exec.File.ToString())}");
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
}

struct Exec
{
    public int Pid;
    public uint Uid;
    public Text128 File;
}
