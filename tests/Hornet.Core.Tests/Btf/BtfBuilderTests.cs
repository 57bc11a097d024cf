using Hornet.Btf;

namespace Hornet.Core.Tests.Btf;

public class BtfBuilderTests
{
    /// <summary>One of every kind.</summary>
    internal static BtfBuilder Everything()
    {
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint c = b.AddInt("char", 1, BtfIntEncoding.Signed | BtfIntEncoding.Char);
        b.AddInt("_Bool", 1, BtfIntEncoding.Bool, 8);
        uint f = b.AddFloat("double", 8);
        uint e = b.AddEnum("color", 4, true, ("RED", 1), ("BLUE", -1));
        uint e64 = b.AddEnum64("huge", 8, false, ("HUGE", unchecked((long)0xfedcba9876543210)));
        uint node = b.NextId + 1;
        uint p = b.AddPointer(node);
        uint a = b.NextId + 1;
        Assert.Equal(node, b.AddStruct("node", 32, new("next", p, 0), new("bits", i, 64, 3), new("more", i, 67, 5), new("name", a, 96), new("d", f, 192)));
        Assert.Equal(a, b.AddArray(c, i, 8));
        b.AddUnion("u", 8, new("", node, 0), new("e", e64, 0));
        b.AddForward("unknown");
        b.AddForward("unknown_union", union: true);
        uint t = b.AddTypedef("color_t", e);
        uint tag = b.AddTypeTag("user", i);
        uint q = b.AddQualifier(BtfKind.Const, b.AddQualifier(BtfKind.Volatile, b.AddQualifier(BtfKind.Restrict, b.AddPointer(tag))));
        uint proto = b.AddPrototype(i, ("a", t), ("b", q), ("", 0u));
        uint function = b.AddFunction("main_function", proto, BtfLinkage.Global);
        b.AddDeclTag("hot", function, 1);
        b.AddDeclTag("arg:ctx", node);
        uint v = b.AddVariable("counter", i);
        b.AddDataSection(".bss", 4, (v, 0u, 4u));
        return b;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_kind_is_read_back_as_it_was_built(bool bigEndian)
    {
        var spec = BtfSpec.Parse(Everything().ToArray(bigEndian));
        spec.Validate();
        Assert.Equal(bigEndian, spec.IsBigEndian);
        Assert.Equal(Enum.GetValues<BtfKind>().Except([BtfKind.Void]).Order(), spec.Types.Select(t => t.Kind).Distinct().Order());
        Assert.Equal(BtfIntEncoding.Signed | BtfIntEncoding.Char, spec.Find("char", BtfKind.Int).IntEncoding);
        Assert.Equal(0xfedcba9876543210, (ulong)spec.Find("huge", BtfKind.Enum64).Values[0].Value);
        Assert.Equal(-1, spec.Find("color", BtfKind.Enum).Values[1].Value);
        var node = spec.Find("node", BtfKind.Struct);
        Assert.Equal(node, node.Members[0].Type.Target);
        Assert.Equal((67u, 5), (node.Members[2].BitOffset, node.Members[2].BitfieldSize));
        Assert.Equal(8, node.Members[3].Type.ByteSize);
        Assert.True(spec.Find("unknown_union", BtfKind.Forward).IsForwardUnion);
        var function = spec.Find("main_function", BtfKind.Function);
        Assert.Equal(BtfLinkage.Global, function.Linkage);
        Assert.True(function.Target.Parameters[2].IsVariadic);
        Assert.Equal("int", function.Target.Parameters[1].Type.Resolve().Target.Resolve().Name);
        Assert.Equal([1, -1], spec.Types.Where(t => t.Kind == BtfKind.DeclTag).Select(t => t.ComponentIndex));
        Assert.Equal("counter", spec.Find(".bss", BtfKind.DataSection).Variables[0].Variable.Name);
    }

    [Fact]
    public void A_copy_keeps_ids_strings_and_bytes()
    {
        byte[] bytes = Everything().ToArray();
        var copy = BtfBuilder.CopyOf(BtfSpec.Parse(bytes));
        Assert.Equal(bytes, copy.ToArray());
        Assert.Equal(BtfSpec.Parse(bytes).Find("color_t", BtfKind.Typedef).NameOffset, copy.AddString("color_t"));
        Assert.Equal(bytes, copy.ToArray());
        var big = BtfBuilder.CopyOf(BtfSpec.Parse(copy.ToArray(bigEndian: true)));
        Assert.Equal(bytes, big.ToArray());
    }

    [Fact]
    public void A_string_is_kept_once_also_when_there_are_thousands()
    {
        BtfBuilder b = new();
        var offsets = Enumerable.Range(0, 5000).Select(i => b.AddString("name" + i)).ToList();
        Assert.Equal(5000, offsets.Distinct().Count());
        Assert.Equal(offsets, Enumerable.Range(0, 5000).Select(i => b.AddString("name" + i)));
    }

    [Fact]
    public void Split_types_continue_the_ids_and_reuse_the_strings_of_their_base()
    {
        var vmlinux = Everything().Build("vmlinux");
        BtfBuilder b = new(vmlinux);
        Assert.Equal(vmlinux.TypeCount, b.NextId);
        uint id = b.AddStruct("module_thing", 4, new BtfMemberDefinition("counter", vmlinux.Find("int", BtfKind.Int).Id, 0));
        byte[] bytes = b.ToArray();
        Assert.Equal(24 + 24 + "module_thing\0".Length, bytes.Length);
        var module = BtfSpec.Parse(bytes, vmlinux, "module");
        module.Validate();
        Assert.Equal(id, module.Find("module_thing", BtfKind.Struct).Id);
        Assert.Equal("counter", module.Find("module_thing", BtfKind.Struct).Members[0].Name);
        Assert.Same(vmlinux, module.Find("node", BtfKind.Struct).Spec);
        Assert.Equal(vmlinux.Types.Count() + 1, module.Types.Count());
    }

    [Fact]
    public void Split_types_over_split_types_work_too()
    {
        var first = Everything().Build();
        BtfBuilder b = new(first);
        b.AddTypedef("middle", 1);
        var second = b.Build();
        BtfBuilder c = new(second);
        uint top = c.AddTypedef("top", second.TypeCount - 1);
        var third = c.Build();
        Assert.Equal("int", third[top].Resolve().Name);
        Assert.Equal("middle", third[top].Target.Name);
        Assert.True(third.TryFind("node", BtfKind.Struct, out var node));
        Assert.Same(first, node.Spec);
    }

    [Fact]
    public void What_the_format_cannot_hold_is_refused()
    {
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => b.AddInt("odd", 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => b.AddFloat("odd", 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => b.AddStruct("s", 1, new("a", i, 1 << 24), new("b", i, 0, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => b.AddQualifier(BtfKind.Pointer, i));
        Assert.Throws<ArgumentOutOfRangeException>(() => b.SetTarget(99, 1));
        Assert.Throws<ArgumentException>(() => b.SetTarget(i, 1));
        Assert.Throws<ArgumentException>(() => b.AddString("a\0b"));
    }

    [Fact]
    public void A_type_that_contains_itself_is_found_by_validation_and_bounded_everywhere_else()
    {
        BtfBuilder b = new();
        uint a = b.AddStruct("a", 8, new("", 2, 0), new("", 2, 0));
        b.AddStruct("", 8, new("", a, 0), new("", a, 0));
        uint loop = b.AddTypedef("t", 4);
        b.AddTypedef("u", loop);
        uint array = b.NextId;
        b.AddArray(array, array, 1000);
        var spec = b.Build();
        Assert.Throws<BpfFormatException>(spec.Validate);
        Assert.Throws<BpfFormatException>(() => spec[loop].Resolve());
        Assert.Throws<BpfFormatException>(() => spec[loop].ByteSize);
        Assert.Throws<BpfFormatException>(() => spec[array].ByteSize);
        Assert.Throws<BpfFormatException>(() => spec[2].TryFindField("x_", out _));
        _ = spec[a].Alignment;
    }

    [Fact]
    public void An_unknown_kind_is_skipped_when_the_layout_says_how_long_it_is()
    {
        BtfBuilder b = new();
        b.AddInt("int", 4);
        b.AddRaw([0, 25u << 24 | 2, 7, 1, 2, 3, 4, 5]); // 4 bytes after the head, and 2 elements of 8
        uint after = b.AddTypedef("after", 1);
        byte[] plain = b.ToArray();
        Assert.Throws<BpfFormatException>(() => BtfSpec.Parse(plain));

        byte[] layout = new byte[26 * 4];
        (layout[25 * 4], layout[25 * 4 + 1]) = (4, 8);
        int typeLength = BitConverter.ToInt32(plain, 12), stringLength = BitConverter.ToInt32(plain, 20);
        byte[] whole = [.. plain[..4], .. Words(32, 0, typeLength, typeLength + layout.Length, stringLength, typeLength, layout.Length), .. plain[24..(24 + typeLength)], .. layout, .. plain[(24 + typeLength)..]];
        var spec = BtfSpec.Parse(whole);
        Assert.Equal("after", spec[after].Name);
        Assert.Equal(25, (int)spec[2].Kind);
        Assert.Equal(0, spec[2].ByteSize & ~7);

        static byte[] Words(params int[] words) => [.. words.SelectMany(BitConverter.GetBytes)];
    }

    [Fact]
    public void Sanitising_keeps_every_id_and_leaves_only_what_is_asked_for()
    {
        var spec = Everything().Build();
        var clean = BtfSpec.Parse(spec.Sanitize(BtfFeatures.None));
        clean.Validate();
        BtfKind[] allowed = [BtfKind.Int, BtfKind.Pointer, BtfKind.Array, BtfKind.Struct, BtfKind.Union, BtfKind.Enum, BtfKind.Forward, BtfKind.Typedef, BtfKind.Volatile, BtfKind.Const, BtfKind.Restrict];
        Assert.All(clean.Types, t => Assert.Contains(t.Kind, allowed));
        foreach (var type in spec.Types)
        {
            if (type.Kind is BtfKind.Struct or BtfKind.Pointer or BtfKind.Typedef) Assert.Equal(type.ToString(), clean[type.Id].ToString());
            if (type.Kind is BtfKind.Float or BtfKind.Enum64 or BtfKind.DataSection) Assert.Equal(type.Size, clean[type.Id].Size);
        }
        Assert.Equal("counter", clean.Find("_bss", BtfKind.Struct).Members[0].Name);
        Assert.Equal(BtfKind.Union, clean.Find("huge", BtfKind.Union).Kind);
        Assert.False(clean.Find("color", BtfKind.Enum).KindFlag);
        Assert.Equal(spec.RawData.ToArray(), spec.Sanitize(BtfFeatures.All));
    }

    [Fact]
    public void External_symbols_become_ordinary_variables()
    {
        var (spec, _) = Clang.Compile("""
            extern int helper(int, void *) __attribute__((section(".ksyms")));
            extern const int symbol __attribute__((section(".ksyms")));
            __attribute__((section("xdp"))) int prog(void *ctx) { return helper(1, ctx) + symbol; }
            """);
        var clean = BtfSpec.Parse(spec.Sanitize(BtfFeatures.All));
        clean.Validate();
        var section = clean.Find(".ksyms", BtfKind.DataSection);
        Assert.Equal(8u, section.Size);
        Assert.Equal([0u, 4u], section.Variables.Select(v => v.Offset));
        Assert.All(section.Variables, v => Assert.Equal(BtfKind.Variable, v.Variable.Kind));
        Assert.All(section.Variables, v => Assert.Equal(BtfLinkage.Global, v.Variable.Linkage));
        var helper = clean.Find("helper", BtfKind.Function);
        Assert.Equal(BtfLinkage.Global, helper.Linkage);
        Assert.All(helper.Target.Parameters, p => Assert.NotEqual("", p.Name));
    }
}
