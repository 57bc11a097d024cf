using Hornet.Compiler;
using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Runtime;

/// <summary>A map of the script: its types say how its contents are printed.</summary>
/// <param name="Name">With the at sign: <c>@reads</c>, <c>@</c>.</param>
/// <param name="ObjectName">The map's name in the object.</param>
/// <param name="Key">The key's type; null for a map without key (one element, key 0 of 8 bytes).</param>
/// <param name="KeyIsList">Whether the key is a tuple that is written without its parentheses (<c>@[a,b]</c>).</param>
/// <param name="Value">The value's type; an <see cref="AggregateType"/> for what gathers.</param>
/// <param name="Type">The kernel's kind of map. Per-CPU ones hold a value for each CPU.</param>
/// <param name="MaxEntries">How many keys there can be.</param>
internal sealed record ScriptMap(string Name, string ObjectName, ScriptType? Key, bool KeyIsList, ScriptType Value, MapType Type, uint MaxEntries);

/// <summary>A program and where it is attached; a target's position in <see cref="Targets"/> is its attach cookie where the program asks for it.</summary>
internal sealed record ScriptProgram(string ProgramName, IReadOnlyList<ProbeTarget> Targets)
{
    /// <summary>Whether attaching gives the program the number <c>FirstCookie + position</c> as its cookie.</summary>
    public bool UsesCookie { get; init; }
    public ulong FirstCookie { get; init; }

    /// <summary>The returns that the program runs at as well, of a session; else empty.</summary>
    public IReadOnlyList<ProbeTarget> Returns { get; init; } = [];
    public SourceSpan Span { get; init; }
}

/// <summary>
/// What user space does when a record arrives. A record is a 32-bit number of the action, 32 bits of extra, then
/// the payload laid out as <see cref="Payload"/> from byte 8; it may be shorter where its last text was not full.
/// </summary>
internal abstract record AsyncAction(SourceSpan Span)
{
    /// <summary>What the record carries behind its 8 bytes of head.</summary>
    public TupleType Payload { get; init; } = new([]);

    /// <summary>Where the place was expanded from: macro calls, innermost first. Messages say so.</summary>
    public IReadOnlyList<SourceSpan> ExpandedFrom { get; init; } = [];

    /// <summary>printf, errorf, warnf, and what needs a shell or a file.</summary>
    public sealed record Print(SourceSpan Span, PrintKind Kind, string Format) : AsyncAction(Span);

    /// <summary><c>print(@m)</c>: all of a map.</summary>
    public sealed record PrintMap(SourceSpan Span, int Map, uint Top, uint Divisor) : AsyncAction(Span);

    /// <summary><c>print(@m[k])</c> of an aggregate (payload: the key; the value is read from the map and summed).</summary>
    public sealed record PrintMapElement(SourceSpan Span, int Map) : AsyncAction(Span);

    /// <summary><c>print(v)</c>: payload is the value.</summary>
    public sealed record PrintValue(SourceSpan Span) : AsyncAction(Span);

    public sealed record Clear(SourceSpan Span, int Map) : AsyncAction(Span);

    public sealed record Zero(SourceSpan Span, int Map) : AsyncAction(Span);

    /// <summary>Payload: the exit code, 8 bits.</summary>
    public sealed record Exit(SourceSpan Span) : AsyncAction(Span);

    public sealed record Time(SourceSpan Span, string Format) : AsyncAction(Span);

    /// <summary>Payload: the strings, each a <see cref="StringType"/>; empty ones at the end are not there.</summary>
    public sealed record Join(SourceSpan Span, string Separator) : AsyncAction(Span);

    /// <summary>A helper that failed (option -k). Payload: the result, 32 bits.</summary>
    /// <param name="Map">The map it was about, by its position in <see cref="CompiledScript.Maps"/>; -1 for none.</param>
    public sealed record HelperError(SourceSpan Span, string Helper, int Map = -1) : AsyncAction(Span);

    /// <summary>Something the program did wrong at run time: division by zero. Payload: nothing.</summary>
    public sealed record RuntimeError(SourceSpan Span, string Message) : AsyncAction(Span);

    /// <summary>Payload: nanoseconds (u64) and length (u32) of the packet; its bytes follow.</summary>
    public sealed record PacketOutput(SourceSpan Span, string Path) : AsyncAction(Span);

