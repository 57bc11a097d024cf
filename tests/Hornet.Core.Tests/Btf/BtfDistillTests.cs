using Hornet.Btf;
using Hornet.Elf;

namespace Hornet.Core.Tests.Btf;

public class BtfDistillTests
{
    /// <summary>A kernel's types; the parameters are what changes from one build to the next.</summary>
    private static BtfSpec Kernel(uint shift = 0, uint taskSize = 64, uint listSize = 16, bool secondTask = false, bool forwards = false)
    {
        BtfBuilder b = new();
        for (uint i = 0; i < shift; i++) b.AddForward($"other_{i}");
        uint n = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint u64 = b.AddInt("unsigned long", 8);
        b.AddInt("unused", 2);
        uint size = b.AddTypedef("size_t", u64);
        uint list = forwards ? b.AddForward("list_head") : b.AddStruct("list_head", listSize, new BtfMemberDefinition("next", u64, 0));
        uint task = b.AddStruct("task_struct", taskSize, new("pid", n, 0), new("list", list, 64));
        if (secondTask) b.AddStruct("task_struct", taskSize + 8, new BtfMemberDefinition("pid", n, 0));
        uint color = b.AddEnum("color", 4, false, ("RED", 0));
        b.AddEnum64("flags", 8, false, ("F", 1L << 40));
        uint anonymous = b.AddStruct("", 8, new("x", n, 0), new("c", color, 32));
        uint pointer = b.AddPointer(b.AddQualifier(BtfKind.Const, task));
        b.AddPrototype(size, ("t", pointer), ("a", b.AddPointer(anonymous)));
        b.AddForward("cgroup");
        b.AddUnion("slab", 8, new BtfMemberDefinition("w", u64, 0));
        b.AddFloat("double", 8);
        return b.Build("vmlinux");
    }

    private static BtfSpec Module(BtfSpec kernel, bool embed = true)
    {
        BtfBuilder b = new(kernel);
        uint Id(BtfKind kind, string name) => kernel.Find(name, kind).Id;
        uint prototype = kernel.Types.First(t => t.Kind == BtfKind.FunctionPrototype).Id;
        uint thing = b.AddStruct("thing", 72,
            new("owner", kernel.Types.First(t => t.Kind == BtfKind.Pointer).Id, 0),
            new("links", embed ? b.NextId + 1 : Id(BtfKind.Int, "int"), 64),
            new("flags", Id(BtfKind.Enum64, "flags"), 320),
            new("cgroup", b.NextId + 2, 384),
            new("slab", Id(BtfKind.Union, "slab"), 448),
            new("d", Id(BtfKind.Float, "double"), 512));
        b.AddArray(Id(BtfKind.Struct, "list_head"), Id(BtfKind.Int, "int"), 2);
        b.AddPointer(Id(BtfKind.Forward, "cgroup"));
        uint function = b.AddFunction("thing_size", prototype, BtfLinkage.Static);
        b.AddDeclTag("kfunc", function);
        b.AddDataSection(".data", 72, (b.AddVariable("the_thing", thing), 0u, 72u));
        return b.Build("module");
    }

    /// <summary>Every own type by its C text, so that ids do not matter.</summary>
    private static string Text(BtfSpec spec)
    {
        StringWriter text = new();
        var thing = spec.Find("thing", BtfKind.Struct);
        foreach (var member in thing.Members) text.Write($"{BtfCFormatter.Declaration(member.Type, member.Name)} @ {member.BitOffset}\n");
        text.Write(BtfCFormatter.FunctionDeclaration(spec.Find("thing_size", BtfKind.Function)) + "\n");
        var section = spec.Find(".data", BtfKind.DataSection);
        text.Write($"{section.Variables[0]}: {section.Variables[0].Variable.Target}".Split('[')[0]);
        return text.ToString();
    }

    [Fact]
    public void The_distilled_base_has_names_and_sizes_of_what_is_used_and_nothing_else()
    {
        var module = Module(Kernel());
        var split = module.DistillBase();
        var names = split.Base!.Types.Select(t => $"{t.Kind} {t.Name} {t.Size} {t.Count}");
        Assert.Equal(
            ["Int int 4 0", "Int unsigned long 8 0", "Struct list_head 16 0", "Struct task_struct 64 0", "Enum color 4 0", "Enum flags 8 0", "Forward cgroup 0 0", "Union slab 8 0", "Float double 8 0"],
            names);
        split.Base.Validate();
        split.Validate();
        // The own types come first and in their order; what else they need of the base follows.
        Assert.Equal(module.OwnTypes.Select(t => (t.Kind, t.Name)), split.OwnTypes.Take(module.OwnTypes.Count()).Select(t => (t.Kind, t.Name)));
        Assert.Equal(
            [BtfKind.Typedef, BtfKind.Struct, BtfKind.Const, BtfKind.Pointer, BtfKind.Pointer, BtfKind.FunctionPrototype],
            split.OwnTypes.Skip(module.OwnTypes.Count()).Select(t => t.Kind));
        var function = split.Find("thing_size", BtfKind.Function).Target;
        Assert.Equal("size_t", function.Target.Name);
        Assert.Equal("task_struct", function.Parameters[0].Type.Target.Resolve().Name);
        Assert.Equal(["x", "c"], function.Parameters[1].Type.Target.Members.Select(m => m.Name));
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(7, 64)]
    [InlineData(100, 4096)]
    public void Relocated_onto_another_build_the_types_are_the_same(uint shift, uint taskSize)
    {
        var module = Module(Kernel());
        var other = Kernel(shift, taskSize);
        var moved = module.DistillBase().RelocateBase(other);
        moved.Validate();
        Assert.Same(other, moved.Base);
        Assert.Equal(Text(module), Text(moved));
        Assert.Equal(taskSize, moved.Find("thing", BtfKind.Struct).Members[0].Type.Target.Target.Size);
        // Found in the base, not carried along.
        Assert.Same(other, moved.Find("task_struct", BtfKind.Struct).Spec);
        Assert.DoesNotContain(moved.OwnTypes, t => t.Kind is BtfKind.Int or BtfKind.Forward);
    }

