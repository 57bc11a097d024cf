using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>Addresses of networks.</summary>
internal static class NetworkFunctions
{
    private const int Inet = 2, Inet6 = 10;

    public static IEnumerable<Builtin> All =>
    [
        new("ntop", 1, 2, Address) { Result = InetType.Instance },
        new("pton", 1, 1, Parse) { Arguments = [ArgumentKind.Any] },
        new("macaddr", 1, 1, Mac) { Result = MacAddressType.Instance },
        new("socket_cookie", 1, 1, Cookie) { Result = IntegerType.UInt64, Available = OutputFunctions.IsTracing, Arguments = [ArgumentKind.Pointer] },
    ];

    private static BoundExpression Address(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        if (c.Count == 2 && !TypeRules.IsInteger(c[0].Type)) return c.Fail($"ntop() only supports int arguments ({TypeNames.Kind(c[0].Type)} provided)");
        var address = Body.AsDeclared(c[c.Count - 1]);
        if (!TypeRules.IsInteger(address.Type) && address.Type is not (StringType or ArrayType)) return c.Fail($"ntop() expects an integer or array argument, got {TypeNames.Kind(address.Type)}");
        if (address.Type is StringType or ArrayType && address.Type.Size is not (4 or 16)) return c.Fail("ntop() argument must be 4 or 16 bytes in size");
        var family = c.Count == 2 ? Body.AsInteger(c[0], IntegerType.Int32) : new BoundConstant(c.Span, IntegerType.Int32, address.Type.Size == 16 ? Inet6 : Inet);
        return c.Make(BoundIntrinsic.InetAddress, InetType.Instance, family, TypeRules.IsInteger(address.Type) ? Body.AsInteger(address, IntegerType.UInt32) : address);
    }

    private static BoundExpression Parse(Call c)
    {
        if (c[0] is not BoundText) return c.Fail("pton() expects an string literal at the first argument");
        string text = c.Text(0);
        if (!text.Contains('.', StringComparison.Ordinal) && !text.Contains(':', StringComparison.Ordinal)) return c.Fail($"pton() expects an string argument of an IPv4/IPv6 address, got {text}");
        bool isFour = !text.Contains(':', StringComparison.Ordinal);
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != (isFour ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6) || (isFour && text.Split('.').Length != 4) || text.Contains('%', StringComparison.Ordinal))
            return c.Fail($"pton() expects a valid IPv4/IPv6 address, got {text}");
        byte[] bytes = address.GetAddressBytes();
        ArrayType type = new(IntegerType.UInt8, bytes.Length);
        if (isFour) return new BoundConversion(c.Span, type, BoundConversionKind.Bytes, new BoundConstant(c.Span, IntegerType.UInt32, BinaryPrimitives.ReadUInt32LittleEndian(bytes)));
        TupleType halves = new([IntegerType.UInt64, IntegerType.UInt64]);
        return new BoundConversion(c.Span, type, BoundConversionKind.Bytes, new BoundTuple(c.Span, halves,
        [
            new BoundConstant(c.Span, IntegerType.UInt64, BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            new BoundConstant(c.Span, IntegerType.UInt64, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8))),
        ]));
    }

    private static BoundExpression Mac(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        var value = Body.AsDeclared(c[0]);
        if (value is BoundText) return c.Fail("macaddr() does not support literal string arguments");
        ArrayType bytes = new(IntegerType.UInt8, 6);
        switch (value.Type)
        {
            case ArrayType or StringType or BufferType:
                if (value.Type.Size < 6) return c.Fail("macaddr() argument must be at least 6 bytes in size");
                return c.Make(BoundIntrinsic.MacAddress, MacAddressType.Instance, value);
            case PointerType or IntegerType:
                var space = c.Body.SpaceOf(value);
                BoundConversion pointer = new(c.Span, new PointerType(bytes, space), BoundConversionKind.Integer, value);
                return c.Make(BoundIntrinsic.MacAddress, MacAddressType.Instance, new BoundDereference(c.Span, bytes, pointer, space));
            default:
                return c.Fail($"macaddr() only supports array or pointer arguments ({TypeNames.Kind(value.Type)} provided)");
        }
    }

    private static BoundExpression Cookie(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        return c[0].Type is PointerType { Target: CompositeType { Info.Name: "struct sock" } }
            ? c.Make(BoundIntrinsic.SocketCookie, IntegerType.UInt64, c[0])
            : c.Fail($"socket_cookie() only supports 'struct sock *' as the argument ({(c[0].Type is PointerType { Target: CompositeType } ? $"'{c[0].Type}'" : "pointer")} provided)");
    }
}
