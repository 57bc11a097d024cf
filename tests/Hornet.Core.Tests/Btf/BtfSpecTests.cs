using Hornet.Btf;

namespace Hornet.Core.Tests.Btf;

public class BtfSpecTests
{
    private const string Source = """
        typedef unsigned int u32;
        struct inner { char a; union { u32 b; struct { short c, d; }; }; };
        struct outer { const volatile struct inner *p; struct inner in[3]; unsigned f1 : 3; unsigned f2 : 7; long tail[]; };
        enum color { RED = 1, GREEN = -2 };
        enum big { HUGE = 0x123456789abcULL };
        struct task___v1 { int x; };
        struct packed { char a; int b; } __attribute__((packed));
        typedef int (*callback)(struct outer *o, enum color c, ...);
        struct outer *o; enum color color; struct task___v1 t; callback cb; struct packed pk; enum big big;
        static int hidden(int n) { return n; }
        __attribute__((noinline)) int visible(u32 n) { return hidden(n) + (int)n; }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_struct_tells_its_members_in_either_byte_order(bool bigEndian)
    {
        var (spec, _) = Clang.Compile(Source, bigEndian);
        Assert.Equal(bigEndian, spec.IsBigEndian);
        spec.Validate();
        var outer = spec.Find("outer", BtfKind.Struct);
        Assert.Equal(["p", "in", "f1", "f2", "tail"], outer.Members.Select(m => m.Name));
        Assert.Equal([0u, 8, 32, 32, 40], outer.Members.Select(m => m.ByteOffset));
        Assert.Equal([0, 0, 3, 7, 0], outer.Members.Select(m => m.BitfieldSize));
        Assert.Equal(8 * 32 + 3u, outer.Members[3].BitOffset);
        Assert.Equal(40, outer.ByteSize);
        Assert.Equal(8, outer.Alignment);
        Assert.Equal("inner", outer.Members[0].Type.Resolve().Target.Resolve().Name);
        Assert.Equal(24, outer.Members[1].Type.ByteSize);
        Assert.Equal(3u, outer.Members[1].Type.ArrayLength);
        Assert.Equal(0u, outer.Members[4].Type.ArrayLength);
    }

    [Fact]
    public void A_member_is_found_inside_anonymous_ones_with_its_whole_offset()
    {
        var (spec, _) = Clang.Compile(Source);
        var inner = spec.Find("inner", BtfKind.Struct);
        Assert.True(inner.TryFindField("d", out var field));
        Assert.Equal(6, field.ByteOffset);
        Assert.Equal("short", field.Type.Name);
        Assert.False(inner.TryFindField("e", out _));
    }

    [Fact]
    public void Enumerations_keep_sign_and_width()
    {
        var (spec, _) = Clang.Compile(Source);
        var color = spec.Find("color", BtfKind.Enum);
        // clang 14 does not record the sign; a newer one does.
        Assert.Equal(["RED", "GREEN"], color.Values.Select(v => v.Name));
        Assert.Equal(-2, (int)color.Values[1].Value);
    }

    [Fact]
    public void A_packed_struct_has_alignment_one()
    {
        var (spec, _) = Clang.Compile(Source);
        Assert.Equal(1, spec.Find("packed", BtfKind.Struct).Alignment);
        Assert.Equal(5, spec.Find("packed", BtfKind.Struct).ByteSize);
    }

    [Fact]
    public void Functions_have_prototypes_and_linkage()
    {
        var (spec, _) = Clang.Compile(Source);
        var visible = spec.Find("visible", BtfKind.Function);
        Assert.Equal(BtfLinkage.Global, visible.Linkage);
        Assert.Equal(["n"], visible.Target.Parameters.Select(p => p.Name));
        var callback = spec.Find("callback", BtfKind.Typedef).Target.Target;
        Assert.Equal(BtfKind.FunctionPrototype, callback.Kind);
        Assert.True(callback.Parameters[2].IsVariadic);
    }

    [Fact]
    public void Names_are_found_exactly_and_without_their_flavor()
    {
        var (spec, _) = Clang.Compile(Source);
        Assert.False(spec.TryFind("task", BtfKind.Struct, out _));
        Assert.Equal("task___v1", Assert.Single(spec.FindAllByEssentialName("task").ToList()).Name);
        Assert.Equal("task___v1", Assert.Single(spec.FindAllByEssentialName("task___v2").ToList()).Name);
        Assert.True(spec.TryFind("task___v1", BtfKind.Struct, out var exact));
        Assert.Equal("task", exact.EssentialName);
        Assert.False(spec.TryFind("", out _));
        Assert.False(spec.TryFind(new string('x', 1000), out _));
    }

    [Theory]
    [InlineData("task_struct", "task_struct")]
    [InlineData("task_struct___v1", "task_struct")]
    [InlineData("a___b___c", "a___b")]
    [InlineData("___a", "___a")]
    [InlineData("a___", "a___")]
    [InlineData("a____b", "a____b")]
    [InlineData("x___y", "x")]
    [InlineData("", "")]
    public void A_flavor_is_three_underscores_between_other_characters(string name, string essential) =>
        Assert.Equal(essential.Length, BtfSpec.EssentialNameLength(System.Text.Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void What_is_cut_off_or_changed_is_refused_or_read_but_never_anything_else()
    {
        var (spec, _) = Clang.Compile(Source);
        byte[] good = spec.RawData.ToArray();
        for (int length = 0; length < good.Length; length++)
        {
            byte[] cut = good[..length];
            Assert.Throws<BpfFormatException>(() => BtfSpec.Parse(cut));
        }
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int n = random.Next(1, 4); n > 0; n--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try { Walk(BtfSpec.Parse(bad)); }
            catch (BpfFormatException) { refused++; }
        }
        Assert.InRange(refused, 1000, 20_000);
    }

    [Fact]
    public void A_disposed_set_says_so()
    {
        var (spec, _) = Clang.Compile(Source);
        var type = spec.Find("outer", BtfKind.Struct);
        spec.Dispose();
        Assert.Throws<ObjectDisposedException>(() => type.Name);
        Assert.Throws<ObjectDisposedException>(() => spec.TryFind("outer", out _));
    }

    internal static void Walk(BtfSpec spec)
    {
        spec.EnsureNameIndex();
        foreach (var type in spec.OwnTypes)
        {
            _ = type.ToString();
            _ = type.ByteSize;
            _ = type.Alignment;
            _ = type.IntBits + type.IntBitOffset + type.ComponentIndex + (int)type.Linkage;
            foreach (var m in type.Members) _ = m.ToString() + m.Type;
            foreach (var v in type.Values) _ = v.ToString();
            foreach (var p in type.Parameters) _ = p.ToString();
            foreach (var v in type.Variables) _ = v.ToString();
            if (type.IsComposite) type.TryFindField("no such member", out _);
            spec.TryFind(type.Name, type.Kind, out _);
        }
        spec.Validate();
    }
}
