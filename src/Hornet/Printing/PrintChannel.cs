using System.Runtime.InteropServices;
using Hornet.Buffers;
using Hornet.Maps;

namespace Hornet.Printing;

/// <summary>The ring buffer through which everything that a session's kernel code prints comes, and the thread that makes text of it.</summary>
internal sealed class PrintChannel : IDisposable
{
    private readonly BpfMap _ring;
    private readonly LossCounter _loss;
    private readonly RingBufferReader? _reader;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<long>? _reading;
    private readonly Action<string> _print;
    private readonly Lock _gate = new();
    private PrintFormat[] _formats = [];

    public PrintChannel(int size, Action<string> print)
    {
        _print = print;
        List<IDisposable> made = [];
        try
        {
            made.Add(_ring = BpfMap.Create(new MapSpec { Name = "hornet_print", Type = MapType.RingBuf, MaxEntries = (uint)size }));
            made.Add(_loss = LossCounter.Create("hornet_print_lo"));
            // Of a machine in user space somebody takes the records.
            if (!_ring.IsDeclaration) made.Add(_reader = new RingBufferReader(_ring, new RingBufferOptions { Loss = _loss }));
        }
        catch
        {
            for (int i = made.Count - 1; i >= 0; i--) made[i].Dispose();
            throw;
        }
        _reading = _reader?.RunAsync(Take, _stop.Token);
    }

    /// <summary>The ring.</summary>
    public BpfMap Ring => _ring;

    /// <summary>Where lost lines are counted.</summary>
    public BpfMap LossMap => _loss.Map;

    /// <summary>How many lines found no room.</summary>
    public long Lost => _loss.Total;

    /// <summary>How many lines came.</summary>
    public long Delivered => _reader?.Delivered ?? 0;

    /// <summary>The number of a text.</summary>
    public PrintFormat Add(PrintPart[] parts)
    {
        lock (_gate)
        {
            if (Array.Find(_formats, format => format.HasParts(parts)) is { } known) return known;
            PrintFormat added = new(_formats.Length, parts);
            Volatile.Write(ref _formats, [.. _formats, added]);
            return added;
        }
    }

    /// <summary>Prints what is still in the ring, then ends.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _reading?.Wait();
        }
        catch (AggregateException)
        {
            // What a callback threw ended the reading; it was told by the task.
        }
        _reader?.Dispose();
        _loss.Dispose();
        _ring.Dispose();
        _stop.Dispose();
    }

    /// <summary>Prints a record.</summary>
    public void Take(ReadOnlySpan<byte> record)
    {
        int id = MemoryMarshal.Read<int>(record);
        var formats = Volatile.Read(ref _formats);
        if ((uint)id >= (uint)formats.Length) return; // of a program that another session loaded
        string text = formats[id].ToText(record);
        try
        {
            _print(text);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Failure ??= error;
        }
    }

    /// <summary>What the first callback threw that did; the printing goes on.</summary>
    public Exception? Failure { get; private set; }
}
