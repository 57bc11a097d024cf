using System.Buffers.Binary;
using System.Text;
using Hornet.Buffers;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Tracing.Symbols;

/// <summary>
/// What processes map as code, as the kernel tells it while it happens (records of a perf event on every CPU): a process that lives
/// for a millisecond is known as well as any other.
/// </summary>
/// <remarks>
/// Files are opened when they are first seen, up to a number of them, so that a program that was deleted since, or whose mount
/// namespace went with its container, can still be read.
/// </remarks>
internal sealed class ProcessWatch : IDisposable
{
    // PERF_RECORD_…
    private const uint Comm = 3, Fork = 7, Mmap2 = 10;
    private const ushort CommOfExec = 1 << 13;
    private const ulong DummyEvent = 9, SampleTime = 1 << 2;
    private const int ClockMonotonic = 1, RingSize = 128 << 10, MostFiles = 256;

    // What a program maps comes in a moment: one look at all of it, and no more of them in a second however many programs begin.
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly List<PerfRing> _rings = [];
    private readonly Epoll _epoll = new();
    private readonly Dictionary<int, Image> _images = [];
    private readonly Queue<int> _order = [];
    private readonly Dictionary<(string Device, ulong Inode), FileStream> _files = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly List<(ulong Time, Action Apply)> _batch = [];
    private readonly int _most;
    private readonly Thread _thread;
    private volatile bool _ends;

    private ProcessWatch(int most)
    {
        _most = most;
        PerfEventAttr attr = new()
        {
            Type = PerfEvent.TypeSoftware,
            Config = DummyEvent,
            SampleType = SampleTime,
            ClockId = ClockMonotonic,
            WakeupEvents = 1,
            Flags = PerfEventFlags.Disabled | PerfEventFlags.Mappings | PerfEventFlags.MappingsWithFile | PerfEventFlags.Names | PerfEventFlags.NamesOfPrograms
                | PerfEventFlags.Tasks | PerfEventFlags.SampleIdOfAll | PerfEventFlags.UseClock | PerfEventFlags.Watermark,
        };
        try
        {
            foreach (int cpu in CpuList.Online)
            {
                if (PerfRing.Open(cpu, RingSize, attr) is not { } ring) continue;
                _rings.Add(ring);
                _epoll.Add(ring.Descriptor);
            }
        }
        catch
        {
            Release();
            throw;
        }
        _thread = new Thread(Run) { IsBackground = true, Name = "process watch" };
        _thread.Start();
    }

    /// <summary>Begins; null where this kernel or user may not.</summary>
    /// <param name="most">How many processes are kept; beyond that, those seen longest ago are forgotten.</param>
    public static ProcessWatch? TryStart(int most)
    {
        try
        {
            return new ProcessWatch(most);
        }
        catch (BpfException)
        {
            return null;
        }
    }

    /// <summary>What a process has mapped as code, and since when it runs its program (nanoseconds, monotonic); null when nothing was seen of it.</summary>
    public (ProcessMaps Maps, ulong Since)? Find(int processId)
    {
        lock (_gate)
        {
            Drain();
            return _images.TryGetValue(processId, out var image) && image.Count > 0 ? (image.ToMaps(processId), image.Since) : null;
        }
    }

