#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Reads of /dev/urandom, chosen in the kernel by the device behind the descriptor. As root: dotnet run samples/urandom.cs
// Older tools use the tracepoint random:urandom_read instead, which left the kernel in 5.18.
using Hornet;
using Hornet.KernelTypes;

const uint Urandom = 1 << 20 | 9; // the device number: major 1, minor 9
using var session = new BpfSession();
Console.WriteLine($"{"TIME(s)",-18} {"COMM",-16} {"PID",-8} GOTBITS");
session.OnSyscall<Read>("read")
    .Where(e => e.Result > 0 && Bpf.At<KernelFile>(((Files)Bpf.CurrentTask).Open[(int)e.Args.Fd]).FInode.IRdev == Urandom)
    .Subscribe(e => Console.WriteLine($"{e.CurrentTimeNs / 1e9,-18:F9} {UntrustedText.Escape(e.ProcessName),-16} {e.ProcessId,-8} {e.Result * 8}"));
session.WaitForShutdown();

record struct Read(uint Fd);

[KernelType("task_struct")]
interface Files : TaskStruct
{
    [KernelField("files.fdt.fd")]
    KernelPtr<ulong> Open { get; }
}
