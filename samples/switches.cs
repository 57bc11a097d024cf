#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Which thread a CPU leaves for which other one: objects of the kernel, by field. As root: dotnet run samples/switches.cs PID
using Hornet;
using Hornet.KernelTypes;

if (args is not [var text] || !int.TryParse(text, out int wanted))
{
    Console.Error.WriteLine("usage: switches.cs PID: one number, the thread to watch");
    return 1;
}
using var session = new BpfSession();
Console.WriteLine($"{"CPU",-4} {"FROM",-8} {"TO",-8} {"NAME",-16} STATE");
session.AttachBtfTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) =>
{
    if (prev.Pid != wanted) return;
    TaskName name = default;
    next.Comm.CopyTo(name);
    Bpf.Print($"{Bpf.Cpu,-4} {prev.Pid,-8} {next.Pid,-8} {name,-16} {prev.State}");
});
session.WaitForShutdown();
return 0;
