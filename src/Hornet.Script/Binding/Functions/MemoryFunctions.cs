using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>Pointers, bytes, registers.</summary>
internal static class MemoryFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("kptr", 1, 1, c => InSpace(c, AddressSpace.Kernel)),
        new("uptr", 1, 1, c => InSpace(c, AddressSpace.User)),
        new("bswap", 1, 1, Swap),
        new("reg", 1, 1, Register) { Result = IntegerType.UInt64, Available = ProbeRules.HasRegisters, Arguments = [ArgumentKind.TextLiteral] },
        new("path", 1, 2, Path) { Arguments = [ArgumentKind.Any, ArgumentKind.IntegerLiteral] },
        new("write_user", 3, 3, WriteUser) { Result = BooleanType.Instance },
    ];

    private static BoundExpression InSpace(Call c, AddressSpace space) => c[0].Type switch
    {
        PointerType pointer => new BoundConversion(c.Span, pointer with { Space = space }, BoundConversionKind.Integer, c[0]) { Space = space },
        IntegerType type => new BoundConversion(c.Span, type, BoundConversionKind.Integer, c[0]) { Space = space },
        var type => c.Fail($"{c.Name}() only supports integer or pointer arguments ({TypeNames.Kind(type)} provided)"),
    };

    private static BoundExpression Swap(Call c)
    {
        if (!TypeRules.IsInteger(c[0].Type)) return c.Fail($"bswap() only supports integer arguments ({TypeNames.Kind(c[0].Type)} provided)");
        IntegerType type = new(c[0].Type.Size * 8, false);
        return c.Make(BoundIntrinsic.ByteSwap, type, Body.AsInteger(c[0], type));
    }

    private static BoundExpression Register(Call c)
    {
        string name = c.Text(0);
        // The instruction pointer has one name everywhere.
        return (Registers.Offset(name) ?? (name == "pc" ? Registers.Offset("ip") : null)) is { } offset
            ? c.Make(BoundIntrinsic.Register, IntegerType.UInt64) with { Number = offset }
            : c.Fail($"'{name}' is not a valid register on this architecture ({ProbeRules.Machine})");
    }

    private static BoundExpression Path(Call c)
    {
        if (c.Target is { Type: not (ProbeType.Fentry or ProbeType.Fexit or ProbeType.Iter or ProbeType.Lsm) })
            return c.Fail("The path function can only be used with 'fentry', 'fexit', 'iter' probes");
        if (!c.Context.Options.System.HasPathHelper) return c.Fail("BPF_FUNC_d_path not available for your kernel version");
        if (c[0].Type is not (CompositeType or PointerType)) return c.Fail($"path() only supports pointer or C type argument ({TypeNames.Kind(c[0].Type)} provided)");
        int size = c.Context.Config.MaxStringLength;
        if (c.Count == 2)
        {
            if (c.Number(1) < 0) return c.Fail("path: invalid size value, need non-negative literal");
            size = c.Number(1).AtMost(int.MaxValue);
        }
        return c.Make(BoundIntrinsic.Path, new StringType(size), c[0], new BoundConstant(c.Span, IntegerType.UInt64, size));
    }

    private static BoundExpression WriteUser(Call c)
    {
        if (!c.Context.Options.Unsafe) return c.Fail("write_user() is unsafe. To use you need the --unsafe flag", Call.NeedsUnsafe);
        if (!c.IsKnown) return c.Unknown;
        if (!Literals.IsInteger(c[2], out var length) || length < 1 || length > 4096) return c.Fail("write_user() expects a length that is known before anything runs");
        ArrayType bytes = new(IntegerType.UInt8, (int)length);
        BoundExpression value;
        switch (c[1])
        {
            case { Type: PointerType }:
                var space = c.Body.SpaceOf(c[1]);
                value = new BoundDereference(c.Span, bytes, new BoundConversion(c.Span, new PointerType(bytes, space), BoundConversionKind.Integer, c[1]), space);
                break;
            case { Type: StringType text } when length <= text.Length:
                BoundLocal copy = new("$written", c.Span) { Type = text };
                BoundBlock block = new(c.Span, [new BoundAssignLocal(c.Span, copy, c[1])]) { Locals = [copy] };
                BoundAddressOf address = new(c.Span, new PointerType(text, AddressSpace.Bpf), new BoundLocalRead(c.Span, copy));
                BoundConversion first = new(c.Span, new PointerType(bytes, AddressSpace.Bpf), BoundConversionKind.Integer, address);
                value = new BoundBlockExpression(c.Span, bytes, block, new BoundDereference(c.Span, bytes, first, AddressSpace.Bpf));
                break;
            default:
                return c.Fail($"write_user() expects a pointer to what is written ({TypeNames.Kind(c[1].Type)} provided)");
        }
        BoundConversion target = new(c.Span, new PointerType(VoidType.Instance, AddressSpace.User), BoundConversionKind.Integer, Body.Number(c[0]));
        var written = c.Make(BoundIntrinsic.WriteUser, IntegerType.Int64, target, value);
        return new BoundComparison(c.Span, BoundComparisonOperator.Equal, written, new BoundConstant(c.Span, IntegerType.Int64, 0));
    }
}
