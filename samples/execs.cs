#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Programs that are executed, as an asynchronous stream. Run as root: dotnet run samples/execs.cs [seconds]
using System.Threading.Channels;
using Hornet;

var stream = Channel.CreateUnbounded<(int Pid, string Comm, string File)>();
using var session = new BpfSession();
session.OnTracepoint("sched:sched_process_exec", e => stream.Writer.TryWrite((e.ProcessId, e.ProcessName, e["filename"].ToString())));

using CancellationTokenSource stop = new();
if (args.Length > 0) stop.CancelAfter(TimeSpan.FromSeconds(double.Parse(args[0])));
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
Console.WriteLine($"{"PID",-8} {"COMM",-16} FILE");
try
{
    await foreach (var (pid, comm, file) in stream.Reader.ReadAllAsync(stop.Token))
        Console.WriteLine($"{pid,-8} {UntrustedText.Escape(comm),-16} {UntrustedText.Escape(file)}");
}
catch (OperationCanceledException)
{
}
