using System.Diagnostics.CodeAnalysis;
using Hornet.Maps;

namespace Hornet;

/// <summary>What kernel code can do with maps beside what user space can: references to the values themselves.</summary>
public static class BpfMapExtensions
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    extension<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(BpfHashMap<TKey, TValue> map) where TKey : unmanaged where TValue : unmanaged
    {
        /// <summary>The value of a key, in place; a null reference when there is none: test with <c>Unsafe.IsNullRef</c>.</summary>
        [KernelOnly]
        public ref TValue Find(in TKey key) => throw KernelOnly.Error();

        /// <summary>The value of a key, in place; made of zeros when there is none. A full map ends the program.</summary>
        [KernelOnly]
        public ref TValue GetOrAdd(in TKey key) => throw KernelOnly.Error();
    }

    extension<[DynamicallyAccessedMembers(Fields)] T>(BpfArray<T> map) where T : unmanaged
    {
        /// <summary>The value of a slot, in place; a null reference when there is no such slot.</summary>
        [KernelOnly]
        public ref T Find(uint index) => throw KernelOnly.Error();
    }

    extension<[DynamicallyAccessedMembers(Fields)] T>(BpfPerCpuArray<T> map) where T : unmanaged
    {
        /// <summary>This CPU's value of a slot, in place; a null reference when there is no such slot.</summary>
        [KernelOnly]
        public ref T Find(uint index) => throw KernelOnly.Error();
    }

    extension<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(BpfPerCpuHashMap<TKey, TValue> map) where TKey : unmanaged where TValue : unmanaged
    {
        /// <summary>This CPU's value of a key, in place; a null reference when there is none.</summary>
        [KernelOnly]
        public ref TValue Find(in TKey key) => throw KernelOnly.Error();
    }
}
