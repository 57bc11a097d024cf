using Hornet.Isa;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Which helpers programs of a type may call at all. Asked of Linux 6.18 with <c>KernelFeatures.Of(helper, type)</c>; older
/// kernels have fewer of them. What lockdown or a configuration takes away counts as there. Types that cannot be asked
/// without something to attach to (tracing, LSM), or whose set depends on it (struct_ops), are not listed.
/// </summary>
internal static class HelperAvailability
{
    /// <summary>The kernel the table is of: nothing is said about newer ones, which may allow more.</summary>
    public static readonly Version Newest = new(6, 18);

    private const string Everywhere = "1-3 5-8 12 14-17 22 35 37 42 55 80 87-89 93-94 105-106 109 112-115 117-118 120 123 125 130-134 141 148-149 153-154 156-158 164-165 169-172 175-177 180-182 191 194-195 197-203 208-211";

    private static readonly (ProgramType[] Types, string Helpers)[] s_rows =
    [
        ([ProgramType.SocketFilter], "25-26 46-47 68 122 136-140 160 178 196"),
        ([ProgramType.Kprobe, ProgramType.Tracepoint, ProgramType.RawTracepoint, ProgramType.RawTracepointWritable], "4 25 27 36 45 58 67 173-174"),
        ([ProgramType.SchedCls, ProgramType.SchedAct], "9-11 13 18-21 23-26 28-34 38-41 43 46-48 50 66 68-69 79 83-86 95-100 107-108 110 122 124 135-140 151-152 155 160 163 178 192 196 204-207"),
        ([ProgramType.Xdp], "23 25 28 44 51 54 65 69 84-86 99-100 110 136-140 160 163 178 188-190 196 204-207"),
        ([ProgramType.PerfEvent], "4 25 27 36 45 56 58 67 119 173-174"),
        ([ProgramType.CgroupSkb], "25-26 46-47 68 79 81 83-86 95-99 107-108 122 128-129 136-140 160 178 196"),
        ([ProgramType.CgroupSock], "25 46 81 107 122 160 186-187"),
        ([ProgramType.LwtIn], "24-26 28 33-34 39 73 136-140 160 178 196"),
        ([ProgramType.LwtOut], "24-26 28 33-34 39 136-140 160 178 196"),
        ([ProgramType.LwtXmit], "9-11 13 20-21 23-26 28-30 33-34 38-41 43 73 135-140 160 178 196"),
        ([ProgramType.SockOps], "25 46 49 53 57 59 70 81 96 107-108 122 136-140 142-144 160 178 196"),
        ([ProgramType.SkSkb], "9 25-26 38-39 43 46-47 50 52 72 84-86 99 136-140 160 178 196"),
        ([ProgramType.CgroupDevice], "25 81"),
        ([ProgramType.SkMsg], "25 60-63 71 90-91 107-108 122 136-140 160 178 196"),
        ([ProgramType.CgroupSockAddr], "25 46 49 57 64 81 84-86 99 107-108 122 136-140 160 178 186-187 196"),
        ([ProgramType.LwtSeg6local], "24-26 28 33-34 39 74-76 136-140 160 178 196"),
        ([ProgramType.SkReusePort], "26 46 68 82 160"),
        ([ProgramType.FlowDissector], "26 136-140 160 178 196"),
        ([ProgramType.CgroupSysctl], "25 81 101-104 160"),
        ([ProgramType.CgroupSockOpt], "25 81 96 107-108 122 186-187"),
        ([ProgramType.SkLookup], "25 86 124 136-140 160 178 196"),
        ([ProgramType.Syscall], "4 25 27 36 45-46 67 107-108 111 121 136-140 147 162 166-168 173 178-179 188 196"),
        ([ProgramType.Netfilter], ""),
    ];

    // By number: the runtime has no precompiled dictionary of this enumeration.
    private static readonly Lazy<Dictionary<int, HashSet<int>>> s_sets = new(() =>
    {
        Dictionary<int, HashSet<int>> sets = [];
        foreach (var (types, helpers) in s_rows)
        {
            HashSet<int> set = [.. Numbers(Everywhere), .. Numbers(helpers)];
            foreach (var type in types) sets[(int)type] = set;
        }
        return sets;
    });

    /// <summary>Whether programs of a type are known not to have a helper.</summary>
    public static bool IsMissing(BpfHelper helper, ProgramType type, Version? kernel) =>
        (kernel is null || kernel <= Newest) && (int)helper < HelperTable.Count && s_sets.Value.TryGetValue((int)type, out var set) && !set.Contains((int)helper);

    /// <summary>A few types of program that have a helper, for a message.</summary>
    public static string TypesWith(BpfHelper helper) =>
        string.Join(", ", s_sets.Value.Where(s => s.Value.Contains((int)helper)).Select(s => (ProgramType)s.Key).OrderBy(t => t).Take(4));

    private static IEnumerable<int> Numbers(string ranges)
    {
        foreach (string range in ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int dash = range.IndexOf('-', StringComparison.Ordinal);
            int first = int.Parse(dash < 0 ? range : range[..dash], System.Globalization.CultureInfo.InvariantCulture);
            int last = dash < 0 ? first : int.Parse(range[(dash + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            for (int n = first; n <= last; n++) yield return n;
        }
    }
}
