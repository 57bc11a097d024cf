using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Hornet.Interop;

/// <summary>
/// Knows every live descriptor with the stack that made it, so that a test run (or a worried user with
/// <c>HORNET_TRACK_DESCRIPTORS=1</c>) can say what leaked and where. Off by default: it costs a stack trace each.
/// </summary>
public static class DescriptorRegistry
{

    /// <summary>Whether descriptors made from now on are tracked.</summary>
    public static bool Enabled { get; set; } = Environment.GetEnvironmentVariable("HORNET_TRACK_DESCRIPTORS") == "1";

    /// <summary>The tracked descriptors that are open now, oldest first.</summary>
    public static IReadOnlyList<Entry> Live => [.. Tracked.Live.Keys.OrderBy(e => e.Order)];

    /// <summary>
    /// Raised (on the finaliser thread) with the description of a link that was dropped without being disposed. It stays
    /// attached until the process ends. Tests fail on it; a program may log it.
    /// </summary>
    public static event Action<string>? LinkDropped;

    internal static void ReportDroppedLink(string description) => LinkDropped?.Invoke(description);

    /// <summary>
    /// The tracked descriptors that nobody disposed and the garbage collector closed, oldest first. To a user they are
    /// leaks that happened to be cleaned up late.
    /// </summary>
    public static IReadOnlyList<Entry> Abandoned => [.. Tracked.Abandoned.OrderBy(e => e.Order)];

    internal static Entry? Add(int descriptor, string what)
    {
        return Enabled && descriptor >= 0 ? Track(descriptor, what) : null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Entry Track(int descriptor, string what)
    {
        var entry = new Entry(descriptor, what, new StackTrace(3, fNeedFileInfo: true));
        Tracked.Live[entry] = entry;
        return entry;
    }

    // Apart, so that a process that tracks nothing loads nothing for it.
    private static class Tracked
    {
        public static readonly ConcurrentDictionary<Entry, Entry> Live = new();
        public static readonly ConcurrentQueue<Entry> Abandoned = new();
    }

    /// <summary>One open descriptor.</summary>
    public sealed class Entry
    {
        private static long s_order;

        internal Entry(int descriptor, string what, StackTrace stack)
        {
            Descriptor = descriptor;
            What = what;
            Stack = stack;
            Order = Interlocked.Increment(ref s_order);
        }

        internal long Order { get; }

        /// <summary>The raw number.</summary>
        public int Descriptor { get; }

        /// <summary>What it stands for.</summary>
        public string What { get; }

        /// <summary>Who made it.</summary>
        public StackTrace Stack { get; }

        internal void Abandon()
        {
            if (Tracked.Live.ContainsKey(this)) Tracked.Abandoned.Enqueue(this);
        }

        internal void Remove() => Tracked.Live.TryRemove(this, out _);
    }
}