    [Fact]
    public void Both_byte_orders_are_kept()
    {
        var big = BtfSpec.Parse(BtfBuilder.CopyOf(Kernel()).ToArray(bigEndian: true), null, "vmlinux");
        var module = BtfSpec.Parse(BtfBuilder.CopyOf(Module(big)).ToArray(bigEndian: true), big, "module");
        var split = module.DistillBase();
        Assert.True(split.IsBigEndian);
        Assert.True(split.Base!.IsBigEndian);
        var moved = split.RelocateBase(big);
        Assert.True(moved.IsBigEndian);
        Assert.Equal(Text(Module(Kernel())), Text(moved));
    }

    [Fact]
    public void A_struct_that_lies_by_value_must_keep_its_size()
    {
        var split = Module(Kernel()).DistillBase();
        var error = Assert.Throws<BpfException>(() => split.RelocateBase(Kernel(listSize: 24)));
        Assert.Equal("module needs struct list_head of 16 bytes, which vmlinux does not have (it has struct list_head of 24 bytes; the struct lies by value inside another, so its size must be the same)", error.Message);
        // A declaration has no size at all.
        Assert.Throws<BpfException>(() => split.RelocateBase(Kernel(forwards: true)));
        // Used only behind pointers, it may change.
        Module(Kernel(), embed: false).DistillBase().RelocateBase(Kernel(listSize: 24));
    }

    [Fact]
    public void Of_several_types_of_one_name_the_size_decides_and_a_tie_is_an_error()
    {
        var split = Module(Kernel()).DistillBase();
        var two = Kernel(secondTask: true);
        Assert.Equal(64u, split.RelocateBase(two).Find("thing", BtfKind.Struct).Members[0].Type.Target.Target.Size);
        Assert.Equal(64u, Module(two).DistillBase().RelocateBase(two).Find("thing", BtfKind.Struct).Members[0].Type.Target.Target.Size);

        BtfBuilder twins = BtfBuilder.CopyOf(Kernel());
        twins.AddStruct("task_struct", 64);
        var error = Assert.Throws<BpfException>(() => split.RelocateBase(twins.Build("twins")));
        Assert.Contains("module needs struct task_struct of 64 bytes, and twins has 2 that cannot be told apart", error.Message);

        // Neither has the size that was distilled.
        Assert.Throws<BpfException>(() => split.RelocateBase(Kernel(taskSize: 80, secondTask: true)));
    }

    [Fact]
    public void Names_and_kinds_must_both_fit()
    {
        BtfSpec Split(Func<BtfBuilder, uint> make)
        {
            BtfBuilder b = new();
            uint id = make(b);
            BtfBuilder s = new(b.Build("old"));
            s.AddPointer(id);
            return s.Build("module").DistillBase();
        }
        uint Target(BtfSpec split, Action<BtfBuilder> make)
        {
            BtfBuilder b = new();
            b.AddInt("padding", 4);
            make(b);
            return split.RelocateBase(b.Build("new")).OwnTypes.Single().TargetId;
        }
        void Refused(BtfSpec split, Action<BtfBuilder> make) => Assert.Throws<BpfException>(() => Target(split, make));

        var integer = Split(b => b.AddInt("x", 4, BtfIntEncoding.Signed));
        Assert.Equal(2u, Target(integer, b => b.AddInt("x", 4, BtfIntEncoding.Signed)));
        Refused(integer, b => b.AddInt("x", 8, BtfIntEncoding.Signed));
        Refused(integer, b => b.AddInt("x", 4));
        Refused(integer, b => b.AddFloat("x", 4));
        Refused(integer, b => b.AddInt("y", 4, BtfIntEncoding.Signed));

        var enumeration = Split(b => b.AddEnum("x", 4, false, ("A", 1)));
        Assert.Equal(2u, Target(enumeration, b => b.AddEnum64("x", 4, true, ("B", 2))));
        Refused(enumeration, b => b.AddEnum("x", 8, false, ("A", 1)));
        Refused(enumeration, b => b.AddInt("x", 4));

        var forward = Split(b => b.AddForward("x", union: true));
        Assert.Equal(2u, Target(forward, b => b.AddUnion("x", 4)));
        Assert.Equal(3u, Target(forward, b => { b.AddForward("x"); b.AddForward("x", union: true); }));
        Refused(forward, b => b.AddStruct("x", 4));
        Refused(forward, b => { b.AddUnion("x", 4); b.AddUnion("x", 8); });

        var composite = Split(b => b.AddStruct("x", 4));
        Assert.Equal(2u, Target(composite, b => b.AddStruct("x", 4)));
        Assert.Equal(3u, Target(composite, b => { b.AddForward("x"); b.AddStruct("x", 8); }));
        Assert.Equal(2u, Target(composite, b => b.AddForward("x")));
        Refused(composite, b => b.AddForward("x", union: true));
        Refused(composite, b => b.AddUnion("x", 4));
    }

