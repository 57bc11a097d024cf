#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Prints from the kernel whenever a program is executed. As root: dotnet run samples/print.cs
using Hornet;
using Hornet.KernelTypes;

using var session = new BpfSession();
session.AttachTracepoint("sched:sched_process_exec", (in SchedProcessExec e) =>
{
    TaskName name = default;
    Bpf.Comm(name);
    Bpf.Print($"CPU {Bpf.Cpu}: {e.Pid} of user {Bpf.Uid} is {name} now");
});
session.WaitForShutdown();
