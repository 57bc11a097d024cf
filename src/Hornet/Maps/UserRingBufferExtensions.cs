using Hornet.Buffers;

namespace Hornet;

/// <summary>What kernel code does with a record of a user ring buffer.</summary>
/// <param name="record">A copy of the record.</param>
public delegate void UserRecordAction<T>(in T record);

/// <summary>Ring buffers that user space writes and kernel code reads (6.1).</summary>
public static class UserRingBufferExtensions
{
    extension(UserRingBuffer ring)
    {
        /// <summary>
        /// Shows the records that user space has submitted to a lambda, and removes them. Records that are shorter than
        /// <typeparamref name="T"/> are passed over.
        /// </summary>
        /// <param name="action">What to do with each; locals that it captures are shared with it.</param>
        /// <returns>How many records were removed; negative when the kernel refuses, as while another CPU reads (EBUSY, -16).</returns>
        [KernelOnly]
        public int Drain<T>(UserRecordAction<T> action) where T : unmanaged => throw KernelOnly.Error();
    }
}