    /// <summary>A path at which a file that was seen is still open; null when it is not.</summary>
    public string? PathOf(string device, ulong inode)
    {
        lock (_gate) return _files.TryGetValue((device, inode), out var file) ? $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}" : null;
    }

    public void Dispose()
    {
        _ends = true;
        _epoll.Wake();
        _thread.Join();
        Release();
    }

    private void Release()
    {
        foreach (var ring in _rings) ring.Dispose();
        _epoll.Dispose();
        foreach (var file in _files.Values) file.Dispose();
    }

    private void Run()
    {
        while (!_ends)
        {
            _epoll.Wait(-1);
            lock (_gate)
            {
                if (!_ends) Drain();
            }
            if (!_ends) Thread.Sleep(s_moment);
        }
    }

    // A process moves between CPUs, whose rings are in no order.
    private void Drain()
    {
        foreach (var ring in _rings) ring.Drain(Take);
        _batch.Sort(static (a, b) => a.Time.CompareTo(b.Time));
        foreach (var (_, apply) in _batch) apply();
        _batch.Clear();
        while (_images.Count > _most && _order.TryDequeue(out int oldest)) _images.Remove(oldest);
    }

    private void Take(uint type, ushort flags, ReadOnlySpan<byte> record)
    {
        // The time stands at the end of each.
        if (record.Length < 24) return;
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(record[^8..]);
        int pid = BinaryPrimitives.ReadInt32LittleEndian(record), second = BinaryPrimitives.ReadInt32LittleEndian(record[4..]);
        switch (type)
        {
            case Fork when pid != second:
                // pid, ppid, tid, ptid; a thread has its process' number in both.
                int parent = second;
                _batch.Add((time, () => Begin(pid, time, _images.TryGetValue(parent, out var from) ? from : null)));
                break;
            case Comm when (flags & CommOfExec) != 0:
                _batch.Add((time, () => Begin(pid, time, null)));
                break;
            case Mmap2 when record.Length >= 72:
                var mapping = Mapping(record);
                _batch.Add((time, () => Add(pid, time, mapping)));
                break;
        }
    }

    // pid, tid, address, length, offset in the file, device, inode, generation, protection, flags, name.
    private MemoryMapping Mapping(ReadOnlySpan<byte> record)
    {
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]), length = BinaryPrimitives.ReadUInt64LittleEndian(record[16..]);
        uint major = BinaryPrimitives.ReadUInt32LittleEndian(record[32..]), minor = BinaryPrimitives.ReadUInt32LittleEndian(record[36..]);
        ulong inode = BinaryPrimitives.ReadUInt64LittleEndian(record[40..]);
        var bytes = record[64..^8];
        int end = bytes.IndexOf((byte)0);
        string name = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        // The same libraries come again and again.
        if (_names.TryGetValue(name, out string? known)) name = known;
        else if (_names.Count < 4096) _names.Add(name, name);
        bool isFile = inode != 0 && name.StartsWith('/') && !name.StartsWith("//", StringComparison.Ordinal);
        return new MemoryMapping(start, start + length, BinaryPrimitives.ReadUInt64LittleEndian(record[24..]), true, $"{major:x2}:{minor:x2}", isFile ? inode : 0, name.StartsWith("//", StringComparison.Ordinal) ? "" : name, false);
    }

    private void Begin(int pid, ulong time, Image? from)
    {
        if (!_images.ContainsKey(pid)) _order.Enqueue(pid);
        _images[pid] = from is null ? new Image(time, []) : from.Copy(time);
    }

    private void Add(int pid, ulong time, MemoryMapping mapping)
    {
        if (!_images.TryGetValue(pid, out var image))
        {
            // It was there before: what it mapped earlier is in its file of /proc, not here.
            _order.Enqueue(pid);
            _images.Add(pid, image = new Image(0, []));
        }
        image.Add(mapping);
        if (mapping.IsFile) Open(pid, mapping);
    }

    private void Open(int pid, MemoryMapping mapping)
    {
        if (_files.Count >= MostFiles || _files.ContainsKey((mapping.Device, mapping.Inode))) return;
        foreach (string path in (string[])[$"/proc/{pid}/root{mapping.Name}", mapping.Name])
        {
            try
            {
                FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
                if (FileStatus.Of((int)file.SafeFileHandle.DangerousGetHandle())?.Inode == mapping.Inode)
                {
                    _files.Add((mapping.Device, mapping.Inode), file);
                    return;
                }
                file.Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process has ended, or the file is elsewhere.
            }
        }
    }

    /// <summary>A process from the start of its program on.</summary>
    private sealed class Image(ulong since, List<MemoryMapping> mappings)
    {
        public ulong Since => since;

        public int Count => mappings.Count;

        public Image Copy(ulong time) => new(time, [.. mappings]);

        // What is mapped over something else takes its place.
        public void Add(MemoryMapping mapping)
        {
            mappings.RemoveAll(m => m.Start < mapping.End && mapping.Start < m.End);
            mappings.Add(mapping);
        }

        public ProcessMaps ToMaps(int processId) => new(processId, [.. mappings.OrderBy(m => m.Start)]);
    }
}
