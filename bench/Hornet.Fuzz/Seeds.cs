using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;

namespace Hornet.Fuzz;

/// <summary>What mutation starts from: objects compiled here, pieces of them, logs and texts of our own.</summary>
internal static class Seeds
{
    private const string Common =
        """
        typedef unsigned char __u8; typedef unsigned int __u32; typedef unsigned long long __u64;
        #define SEC(x) __attribute__((section(x), used))
        #define __uint(name, val) int (*name)[val]
        #define __type(name, val) typeof(val) *name
        static void *(*lookup)(void *, const void *) = (void *)1;
        static long (*print)(const char *, __u32, ...) = (void *)6;
        char LICENSE[] SEC("license") = "GPL";

        """;

    private static readonly string[] Sources =
    [
        Common +
        """
        struct value { __u64 count; __u32 flags : 3, kind : 5; char name[16]; };
        struct { __uint(type, 1); __uint(max_entries, 16); __type(key, __u32); __type(value, struct value); } counts SEC(".maps");
        struct { __uint(type, 13); __uint(max_entries, 4); __uint(key_size, 4); struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, int); } *values[]; } outer SEC(".maps");
        const volatile int limit = 5; int total = 7; __u64 zeros[4]; static char text[] = "hello %d";
        extern int CONFIG_HZ __attribute__((weak)) SEC(".kconfig"); extern const void jiffies __attribute__((weak)) SEC(".ksyms");
        __attribute__((noinline)) int global(int a) { return a * limit + CONFIG_HZ; }
        static __attribute__((noinline)) int helper(__u64 *p) { return *p > 10 ? global(3) : 0; }
        SEC("xdp") int first(void *ctx) { __u32 k = 0; struct value *v = lookup(&counts, &k); if (!v) return 0; v->count++; v->kind = 3; print(text, 9, total); return helper(&zeros[1]) + (&jiffies != 0); }
        SEC("tracepoint/sched/sched_switch") int second(void *ctx) { for (int i = 0; i < limit; i++) zeros[i & 3] += i; return 0; }
        """,
        Common +
        """
        #pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
        struct list { struct list *next, *prev; };
        union data { __u64 number; struct { __u32 low, high; }; };
        enum state { RUNNING, SLEEPING = 4, DEAD = 8 };
        struct task { int pid; enum state state; struct list node; union data data[3]; struct { __u8 a : 3; __u8 b : 5; }; char comm[16]; struct task *parent; };
        #pragma clang attribute pop
        SEC("raw_tp/x") int core(struct task **ctx) {
            struct task *t = ctx[0]; int sum = 0;
            sum += __builtin_preserve_field_info(t->comm, 0) + __builtin_preserve_field_info(t->data[1].high, 1) + __builtin_preserve_field_info(t->b, 4) + __builtin_preserve_field_info(t->b, 5);
            sum += __builtin_preserve_type_info(*(struct task *)0, 0) + __builtin_preserve_type_info(*(struct list *)0, 1) + __builtin_btf_type_id(*(struct task *)0, 1);
            sum += __builtin_preserve_enum_value(*(typeof(enum state) *)SLEEPING, 1) + __builtin_preserve_enum_value(*(typeof(enum state) *)DEAD, 0);
            return sum + t->parent->node.next->prev == 0 ? t->data[2].low : t->pid; }
        """,
        "__attribute__((section(\"socket\"), used)) int tiny(void *ctx) { return 0; }",
    ];

    private const string TracepointFile =
        """
        name: sys_enter_openat
        ID: 653
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;

        	field:int __syscall_nr;	offset:8;	size:4;	signed:1;
        	field:const char * filename;	offset:24;	size:8;	signed:0;
        	field:char comm[16];	offset:32;	size:16;	signed:0;
        	field:__data_loc char[] name;	offset:48;	size:4;	signed:0;

        print fmt: "dfd: 0x%08lx, filename: 0x%08lx", ((unsigned long)(REC->dfd)), ((unsigned long)(REC->filename))
        """;

    private static readonly string[] UsdtTexts =
    [
        "-4@$-9 8@%rdi -4@%esi 2@%dx -1@%cl 4@(%r8) 8@24(%r8) -2@4(%r8,%r9,2) -4@hornet_global(%rip) 1@%ah 8f@%xmm0 8@%fs:16",
        "-4@[sp, 96] 8@x0 4@w1 8@[x29] -8@#5 8f@d0 -1@[x1, #-16] 8@sp",
        "8@%rax",
        "-8@-1204(%rbp,%rax,4) 4@$0x7fffffff",
        "",
    ];

