#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// A process and its ancestors, from kernel code that is run when asked to and calls functions of the kernel (6.2).
// As root: dotnet run samples/ancestors.cs PID
using Hornet;
using Hornet.KernelTypes;

if (args is not [var text] || !int.TryParse(text, out int pid))
{
    Console.Error.WriteLine("usage: ancestors.cs PID: one number, a process");
    return 1;
}
using var session = new BpfSession();
var look = session.LoadSyscall((ref Request request) =>
{
    var task = Tasks.Find(request.Pid);
    if (task is null) return -3;
    TaskName name = default;
    task.Comm.CopyTo(name);
    (request.Name, request.Parent) = (name, task.RealParent.Tgid);
    Tasks.Release(task);
    return 0;
});
Request request = new() { Pid = pid };
if (look.Run(ref request) != 0)
{
    Console.Error.WriteLine($"there is no process {pid}");
    return 1;
}
Console.WriteLine($"{"PID",-8} NAME");
do Console.WriteLine($"{request.Pid,-8} {UntrustedText.Escape(request.Name.ToString())}");
while ((request.Pid = request.Parent) > 0 && look.Run(ref request) == 0);
return 0;

struct Request { public int Pid, Parent; public TaskName Name; }
static class Tasks
{
    [KernelFunction("bpf_task_from_pid")] public static TaskStruct? Find(int pid) => throw new NotSupportedException();
    [KernelFunction("bpf_task_release")] public static void Release(TaskStruct task) => throw new NotSupportedException();
}
