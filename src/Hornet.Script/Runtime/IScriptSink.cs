namespace Hornet.Script.Runtime;

/// <summary>What shows a run: the records and what happens around them, as text or JSON. Called from one thread.</summary>
internal interface IScriptSink
{
    /// <summary>A record of the ring buffer: number of the action (32 bits), 32 bits more, the payload.</summary>
    void Handle(ReadOnlySpan<byte> record);

    /// <summary>Whether more records follow at once: lines wait for them, or for <see cref="Flush"/>.</summary>
    bool IsBatching { get; set; }

    /// <summary>Whether what is printed can no longer be written: its reader has gone, or its file system is full.</summary>
    bool IsClosed { get; }

    /// <summary>Whether a record asked to end (<c>exit()</c>). The run sets it back: end probes still have their say.</summary>
    bool WantsExit { get; set; }

    /// <summary>What <c>exit(n)</c> gave; the run sets it back between tests.</summary>
    int ExitCode { get; set; }

    /// <summary>All probes are attached.</summary>
    void Attached(int probes);

    /// <summary>So many records more found no room.</summary>
    void Lost(long events);

    /// <summary>Programs will run no more; what follows are the maps.</summary>
    void End();

    /// <summary>All maps that have something in them, at the end.</summary>
    void PrintMaps();

    /// <summary>What was written reaches its reader.</summary>
    void Flush();

    /// <summary>From here on what is printed is kept, or with <paramref name="discard"/> thrown away.</summary>
    void BeginCapture(bool discard);

    /// <summary>Back to the real output; what was kept, and how many errors (<c>errorf</c>, failed helpers) were in it.</summary>
    (string Text, int Errors) EndCapture();

    /// <summary>A test ran (the first of <paramref name="names"/> begins a list, the last ends it).</summary>
    void TestResult(IReadOnlyList<string> names, int index, long nanoseconds, IReadOnlyList<bool> passed, string output);

    /// <summary>A measurement ran.</summary>
    void BenchmarkResult(IReadOnlyList<string> names, int index, long nanoseconds, long iterations);
}
