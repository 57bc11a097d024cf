using Hornet.Objects;

namespace Hornet.KernelTests.Script;

/// <summary>What <c>--emit-elf</c> writes is an object that other loaders take.</summary>
public class ScriptObjectTests
{
    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void A_script_becomes_an_object_whose_sections_say_where_its_programs_belong()
    {
        string file = Path.Combine(Path.GetTempPath(), $"hornet-script-{Environment.ProcessId}.bpf.o");
        try
        {
            var (output, errors, status) = ScriptRunner.Run("--emit-elf", file, "-e", "begin { print(1); } t:sched:sched_switch { @[comm] = count(); } t:sched:sched_wakeup, t:sched:sched_waking { @n = count(); } profile:hz:9 { @p = count(); }");
            Assert.Equal(("", "", 0), (output, errors, status));
            var written = BpfObject.Open(file);
            Assert.Equal(["raw_tracepoint", "tracepoint/sched/sched_switch", "tracepoint", "perf_event"], written.Programs.Select(p => p.SectionName));
            Assert.Equal([false, true, true, true], written.Programs.Select(p => p.AutoLoad));
            // After their probes, so that a list of programs tells them apart and fentry:bpf:NAME finds them.
            Assert.Equal(["begin_1", "tracepoint_sched_sched_switch_2", "tracepoint_sched_sched_wakeup_3", "profile_hz_9_4"], written.Programs.Select(p => p.Name));
            using var loaded = written.Load();
            Assert.Equal(3, loaded.Programs.Count);
            Assert.Contains("AT_", loaded.Maps.Keys);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
