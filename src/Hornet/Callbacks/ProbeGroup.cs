using System.Buffers.Binary;

namespace Hornet;

/// <summary>The probes of one callback that share a program and hence a layout.</summary>
internal abstract class ProbeGroup
{
    public abstract string Describe(ReadOnlySpan<byte> record);

    public abstract void Dispatch(ReadOnlySpan<byte> record);

    protected static uint Selector(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record[RecordLayout.Selector..]);
}

/// <summary>Events with fields by name.</summary>
internal sealed class NamedGroup(IReadOnlyDictionary<uint, ProbeSchema> schemas, ProbeHandler handler) : ProbeGroup
{
    public override string Describe(ReadOnlySpan<byte> record) => schemas[Selector(record)].Probe;

    public override void Dispatch(ReadOnlySpan<byte> record) => handler(new ProbeEvent(schemas[Selector(record)], record));
}

/// <summary>Events whose fields are a struct.</summary>
internal sealed class TypedGroup<T>(IReadOnlyDictionary<uint, ProbeSchema> schemas, ProbeHandler<T> handler) : ProbeGroup where T : unmanaged
{
    public override string Describe(ReadOnlySpan<byte> record) => schemas[Selector(record)].Probe;

    public override void Dispatch(ReadOnlySpan<byte> record) => handler(new ProbeEvent<T>(schemas[Selector(record)], record));
}
