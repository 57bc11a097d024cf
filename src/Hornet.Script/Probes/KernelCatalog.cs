using System.Buffers;
using System.Text;
using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Programs;
using Hornet.Script.Types;
using Hornet.Tracing;

namespace Hornet.Script.Probes;

/// <summary>
/// What of the running kernel can be probed, by name. Single names are looked up where that is cheap; lists are read as
/// bytes and only what matches becomes text, since a kernel has a hundred thousand functions.
/// </summary>
/// <param name="traceableFile">Option --traceable-functions: a list in the form of <c>available_filter_functions</c>; null for the kernel's own.</param>
internal sealed class KernelCatalog(string? traceableFile = null)
{
    // Stubs the kernel calls a tracepoint's listeners through: functions with the names of the arguments.
    private static readonly string[] s_stubs = ["__probestub_", "__traceiter_"];

    // Tracing these has stopped machines: the list of the kernel's own tests of kprobe.multi.
    private static readonly byte[][] s_dangerous = [.. new[] { "arch_cpu_idle", "default_idle", "bpf_dispatcher_xdp_func" }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>The name of the kernel itself among its modules.</summary>
    public const string KernelName = "vmlinux";

    private byte[]? _traceable;
    private bool _hasList;

    public static BtfTypes? Types => BtfTypes.Kernel;

    /// <summary>Whether the script's author gave the list of functions that can be traced.</summary>
    public bool HasGivenList => traceableFile is not null;

    /// <summary>The tracepoints whose group and name match, as <c>group:event</c>, sorted.</summary>
    /// <exception cref="BpfException">tracefs is not mounted, or this user may not enter.</exception>
    public static List<string> Tracepoints(Wildcard pattern)
    {
        List<string> found = [];
        byte[] text = Read(Path.Combine(Tracefs.Mount, "available_events")) ?? [];
        foreach (var line in Lines(text))
        {
            if (pattern.Matches(line)) found.Add(Encoding.UTF8.GetString(line));
        }
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>
    /// The functions that match, sorted by module and name, each once. From the kernel's list of what it can trace; where that
    /// cannot be read (no ftrace, lockdown), from its symbols.
    /// </summary>
    public List<(string Module, string Name)> Functions(Wildcard? module, Wildcard name)
    {
        HashSet<(string, string)> found = [];
        foreach (var line in Lines(Traceable()))
        {
            if (Parse(line, _hasList) is not { } entry) continue;
            var (functionStart, functionEnd, moduleStart, moduleEnd) = entry;
            var function = line[functionStart..functionEnd];
            if (!name.Matches(function) || IsDangerous(function)) continue;
            string owner = moduleStart < 0 ? KernelName : Encoding.UTF8.GetString(line[moduleStart..moduleEnd]);
            if (module is null || module.Matches(owner)) found.Add((owner, Encoding.UTF8.GetString(function)));
        }
        List<(string Module, string Name)> list = [.. found];
        list.Sort(static (a, b) => string.CompareOrdinal(a.Module, b.Module) is var order and not 0 ? order : string.CompareOrdinal(a.Name, b.Name));
        return list;
    }

    /// <summary>Whether a function can perhaps be traced: it is in the list that was given, or the kernel has it.</summary>
    public bool HasFunction(string name, string? module = null)
    {
        if (module == "") module = null;
        if (traceableFile is null && module is null && Types?.FindFunction(name) is not null && !IsDangerous(Encoding.UTF8.GetBytes(name))) return true;
        return Functions(module is null ? null : new Wildcard(module), new Wildcard(name)).Count > 0;
    }

    /// <summary>The modules that are loaded, and the kernel.</summary>
    public static IReadOnlyList<string> Modules()
    {
        List<string> names = [KernelName];
        if (File.Exists("/proc/modules")) names.AddRange(File.ReadLines("/proc/modules").Select(l => l.Split(' ')[0]));
        return names;
    }

    /// <summary>The functions with prototypes, by module; of up to as many arguments as travel in registers, as fentry has it.</summary>
    public IEnumerable<(string Module, string Name, BtfType Function)> TypedFunctions(Wildcard? module, Wildcard name)
    {
        if (Types is not { } types) yield break;
        HashSet<(string, string)>? traceable = null;
        if (!name.IsExact || traceableFile is not null)
        {
            Traceable();
            // Symbols know no more than BTF does; the list of the kernel does.
            if (_hasList) traceable = [.. Functions(module, name)];
        }
        foreach (var spec in types.Specs)
        {
            if (module is not null && !module.Matches(spec.Name)) continue;
            HashSet<string> seen = new(StringComparer.Ordinal);
            IEnumerable<BtfType> candidates = name.IsExact ? spec.FindAll(name.ToString()).ToList() : spec.OwnTypes;
            foreach (var type in candidates)
            {
                if (type.Kind != BtfKind.Function || !ReferenceEquals(type.Spec, spec) || !name.Matches(type.NameBytes) || IsDangerous(type.NameBytes)) continue;
                if (type.Target.Count > Registers.InRegisters) continue;
                string text = type.Name;
                if (traceable is not null && !traceable.Contains((spec.Name, text))) continue;
                if (seen.Add(text)) yield return (spec.Name, text, type);
            }
        }
    }

    /// <summary>The raw tracepoints by module, each with the function whose parameters (but for the first) are the arguments.</summary>
    public static IEnumerable<(string Module, string Name, BtfType Function)> RawTracepoints(Wildcard? module, Wildcard name)
    {
        if (Types is not { } types) yield break;
        byte[][] prefixes = [.. s_stubs.Select(Encoding.ASCII.GetBytes), "btf_trace_"u8.ToArray()];
        foreach (var spec in types.Specs)
        {
            if (module is not null && !module.Matches(spec.Name)) continue;
            SortedDictionary<string, (int Rank, BtfType Prototype)> found = new(StringComparer.Ordinal);
            IEnumerable<BtfType> candidates = name.IsExact
                ? s_stubs.Append("btf_trace_").SelectMany(p => spec.FindAll(p + name).ToList()).Where(t => ReferenceEquals(t.Spec, spec))
                : spec.OwnTypes;
            foreach (var type in candidates)
            {
                if (type.Kind is not (BtfKind.Function or BtfKind.Typedef)) continue;
                var bytes = type.NameBytes;
                int rank = type.Kind == BtfKind.Typedef ? (bytes.StartsWith(prefixes[2]) ? 2 : -1) : bytes.StartsWith(prefixes[0]) ? 0 : bytes.StartsWith(prefixes[1]) ? 1 : -1;
                if (rank < 0 || !name.Matches(bytes[prefixes[rank].Length..])) continue;
                var prototype = rank < 2 ? type.Target : type.Resolve() is { Kind: BtfKind.Pointer } pointer ? pointer.Target.Resolve() : default;
                if (prototype.Kind != BtfKind.FunctionPrototype) continue;
                string text = Encoding.UTF8.GetString(bytes[prefixes[rank].Length..]);
                if (!found.TryGetValue(text, out var known) || known.Rank > rank) found[text] = (rank, prototype);
            }
            foreach (var (text, (_, prototype)) in found) yield return (spec.Name, text, prototype);
        }
    }

    /// <summary>The kinds of iterators.</summary>
    public static IEnumerable<IteratorProbe> Iterators(Wildcard pattern) => Types is null ? [] : IteratorProbe.Find("*").Where(i => pattern.Matches(i.Name));

    /// <summary>The BPF programs that are loaded, by id, with their whole names.</summary>
    public static IEnumerable<(uint Id, string Name)> BpfPrograms()
    {
        foreach (var program in BpfProgram.OpenAll())
        {
            using (program) yield return (program.GetInfo().Id, program.GetFullName());
        }
    }

    public static bool IsDangerous(ReadOnlySpan<byte> function)
    {
        if (function.StartsWith("rcu_"u8) || function.StartsWith("__ftrace_invalid_address__"u8) || function.IndexOf(".part."u8) >= 0) return true;
        foreach (byte[] name in s_dangerous)
        {
            if (function.SequenceEqual(name)) return true;
        }
        return false;
    }

    // The kernel's list, "name" or "name [module]"; else kallsyms, "address type name" or with "\t[module]" behind.
    private byte[] Traceable()
    {
        if (_traceable is not null) return _traceable;
        if (traceableFile is { } path)
        {
            try
            {
                (_traceable, _hasList) = (File.ReadAllBytes(path), true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new BpfException($"Failed to read traceable functions from {path}: {e.Message}", e);
            }
        }
        else if (Tracefs.FindMount() is { } mount && Read(Path.Combine(mount, "available_filter_functions")) is { Length: > 0 } list)
        {
            (_traceable, _hasList) = (list, true);
        }
        return _traceable ??= Read("/proc/kallsyms") ?? [];
    }

    private static (int FunctionStart, int FunctionEnd, int ModuleStart, int ModuleEnd)? Parse(ReadOnlySpan<byte> line, bool isList)
    {
        int start = 0;
        if (!isList)
        {
            int space = line.IndexOf((byte)' ');
            if (space < 0 || line.Length < space + 4 || line[space + 1] is not ((byte)'t' or (byte)'T' or (byte)'w' or (byte)'W')) return null;
            start = space + 3;
        }
        int end = line[start..].IndexOfAny((byte)' ', (byte)'\t');
        end = end < 0 ? line.Length : start + end;
        int open = line[end..].IndexOf((byte)'[');
        return open < 0 || line[^1] != (byte)']' ? (start, end, -1, -1) : (start, end, end + open + 1, line.Length - 1);
    }

    private static byte[]? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            // These files have no length and are made while they are read: large pieces take the fewest calls.
            ArrayBufferWriter<byte> writer = new(1 << 20);
            while (true)
            {
                int read = RandomAccess.Read(file, writer.GetSpan(1 << 18), writer.WrittenCount);
                if (read <= 0) return writer.WrittenSpan.ToArray();
                writer.Advance(read);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static LineEnumerator Lines(byte[] text) => new(text);

    private ref struct LineEnumerator(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly LineEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (!_rest.IsEmpty)
            {
                int end = _rest.IndexOf((byte)'\n');
                Current = end < 0 ? _rest : _rest[..end];
                _rest = end < 0 ? default : _rest[(end + 1)..];
                if (!Current.IsEmpty) return true;
            }
            return false;
        }
    }
}
