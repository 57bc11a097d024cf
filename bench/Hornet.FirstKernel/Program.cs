// How long the first kernel of a fresh process takes, published with ReadyToRun; bench/run compile starts it.
//
//   Hornet.FirstKernel            milliseconds from Main to attached, and the process's processor time until then
//   Hornet.FirstKernel --jitted   also what the runtime compiled meanwhile
using System.Diagnostics;
using System.Globalization;
using Hornet;
using Hornet.FirstKernel;
using Hornet.Maps;

long main = Stopwatch.GetTimestamp();
using var listener = args is ["--jitted"] ? new JitListener() : null;
using var opens = BpfHashMap<uint, ulong>.Create("opens", 10_240);
using var session = new BpfSession();
session.AttachTracepoint("syscalls:sys_enter_openat", () => opens[Bpf.Tgid]++);
double attached = Stopwatch.GetElapsedTime(main).TotalMilliseconds, processor = Environment.CpuUsage.TotalTime.TotalMilliseconds;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{attached:F1} {processor:F1}"));
foreach (string method in listener?.Methods ?? []) Console.WriteLine(method);
return 0;
