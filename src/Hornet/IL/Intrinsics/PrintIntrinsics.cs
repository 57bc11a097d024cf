using System.Reflection;
using System.Runtime.CompilerServices;
using Hornet.Buffers;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;
using Hornet.Printing;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// <c>Bpf.Print</c>: what the C# compiler appends to the handler is collected while the code is compiled; in the kernel there are
/// only the values, in a record.
/// </summary>
internal static class PrintIntrinsics
{
    /// <summary>How much of a byte span of unknown length is printed.</summary>
    public const int MostBytes = 64;

    public static void Register(IntrinsicRegistry registry)
    {
        var handler = typeof(BpfPrintHandler);
        registry.Add(handler, static call => SpanIntrinsics.Result(call, Handler(PrintChain.Empty)), ".ctor");
        registry.Add(handler, AppendLiteral, "AppendLiteral");
        registry.Add(handler, AppendFormatted, "AppendFormatted");
        registry.Add(typeof(Bpf), Print, "Print");
        registry.Add(typeof(Bpf), TracePrinting.Print, "TracePrint");
    }

    private static StructValue Handler(PrintChain chain) => new((StructShape)Shape.Of(typeof(BpfPrintHandler)), [new ObjectConstant(chain)]);

    /// <summary>The parts of a text that was handed over.</summary>
    public static (PrintPart Part, ILValue? Value)[]? PartsOf(IntrinsicCall call)
    {
        if (call.Arguments[0] is StructValue { Leaves: [ObjectConstant { Instance: PrintChain chain }] }) return chain.ToArray();
        if (call.Arguments[0] is not StructValue { Leaves: [ErrorValue] }) call.Translator.Report(Rules.NotConstant, "the text that is printed depends on the way here");
        return null;
    }

    private static ILValue? Append(IntrinsicCall call, PrintPart part, ILValue? value)
    {
        var t = call.Translator;
        if (t.Current is null) return null;
        var shape = Shape.Of(typeof(BpfPrintHandler));
        if (t.LoadFrom(call.Target!, shape, false) is StructValue { Leaves: [ObjectConstant { Instance: PrintChain chain }] })
            t.StoreTo(call.Target!, shape, Handler(new PrintChain(chain, part, value)), false);
        return null;
    }

    private static PrintPart Text(string text, int alignment = 0) => new(alignment < 0 ? text.PadRight(-alignment) : text.PadLeft(alignment), null, 0, null, 0);

    private static ILValue? AppendLiteral(IntrinsicCall call) =>
        call.Arguments[0] is ObjectConstant { Instance: string text } ? Append(call, Text(text), null) : call.Translator.Report(Rules.Strings, "text that is not known is printed");

    private static ILValue? AppendFormatted(IntrinsicCall call)
    {
        var t = call.Translator;
        int alignment = 0;
        string? format = null;
        foreach (var argument in call.Arguments.AsSpan(1))
        {
            if (argument is Scalar { Known: { } width }) alignment = (int)width;
            else if (argument is ObjectConstant { Instance: var given }) format = given as string;
            else return t.Report(Rules.NotConstant, "a format or an alignment is not constant");
        }
        var value = call.Arguments[0];
        if (value is ErrorValue) return null;
        if (value is ObjectConstant { Instance: string or null } known && call.ParameterType(0) == typeof(string)) return Append(call, Text((string?)known.Instance ?? "", alignment), null);
        var type = call.ParameterType(0);
        if (Shape.IsSpan(type)) return Bytes(call, (StructValue)value, alignment, format);
        if (IsByteArray(type) && value is MemoryValue memory) return InlineBytes(call, memory, alignment, format);
        if (value is not Scalar || Shape.Of(type) is not ScalarShape scalar) return t.Report(Rules.Unsupported, $"a {Names.Of(type)} is printed; print its members");
        if (scalar.IsFloat) return t.Report(Rules.FloatingPoint, "a floating-point number is printed");
        return IsFormat(t, type, format) ? Append(call, new PrintPart(null, type, alignment, format, 8), value) : null;
    }

    private static bool IsFormat(Translator t, Type type, string? format)
    {
        if (PrintFormat.IsFormat(type, format)) return true;
        t.Report(Rules.Unsupported, $"{(type == typeof(byte[]) ? "bytes have" : $"{Names.Of(type)} has")} no format '{format}'");
        return false;
    }

