using System.Globalization;
using Hornet.Elf;
using Hornet.Tracing.Dwarf;

namespace Hornet.Tracing.Symbols;

/// <summary>
/// Names for addresses of processes: their mappings, the symbol tables of what is mapped (with separate debug files; also of files
/// that were deleted meanwhile and of other mount namespaces), the vdso, maps of just-in-time compilers. What was seen of a process
/// is kept, so that addresses of one that has ended still get names: call <see cref="Remember"/> when it is first seen, or let
/// <see cref="Watch"/> see all that begin. A binary that many processes map is read once. Safe for concurrent use.
/// </summary>
public sealed class UserSymbolizer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly UserSymbolizerOptions _options;
    private readonly Dictionary<int, Known> _processes = [];
    private readonly Dictionary<(string Device, ulong Inode, string Name), Binary> _binaries = [];
    private readonly Dictionary<ulong, Binary> _vdso = [];
    private ProcessWatch? _watch;

    /// <summary>A symboliser that has seen nothing yet.</summary>
    public UserSymbolizer(UserSymbolizerOptions? options = null) => _options = options ?? new UserSymbolizerOptions();

    /// <summary>
    /// Looks at a process now, so that its addresses have names when it has ended. Does nothing when it is known already.
    /// </summary>
    /// <param name="processId">The process.</param>
    /// <param name="readSymbols">Also reads the symbols of all it has mapped now, which keeps names of files that will be gone.</param>
    /// <returns>Whether the process could be looked at.</returns>
    public bool Remember(int processId, bool readSymbols = false)
    {
        lock (_gate)
        {
            if (Look(processId) is not { } known) return false;
            if (!readSymbols) return true;
            foreach (var mapping in known.Maps.Mappings)
            {
                if (mapping.IsExecutable) BinaryOf(known, mapping);
            }
            return true;
        }
    }

    /// <summary>
    /// From now on sees what processes map as code while they do it, so that also those that live for a moment have names when they
    /// have ended; of those that run already, see <see cref="Remember"/>. Their files are kept open (the first 256), so that a binary may
    /// be deleted meanwhile. Costs a perf event and 128 KiB for each CPU, and nothing of the traced programs.
    /// </summary>
    /// <returns>Whether this kernel and user may: it needs <c>CAP_PERFMON</c>.</returns>
    public bool Watch()
    {
        lock (_gate) return (_watch ??= ProcessWatch.TryStart(_options.MostProcesses)) is not null;
    }

    /// <summary>Lets go of a process.</summary>
    public void Forget(int processId)
    {
        lock (_gate) _processes.Remove(processId);
    }

    /// <summary>What is known of an address of a process; a bare address when nothing is.</summary>
    public UserSymbol Resolve(int processId, ulong address)
    {
        lock (_gate) return Resolve(Look(processId), processId, address);
    }

    /// <summary>The same for the addresses of a stack: the process is looked at once.</summary>
    public UserSymbol[] Resolve(int processId, ReadOnlySpan<ulong> addresses)
    {
        lock (_gate)
        {
            var known = Look(processId);
            var result = new UserSymbol[addresses.Length];
            for (int i = 0; i < result.Length; i++) result[i] = Resolve(known, processId, addresses[i]);
            return result;
        }
    }

    /// <summary>What is known of a virtual address of a binary, when no process is at hand.</summary>
    /// <param name="path">The binary.</param>
    /// <param name="address">A virtual address of the file.</param>
    public UserSymbol Resolve(string path, ulong address)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        lock (_gate)
        {
            var binary = BinaryAt(("", 0, path), [path]);
            return Named(binary, address, address, path);
        }
    }

    /// <summary>
    /// The functions an address of a process is of and where in the source, innermost first: those inlined there, then the one it is in.
    /// Reads the binary's debug information when it is first asked for.
    /// </summary>
    /// <param name="processId">The process.</param>
    /// <param name="address">An instruction; for the callers in a stack, one less than the address they continue at.</param>
    /// <returns>Empty when there is no debug information, or none that covers the address, or it is malformed.</returns>
    public IReadOnlyList<SourceFrame> FindSource(int processId, ulong address)
    {
        lock (_gate)
        {
            if (Look(processId) is not { } known || known.Maps.Find(address) is not { IsFile: true } mapping) return [];
            var binary = BinaryOf(known, mapping);
            if (binary.Symbols?.AddressOf(address - mapping.Start + mapping.FileOffset) is not { } inside) return [];
            try
            {
                return binary.Debug(PathsOf(known, mapping), _options.DebugFolders)?.FindFrames(inside) ?? [];
            }
            catch (BpfFormatException)
            {
                return [];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _watch?.Dispose();
            _watch = null;
            _processes.Clear();
            foreach (var binary in _binaries.Values) binary.Dispose();
            _binaries.Clear();
        }
    }

    private UserSymbol Resolve(Known? known, int processId, ulong address)
    {
        if (known is null) return new UserSymbol(address, null, 0, null, 0);
        var mapping = known.Maps.Find(address);
        if (mapping is null && Reread(known))
        {
            // It has mapped something since.
            mapping = known.Maps.Find(address);
        }
        // It mapped something, and ended, after it was looked at.
        mapping ??= _watch?.Find(processId)?.Maps.Find(address);
        if (mapping is not { } place) return new UserSymbol(address, null, 0, null, 0);
        if (place.IsVdso)
        {
            // The kernel has one for programs of each word size.
            if (!_vdso.TryGetValue(place.End - place.Start, out var code))
            {
                code = ReadVdso(processId, place);
                if (code.Symbols is not null) _vdso.Add(place.End - place.Start, code);
            }
            ulong inside = address - place.Start;
            return Named(code, code.Symbols?.AddressOf(inside) ?? inside, address, place.Name);
        }
        if (place.IsFile)
        {
            var binary = BinaryOf(known, place);
            ulong offset = address - place.Start + place.FileOffset;
            var symbol = Named(binary, binary.Symbols?.AddressOf(offset) ?? 0, address, place.Name);
            // Runtimes keep compiled code in files too (memfd), which are no binaries.
            if (symbol.Name is not null || binary.Symbols is not null) return symbol;
        }
        if (_options.UsePerfMaps && (place.IsExecutable || place.Name.Length == 0) && known.Methods(address) is { } method)
            return new UserSymbol(address, method.Name, address - method.Start, place.Name.Length == 0 ? "[jit]" : place.Name, 0);
        return new UserSymbol(address, null, 0, place.Name.Length == 0 ? null : place.Name, 0);
    }

    private UserSymbol Named(Binary binary, ulong fileAddress, ulong address, string module) =>
        binary.Symbols?.Find(fileAddress) is { } symbol
            ? new UserSymbol(address, _options.Demangle ? binary.Demangled(symbol) : symbol.Name, fileAddress - symbol.Address, module, fileAddress)
            : new UserSymbol(address, null, 0, module, fileAddress);

    private Known? Look(int processId)
    {
        ulong? started = StartTime(processId);
        if (_processes.TryGetValue(processId, out var known))
        {
            // Ended: what was seen stands, unless it began another program after that. The same process: too. Another under its number:
            // begin anew.
            if (started == known.Started || (started is null && !(_watch?.Find(processId) is { } later && later.Since > known.SeenAt))) return known;
            _processes.Remove(processId);
        }
        if (started is null) return _watch?.Find(processId) is { } seen ? Keep(processId, new Known(processId, 0, seen.Maps) { SeenAt = ulong.MaxValue }) : null;
        try
        {
            known = new Known(processId, started.Value, ProcessMaps.Read(processId));
        }
        catch (BpfSyscallException)
        {
            return null;
        }
        // It was ending: what it had mapped is gone already.
        if (known.Maps.Mappings.Count == 0 && _watch?.Find(processId) is { } ended) known.Maps = ended.Maps;
        return Keep(processId, known);
    }

    private Known Keep(int processId, Known known)
    {
        if (_processes.Count >= _options.MostProcesses)
        {
            foreach (int ended in _processes.Keys.Where(id => StartTime(id) is null).ToList()) _processes.Remove(ended);
            if (_processes.Count >= _options.MostProcesses) _processes.Clear();
        }
        _processes[processId] = known;
        return known;
    }

    private static bool Reread(Known known)
    {
        if (StartTime(known.ProcessId) != known.Started) return false;
        try
        {
            var maps = ProcessMaps.Read(known.ProcessId);
            // A process that is ending has none any more.
            if (maps.Mappings.Count == 0) return false;
            known.Maps = maps;
            return true;
        }
        catch (BpfSyscallException)
        {
            return false;
        }
    }

    private Binary BinaryOf(Known known, MemoryMapping mapping) =>
        mapping.IsFile ? BinaryAt((mapping.Device, mapping.Inode, mapping.Name), PathsOf(known, mapping)) : new Binary(null);

    private IEnumerable<string> PathsOf(Known known, MemoryMapping mapping) =>
        _watch?.PathOf(mapping.Device, mapping.Inode) is { } open ? known.Maps.PathsOf(mapping).Prepend(open) : known.Maps.PathsOf(mapping);

    private Binary BinaryAt((string Device, ulong Inode, string Name) key, IEnumerable<string> paths)
    {
        if (_binaries.TryGetValue(key, out var binary)) return binary;
        if (_binaries.Count >= _options.MostBinaries)
        {
            foreach (var old in _binaries.Values) old.Dispose();
            _binaries.Clear();
        }
        binary = new Binary(null);
        foreach (string path in paths)
        {
            try
            {
                // The file itself may be reached through a link of /proc; its debug file is looked for by its own name.
                using var file = ElfFile.Open(path);
                string place = path.Contains("/map_files/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal) ? key.Name : path;
                binary = new Binary(BinarySymbols.Read(file, place, _options.DebugFolders));
                break;
            }
            catch (BpfFormatException)
            {
                // Not a binary: a mapped data file, a broken one.
                break;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
        _binaries.Add(key, binary);
        return binary;
    }

    private static Binary ReadVdso(int processId, MemoryMapping mapping)
    {
        try
        {
            using var memory = File.OpenHandle($"/proc/{processId}/mem");
            byte[] bytes = new byte[Math.Min(mapping.End - mapping.Start, 1 << 16)];
            int read = RandomAccess.Read(memory, bytes, (long)mapping.Start);
            using var file = ElfFile.Parse(bytes.AsMemory(0, read), "[vdso]");
            return new Binary(BinarySymbols.Read(file, "[vdso]", []));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfFormatException)
        {
            return new Binary(null);
        }
    }

    /// <summary>When a process started, in clock ticks since boot: with its number, its identity. Null when it has ended.</summary>
    private static ulong? StartTime(int processId)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{processId}/stat");
            // The name, in parentheses, may contain anything; 19 fields later comes the time.
            string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 20 || fields[0] is "Z" or "X") return null;
            return ulong.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private sealed class Binary(BinarySymbols? symbols) : IDisposable
    {
        // A stack's functions come again and again; the names of a whole binary need not stay.
        private const int MostNames = 1 << 14;

        private readonly Dictionary<ulong, string> _names = [];
        private DebugInfo? _debug;
        private bool _debugSought;

        public BinarySymbols? Symbols => symbols;

        public string Demangled(BinarySymbol symbol)
        {
            if (!symbol.Name.StartsWith('_')) return symbol.Name;
            if (_names.TryGetValue(symbol.Address, out string? name)) return name;
            if (_names.Count >= MostNames) _names.Clear();
            return _names[symbol.Address] = Demangler.Demangle(symbol.Name);
        }

        public DebugInfo? Debug(IEnumerable<string> paths, IReadOnlyList<string> folders)
        {
            if (_debugSought) return _debug;
            _debugSought = true;
            // By its own name first, beside which its debug file may lie.
            foreach (string path in paths.Reverse())
            {
                try
                {
                    if ((_debug = DebugInfo.TryOpen(path, folders)) is not null) break;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfFormatException)
                {
                }
            }
            return _debug;
        }

        public void Dispose() => _debug?.Dispose();
    }

    private sealed class Known(int processId, ulong started, ProcessMaps maps)
    {
        private PerfMap? _methods;
        private long _soughtAt = long.MinValue;

        public int ProcessId => processId;

        public ulong Started => started;

        /// <summary>When its mappings were read, in nanoseconds of the monotonic clock.</summary>
        public ulong SeenAt { get; init; } = (ulong)System.Diagnostics.Stopwatch.GetTimestamp();

        public ProcessMaps Maps { get; set; } = maps;

        /// <summary>The method at an address. The process adds to its map, which is read again when it has grown.</summary>
        public (string Name, ulong Start)? Methods(ulong address)
        {
            if (_methods?.Find(address) is { } found) return found;
            // Most processes have none; one that is only starting may yet.
            if (_methods is null && Environment.TickCount64 - _soughtAt is >= 0 and < 1000) return null;
            _soughtAt = Environment.TickCount64;
            if (PerfMap.PathOf(processId) is not { } path) return null;
            try
            {
                if (_methods is not null && new FileInfo(path).Length == _methods.FileSize) return null;
            }
            catch (IOException)
            {
                return null;
            }
            _methods = PerfMap.TryRead(path) ?? _methods;
            return _methods?.Find(address);
        }
    }
}
