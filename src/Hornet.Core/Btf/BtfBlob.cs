namespace Hornet.Btf;

/// <summary>
/// The bytes of one set of types. They are managed, or they are the kernel's own pages mapped for the life of the
/// process: never memory that could be freed under a reader.
/// </summary>
internal sealed unsafe class BtfBlob
{
    private readonly byte[]? _array;
    private readonly int _start;
    private readonly byte* _mapped;

    public BtfBlob(byte[] array, int start, int length)
    {
        _array = array;
        _start = start;
        Length = length;
    }

    /// <summary>Over memory that stays mapped until the process ends.</summary>
    public BtfBlob(byte* mapped, int length)
    {
        _mapped = mapped;
        Length = length;
    }

    public int Length { get; }

    public ReadOnlySpan<byte> Span => _array is { } array ? array.AsSpan(_start, Length) : new ReadOnlySpan<byte>(_mapped, Length);
}