    private static readonly string[] Logs =
    [
        "func#0 @0\nLive regs before insn:\n      0: .1........ (b7) r0 = 0\n0: R1=ctx() R10=fp0\n; return *p; @ a.c:3\n0: (b7) r0 = 0                        ; R0=scalar(smin=umin=1,smax=umax=8,var_off=(0x0; 0xf))\n1: (79) r1 = *(u64 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\nprocessed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\nverification time 5 usec\nstack depth 8+16\n",
        "from 3 to 5: R0=pkt(off=14,r=34) R2=pkt_end() R10=fp0 fp-8=mmmm????\n5: (71) r0 = *(u8 *)(r0 +40)\ninvalid access to packet, off=40 size=1, R0(id=0,off=40,r=34)\nR0 offset is outside of the packet\n",
        "0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n0: (61) r2 = *(u32 *)(r1 +0)\n1: R1=ctx(id=0,off=0,imm=0) R2_w=inv(id=0,umax_value=4294967295) R10=fp0\n1: (95) exit\nR0 !read_ok\n\nVerification failed: Register Type Safety: Unreadable register\n\nReason:\n  R0 has never been\n  initialized.\n\nAt:\n  insn 0\n\nCausal path:\n  none\n\nSuggestion:\n  Initialize R0.\n",
        "4: (85) call bpf_ringbuf_reserve#131  ; R0=ringbuf_mem_or_null(id=2) refs=2\n6: (95) exit\nUnreleased reference id=2 alloc_insn=4\nBPF_EXIT instruction in main prog would lead to reference leak\n",
        "back-edge from insn 5 to 2\n", "unreachable insn 3\n", "R1 type=scalar expected=fp, pkt, map_value\n", "math between fp pointer and register with unbounded min value is not allowed\n",
        "At program exit the register R0 has smin=2 smax=2 should have been in [0, 1]\n", "program of this type cannot use helper bpf_xdp_adjust_head#44\n", "invalid func unknown#195896080\n",
    ];

    /// <summary>The seeds of a target, and words to strew in.</summary>
    public static (List<byte[]> Corpus, List<byte[]> Words) For(string target)
    {
        if (ScriptFuzzTargets.All.ContainsKey(target)) return ([.. ScriptFuzzTargets.Corpus(target).Select(Encoding.UTF8.GetBytes)], [.. Words(ScriptFuzzTargets.Words(target))]);
        List<byte[]> objects = [.. Sources.SelectMany(source => (byte[][])[Compile(source, "bpfel", "-mcpu=v3"), Compile(source, "bpfeb", "-mcpu=v2")]).Where(o => o.Length > 0)];
        switch (target)
        {
            case PlantedDefects.Target:
                return ([PlantedDefects.Seed], []);
            case "elf":
            case "notes":
                objects.AddRange(Binaries());
                return (objects, []);
            case "object":
                return (objects, [.. Words("xdp", ".maps", ".rodata", ".BTF", ".kconfig", "tracepoint/a/b", "counts")]);
            case "distill":
                return ([.. SplitSets()], [.. Words("task_struct", "int")]);
            case "usdt":
                return ([.. UsdtTexts.Select(Encoding.UTF8.GetBytes)], [.. Words("@", "8@", "-4@", " ", "%rdi", "(%rbp)", "(%rax,%rcx,8)", "$", "0x7fffffffffffffff", "[sp, ", "x30", "(%rip)", "f@", "%xmm0")]);
            case "btf" or "btfc" or "btfcs":
                return ([.. objects.Select(o => Section(o, ".BTF")).Where(b => b.Length > 0)], []);
            case "btfext":
            case "core":
                return ([.. objects.Select(BtfPair).Where(b => b.Length > 0)], [.. Words("0:1", "0:0:1", "0:2147483647", ":", "0:4294967296")]);
            case "log":
                return ([.. Logs.Select(Encoding.UTF8.GetBytes)], [.. Words("R0", "R10=fp0", "(id=1,", "; ", "processed 1 insns (limit ", "from 1 to 2: ", "\n", "frame1: ", "'", ")")]);
            case "code":
                return ([.. objects.Select(o => Section(o, "xdp")).Where(b => b.Length > 0), .. TextSeeds().Select(t => InstructionCodec.Encode(TextAssembler.Assemble(t)))], []);
            case "dwarf" or "frames":
                return ([.. Programs()], []);
            case "symbol":
                return ([.. Words([.. MangledNames])], [.. Words("_Z", "N", "E", "I", "S_", "S0_", "T_", "J", "X", "L", "cv", "Ul", "3foo", "P", "R", "K", "Dp", "Z", "B_", "_R", "C1", "17h0123456789abcdefE", "sr", "DpT_", "B3_")]);
            case "maps":
                return ([.. Words(PerfMapText, KallsymsText, MapsText)], [.. Words("\n", " ", "-", "ffffffffffffffff", "0 ", "\t[", "]", "r-xp", "(deleted)")]);
            case "text":
                return ([.. TextSeeds().Select(Encoding.UTF8.GetBytes)], [.. Words("r1", "w2", " = ", "goto ", "x:", "call ", "0x", " ll", "(u64 *)", "map[", "]", "\n", "#1", "pc+1", ".function f\n", ".raw ")]);
            default:
                return ([Encoding.UTF8.GetBytes(TracepointFile)], [.. Words("field:", "offset:", ";", "\t", "size:", "[", "]", "__data_loc ", "print fmt: ")]);
        }
    }

