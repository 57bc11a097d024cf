namespace Hornet.Script.CommandLine;

/// <summary>What <c>--help</c> prints.</summary>
internal static class TraceUsage
{
    public static string Text(string name) => $"""
        {name} - trace the kernel and programs with short scripts, in bpftrace's language

        USAGE:
            {name} [options] FILE [arguments]
            {name} [options] - [arguments]             the script comes from standard input
            {name} [options] -e 'SCRIPT' [arguments]
            options of the script itself follow a -- ($1, $2 … and --name=value)

        OPTIONS:
            -e 'SCRIPT'            run this text
            -l, --list [PATTERN|FILE]
                                   list probes, or types ('struct task*'), or the probes of a script
            -v, --verbose          say more; with -l, arguments too
            -h, --help             this text
            -V, --version          the version
            --info                 what this kernel and this build can do

            -p, --pid PID          only this process; ends with it
            -c, --cmd COMMAND      start COMMAND when all is attached, trace only it, end with it
            --dwarf-pid PID        also unwind this process by its debugging information
            --usdt-file-activation raise semaphores of static probes in the file

            -o, --output FILE      write results to FILE
            -f FORMAT              text, json or csv
            --metrics [HOST]:PORT  give the maps to Prometheus and the like, at http://HOST:PORT/metrics
            -B MODE                write at line ends (line), when there is much (full), at once (none)
            -q, --quiet            no word about what was attached
            -k, --warnings         warn when reading memory or changing a map fails
            --no-warnings          no warnings at all

            -I DIR                 look for included files there
            --include FILE         include FILE in front
            --debuginfo DIR[:DIR]  look for debugging information there
            --traceable-functions FILE
                                   the kernel functions that can be traced, when the kernel does not say

            --dialect LANGUAGE     the script is written in dtrace or ply; with --fmt, show it in this language
            --explain              say what the script attaches to, costs, can lose and needs; load it, but do not attach it
            --unsafe               allow what can do harm: system(), override(), probes at any address
            --adapt                take the nearest probe that this kernel has for kernel functions it cannot probe
            --no-feature NAME[,NAME]
                                   do without kprobe_multi, kprobe_session, uprobe_multi

        FOR DEVELOPERS:
            --test                 run test: probes (as --mode test)
            --bench                run bench: probes (as --mode bench)
            --probe-filter REGEX   only probes whose name matches
            --fmt                  print the script in its usual form (as --mode format)
            --mode MODE            codegen, compiler-bench, bench, test, format

        TROUBLESHOOTING:
            --dry-run              end as soon as all is attached
            -d, --debug STAGE      show a stage: ast, types, codegen, codegen-opt, libbpf, verifier, parse, dis, all
            --aot FILE             make a program of the script and what it needs, for later or elsewhere, and end
            --bundle FILE          run such a program, as it does itself
            --emit-elf FILE        write the programs as an ELF object and end
            --emit-llvm FILE       write their intermediate form to FILE.original.ir and FILE.optimized.ir
            --verify-llvm-ir       accepted; the intermediate form is always verified

        EXAMPLES:
            {name} -e 'tracepoint:raw_syscalls:sys_enter {"{"} @[comm] = count(); {"}"}'
                system calls by program
            {name} -e 'tracepoint:syscalls:sys_enter_openat {"{"} printf("%s %s\n", comm, str(args.filename)); {"}"}'
                files as they are opened
            {name} -e 'profile:hz:99 {"{"} @[kstack] = count(); {"}"}'
                where the kernel spends its time
            {name} -l 'tracepoint:*sleep*'
                tracepoints with sleep in their names

        """;
}
