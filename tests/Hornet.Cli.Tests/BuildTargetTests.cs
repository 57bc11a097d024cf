namespace Hornet.Cli.Tests;

/// <summary>A user's project whose programs are compiled when it is built, as the package's target does it.</summary>
public sealed class BuildTargetTests : IDisposable
{
    private const string Program = """
        using System.Runtime.InteropServices;
        using Hornet;
        using Hornet.Maps;

        using var loaded = BpfPrograms.Load(typeof(Counter));
        using (loaded.AttachAll())
        {
            for (int i = 0; i < 3; i++) _ = GetProcessGroup(0);
        }
        Console.WriteLine($"counted {Counter.Calls[(uint)Environment.ProcessId]}");
        Console.WriteLine($"compiler loaded: {AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "Hornet.Compiler")}");

        [DllImport("libc", EntryPoint = "getpgid")]
        static extern int GetProcessGroup(int process);

        static class Counter
        {
            public static readonly BpfHashMap<uint, ulong> Calls = BpfHashMap<uint, ulong>.Create("calls", 64);
            private static readonly uint s_process = (uint)Environment.ProcessId;
            private static readonly ulong s_step = 7;

            [Tracepoint("syscalls:sys_enter_getpgid")]
            public static void OnGetpgid()
            {
                if (Bpf.Tgid == s_process) Calls[Bpf.Tgid] += s_step;
            }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-build-").FullName;

    public BuildTargetTests()
    {
        string references = string.Concat(((string[])["Hornet", "Hornet.Core", "Hornet.Compiler", "Hornet.Tracing"]).Select(name => $"""<Reference Include="{name}" HintPath="{AppContext.BaseDirectory}{name}.dll" />"""));
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <HornetCompile>true</HornetCompile>
                <HornetCompilerPath>{AppContext.BaseDirectory}Hornet.Cli.dll</HornetCompilerPath>
              </PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
            </Project>
            """);
        // Where the targets of packages are imported.
        Write("obj/app.csproj.hornet.g.targets", $"""<Project><Import Project="{DocumentationTests.Root}/src/Hornet/build/Hornet.targets" /></Project>""");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_project_carries_its_programs_and_runs_them_without_the_compiler()
    {
        CommandLine.NeedsRoot();
        Write("Program.cs", Program);
        var (output, status) = await Dotnet("build");
        Assert.True(status == 0, output);
        var (said, ended) = await Dotnet("bin/Debug/net10.0/app.dll");
        Assert.True(ended == 0, said);
        // The step is that of the build, the process the one that runs: both are read when the object is loaded.
        Assert.Contains("counted 21\n", said);
        Assert.Contains("compiler loaded: False", said);

        // A mistake is an error of the build, at its line; a second build sees the changed file.
        Write("Program.cs", Program.Replace("Calls[Bpf.Tgid] += s_step", "Calls[Bpf.Tgid] += (ulong)new object().GetHashCode()", StringComparison.Ordinal));
        (output, status) = await Dotnet("build");
        Assert.NotEqual(0, status);
        Assert.Matches(@"Program\.cs\(\d+,\d+\): error HRN1001: a new object is allocated", output);
    }

    [Fact]
    public async Task What_generate_writes_compiles_and_is_read_in_the_kernel()
    {
        CommandLine.NeedsRoot();
        foreach (var (file, arguments) in ((string, string[])[])[("Types.cs", ["generate", "types", "task_struct", "mm_struct", "sock", "file", "inode"]), ("Events.cs", ["generate", "tracepoint", "sched:*", "syscalls:sys_enter_open*"])])
        {
            var (text, errors, ended) = CommandLine.Run(arguments);
            Assert.True(ended == 0, errors);
            Write(file, text);
        }
        Write("Program.cs", """
            using Hornet;
            using Hornet.Maps;
            using Kernel;

            using var loaded = BpfPrograms.Load(typeof(Watch));
            using (loaded.AttachAll()) System.Diagnostics.Process.Start("/bin/true").WaitForExit();
            Console.WriteLine($"parent {Watch.Seen[1] == (ulong)Environment.ProcessId}, switched {Watch.Seen[2] > 0}, opened {Watch.Seen[3] > 0}");

            static class Watch
            {
                public static readonly BpfHashMap<uint, ulong> Seen = BpfHashMap<uint, ulong>.Create("seen", 64);
                private static readonly int s_process = Environment.ProcessId;

                [TypedTracepoint("sched_process_fork")]
                public static void OnFork(TaskStruct parent, TaskStruct child)
                {
                    // New threads have the parent of their process.
                    if (parent.Tgid == s_process && child.Tgid != parent.Tgid) Seen[1] = (ulong)(uint)child.RealParent!.Tgid;
                }

                [Tracepoint("sched:sched_switch")]
                public static void OnSwitch(in SchedSwitch record)
                {
                    if (record.NextPid != record.PrevPid) Seen[2]++;
                }

                [Tracepoint("syscalls:sys_enter_openat")]
                public static void OnOpen(in SysEnterOpenat record)
                {
                    if (record.Flags >= 0) Seen[3]++;
                }
            }
            """);
        var (output, status) = await Dotnet("build");
        Assert.True(status == 0, output);
        var (said, code) = await Dotnet("bin/Debug/net10.0/app.dll");
        Assert.True(code == 0, said);
        Assert.Contains("parent True, switched True, opened True", said);
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private Task<(string Output, int Status)> Dotnet(string command) => DotnetProcess.Run(_folder, command == "build" ? DotnetProcess.Build : [command]);
}
