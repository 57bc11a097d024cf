namespace Hornet.KernelTests.Script;

/// <summary>What the transcripts import, in a folder of its own: programs in C, and objects made of them before.</summary>
internal static class ImportFixtures
{
    private const string Numbers = """
        struct point { int x, y; };
        struct own_pair { int first; long second; };
        static int calls;
        int table[4] = { 10, 20, 30, 40 };
        const volatile int factor = 7;
        int add_one(int value) { return value + 1; }
        unsigned long twice(unsigned long value) { return value * 2; }
        _Bool yes(void) { return 1; }
        signed char minus_three(void) { return -3; }
        unsigned short wide(unsigned short value) { return value; }
        void nothing(void) { }
        int count_calls(void) { return ++calls; }
        int load(int *from) { return *from; }
        void store(long *to, long value) { *to = value; }
        int first_byte(const char *text) { return text[0]; }
        long sum_of(struct own_pair *pair) { return pair->first + pair->second; }
        long by_value(struct own_pair pair) { return pair.first; }
        static __attribute__((noinline)) int scaled(int value) { return value * factor; }
        int scale(int value) { return scaled(value) + table[1]; }
        int beyond(int index) { return table[index]; }
        void *nowhere(void) { return 0; }
        """;

    private const string Kernel = """
        #include <vmlinux.h>
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_core_read.h>
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, int); __type(value, long); } seen SEC(".maps");
        extern int LINUX_KERNEL_VERSION __kconfig;
        char word[16] = "hello";
        long times_seen(int key)
        {
            long one = 1, *known = bpf_map_lookup_elem(&seen, &key);
            if (known) return ++*known;
            bpf_map_update_elem(&seen, &key, &one, 0);
            return 1;
        }
        int kernel_major(void) { return LINUX_KERNEL_VERSION >> 16; }
        int parent_of(struct task_struct *task) { return BPF_CORE_READ(task, real_parent, tgid); }
        struct task_struct *same(struct task_struct *task) { return task; }
        char *get_word(void) { return word; }
        """;

    private const string First = """
        #include <linux/types.h>
        #include <bpf/bpf_helpers.h>
        extern int LINUX_KERNEL_VERSION __kconfig;
        extern int CONFIG_NR_CPUS __kconfig;
        extern int of_second(int);
        static int counter = 5;
        int shared = 40;
        int of_first(int value) { counter++; return of_second(value) + counter; }
        int first_major(void) { return LINUX_KERNEL_VERSION >> 16; }
        int first_cpus(void) { return CONFIG_NR_CPUS; }
        """;

    private const string Second = """
        #include <linux/types.h>
        #include <bpf/bpf_helpers.h>
        extern _Bool CONFIG_BPF_SYSCALL __kconfig;
        extern int LINUX_KERNEL_VERSION __kconfig;
        extern int shared;
        static int counter = 100;
        int of_second(int value) { return value * 1000 + counter + shared; }
        int second_major(void) { return LINUX_KERNEL_VERSION >> 16; }
        int second_bpf(void) { return CONFIG_BPF_SYSCALL; }
        """;

    private const string Tail = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        int hits;
        SEC("perf_event") int landing(void *context) { hits += 10; return 0; }
        struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __array(values, int (void *)); } places SEC(".maps") = { .values = { [1] = (void *)&landing } };
        int get_hits(void) { return hits; }
        int jump(void *context) { bpf_tail_call(context, &places, 1); return 0; }
        """;

    private static readonly ClangSource s_numbers = new(Numbers), s_second = new(Second, "-I/usr/include/x86_64-linux-gnu"), s_tail = new(Tail);
    private static readonly ClangSource s_bare = new("int f(int v) { return v; }", "-g0");

    /// <summary>The folder. It stays as long as the tests run.</summary>
    public static string Folder { get; } = Create();

    private static string Create()
    {
        string folder = Directory.CreateTempSubdirectory("hornet-imports-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Write("numbers.bpf.c", Numbers);
        Write("kernel.bpf.c", Kernel);
        Write("both/first.bpf.c", First);
        Write("both/second.bpf.c", Second);
        Write("both/sums.bt", "macro both_ways($x) { of_first($x) + of_second($x) }");
        Write("both/notes.txt", "nothing to import");
        Write("broken.bpf.c", "int broken(int value) { return unknown; }");
        Write("warned.bpf.c", "#warning of itself\nint warned(void) { return 4; }");
        Write("idle.bpf.c", "__attribute__((section(\"tracepoint/sched/sched_switch\"), used)) int idle(void *context) { return 0; }\nint three(void) { return 3; }");
        Write("names.bpf.c", "int strcontains(const char *text, const char *part) { return -1; }\nint len(int value) { return -1; }\nint own(int value) { return -2; }\nint other(int value) { return -3; }\nint count(void) { return -4; }");
        Write("junk.bpf.o", "no object");
        Write("open/numbers.bpf.c", Numbers);
        File.SetUnixFileMode(Path.Combine(folder, "open"), (UnixFileMode)0b111_111_111);
        if (TestFiles.HasTool("clang"))
        {
            File.Copy(s_numbers.Path, Path.Combine(folder, "numbers.bpf.o"));
            File.Copy(s_second.Path, Path.Combine(folder, "second.bpf.o"));
            File.Copy(s_tail.Path, Path.Combine(folder, "tail.bpf.o"));
            File.Copy(s_bare.Path, Path.Combine(folder, "bare.bpf.o"));
        }
        return folder;

        void Write(string name, string text)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text + "\n");
        }
    }
}