    /// <summary>A process whose stacks are walked runs code that is not in the tables. Payload: the process, 32 bits.</summary>
    public sealed record UnwindRequest(SourceSpan Span) : AsyncAction(Span);

    /// <summary>The result of a test: payload is a boolean.</summary>
    public sealed record TestResult(SourceSpan Span) : AsyncAction(Span);
}

internal enum PrintKind { Printf, Errorf, Warnf, Cat, System }

/// <summary>A script as it is run: an object to be loaded, and what its numbers mean.</summary>
internal sealed record CompiledScript
{
    /// <summary>All programs and maps; <c>events</c> is the ring buffer that records come through, <c>lost</c> counts the ones that found no room.</summary>
    public required CompilationResult Compilation { get; init; }
    public required ScriptConfig Config { get; init; }
    public required IReadOnlyList<ScriptProgram> Programs { get; init; }
    public required IReadOnlyList<ScriptMap> Maps { get; init; }
    public required IReadOnlyList<AsyncAction> Actions { get; init; }

    /// <summary>The maps of stacks (object names), by limit and user or kernel, kept as the kernel's addresses (or build ids).</summary>
    public IReadOnlyDictionary<StackType, string> StackMaps { get; init; } = new Dictionary<StackType, string>();
    public IReadOnlyList<string> TimeFormats { get; init; } = [];
    public IReadOnlyList<string> CgroupFilters { get; init; } = [];

    /// <summary>The places that instructions were made of.</summary>
    public IReadOnlyCollection<SourceSpan> Places { get; init; } = [];

    /// <summary>What <see cref="NameType"/> numbers mean.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Whether something that is printed is a name of an address of a process.</summary>
    public bool NamesUserAddresses =>
        Maps.Any(m => NamesUserAddress(m.Key) || NamesUserAddress(m.Value)) || Actions.Any(a => NamesUserAddress(a.Payload));

    /// <summary>The positions of <see cref="Maps"/>, by name.</summary>
    public IReadOnlyList<int> MapsByName()
    {
        List<int> order = [];
        for (int map = 0; map < Maps.Count; map++)
        {
            int at = order.Count;
            while (at > 0 && string.CompareOrdinal(Maps[order[at - 1]].Name, Maps[map].Name) > 0) at--;
            order.Insert(at, map);
        }
        return order;
    }

    private static bool NamesUserAddress(ScriptType? type) => type switch
    {
        UserSymbolType => true,
        StackType stack => stack is { IsUser: true, Mode: not (StackMode.Raw or StackMode.BuildId) },
        TupleType tuple => tuple.Elements.Any(NamesUserAddress),
        _ => false,
    };

    public const string EventsMap = "events";
    /// <summary>The word that counts the records that found no room.</summary>
    public const string LostMap = ".data.lost";

    /// <summary>
    /// The ring buffer of actions (exit, clear, print…) that found no room in <see cref="EventsMap"/>, so that a flood of text loses
    /// none of them: it is drained whenever <see cref="EventsMap"/> has been drained to its end.
    /// </summary>
    public const string ControlMap = "control";

    /// <summary>
    /// The word that says whether the reader sleeps: programs wake it only then. The map is replaced by that of a
    /// <c>RingBufferSleepFlag</c>, which the reader of <see cref="EventsMap"/> has in its options, with <c>RingBufferWakeup.WhenAsleep</c>.
    /// </summary>
    public const string AsleepMap = ".data.asleep";

    /// <summary>Words that count, for each of <see cref="Maps"/>, the updates that it refused.</summary>
    public const string RefusedMap = ".data.refused";

    /// <summary>The word that is not zero once <c>exit()</c> ran: probes do nothing any more.</summary>
    public const string EndedMap = ".data.ended";

    /// <summary>
    /// Behind the name of a map of stacks: the hash of those stacks that found their place in it taken. Numbers of 2^32 and more are
    /// its keys (8 bytes).
    /// </summary>
    public const string MoreStacks = "_more";

    /// <summary>When the script began (8 bytes, nanoseconds of the monotonic clock), where it asks for <c>elapsed</c>: its first value is the time it was compiled.</summary>
    public const string BeganMap = "began";
}
