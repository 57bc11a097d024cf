using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>LPM tries: a key is a number of bits and the bytes they are of, which is put together on the stack.</summary>
internal static class TrieIntrinsics
{
    private const int Header = sizeof(uint);

    public static void Register(IntrinsicRegistry registry)
    {
        var trie = typeof(BpfLpmTrie<>);
        registry.Add(trie, MapCall.Intrinsic(TryMatch), "TryMatch");
        registry.Add(trie, MapCall.Intrinsic(Set), "Set");
        registry.Add(trie, MapCall.Intrinsic(Remove), "Remove");
        registry.Add(trie, MapCall.Intrinsic(Find), "Find");
        registry.Add(trie, MapCall.Intrinsic(static call => DataSize(call) is { } size ? new Scalar(Translator.Number32(size)) : ErrorValue.Instance), "get_DataSize");
    }

    // The number of bytes of a prefix, which is a property of the map.
    private static int? DataSize(MapCall call)
    {
        if (call.Map.Captured is { } map) return map.KeySize - Header;
        call.Unavailable("needs a trie that was captured: the length of its prefixes is not known for one that was found in a map of maps");
        return null;
    }

    // The key on the stack, of the first argument; null when it cannot be made, which is reported.
    private static Value? Key(MapCall call, Value? bits)
    {
        var t = call.Translator;
        if (DataSize(call) is not { } size) return null;
        var type = call.ParameterType(0);
        bool isSpan = Shape.IsSpan(type);
        if (!isSpan && !type.IsByRef)
        {
            call.Unavailable($"with {Names.Of(type)} is for user space; give the address as bytes or as a number in network order");
            return null;
        }
        int given;
        if (isSpan)
        {
            var span = (StructValue)call.Raw(0);
            if (!Translator.IsKnown(SpanIntrinsics.Length(span), out long length))
            {
                t.Report(Rules.VariableSize, $"the data for {call.Name} has no constant length");
                return null;
            }
            given = (int)length;
        }
        else
        {
            given = Shape.Of(type.GetElementType()!).Size;
        }
        if (given > size)
        {
            call.Unavailable($"is given {given} bytes, and the {call.Map.Captured} has prefixes of {size}");
            return null;
        }
        var slot = t.NewSlot(Header + size, 8, uninitialized: true);
        if (given < size) t.Emit(new MemorySet(slot, Translator.Number32(0), Header + size, 4));
        t.Emit(new Store(slot, 0, MemoryWidth.U32, t.Narrow(bits ?? Translator.Number32(given * 8))));
        Pointer data = new(slot, Header);
        if (isSpan)
        {
            t.CopyBytes(data, SpanIntrinsics.Reference((StructValue)call.Raw(0)), given);
        }
        else
        {
            var shape = Shape.Of(type.GetElementType()!);
            t.StoreTo(data, shape, t.LoadFrom(call.Raw(0), shape, false), false);
        }
        return call.IsReached ? slot : null;
    }

    private static ILValue? TryMatch(MapCall call)
    {
        int result = call.Count - 1;
        if (Key(call, call.Count == 3 ? call.Number(1) : null) is not { } key) return ErrorValue.Instance;
        return KeyedMapIntrinsics.Copied(call, call.Map.Lookup(call.Translator, key, call.ValueShape), result);
    }

    private static ILValue? Find(MapCall call)
    {
        if (Key(call, null) is not { } key) return ErrorValue.Instance;
        return new Pointer(call.Map.Lookup(call.Translator, key, call.ValueShape));
    }

    private static ILValue? Set(MapCall call)
    {
        if (call.Count < 4)
        {
            call.Unavailable("with an IPNetwork is for user space; give the address as bytes or as a number in network order, and the number of bits");
            return null;
        }
        if (call.Constant(3, "the flags argument") is not { } flags) return null;
        if (Key(call, call.Number(1)) is { } key) call.Map.Update(call.Translator, key, call.ValueShape, call.Value(2, call.ValueShape), (MapUpdateFlags)flags);
        return null;
    }

    private static ILValue? Remove(MapCall call)
    {
        if (call.Count < 2) return call.Unavailable("with an IPNetwork is for user space; give the address as bytes or as a number in network order, and the number of bits");
        return Key(call, call.Number(1)) is { } key ? new Scalar(call.IsSuccess(call.Map.Delete(call.Translator, key))) : ErrorValue.Instance;
    }
}
