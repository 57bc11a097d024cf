using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using Hornet.Vm;
using Hornet.Vm.Tests.Instructions;
using Hornet.Vm.Tests.RandomPrograms;

namespace Hornet.KernelTests.Vm;

/// <summary>The user-space machine does what the kernel does: the same programs on the same inputs, in both.</summary>
public class MachineTests
{
    [KernelFact]
    public void The_kernel_gives_for_every_instruction_what_the_tests_of_the_machine_expect() => Compare("arithmetic", "jumps", "byte order", "memory");

    [KernelFact(MinKernel = "5.12")]
    public void The_kernel_gives_for_every_atomic_what_the_tests_of_the_machine_expect() => Compare("atomics");

    [KernelFact(Needs.IsaV4)]
    public void The_kernel_gives_for_every_v4_instruction_what_the_tests_of_the_machine_expect() => Compare("signed arithmetic", "sign extension");

    [KernelFact]
    public void Random_programs_of_old_instructions_end_with_the_kernels_result() => CompareRandom(IsaLevel.V2, 0, 150);

    [KernelFact(MinKernel = "5.12")]
    public void Random_programs_with_atomics_end_with_the_kernels_result() => CompareRandom(IsaLevel.V3, 1000, 150);

    [KernelFact(Needs.IsaV4)]
    public void Random_programs_of_new_instructions_end_with_the_kernels_result() => CompareRandom(IsaLevel.V4, 2000, 150);

    private static void Compare(params string[] kinds)
    {
        int batches = 0;
        foreach (var batch in InstructionCases.Batches())
        {
            if (!kinds.Any(k => batch.Name.StartsWith(k, StringComparison.Ordinal))) continue;
            batches++;
            using var input = BpfMap.Create(batch.InputMap());
            using var output = BpfMap.Create(batch.OutputMap());
            input.Update(new byte[4], batch.Operands());
            using var program = BpfProgram.Load(batch.Program(), new ProgramLoadOptions { Maps = new Dictionary<string, BpfMap> { [InstructionCases.Input] = input, [InstructionCases.Output] = output } });
            program.TestRun(new byte[64]);
            var wrong = batch.Compare(output.Lookup(new byte[4])!);
            Assert.True(wrong.Count == 0, $"{batch.Name}:\n{string.Join('\n', wrong.Take(10))}");
        }
        Assert.True(batches > 0);
    }

    private static void CompareRandom(IsaLevel level, int first, int count)
    {
        int refused = 0;
        using var input = BpfMap.Create(SafeProgramGenerator.InputMap);
        using var output = BpfMap.Create(SafeProgramGenerator.OutputMap);
        Dictionary<string, BpfMap> maps = new() { [SafeProgramGenerator.Input] = input, [SafeProgramGenerator.Output] = output };
        for (int seed = first; seed < first + count; seed++)
        {
            ulong expected = Differential.Safe(seed, level);
            SafeProgramGenerator generator = new(seed, level);
            var spec = generator.Next();
            input.Update(new byte[4], generator.Numbers());
            try
            {
                using var program = BpfProgram.Load(spec, new ProgramLoadOptions { Maps = maps });
                program.TestRun(new byte[64]);
            }
            catch (VerifierException)
            {
                // Verifiers differ in what they follow to the end; a program they refuse says nothing about the machine.
                refused++;
                continue;
            }
            ulong result = BitConverter.ToUInt64(output.Lookup(new byte[4])!);
            Assert.True(expected == result, $"program {seed}: the kernel says 0x{result:x}, the machine 0x{expected:x}");
        }
        Assert.True(refused * 4 < count, $"the kernel refused {refused} of {count}");
    }

    private static readonly ClangSource s_firewall = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_endian.h>
        #include <bpf/bpf_core_read.h>
        char _license[] SEC("license") = "GPL";

        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u64); } sources SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 1024); __type(key, __u16); __type(value, __u64); } lengths SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 256); __type(key, __u32); __type(value, __u64); } protocols SEC(".maps");
        const volatile __u32 blocked = 3;
        __u64 packets, checksum;
        __u32 task_struct_bytes;

        static __attribute__((noinline)) __u32 sum(struct iphdr *ip) {
            __u32 s = 0;
            __u16 *words = (void *)ip;
            for (int i = 0; i < 10; i++) s += words[i];
            return s;
        }

        SEC("xdp") int firewall(struct xdp_md *ctx) {
            void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
            struct ethhdr *eth = data;
            struct iphdr *ip = data + sizeof(*eth);
            packets++;
            task_struct_bytes = bpf_core_type_size(struct task_struct);
            if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(0x0800)) return XDP_PASS;
            __u32 source = ip->saddr & 63, protocol = ip->protocol;
            __u64 one = 1, *count = bpf_map_lookup_elem(&sources, &source);
            if (count) __sync_fetch_and_add(count, 1);
            else bpf_map_update_elem(&sources, &source, &one, BPF_NOEXIST);
            count = bpf_map_lookup_elem(&protocols, &protocol);
            if (count) *count += bpf_ntohs(ip->tot_len);
            __u16 length = bpf_ntohs(ip->tot_len) & 7;
            count = bpf_map_lookup_elem(&lengths, &length);
            if (count) *count += 1;
            else bpf_map_update_elem(&lengths, &length, &one, BPF_ANY);
            struct iphdr copy = {};
            bpf_probe_read_kernel(&copy, sizeof(copy), ip);
            checksum = checksum * 31 + sum(&copy);
            if (source % 8 == blocked) return XDP_DROP;
            ip->ttl--;
            return protocol == 6 ? XDP_TX : XDP_PASS;
        }
        """);

    [KernelFact(Needs.Clang, Needs.VmlinuxBtf)]
    public void An_object_of_clangs_does_in_the_machine_what_it_does_in_the_kernel()
    {
        var spec = BpfObject.Parse(s_firewall.Object, "firewall.bpf.o");
        using var kernel = spec.Load();
        foreach (var engine in (VmEngine[])[VmEngine.Interpreter, VmEngine.Jit])
        {
            var loaded = new BpfMachine(new VmOptions { Engine = engine }).Load(spec);
            Random random = new(1);
            for (int i = 0; i < 300; i++)
            {
                byte[] packet = new byte[random.Next(14, 100)];
                random.NextBytes(packet);
                if (random.Next(4) != 0) (packet[12], packet[13]) = (8, 0);
                if (packet.Length > 23 && random.Next(2) == 0) packet[23] = 6;
                var context = VmContext.Xdp(packet);
                var result = loaded.Program("firewall").Run(context).EnsureSucceeded();
                if (engine == VmEngine.Interpreter)
                {
                    // The kernel's maps count on, so it sees each packet once.
                    var expected = kernel.Program("firewall").TestRun(packet);
                    Assert.Equal((expected.ReturnValue, Convert.ToHexString(expected.Data)), ((uint)result.ReturnCode, Convert.ToHexString(context.Packet)));
                }
            }
            foreach (string map in (string[])["sources", "lengths", "protocols"])
            {
                foreach (var (key, value) in loaded.Map(map).Entries()) Assert.Equal(kernel.Map(map).Lookup(key), value);
            }
            foreach (string variable in (string[])["packets", "checksum"]) Assert.Equal(kernel.Globals.Get<ulong>(variable), loaded.GetGlobal<ulong>(variable));
            Assert.Equal(kernel.Globals.Get<uint>("task_struct_bytes"), loaded.GetGlobal<uint>("task_struct_bytes"));
            Assert.True(loaded.GetGlobal<uint>("task_struct_bytes") > 1000);
        }
    }
}
