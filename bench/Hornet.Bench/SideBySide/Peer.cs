using System.Runtime.InteropServices;

namespace Hornet.Bench.SideBySide;

/// <summary>bench/peer/peer.c: the same work through libbpf.</summary>
internal static unsafe partial class Peer
{
    private const string Library = "hornetpeer";

    static Peer() => NativeLibrary.SetDllImportResolver(typeof(Peer).Assembly, static (name, _, _) =>
        name is Library or Ubpf ? NativeLibrary.Load(PathOf(name)) : 0);

    private const string Ubpf = "hornetubpf";

    private static string PathOf(string name) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, $"../../../lib{name}.so"));

    /// <summary>Whether bench/run built ubpf.</summary>
    public static bool HasUbpf => File.Exists(PathOf(Ubpf));

    [LibraryImport(Ubpf, EntryPoint = "peer_ubpf_load")]
    public static partial nint UbpfLoad(byte* code, uint length, int jit);

    [LibraryImport(Ubpf, EntryPoint = "peer_ubpf_run")]
    public static partial long UbpfRun(nint vm, byte* memory, ulong length, int jit, out ulong result);

    /// <summary>Nanoseconds that this thread has had a processor.</summary>
    [LibraryImport(Library, EntryPoint = "peer_thread_time")]
    public static partial long ThreadTime();

    [LibraryImport(Library, EntryPoint = "peer_lookup")]
    public static partial long Lookup(int fd, int key, int n);

    [LibraryImport(Library, EntryPoint = "peer_update")]
    public static partial long Update(int fd, int key, int n);

    [LibraryImport(Library, EntryPoint = "peer_lookup_batch")]
    public static partial long LookupBatch(int fd, uint* keys, ulong* values, uint batch);

    [LibraryImport(Library, EntryPoint = "peer_update_batch")]
    public static partial long UpdateBatch(int fd, uint* keys, ulong* values, uint count);

    [LibraryImport(Library, EntryPoint = "peer_ring_open")]
    public static partial nint RingOpen(int fd);

    [LibraryImport(Library, EntryPoint = "peer_ring_consume")]
    public static partial long RingConsume(nint reader, out ulong records);

    [LibraryImport(Library, EntryPoint = "peer_ring_run")]
    public static partial ulong RingRun(nint reader, int* stop, int timed);

    [LibraryImport(Library, EntryPoint = "peer_ring_close")]
    public static partial void RingClose(nint reader);

    [LibraryImport(Library, EntryPoint = "peer_getppid")]
    public static partial long GetParentPid(int n);

    [LibraryImport(Library, EntryPoint = "peer_getppid_cpu")]
    public static partial long GetParentPidByProcessorTime(int n);

    [LibraryImport(Library, EntryPoint = "peer_object_load", StringMarshalling = StringMarshalling.Utf8)]
    public static partial long ObjectLoad(string path);
}
