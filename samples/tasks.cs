#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// All threads of the system, as the kernel's own iterator goes over them. As root: dotnet run samples/tasks.cs
using System.Runtime.InteropServices;
using Hornet;
using Hornet.KernelTypes;

using var session = new BpfSession();
var threads = session.AttachIterator("task", (TaskStruct task) =>
{
    Row row = new() { Pid = task.Tgid, Tid = task.Pid, Parent = task.RealParent.Tgid };
    task.Comm.CopyTo(row.Name);
    Bpf.SeqWrite(in row);
});
using MemoryStream bytes = new();
using (var reader = threads.OpenRead()) reader.CopyTo(bytes);

Console.WriteLine($"{"PID",-8} {"TID",-8} {"PARENT",-8} NAME");
foreach (var row in MemoryMarshal.Cast<byte, Row>(bytes.ToArray()))
    Console.WriteLine($"{row.Pid,-8} {row.Tid,-8} {row.Parent,-8} {UntrustedText.Escape(row.Name.ToString())}");

struct Row
{
    public int Pid, Tid, Parent;
    public TaskName Name;
}
