namespace Hornet.Buffers;

/// <summary>
/// Takes the records of a buffer. Implemented by a struct, the call is inlined into the loop over the ring: the fastest
/// way to consume.
/// </summary>
public interface IRecordHandler
{
    /// <summary>Takes one record.</summary>
    /// <param name="record">The bytes, in the kernel's memory: gone when the method returns.</param>
    /// <returns>False to stop after this record.</returns>
    bool Handle(ReadOnlySpan<byte> record);
}

/// <summary>Takes one record of bytes, which are in the kernel's memory and gone when the method returns.</summary>
/// <param name="record">The bytes.</param>
public delegate void RecordCallback(ReadOnlySpan<byte> record);

/// <summary>Takes one record by its type, in the kernel's memory: copy what is to be kept.</summary>
/// <typeparam name="T">The record as the program writes it.</typeparam>
/// <param name="record">The record.</param>
public delegate void RecordCallback<T>(in T record) where T : unmanaged;
