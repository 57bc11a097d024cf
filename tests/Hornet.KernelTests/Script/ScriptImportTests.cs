using Hornet.Objects;

namespace Hornet.KernelTests.Script;

/// <summary>What of imported objects needs more than a command and its output: the transcripts (imports.txt) have the rest.</summary>
public class ScriptImportTests
{
    private static string Folder => ImportFixtures.Folder;

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.Clang)]
    public void What_the_verifier_refuses_is_shown_with_the_line_of_C()
    {
        var (_, errors, status) = ScriptRunner.Run("-I", Folder, "-e", "import \"numbers.bpf.c\"; begin { print(beyond(300)); }");
        Assert.Equal(255, status);
        Assert.Contains("invalid access to map value", errors, StringComparison.Ordinal);
        Assert.Matches(@"at .*numbers\.bpf\.c:20: int beyond\(int index\) \{ return table\[index\]; \}", errors);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.Clang)]
    public void Programs_that_an_imported_map_leads_to_are_loaded_and_reached_by_tail_calls()
    {
        var (output, errors, status) = ScriptRunner.Run("-I", Folder, "-e",
            "import \"tail.bpf.o\"; begin { print(get_hits()); } interval:ms:1 { $left = jump(ctx); if (get_hits() >= 30) { exit(); } } end { print(get_hits() >= 30); }");
        Assert.True(status == 0, errors);
        Assert.Equal("0\ntrue\n", output.TrimEnd('\n') + "\n");
        Assert.DoesNotContain("are not attached", errors, StringComparison.Ordinal);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.Clang)]
    public void A_written_object_has_what_was_imported_and_other_loaders_take_it()
    {
        string file = Path.Combine(Path.GetTempPath(), $"hornet-{Guid.NewGuid():N}.bpf.o");
        try
        {
            var (_, errors, status) = ScriptRunner.Run("-I", Folder, "--emit-elf", file, "-e", "import \"both\"; tracepoint:sched:sched_process_exit { @ = of_first(1); }");
            Assert.True(status == 0, errors);
            var written = BpfObject.Open(file);
            Assert.Contains(written.Maps, m => m.Name.StartsWith(".bss", StringComparison.Ordinal) || m.Name.StartsWith(".data.first", StringComparison.Ordinal) || m.Name == ".data");
            Assert.DoesNotContain(written.Externs, e => e.Kind == ExternKind.Unknown);
            using var loaded = written.Load();
            Assert.Single(loaded.Programs);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
