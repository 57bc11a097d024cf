using System.Collections.Concurrent;
using Hornet.Maps;

namespace Hornet.IL.Values;

/// <summary>Fields of map values and objects that belong to the kernel: locks, timers, references to kernel objects, lists, trees and their nodes.</summary>
internal static class KernelFields
{
    private static readonly ConcurrentDictionary<Type, bool> s_known = [];

    /// <summary>Whether a value of a type is or has such a field.</summary>
    public static bool IsIn(Type type) => type is { IsValueType: true, IsPrimitive: false, IsEnum: false } && s_known.GetOrAdd(type, static t => Find(t));

    private static bool Find(Type type) => type == typeof(BpfSpinLock) || type == typeof(BpfResilientLock) || type == typeof(BpfTimer) || type == typeof(BpfWork) || type == typeof(BpfTaskWork) || type == typeof(BpfListNode) || type == typeof(BpfTreeNode) || type == typeof(BpfReferenceCount)
        || (type.IsGenericType && type.GetGenericTypeDefinition() is var definition && (definition == typeof(BpfKptr<>) || definition == typeof(BpfList<>) || definition == typeof(BpfTree<>)))
        || Layout.InstanceFields(type).Any(field => field.FieldType != type && IsIn(field.FieldType));
}