    private static bool IsByteArray(Type type) =>
        type.GetCustomAttribute<InlineArrayAttribute>() is not null && type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)[0].FieldType == typeof(byte);

    private static ILValue? InlineBytes(IntrinsicCall call, MemoryValue value, int alignment, string? format)
    {
        var t = call.Translator;
        int size = value.Shape.Size;
        return IsFormat(t, typeof(byte[]), format) ? Append(call, new PrintPart(null, typeof(byte[]), alignment, format, 8 + size), Span(new Pointer(t.AddressOf(t.RealPointer(t.Copy(value).Address))), Translator.Number32(size))) : null;
    }

    private static StructValue Span(ILValue reference, Value length) => Translator.SpanOver(typeof(ReadOnlySpan<byte>), reference, length);

    private static ILValue? Bytes(IntrinsicCall call, StructValue span, int alignment, string? format)
    {
        var t = call.Translator;
        if (!IsFormat(t, typeof(byte[]), format) || SpanIntrinsics.Reference(span) is ErrorValue) return null;
        var length = SpanIntrinsics.Length(span);
        if (Translator.IsKnown(length, out long known))
        {
            if (known == 0) return Append(call, Text("", alignment), null);
            // Reached now: a check that fails must not leave a record behind.
            var at = t.Reach(SpanIntrinsics.Reference(span), (int)known);
            return t.Current is null ? null : Append(call, new PrintPart(null, typeof(byte[]), alignment, format, 8 + (int)known), Span(at, length));
        }
        // Of the others the beginning is copied.
        var slot = t.NewTemporary(Shape.Of(typeof(PrintBytes)), null);
        length = ((Scalar)t.Choose(t.Comparison(Predicate.Below, length, Translator.Number32(MostBytes)), () => new Scalar(length), () => new Scalar(Translator.Number32(MostBytes)))).Ir;
        var element = Shape.Of(typeof(byte));
        t.Loop(length, index =>
        {
            var one = t.LoadFrom(t.AddBytes(SpanIntrinsics.Reference(span), t.Widen(index, false)), element, false);
            if (t.Current is not null) t.StoreTo(t.AddBytes(t.AddressOf(slot), t.Widen(index, false)), element, one, false);
        });
        return t.Current is null ? null : Append(call, new PrintPart(null, typeof(byte[]), alignment, format, 8 + MostBytes), Span(t.AddressOf(slot), length));
    }

    private static ILValue? Print(IntrinsicCall call)
    {
        var t = call.Translator;
        if (PartsOf(call) is not { } parts) return null;
        var (id, ring, loss) = Channel(t, Array.ConvertAll(parts, part => part.Part));
        int size = PrintFormat.HeaderSize + parts.Sum(part => (part.Part.Size + 7) & ~7);
        EventIntrinsics.Send(t, ring, loss, size, record =>
        {
            t.Emit(new Store(record.Base, 0, MemoryWidth.U64, Translator.Number(id)));
            int at = PrintFormat.HeaderSize;
            foreach (var (part, value) in parts)
            {
                if (value is Scalar scalar)
                {
                    t.Emit(new Store(record.Base, at, MemoryWidth.U64, t.Widen(scalar.Ir, ((ScalarShape)Shape.Of(part.Type!)).IsSigned)));
                }
                else if (value is StructValue bytes)
                {
                    t.Emit(new Store(record.Base, at, MemoryWidth.U64, t.Widen(SpanIntrinsics.Length(bytes), false)));
                    t.CopyBytes(record with { Offset = at + 8 }, SpanIntrinsics.Reference(bytes), part.Size - 8);
                }
                at += (part.Size + 7) & ~7;
            }
        });
        return null;
    }

    // The session's buffer; for code that is only compiled, maps of that kind.
    private static (int Id, MapSymbol Ring, MapSymbol Loss) Channel(Translator t, PrintPart[] parts)
    {
        if (t.Request.Prints?.Invoke() is { } channel) return (channel.Add(parts).Id, t.Module.AddMap(channel.Ring), t.Module.AddMap(channel.LossMap));
        return (0, Named("hornet_print", () => new MapSpec { Name = "hornet_print", Type = MapType.RingBuf, MaxEntries = 256 * 1024 }), Named("hornet_print_lo", () => LossCounter.Spec("hornet_print_lo")));

        MapSymbol Named(string name, Func<MapSpec> spec) => t.Module.Maps.FirstOrDefault(map => map.Name == name) ?? t.Module.AddMap(spec());
    }

    /// <summary>Room for the beginning of a byte span.</summary>
    [InlineArray(MostBytes)]
    internal struct PrintBytes
    {
        private byte _first;
    }
}
