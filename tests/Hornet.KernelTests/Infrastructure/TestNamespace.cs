using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.KernelTests;

/// <summary>
/// A network namespace of one test, with loopback up. A namespace belongs to a thread, so what shall happen inside
/// goes through <see cref="Run(Action)"/>. Disposing ends the thread; the kernel then removes the namespace with every
/// interface, qdisc and filter in it, also after <c>kill -9</c>.
/// </summary>
public sealed partial class TestNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private static int s_names;

    private readonly BlockingCollection<(Action Work, TaskCompletionSource Done)> _work = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ready = new();
    private FileDescriptor? _descriptor;

    public TestNamespace()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "test namespace" };
        _thread.Start();
        _ready.Task.GetAwaiter().GetResult();
        Run(() => TestNetlink.SetUp(1));
    }

    /// <summary>The namespace's descriptor, as for <c>setns(2)</c> and netns links.</summary>
    public FileDescriptor Descriptor => _descriptor!;

    /// <summary>A path to the namespace, valid while this lives.</summary>
    public string Path => $"/proc/self/fd/{Descriptor.Value}";

    /// <summary>Runs something inside and waits for it; its exception comes out here.</summary>
    public void Run(Action action)
    {
        TaskCompletionSource done = new();
        _work.Add((action, done));
        done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs something inside and returns what it returns.</summary>
    public T Run<T>(Func<T> function)
    {
        T? result = default;
        Run(() => { result = function(); });
        return result!;
    }

    /// <summary>Makes a dummy interface that is up and returns its index.</summary>
    public int AddDummy(string? name = null) => Run(() =>
    {
        name ??= "dummy" + Interlocked.Increment(ref s_names);
        TestNetlink.AddLink("dummy", name);
        return TestNetlink.SetUp(TestNetlink.IndexOf(name));
    });

    /// <summary>Makes a pair of connected interfaces that are up and returns their indexes.</summary>
    public (int First, int Second) AddVeth(string first = "veth0", string second = "veth1") => Run(() =>
    {
        TestNetlink.AddLink("veth", first, second);
        return (TestNetlink.SetUp(TestNetlink.IndexOf(first)), TestNetlink.SetUp(TestNetlink.IndexOf(second)));
    });

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _descriptor?.Dispose();
        _work.Dispose();
    }

    private void Loop()
    {
        try
        {
            Libc.Check(Unshare(CloneNewNet), "make a network namespace");
            _descriptor = new FileDescriptor(Libc.Check(Libc.Open("/proc/thread-self/ns/net", Libc.O_RDONLY | Libc.O_CLOEXEC), "open the network namespace"), "test namespace");
            _ready.SetResult();
        }
        catch (BpfException e)
        {
            _ready.SetException(e);
            return;
        }
        foreach ((Action work, TaskCompletionSource done) in _work.GetConsumingEnumerable())
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