    private static IEnumerable<string> TextSeeds() =>
    [
        ".function main\nr6 = r1\nr1 = map[events]\nr2 = map[data][0]+16\nr3 = 0x123456789\nif r6 s> 5 goto out\ncall bpf_map_lookup_elem\ncall twice\nout: exit\ntwice:\nr0 = r1\nw0 <<= 1\nexit",
        "r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)\nr0 = atomic_cmpxchg((u32 *)(r10 -8), r0, r3)\nlock *(u64 *)(r1 +8) |= r2\nr1 = load_acquire((u8 *)(r2 +0))\nstore_release((u64 *)(r1 -8), r2)",
        "r1 = (s16)r2\nr1 s/= r2\nw1 s%= 7\nr1 = bswap64 r1\nr1 = be16 r1\nr1 = *(s8 *)(r2 -4)\ngotol pc+0\nmay_goto pc+0\nr1 = addr_space_cast(r2, 0, 1)\nr0 = *(u16 *)skb[r1 + 12]\ncall kernel-function#77@2\ncallx r3\ngotox r4\nr5 = subprog[+0]\nexit",
    ];

    private static readonly string[] MangledNames =
    [
        "_ZNSt6vectorIiSaIiEE9push_backERKi", "_ZZ4mainENKUliE_clEi", "_ZN1AcvT_IiEEv", "_Z1fIiEDTplfp_fp_ET_", "_Z1fIJiPcEEvDpT_", "_Z1fPFPFvcEiE", "_ZN3foo3barIJNS_1AENS_1BEEEEvv",
        "_Z1fIiENSt9enable_ifIXeqstT_Li4EEvE4typeES1_", "_ZTch0_h16_N1A1fEv", "_ZN4core3fmt5write17h0123456789abcdefE", "_RINvC4core3fooDINtC3std2FnThEEp6OutputbEL_E", "_RNvXCs1_4coreNtB2_3FooNtB2_5Trait3bar",
        "_RNvC4coreu8gdel_5qa", "_RINvC4core3fooKc61_Kb1_Kan5_E", "_Z1fM1AKFviE", "_ZNKSs4findEcm.isra.0",
    ];

    private const string PerfMapText = "7f0000001000 40 void [a] First()\n7f0000001040 8 second\nzz\n";
    private const string KallsymsText = "ffffffff81000000 T _text\nffffffff81000100 t worker\nffffffffc0200000 t one\t[mod_a]\n0000000000000010 A percpu\n";
    private const string MapsText = "55d0c8a00000-55d0c8a01000 r-xp 00001000 fe:01 131    /opt/a b/prog (deleted)\n7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0    [vdso]\n";

    private const string Program =
        """
        enum color { RED, GREEN = -5 };
        struct node { int a; unsigned low : 3; struct { short b; union { int c; char d[4]; }; }; struct node *next; enum color color; int (*f)(struct node *, ...); };
        static inline __attribute__((always_inline)) int twice(int x) { return x * 2; }
        __attribute__((noinline)) int work(struct node *n, double d, const char *t) { return twice(n->a) + (int)d + t[0]; }
        int main(int c, char **v) { static struct node n; n.a = c; return work(&n, 1.0, v[0]) + twice(c); }
        """;

