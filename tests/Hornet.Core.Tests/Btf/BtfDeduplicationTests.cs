using Hornet.Btf;

namespace Hornet.Core.Tests.Btf;

public class BtfDeduplicationTests
{
    // Two units: each knows only a declaration of what the other defines, and they refer to each other in circles.
    private const string One = """
        struct s; struct b;
        struct a { int x; struct a *self; struct s *parent; };
        struct s { struct a *pa; struct b *pb; enum late *e; struct only_declared *od; int (*call)(struct a *, const char *fmt); int arr[3]; };
        struct s s; struct a aa; union u { int i; char c[4]; } u; struct differs { int x; } d;
        """;
    private const string Two = """
        struct s; struct a;
        enum late { L1 = 1, L2 };
        struct b { int y; struct b *self; struct s *parent; };
        struct s { struct a *pa; struct b *pb; enum late *e; struct only_declared *od; int (*call)(struct a *, const char *fmt); int arr[3]; };
        struct s s2; struct b bb; union u { int i; char c[4]; } u2; struct differs { long x; } d2; enum late le;
        """;

    private static BtfSpec Merge(out uint[] newIds, params string[] sources)
    {
        BtfBuilder all = new();
        foreach (string source in sources) all.AddAll(Clang.Compile(source).Spec);
        var spec = all.Deduplicate(out newIds).Build("merged");
        spec.Validate();
        return spec;
    }

    [Fact]
    public void Types_of_two_units_become_one_and_declarations_what_they_announce()
    {
        var merged = Merge(out _, One, Two);
        foreach (string name in new[] { "a", "b", "s" })
            Assert.Equal(BtfKind.Struct, Assert.Single(merged.FindAll(name).ToList(), t => t.Kind != BtfKind.Variable).Kind);
        var s = merged.Find("s", BtfKind.Struct);
        Assert.Equal(merged.Find("a", BtfKind.Struct), s.Members[0].Type.Target);
        Assert.Equal(merged.Find("b", BtfKind.Struct), s.Members[1].Type.Target);
        Assert.Equal(2, merged.Find("late", BtfKind.Enum).Count);
        Assert.Equal(merged.Find("late", BtfKind.Enum), s.Members[2].Type.Target);
        Assert.Single(merged.FindAll("u").ToList(), t => t.Kind == BtfKind.Union);
        Assert.Single(merged.FindAll("int").ToList());
        Assert.Equal(BtfKind.Forward, Assert.Single(merged.FindAll("only_declared").ToList()).Kind);
        Assert.Equal(2, merged.FindAll("differs").ToList().Count);
    }

    [Fact]
    public void A_second_time_changes_nothing_and_the_same_unit_twice_is_once()
    {
        var once = Merge(out _, One);
        var again = BtfBuilder.CopyOf(once).Deduplicate(out uint[] same).Build();
        Assert.Equal(once.RawData.ToArray(), again.RawData.ToArray());
        Assert.Equal(Enumerable.Range(1, same.Length).Select(i => (uint)i), same);

        var twice = Merge(out uint[] ids, One, One);
        int variables = once.Types.Count(t => t.Kind is BtfKind.Variable or BtfKind.DataSection);
        Assert.Equal(once.TypeCount + variables, twice.TypeCount);
        for (int i = 0; i < ids.Length / 2; i++)
        {
            BtfType first = twice[ids[i]], second = twice[ids[i + ids.Length / 2]];
            if (first.Kind is not (BtfKind.Variable or BtfKind.DataSection)) Assert.Equal(first, second);
        }
    }

    [Fact]
    public void Split_types_use_what_their_base_has()
    {
        var vmlinux = Merge(out _, One, Two);
        BtfBuilder module = new(vmlinux);
        module.AddAll(Clang.Compile("""
            struct a { int x; struct a *self; struct s *parent; }; struct s;
            struct fresh { struct a *a; unsigned short n; }; struct fresh f;
            """).Spec);
        var spec = module.Deduplicate(out _).Build("module");
        spec.Validate();
        Assert.Same(vmlinux, spec.Find("a", BtfKind.Struct).Spec);
        var fresh = spec.Find("fresh", BtfKind.Struct);
        Assert.Same(spec, fresh.Spec);
        Assert.Equal(vmlinux.Find("a", BtfKind.Struct), fresh.Members[0].Type.Target);
        Assert.DoesNotContain(spec.OwnTypes, t => t.Name is "a" or "int" or "s");
    }

    [Fact]
    public void Circles_without_a_struct_are_refused()
    {
        BtfBuilder b = new();
        uint t = b.AddTypedef("t", 2);
        b.AddPointer(t);
        Assert.Throws<BpfFormatException>(() => b.Deduplicate(out _));
        BtfBuilder c = new();
        c.AddPointer(77);
        Assert.Throws<BpfFormatException>(() => c.Deduplicate(out _));
    }

    [Fact]
    public void Damaged_types_end_in_an_error_or_in_types()
    {
        byte[] good = Clang.Compile(One).Spec.RawData.ToArray();
        var random = new Random(6);
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[random.Next(24, good.Length)] = (byte)random.Next(256);
            try
            {
                BtfBuilder b = new();
                b.AddAll(BtfSpec.Parse(good));
                b.AddAll(BtfSpec.Parse(bad));
                b.Deduplicate(out _);
            }
            catch (BpfFormatException) { }
        }
    }
}
