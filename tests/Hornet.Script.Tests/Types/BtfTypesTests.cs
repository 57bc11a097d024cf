using Hornet.Btf;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Types;

public class BtfTypesTests
{
    private static BtfTypes Make(Action<BtfBuilder, uint, uint> add)
    {
        var builder = new BtfBuilder();
        uint integer = builder.AddInt("int", 4, BtfIntEncoding.Signed), character = builder.AddInt("char", 1, BtfIntEncoding.Signed);
        add(builder, integer, character);
        return new BtfTypes(builder.Build());
    }

    [Fact]
    public void Members_have_their_places_and_anonymous_ones_are_looked_through()
    {
        var types = Make((b, integer, _) =>
        {
            uint inner = b.AddUnion("", 8, new("a", integer, 0), new("b", integer, 0));
            b.AddStruct("outer", 16, new("x", integer, 0), new("", inner, 64));
        });
        var outer = Assert.IsType<CompositeType>(types.FindType("struct outer"));
        Assert.Equal(("struct outer", 16, 4, "outer"), (outer.ToString(), outer.Size, outer.Alignment, outer.Info.KernelName));
        Assert.Equal(8, outer.Info.FindField("b")!.Offset);
        Assert.Null(outer.Info.FindField("c"));
        Assert.Equal(IntegerType.Int32, outer.Info.FindField("x")!.Type);
    }

    [Fact]
    public void A_struct_is_one_type_wherever_it_is_reached_and_may_point_to_itself()
    {
        var types = Make((b, integer, _) =>
        {
            uint self = b.NextId;
            b.AddStruct("node", 16, new("next", self + 1, 0), new("value", integer, 64));
            b.AddPointer(self);
            b.AddTypedef("node_t", self);
            b.AddQualifier(BtfKind.Const, self);
        });
        var node = (CompositeType)types.FindType("node")!;
        Assert.Same(node.Info, ((CompositeType)types.FindType("node_t")!).Info);
        var next = Assert.IsType<PointerType>(node.Info.FindField("next")!.Type);
        Assert.Equal(node, next.Target);
        Assert.Equal("struct node *", next.ToString());
    }

    [Fact]
    public void Bitfields_are_read_from_the_unit_of_their_type()
    {
        var types = Make((b, integer, _) =>
        {
            b.AddStruct("flags", 8, new("a", integer, 0, 3), new("b", integer, 3, 5), new("c", integer, 40, 10), new("d", integer, 60, 4));
            b.AddStruct("packed", 5, new BtfMemberDefinition("x", integer, 30, 7));
        });
        var flags = ((CompositeType)types.FindType("struct flags")!).Info;
        Assert.Equal([(0, 0, 3), (0, 3, 5), (4, 8, 10), (4, 28, 4)], flags.Fields.Select(f => (f.Offset, f.BitOffset, f.BitSize)));
        var packed = ((CompositeType)types.FindType("struct packed")!).Info;
        Assert.Equal((3, 6, 7), (packed.Fields[0].Offset, packed.Fields[0].BitOffset, packed.Fields[0].BitSize));
    }

    [Fact]
    public void Arrays_of_bytes_are_text_and_pointers_to_char_stay_pointers()
    {
        var types = Make((b, integer, character) =>
        {
            uint text = b.AddArray(character, integer, 16), numbers = b.AddArray(integer, integer, 3), matrix = b.AddArray(numbers, integer, 2);
            uint pointer = b.AddPointer(b.AddQualifier(BtfKind.Const, character));
            b.AddStruct("s", 56, new("comm", text, 0), new("m", matrix, 128), new("p", pointer, 320));
        });
        Assert.Equal([new StringType(16), new ArrayType(new ArrayType(IntegerType.Int32, 3), 2), new PointerType(IntegerType.Int8)],
            ((CompositeType)types.FindType("struct s")!).Info.Fields.Select(f => f.Type));
    }

    [Fact]
    public void User_pointers_are_known_by_their_tag()
    {
        var types = Make((b, integer, character) =>
        {
            uint tagged = b.AddPointer(b.AddTypeTag("user", b.AddQualifier(BtfKind.Const, character)));
            uint rcu = b.AddPointer(b.AddTypeTag("rcu", integer));
            b.AddStruct("s", 16, new("user", tagged, 0), new("kernel", rcu, 64));
        });
        Assert.Equal([AddressSpace.User, AddressSpace.None], ((CompositeType)types.FindType("struct s")!).Info.Fields.Select(f => ((PointerType)f.Type).Space));
    }

    [Fact]
    public void Enumerations_and_what_is_only_named()
    {
        var types = Make((b, integer, _) =>
        {
            b.AddEnum("state", 4, true, ("RUNNING", 0), ("GONE", -1));
            b.AddTypedef("kind_t", b.AddEnum("", 4, false, ("ONE", 1)));
            b.AddEnum64("wide", 8, false, ("BIG", 1L << 40));
            b.AddStruct("s", 8, new BtfMemberDefinition("p", b.AddPointer(b.AddForward("hidden")), 0));
        });
        var state = Assert.IsType<EnumType>(types.FindType("enum state"));
        Assert.Equal([("RUNNING", 0L), ("GONE", -1L)], state.Info.Values);
        Assert.Equal("kind_t", types.FindType("kind_t")!.ToString());
        Assert.Equal((8, 1L << 40), (types.FindEnumerator("BIG")!.Value.Type.Size, types.FindEnumerator("BIG")!.Value.Value));
        Assert.Null(types.FindEnumerator("NONE"));
        var hidden = Assert.IsType<CompositeType>(((PointerType)((CompositeType)types.FindType("struct s")!).Info.Fields[0].Type).Target);
        Assert.True(hidden.Info.IsIncomplete);
    }

    [Theory]
    [InlineData("unsigned long", "uint64")]
    [InlineData("const char *", "int8 *")]
    [InlineData("const char *const *", "int8 * *")]
    [InlineData("struct nowhere *", "struct nowhere *")]
    [InlineData("never_heard_of *", "void *")]
    [InlineData("pid_t", "int32")]
    [InlineData("mine", "int32")]
    [InlineData("long long unsigned int", "uint64")]
    public void Types_are_read_as_C_writes_them(string c, string type) =>
        Assert.Equal(type, Make((b, integer, _) => b.AddTypedef("mine", integer)).ParseC(c)!.ToString());

    [Fact]
    public void Unknown_words_are_no_type_and_user_pointers_are_marked()
    {
        Assert.Null(BtfTypes.ParseC("never_heard_of", null));
        Assert.Equal(new PointerType(IntegerType.Int8, AddressSpace.User), BtfTypes.ParseC("const char __user *", null));
    }

    [Fact]
    public void Functions_are_found_with_their_prototype_and_variables_with_their_type()
    {
        var types = Make((b, integer, character) =>
        {
            b.AddFunction("f", b.AddPrototype(integer, ("x", character)));
            b.AddVariable("v", integer);
        });
        Assert.Equal("x", types.FindFunction("f")!.Value.Target.Parameters[0].Name);
        Assert.NotNull(types.FindFunction("f", "BTF"));
        Assert.Null(types.FindFunction("f", "ext4"));
        Assert.Equal(IntegerType.Int32, types.Get(types.FindVariable("v")!.Value));
    }
}
