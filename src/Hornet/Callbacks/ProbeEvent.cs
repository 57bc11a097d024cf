using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet;

/// <summary>Receives an event. The event is valid until the call returns; take out of it what is to be kept.</summary>
public delegate void ProbeHandler(ProbeEvent e);

/// <summary>Receives an event whose fields are a struct. The event is valid until the call returns.</summary>
public delegate void ProbeHandler<T>(ProbeEvent<T> e) where T : unmanaged;

/// <summary>An event: what every one has, and its fields by name.</summary>
public readonly ref struct ProbeEvent
{
    private readonly ReadOnlySpan<byte> _record;
    private readonly ProbeSchema _schema;

    internal ProbeEvent(ProbeSchema schema, ReadOnlySpan<byte> record)
    {
        _schema = schema;
        _record = record;
    }

    /// <summary>The probe: <c>syscall:bind</c>, <c>tracepoint:sched:sched_switch</c>.</summary>
    public string Probe => _schema.Probe;

    /// <summary>When it happened, in nanoseconds of the monotonic clock; of a call that was waited for, when it returned.</summary>
    public ulong CurrentTimeNs => Read64(RecordLayout.Time);

    /// <summary>The process (thread group).</summary>
    public int ProcessId => (int)Read32(RecordLayout.ProcessId);

    /// <summary>The thread.</summary>
    public int ThreadId => (int)Read32(RecordLayout.ThreadId);

    /// <summary>The real user of the process.</summary>
    public uint UserId => Read32(RecordLayout.UserId);

    /// <summary>The real group of the process.</summary>
    public uint GroupId => Read32(RecordLayout.GroupId);

    /// <summary>The CPU.</summary>
    public int Cpu => (int)Read32(RecordLayout.Cpu);

    /// <summary>The name of the thread, as the process chose it; made anew at every call.</summary>
    public string ProcessName => Encoding.UTF8.GetString(ProcessNameBytes);

    /// <summary>The bytes of <see cref="ProcessName"/>.</summary>
    public ReadOnlySpan<byte> ProcessNameBytes => UntrustedText.CString(_record.Slice(RecordLayout.ProcessName, RecordLayout.ProcessNameSize));

    /// <summary>Whether <see cref="ProcessName"/> is a text: <c>e.ProcessNameIs("nginx"u8)</c>. Works in kernel code too.</summary>
    public bool ProcessNameIs(ReadOnlySpan<byte> name) => TextBytes.AreEqual(_record.Slice(RecordLayout.ProcessName, RecordLayout.ProcessNameSize), name);

    /// <summary>Whether there is a <see cref="Result"/>: the event is of a return.</summary>
    public bool HasResult => (Read32(RecordLayout.Flags) & RecordLayout.HasResult) != 0;

    /// <summary>What the call returned; 0 when the event is not of a return.</summary>
    public long Result => (long)Read64(RecordLayout.Result);

    /// <summary>The error number of a system call that failed (<c>EACCES</c> is 13); 0 otherwise.</summary>
    public int Error => HasResult && _schema.ResultIsError && Result is < 0 and >= -4095 ? (int)-Result : 0;

    /// <summary>How long the call took; zero when the event has no entry and return.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks((long)(Read64(RecordLayout.Duration) / 100));

    /// <summary>How long the call took, in nanoseconds.</summary>
    public ulong DurationNs => Read64(RecordLayout.Duration);

    /// <summary>The fields, in the order of the event's description.</summary>
    public IReadOnlyList<ProbeField> Fields => _schema.Fields;

    /// <summary>The value of a field.</summary>
    /// <exception cref="KeyNotFoundException">The event has no such field; the message names those it has.</exception>
    public ProbeValue this[string name] => new(_schema.Find(name), _record);

    /// <summary>Whether a field of text begins with a text: <c>e.StartsWith("filename", "/etc/"u8)</c>. Works in kernel code too.</summary>
    /// <exception cref="KeyNotFoundException">The event has no such field; the message names those it has.</exception>
    /// <exception cref="ArgumentException">The field is not copied text.</exception>
    public bool StartsWith(string name, ReadOnlySpan<byte> prefix) => Copied(name).StartsWith(prefix);

    /// <summary>Whether a field of text is a text. Works in kernel code too.</summary>
    /// <inheritdoc cref="StartsWith(string, ReadOnlySpan{byte})"/>
    public bool Is(string name, ReadOnlySpan<byte> text) => TextBytes.AreEqual(Copied(name), text);

    /// <summary>The value of a field by its position.</summary>
    public ProbeValue this[int index] => new(_schema.Fields[index], _record);

    /// <summary>The event as a line: <c>bind(fd=3, umyaddr=127.0.0.1:31337, addrlen=16) = 0</c>.</summary>
    public override string ToString()
    {
        StringBuilder text = new(_schema.Probe[(_schema.Probe.IndexOf(':') + 1)..]);
        text.Append('(');
        for (int i = 0; i < _schema.Fields.Count; i++)
        {
            if (i > 0) text.Append(", ");
            var value = this[i];
            text.Append(value.Field.Name).Append('=').Append(value.Field.Kind == ProbeFieldKind.Text ? $"\"{UntrustedText.Escape(value.ToString())}\"" : value.ToString());
        }
        text.Append(')');
        if (HasResult) text.Append(" = ").Append(Result);
        return text.ToString();
    }

    // With the zero at its end, and whatever is behind that.
    private ReadOnlySpan<byte> Copied(string name)
    {
        var field = _schema.FindText(name);
        return _record.Slice(field.Offset + (field.HasLength ? RecordLayout.LengthSize : 0), field.Size);
    }

    private ulong Read64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_record[offset..]);

    private uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_record[offset..]);
}