    /// <summary>Whole programs, small since they are linked with nothing.</summary>
    private static IEnumerable<byte[]> Programs()
    {
        foreach (string options in (string[])["-gdwarf-5", "-gdwarf-4 -fdebug-types-section", "-gdwarf-4 -gz=zlib", "-gdwarf-5 -gdwarf64 -O0", "-gdwarf-2 -fno-omit-frame-pointer"])
        {
            string output = Path.GetTempFileName();
            try
            {
                ProcessStartInfo start = new("clang", $"-O1 -g -w -x c - -o {output} -nostdlib -static -Wl,-e,main -Wl,--build-id=none {options}") { RedirectStandardInput = true, RedirectStandardError = true };
                using var clang = Process.Start(start)!;
                clang.StandardInput.Write(Program);
                clang.StandardInput.Close();
                string words = clang.StandardError.ReadToEnd();
                clang.WaitForExit();
                if (clang.ExitCode != 0) throw new InvalidOperationException($"clang refused a seed:\n{words}");
                yield return File.ReadAllBytes(output);
            }
            finally
            {
                File.Delete(output);
            }
        }
    }

    private static IEnumerable<byte[]> Words(params string[] words) => words.Select(Encoding.UTF8.GetBytes);

    /// <summary>A small base and split types over it; as compilers' tools leave them, and distilled.</summary>
    private static IEnumerable<byte[]> SplitSets()
    {
        BtfBuilder b = new();
        uint n = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint list = b.AddStruct("list_head", 16, new BtfMemberDefinition("next", n, 0));
        uint task = b.AddStruct("task_struct", 64, new("pid", n, 0), new("list", list, 64));
        uint pointer = b.AddPointer(b.AddQualifier(BtfKind.Const, task));
        uint anonymous = b.AddUnion("", 8, new("x", n, 0), new("y", b.AddArray(n, n, 2), 0));
        b.AddEnum64("big", 8, false, ("B", 1L << 40));
        b.AddForward("cgroup");
        uint prototype = b.AddPrototype(b.AddTypedef("number", n), ("t", pointer), ("u", anonymous));
        foreach (bool bigEndian in (bool[])[false, true])
        {
            byte[] lower = b.ToArray(bigEndian);
            var kernel = BtfSpec.Parse(lower);
            BtfBuilder s = new(kernel);
            s.AddStruct("thing", 40, new("task", pointer, 0), new("lists", s.NextId + 1, 64), new("big", kernel.Find("big", BtfKind.Enum64).Id, 192), new("u", anonymous, 256));
            s.AddArray(list, n, 1);
            s.AddDeclTag("tag", s.AddFunction("f", prototype, BtfLinkage.Global));
            s.AddPointer(kernel.Find("cgroup", BtfKind.Forward).Id);
            byte[] upper = s.ToArray(bigEndian);
            var distilled = BtfSpec.Parse(upper, kernel).DistillBase();
            yield return Pair(lower, upper);
            yield return Pair(distilled.Base!.RawData.ToArray(), distilled.RawData.ToArray());
        }
    }

    private static byte[] Pair(byte[] first, byte[] second)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, first.Length);
        return [.. length, .. first, .. second];
    }

    private static byte[] BtfPair(byte[] elf)
    {
        byte[] btf = Section(elf, ".BTF"), ext = Section(elf, ".BTF.ext");
        if (btf.Length == 0 || ext.Length == 0) return [];
        return Pair(btf, ext);
    }

    private static byte[] Section(byte[] file, string name)
    {
        using var elf = ElfFile.Parse(file, "seed");
        return elf.FindSection(name) is { } section ? elf.Read(section).ToArray() : [];
    }

    // Ordinary programs have symbols with versions, notes and a build id. Small ones only: mutation copies them.
    private static IEnumerable<byte[]> Binaries() =>
        new[] { "/bin/true", "/bin/ls", "/usr/bin/env" }.Where(path => File.Exists(path) && new FileInfo(path).Length < 200_000).Select(File.ReadAllBytes);

    private static byte[] Compile(string source, params string[] options)
    {
        string output = Path.GetTempFileName();
        try
        {
            ProcessStartInfo start = new("clang", ["-target", options[0], .. options[1..], "-O2", "-g", "-w", "-x", "c", "-c", "-", "-o", output]) { RedirectStandardInput = true, RedirectStandardError = true };
            using var clang = Process.Start(start)!;
            clang.StandardInput.Write(source);
            clang.StandardInput.Close();
            string words = clang.StandardError.ReadToEnd();
            clang.WaitForExit();
            if (clang.ExitCode != 0) throw new InvalidOperationException($"clang refused a seed:\n{words}");
            return File.ReadAllBytes(output);
        }
        finally
        {
            File.Delete(output);
        }
    }
}
