using System.Globalization;
using System.Runtime.InteropServices;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.KernelTests.Links;

/// <summary>
/// Attaching and detaching for ever must not cost a descriptor or a byte. The resident size says nothing: the runtime
/// opens two descriptors for each assembly it loads late, the just-in-time compiler takes megabytes and gives them back, and the
/// collector spreads over pages it has already set aside. So a fresh process without tiered compilation counts
/// what attaching could leak: descriptors of the kernel's objects, objects, blocks by malloc's own books, mapped memory.
/// </summary>
public partial class AttachCycleTests
{
    // Detaching waits for grace periods of the kernel, a tenth of a second for a uprobe: threads wait for the same ones.
    private const int Threads = 32;

    // Half of malloc's smallest block, and less than the smallest object: what is forgotten once a cycle is found. After
    // the first pass the books of a process at rest move by a kilobyte or two.
    private const int BytesPerCycle = 16;
    private const int EnoughCycles = 1000;
    private const int Passes = 10;

    // HORNET_CYCLES=10000 is the proof; every run takes a sample.
    private static readonly int s_cycles = int.TryParse(Environment.GetEnvironmentVariable("HORNET_CYCLES"), out int n) ? n : TestMachine.IsVirtualMachine ? Threads : 0;

    [KernelFact]
    public void Raw_tracepoints_leave_nothing() => Cycle("raw tracepoint", 10_000);

    [KernelFact]
    public void Tracepoints_leave_nothing() => Cycle("tracepoint", EnoughCycles + Threads);

    [KernelFact(Needs.Uprobes)]
    public void Uprobes_leave_nothing() => Cycle("uprobe", Threads);

    private static void Cycle(string kind, int sample)
    {
        int cycles = s_cycles == 0 ? sample : s_cycles;
        using var child = ChildProcess.StartUnder("env", ["DOTNET_TieredCompilation=0"], Child, kind, $"{cycles / Threads}");
        string history = child.ReadToEnd();
        Assert.True(child.Wait() == 0, history + child.Error);
        TestContext.Current.TestOutputHelper?.WriteLine(history);
    }

    private static int Child(string[] arguments)
    {
        string kind = arguments[0];
        int times = int.Parse(arguments[1], CultureInfo.InvariantCulture), cycles = times * Threads;
        using var file = Elf.ElfFile.Open(TargetProcess.Executable);
        ulong offset = file.FindFunction("hornet_one")!.FileOffset;
        (ProgramType type, Func<BpfProgram, BpfLink> attach) = kind switch
        {
            "raw tracepoint" => (ProgramType.RawTracepoint, (Func<BpfProgram, BpfLink>)(program => RawTracepointLink.Attach(program, "sys_enter"))),
            "tracepoint" => (ProgramType.Tracepoint, program => TracepointLink.Attach(program, "syscalls", "sys_enter_getsid")),
            _ => (ProgramType.Kprobe, program => UprobeLink.AttachAt(program, TargetProcess.Executable, offset)),
        };
        // An event takes a program only once, so every thread has its own.
        var counters = Enumerable.Range(0, Threads).Select(_ => Counter.Load(type, new() { OnlyThisThread = false })).ToList();
        try
        {
            Repeat(counters, attach, 1);
            int descriptors = KernelDescriptors();
            var before = Memory.Measure();
            int still = 0;
            for (int pass = 1; pass <= Passes; pass++)
            {
                Repeat(counters, attach, times);
                int open = KernelDescriptors();
                var after = Memory.Measure();
                var grown = after - before;
                before = after;
                Console.WriteLine($"pass {pass}, {cycles} cycles: {open - descriptors} descriptors, {grown}");
                if (open != descriptors) return 1;
                // Of a few cycles nothing can be seen. Two passes in a row that stand still are the proof: a leak grows with
                // every one, and what the runtime gives back can hide it in one, not in two by the same bytes.
                still = grown.IsStill(BytesPerCycle * cycles) ? still + 1 : 0;
                if (cycles < EnoughCycles || still == 2) return 0;
            }
            Console.WriteLine($"{kind}: the memory did not stand still for two of {Passes} passes");
            return 1;
        }
        finally
        {
            counters.ForEach(c => c.Dispose());
        }
    }

    private static void Repeat(List<Counter> counters, Func<BpfProgram, BpfLink> attach, int times)
    {
        var threads = counters.Select(counter => new Thread(() =>
        {
            for (int i = 0; i < times; i++) attach(counter.Program).Dispose();
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
    }

    /// <summary>The open descriptors that attaching can make: objects of bpf and perf, files of sysfs, tracefs and procfs.</summary>
    private static int KernelDescriptors() => Directory.GetFiles("/proc/self/fd").Count(path =>
    {
        // Null for the listing's own, which is closed by now.
        string target = new FileInfo(path).LinkTarget ?? "";
        return target.StartsWith("anon_inode:", StringComparison.Ordinal)
            ? target.Contains("bpf", StringComparison.Ordinal) || target.Contains("perf", StringComparison.Ordinal)
            : target.StartsWith("/sys/", StringComparison.Ordinal) || target.StartsWith("/proc/", StringComparison.Ordinal);
    });

    /// <summary>Bytes in use: of objects, of malloc's blocks, and mapped (without the collector's heap).</summary>
    private readonly record struct Memory(long Managed, long Allocated, long Mapped)
    {
        public static Memory operator -(Memory a, Memory b) => new(a.Managed - b.Managed, a.Allocated - b.Allocated, a.Mapped - b.Mapped);

        /// <summary>Whether nothing grew. What was given back meanwhile could hide a leak, so that is no proof either.</summary>
        public bool IsStill(long most) => Managed < most && Math.Abs(Allocated) < most && Math.Abs(Mapped % ThreadStack) < most;

        // The runtime's threads come and go, and the library keeps the stack of one that ended or does not: that is this many bytes exactly.
        private const long ThreadStack = 8 << 20;

        public override string ToString() => $"objects {Managed:+#;-#;0} bytes, malloc {Allocated:+#;-#;0}, mapped {Mapped:+#;-#;0}";

        public static Memory Measure()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long managed = GC.GetTotalMemory(forceFullCollection: true);
            var malloc = MallocInfo();
            string data = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmData:", StringComparison.Ordinal));
            long mapped = long.Parse(data.AsSpan(7).Trim(" \tkB"), CultureInfo.InvariantCulture) * 1024;
            return new(managed, malloc.InUse + malloc.InUseMapped, mapped - GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes);
        }
    }

    /// <summary><c>struct mallinfo2</c> of glibc 2.33.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocBooks
    {
        private readonly nint _arena, _freeBlocks, _fastBlocks, _mappedBlocks;
        public readonly nint InUseMapped;
        private readonly nint _unused, _fastFree;
        public readonly nint InUse;
        private readonly nint _free, _top;
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallinfo2")]
    private static partial MallocBooks MallocInfo();
}
