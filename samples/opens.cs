#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Which process opens how many files: the lambda runs in the kernel. As root: dotnet run samples/opens.cs, then Ctrl-C
using Hornet;
using Hornet.Maps;

using var opens = BpfHashMap<uint, ulong>.Create("opens", 10_240);
using var session = new BpfSession();
session.AttachTracepoint("syscalls:sys_enter_openat", () => opens[Bpf.Tgid]++);
Console.WriteLine("counting opened files; Ctrl-C shows them");
session.WaitForShutdown();

Console.WriteLine($"{"PID",-8} OPENS");
foreach (var (pid, count) in opens.OrderByDescending(e => e.Value).Take(10)) Console.WriteLine($"{pid,-8} {count}");
