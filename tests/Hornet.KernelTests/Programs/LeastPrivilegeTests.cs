using Hornet.Features;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

/// <summary>The same program with fewer rights: what is refused, and whether the message says what is missing.</summary>
public class LeastPrivilegeTests
{
    private static int LoadAs(string[] arguments)
    {
        var type = Enum.Parse<ProgramType>(arguments[0]);
        try
        {
            BpfProgram.Load(Returning(type)).Dispose();
            Console.WriteLine("loaded");
        }
        catch (BpfException e)
        {
            Console.WriteLine(e.Message.ReplaceLineEndings(" "));
        }
        Console.WriteLine(KernelFeatures.Of(type)!.Probe());
        return 0;
    }

    private static (string Load, string Probe) Run(string capabilities, ProgramType type)
    {
        string bounding = capabilities.Length == 0 ? "-all" : "-all," + capabilities;
        using var child = ChildProcess.StartUnder("setpriv", ["--bounding-set=" + bounding, "--inh-caps=" + bounding, "--"], LoadAs, type.ToString());
        string load = child.ReadLine() ?? "", probe = child.ReadLine() ?? "";
        Assert.Equal(0, child.Wait());
        return (load, probe);
    }

    [KernelFact(MinKernel = "5.8")]
    public void Without_any_capability_the_message_names_what_is_missing()
    {
        var (load, probe) = Run("", ProgramType.RawTracepoint);
        Assert.Contains("EPERM", load);
        Assert.Contains("lacks CAP_BPF and CAP_PERFMON", load);
        Assert.StartsWith("unknown: This process lacks CAP_BPF and CAP_PERFMON", probe);
    }

    [KernelFact(MinKernel = "5.8")]
    public void With_one_of_two_capabilities_the_message_names_the_other()
    {
        Assert.Contains("lacks CAP_PERFMON", Run("+bpf", ProgramType.RawTracepoint).Load);
        Assert.Contains("lacks CAP_NET_ADMIN", Run("+bpf", ProgramType.Xdp).Load);
    }

    [KernelFact(MinKernel = "5.11")]
    public void The_smallest_sets_that_are_said_to_do_do()
    {
        Assert.Equal(("loaded", "yes"), Run("+bpf,+perfmon", ProgramType.RawTracepoint));
        Assert.Equal(("loaded", "yes"), Run("+bpf,+net_admin", ProgramType.Xdp));
        Assert.Equal(("loaded", "yes"), Run("+bpf", ProgramType.SocketFilter));
    }
}
