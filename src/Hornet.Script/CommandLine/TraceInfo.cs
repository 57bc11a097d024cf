using System.Runtime.InteropServices;
using System.Text;
using Hornet.Btf;
using Hornet.Features;
using Hornet.Isa;
using Hornet.Script.Runtime;

namespace Hornet.Script.CommandLine;

/// <summary>What <c>--info</c> prints: the lines that scripts look for in bpftrace's, each <c>name: yes</c> or <c>no</c>.</summary>
internal static class TraceInfo
{
    public static string Text(string version, IReadOnlyCollection<string> without)
    {
        StringBuilder text = new();
        text.Append("System\n");
        Line("OS", $"Linux {RunningKernel.Release} {ReadOr("/proc/sys/kernel/version", "")}".TrimEnd());
        Line("Arch", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64");
        text.Append("\nBuild\n");
        Line("version", version);
        Line("LLVM", "none: own compiler");
        Is("bfd", false);
        Is("libdw (DWARF support)", true);
        Is("libsystemd (systemd notify support)", true);
        Is("blazesym (advanced symbolization)", true);
        Is("dwunwind (DWARF stack unwinding)", RuntimeInformation.ProcessArchitecture == Architecture.X64);
        Is("bcc library path resolution", true);
        text.Append("\nKernel helpers\n");
        Is("dpath", Has(BpfHelper.DPath, ProgramType.Tracing));
        Is("get_tai_ns", Has(BpfHelper.KtimeGetTaiNs, ProgramType.Kprobe));
        Is("get_func_ip", Has(BpfHelper.GetFuncIp, ProgramType.Tracing));
        Is("lookup_percpu_elem", Has(BpfHelper.MapLookupPercpuElem, ProgramType.Kprobe));
        Is("loop", Has(BpfHelper.Loop, ProgramType.Kprobe));
        Is("jiffies64", Has(BpfHelper.Jiffies64, ProgramType.Kprobe));
        Is("send_signal", Has(BpfHelper.SendSignal, ProgramType.Kprobe));
        Is("get_ktime_ns", Has(BpfHelper.KtimeGetNs, ProgramType.Kprobe));
        text.Append("\nKernel features\n");
        Line("Instruction limit", RunningKernel.Version >= new Version(5, 2) ? "1000000" : "4096");
        Is("btf", KernelBtf.IsAvailable);
        Is("module btf", RunningKernel.Version >= new Version(5, 11) && KernelBtf.IsAvailable);
        // Loops are ours to unroll or to hand to the verifier: all kernels of BTF have them.
        Is("Loop support", RunningKernel.Version >= new Version(5, 3));
        text.Append("\nProbe types\n");
        Is("kprobe", Attaches("kprobe"));
        Is("fentry", Attaches("fentry"));
        Is("kprobe_multi", Attaches("kprobe.multi link") && !without.Contains("kprobe_multi"));
        Is("uprobe_multi", Attaches("uprobe.multi link") && !without.Contains("uprobe_multi"));
        Is("kprobe_session", Attaches("kprobe.session link") && !without.Contains("kprobe_session"));
        Is("iter", Attaches("iter link"));
        text.Append('\n');
        return text.ToString();

        void Line(string name, string value) => text.Append($"  {name}: {value}\n");
        void Is(string name, bool value) => Line(name, value ? "yes" : "no");
    }

    private static bool Has(BpfHelper helper, ProgramType type) => KernelFeatures.Of(helper, type).Probe().IsAvailable;

    private static bool Attaches(string name) => KernelFeatures.Find(FeatureCategory.Attach, name)?.Probe().IsAvailable == true;

    private static string ReadOr(string path, string other)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return other;
        }
    }
}
