using System.Runtime.InteropServices;
using Hornet.Isa;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

public unsafe partial class SignalStormTests
{
    private const int SigAlrm = 14;

    private struct Timer
    {
        public long IntervalSeconds, IntervalMicroseconds, ValueSeconds, ValueMicroseconds;
    }

    [LibraryImport("libc", EntryPoint = "setitimer", SetLastError = true)]
    private static partial int SetTimer(int which, Timer* timer, Timer* old);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    private static partial int ThreadKill(int process, int thread, int signal);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();

    [KernelFact]
    public void A_thousand_signals_a_second_do_not_keep_a_program_from_loading()
    {
        // The handler must be native: a signal may hit a thread in the middle of managed code. abs(3) does no harm.
        nint before = Signal(SigAlrm, NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "abs"));
        int sent = 0;
        Timer timer = new() { IntervalMicroseconds = 1000, ValueMicroseconds = 1000 };
        using CancellationTokenSource stop = new();
        int loader = ThreadId();
        // The timer's signals go to any thread; these go to the one that loads, as a sampling profiler's do.
        Thread storm = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (ThreadKill(Environment.ProcessId, loader, SigAlrm) == 0) Interlocked.Increment(ref sent);
                Thread.Sleep(1);
            }
        });
        try
        {
            Assert.Equal(0, SetTimer(0, &timer, null));
            storm.Start();
            var started = Environment.TickCount64;
            var spec = SlowToVerify();
            // On a busy machine the other thread may send few during one load.
            int loads = 0;
            do
            {
                BpfProgram.Load(spec).Dispose();
                loads++;
            }
            while (Volatile.Read(ref sent) <= 50);
            long took = (Environment.TickCount64 - started) / loads;
            Assert.True(took >= 20, $"a verification took only {took} ms: the test shows nothing");
        }
        finally
        {
            stop.Cancel();
            if (storm.IsAlive) storm.Join();
            timer = default;
            _ = SetTimer(0, &timer, null);
            // A signal may still be on its way to a thread that has not run since; ignoring (SIG_IGN) drops it, where the
            // default action would end the process.
            _ = Signal(SigAlrm, 1);
        }
    }

    // A loop over a counter the verifier has to follow round by round: nearly the million instructions it allows.
    private static ProgramSpec SlowToVerify() => Spec(ProgramType.SocketFilter, new Assembler()
        .Mov(Register.R6, 0)
        .Load(Register.R7, Register.R1, 0, MemorySize.U32)
        .Label("next")
        .Add(Register.R6, 1)
        .Mov(Register.R8, Register.R7).And(Register.R8, 0xff).Add(Register.R8, Register.R6)
        .Store(Register.R10, -8, Register.R8)
        .JumpIf(Register.R6, JumpOp.Less, 160_000, "next")
        .Mov(Register.R0, 0)
        .Exit());
}
