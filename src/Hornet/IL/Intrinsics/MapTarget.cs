using Hornet.Buffers;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>A map that kernel code works on: one that it captured, or one that it found in a map of maps.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Captured">The live map; null for one that is known only when the program runs.</param>
/// <param name="Found">What the lookup of an inner map gave; null for a captured map.</param>
internal sealed record MapTarget(MapType Type, BpfMap? Captured, Value? Found)
{
    /// <summary>The map of an object; null when it is none that is known, which is reported.</summary>
    public static MapTarget? Of(IntrinsicCall call, ILValue map)
    {
        switch (map)
        {
            case ObjectConstant { Instance: MapView view }:
                return new(view.Map.Type, view.Map, null);
            case ObjectConstant { Instance: UserRingBuffer ring }:
                return new(ring.Map.Type, ring.Map, null);
            case InnerMap inner:
                return new(inner.Type, null, inner.Handle);
            case ErrorValue:
                return null;
            default:
                call.Translator.Report(Rules.NotConstant, $"{Names.Of(call.Method)} is called on a map that is not known");
                return null;
        }
    }

    /// <summary>Whether the kernel gives the program the current CPU's value.</summary>
    public bool IsPerCpu => Type is MapType.PerCpuArray or MapType.PerCpuHash or MapType.LruPerCpuHash;

    /// <summary>Whether all slots exist from the start.</summary>
    public bool IsArray => Type is MapType.Array or MapType.PerCpuArray;

    /// <summary>The map as helpers take it.</summary>
    public Value Handle(Translator t) => Found ?? t.Emit(new MapReference(t.Module.AddMap(Captured!)));

    /// <summary>Where an element's value is, or null.</summary>
    public Value Lookup(Translator t, Value key, Shape value) => t.Call(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(value.Size)), Handle(t), key);

    /// <summary>Creates or replaces an element.</summary>
    /// <returns>0, or a negative error number.</returns>
    public Value Update(Translator t, Value key, Shape shape, ILValue value, MapUpdateFlags flags)
    {
        if (value is ErrorValue) return Translator.Number(0);
        var address = t.InMemory(t.Coerce(value, shape), shape);
        t.NoteMapWrite();
        return t.Call(BpfHelper.MapUpdateElem, IrType.I64, Handle(t), key, address, Translator.Number((long)flags));
    }

    /// <summary>Removes an element.</summary>
    /// <returns>0, or a negative error number.</returns>
    public Value Delete(Translator t, Value key)
    {
        t.NoteMapWrite();
        return t.Call(BpfHelper.MapDeleteElem, IrType.I64, Handle(t), key);
    }
}

/// <summary>A map that was found in a map of maps.</summary>
/// <param name="View">The C# type it is seen as.</param>
/// <param name="Type">The kind.</param>
/// <param name="Handle">What the lookup gave: null when there is none.</param>
internal sealed record InnerMap(Type View, MapType Type, Value Handle) : ILValue;

/// <summary>An element of a per-CPU map: the current CPU's value.</summary>
internal sealed record CpuElement(ILValue Value) : ILValue;

/// <summary>An element that was read: a value that is made of it and stored back is an operation on it.</summary>
internal sealed record Element(MapTarget Map, ILValue KeyValue, Value KeyAddress, Value Pointer);