    [Fact]
    public void An_ordinary_base_cannot_be_exchanged_and_a_whole_set_has_none()
    {
        var module = Module(Kernel());
        Assert.Contains("made over an ordinary base", Assert.Throws<BpfFormatException>(() => module.RelocateBase(Kernel(3))).Message);
        Assert.Throws<InvalidOperationException>(() => Kernel().DistillBase());
        Assert.Throws<InvalidOperationException>(() => Kernel().RelocateBase(Kernel()));
        BtfBuilder over = new(module);
        over.AddTypedef("t", 1);
        Assert.Contains("split itself", Assert.Throws<BpfFormatException>(() => over.Build().RelocateBase(Kernel())).Message);
    }

    [Fact]
    public void What_split_types_cannot_refer_to_is_refused()
    {
        BtfBuilder b = new();
        uint variable = b.AddVariable("v", b.AddInt("int", 4));
        BtfBuilder s = new(b.Build("vmlinux"));
        s.AddDataSection(".data", 4, (variable, 0u, 4u));
        Assert.Contains("which split types cannot", Assert.Throws<BpfFormatException>(() => s.Build().DistillBase()).Message);

        BtfBuilder endless = new(b.Build("vmlinux"));
        endless.AddStruct("s", 4, new BtfMemberDefinition("m", endless.NextId + 1, 0));
        endless.AddQualifier(BtfKind.Const, endless.NextId);
        Assert.Contains("chain of more than", Assert.Throws<BpfFormatException>(() => endless.Build().DistillBase().RelocateBase(b.Build("new"))).Message);
    }

    [Fact]
    public void Damaged_sets_throw_nothing_but_format_errors()
    {
        var kernel = Kernel();
        var split = Module(kernel).DistillBase();
        byte[][] seeds = [split.Base!.RawData.ToArray(), split.RawData.ToArray()];
        Random random = new(20261121);
        int moved = 0;
        for (int round = 0; round < 6000; round++)
        {
            byte[][] bytes = [(byte[])seeds[0].Clone(), (byte[])seeds[1].Clone()];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                byte[] hit = bytes[random.Next(2)];
                hit[random.Next(hit.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(20));
            }
            try
            {
                var mutant = BtfSpec.Parse(bytes[1], BtfSpec.Parse(bytes[0], null, "base"), "mutant");
                var result = mutant.RelocateBase(kernel);
                Assert.Same(kernel, result.Base);
                _ = mutant.DistillBase();
                moved++;
            }
            catch (BpfException)
            {
            }
        }
        Assert.InRange(moved, 1, 5999);
    }

    [Fact]
    public void A_file_with_a_distilled_base_is_read_over_it_or_over_the_base_that_is_given()
    {
        var split = Module(Kernel()).DistillBase();
        using var elf = File(split.RawData, split.Base!.RawData);
        var alone = elf.ReadBtf()!;
        Assert.Equal(Text(split), Text(alone));
        Assert.Equal(split.Base.TypeCount, alone.Base!.TypeCount);
        var other = Kernel(9);
        var moved = elf.ReadBtf(other)!;
        Assert.Same(other, moved.Base);
        Assert.Equal(Text(split), Text(moved));

        // Without the section the base is taken as it is: this module was built for that kernel.
        var kernel = Kernel();
        using var plain = File(Module(kernel).RawData, default);
        Assert.Equal(Text(split), Text(plain.ReadBtf(kernel)!));
        using var none = File(default, default);
        Assert.Null(none.ReadBtf(kernel));

        static ElfFile File(ReadOnlySpan<byte> types, ReadOnlySpan<byte> distilled)
        {
            ElfWriter writer = new(ElfMachine.X64);
            if (!types.IsEmpty) writer.AddSection(".BTF", ElfSectionType.ProgramBits, 0, types.ToArray());
            if (!distilled.IsEmpty) writer.AddSection(".BTF.base", ElfSectionType.ProgramBits, 0, distilled.ToArray());
            return ElfFile.Parse(writer.ToArray(), "module.ko");
        }
    }
}
