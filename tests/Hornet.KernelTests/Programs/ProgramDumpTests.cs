using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

public class ProgramDumpTests
{
    private static readonly ClangSource s_source = new("""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>

        struct {
            __uint(type, BPF_MAP_TYPE_HASH);
            __uint(max_entries, 16);
            __type(key, int);
            __type(value, long);
        } counts SEC(".maps");

        static __attribute__((noinline)) int a_function_with_a_long_name(int x)
        {
            long *value = bpf_map_lookup_elem(&counts, &x);
            return value ? (int)*value : 7;
        }

        SEC("socket")
        int a_program_with_a_long_name(void *ctx)
        {
            int pid = (int)(bpf_get_current_pid_tgid() >> 32);
            return a_function_with_a_long_name(pid);
        }

        char _license[] SEC("license") = "GPL";
        """);

    // Socket filters may ask for the process only since 6.10.
    [KernelFact(Needs.Clang, MinKernel = "6.12")]
    public void A_program_is_read_back_with_its_names_and_source_lines()
    {
        using var loaded = BpfObject.Parse(s_source.Object, "dump.bpf.o").Load();
        var program = loaded.Programs["a_program_with_a_long_name"];
        Assert.Equal("a_program_with_", program.GetInfo().Name.Length == 0 ? "" : program.GetInfo().Name[..15]);
        Assert.Equal("a_program_with_a_long_name", program.GetFullName());

        var dump = program.Dump();
        Assert.Equal("a_program_with_a_long_name", dump.Name);
        string text = Disassembler.Format(dump.Instructions);
        Assert.Contains("a_program_with_a_long_name:", text);
        Assert.Contains("call a_function_with_a_long_name", text);
        Assert.Contains("call bpf_get_current_pid_tgid#14", text);
        Assert.Contains("counts", text);
        Assert.Contains("; int pid = (int)(bpf_get_current_pid_tgid() >> 32);", text);
        Assert.Contains("htab_map_lookup_elem", text);

        if (program.GetInfo().JitedSize == 0) return;
        Assert.Equal(["a_program_with_a_long_name", "a_function_with_a_long_name"], dump.Functions.Select(f => f.Name));
        Assert.All(dump.Functions, f => Assert.NotEqual(0ul, f.Address));
        Assert.Equal((int)program.GetInfo().JitedSize, dump.Functions.Sum(f => f.Code.Length));
        Assert.Contains(dump.Functions[1].Lines, line => line.Source.Text.Contains("return value", StringComparison.Ordinal));
    }

    [KernelFact]
    public void A_program_without_BTF_is_read_back_too()
    {
        using var map = BpfMap.Create(new MapSpec { Name = "plain", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        using var program = BpfProgram.Load(
            Spec(ProgramType.SocketFilter, new Assembler().LoadMapValue(Register.R1, map.Descriptor).Load(Register.R0, Register.R1).Exit()));
        var dump = program.Dump();
        Assert.Equal("hornet_test", dump.Name);
        Assert.Equal(["plain"], dump.Instructions.Where(i => i.Reference is not null).Select(i => i.Reference!));
        Assert.Equal(map.Id, (uint)dump.Instructions[0].Constant);
    }
}