/// <summary>An event whose fields are a struct. Nothing is allocated for it.</summary>
/// <typeparam name="T">The fields that are wanted, found by name (<c>UmyAddr</c> is <c>umyaddr</c>).</typeparam>
public readonly ref struct ProbeEvent<T> where T : unmanaged
{
    private readonly ProbeEvent _event;
    private readonly ReadOnlySpan<byte> _fields;

    internal ProbeEvent(ProbeSchema schema, ReadOnlySpan<byte> record)
    {
        _event = new ProbeEvent(schema, record);
        _fields = record[RecordLayout.Fields..];
    }

    /// <summary>The fields, in the ring buffer itself.</summary>
    public ref readonly T Args => ref MemoryMarshal.AsRef<T>(_fields);

    /// <inheritdoc cref="ProbeEvent.Probe"/>
    public string Probe => _event.Probe;

    /// <inheritdoc cref="ProbeEvent.CurrentTimeNs"/>
    public ulong CurrentTimeNs => _event.CurrentTimeNs;

    /// <inheritdoc cref="ProbeEvent.ProcessId"/>
    public int ProcessId => _event.ProcessId;

    /// <inheritdoc cref="ProbeEvent.ThreadId"/>
    public int ThreadId => _event.ThreadId;

    /// <inheritdoc cref="ProbeEvent.UserId"/>
    public uint UserId => _event.UserId;

    /// <inheritdoc cref="ProbeEvent.GroupId"/>
    public uint GroupId => _event.GroupId;

    /// <inheritdoc cref="ProbeEvent.Cpu"/>
    public int Cpu => _event.Cpu;

    /// <inheritdoc cref="ProbeEvent.ProcessName"/>
    public string ProcessName => _event.ProcessName;

    /// <inheritdoc cref="ProbeEvent.ProcessNameBytes"/>
    public ReadOnlySpan<byte> ProcessNameBytes => _event.ProcessNameBytes;

    /// <inheritdoc cref="ProbeEvent.ProcessNameIs"/>
    public bool ProcessNameIs(ReadOnlySpan<byte> name) => _event.ProcessNameIs(name);

    /// <inheritdoc cref="ProbeEvent.HasResult"/>
    public bool HasResult => _event.HasResult;

    /// <inheritdoc cref="ProbeEvent.Result"/>
    public long Result => _event.Result;

    /// <inheritdoc cref="ProbeEvent.Error"/>
    public int Error => _event.Error;

    /// <inheritdoc cref="ProbeEvent.Duration"/>
    public TimeSpan Duration => _event.Duration;

    /// <inheritdoc cref="ProbeEvent.DurationNs"/>
    public ulong DurationNs => _event.DurationNs;
}
