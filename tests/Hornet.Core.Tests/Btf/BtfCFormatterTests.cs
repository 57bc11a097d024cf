using System.Text;
using Hornet.Btf;

namespace Hornet.Core.Tests.Btf;

public class BtfCFormatterTests
{
    [Fact]
    public void Names_that_are_no_C_cannot_become_C()
    {
        BtfBuilder b = new();
        uint n = b.AddInt("int; evil()\n", 4), empty = b.AddInt("", 4);
        uint tagged = b.AddPointer(b.AddTypeTag("a\"b\n\\", n)), attribute = b.AddPointer(b.AddTypeTag("x)) evil((", n, attribute: true));
        uint address = b.AddPointer(b.AddTypeTag("address_space(1)", n, attribute: true));
        uint function = b.AddFunction("f(void); int g", b.AddPrototype(n));
        uint all = b.AddStruct("s", 32, new("a", tagged, 0), new("b", attribute, 64), new("c", address, 128), new("d", empty, 192));
        var spec = b.Build();
        Assert.Equal("int_ evil___ f_void___int_g(void)", BtfCFormatter.FunctionDeclaration(spec[function]));
        StringWriter text = new();
        BtfCFormatter.Write([spec[all]], text, new BtfCOptions { TypeTags = true });
        Assert.Contains("\t__attribute__((btf_type_tag(\"a\\042b\\012\\134\"))) int_ evil___ *a;", text.ToString());
        Assert.Contains("\tint_ evil___ *b;", text.ToString());
        Assert.Contains("\t__attribute__((address_space(1))) int_ evil___ *c;", text.ToString());
        Assert.Contains("\t_ d;", text.ToString());
    }

    private const string Source = """
        typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64;
        typedef struct list list_t;
        struct list { list_t *next, **prev; };
        struct packed { char a; int b; u64 c[3]; } __attribute__((packed));
        struct half { char a; struct packed p; int x __attribute__((aligned(32))); };
        struct bits { u32 a : 3; u32 : 5; u32 b : 20; u64 c : 40; u8 d : 2; enum { P, Q } e : 2; int : 0; char tail; } ;
        struct packedbits { u32 a : 30; u32 b : 30; char c; } __attribute__((packed));
        union un { int i; struct { short s; u8 b[5]; }; double d; } ;
        struct nest { union { int one; struct { char two; u64 three; }; }; struct { int q; } named[3]; };
        enum color { RED = -1, GREEN = 5 }; enum big { BIG = 0x123456789ULL }; enum { LOOSE = 77 };
        enum small { S1, S2 } __attribute__((packed));
        typedef int (*callback_t)(struct later *l, const char *fmt, ...);
        struct later { callback_t cb; void (*handlers[4])(enum color, union un *); const char *const names[2]; int (*matrix)[3]; volatile u32 v; enum small sm; enum big bg; };
        struct flex { int n; struct later items[]; };
        struct cache { int a; } __attribute__((aligned(64)));
        struct uses { struct cache c; int *restrict r; char end; };
        union padded { int i; } __attribute__((aligned(16)));
        struct uses_padded { char c; union padded p; };
        struct fwd; struct has_fwd { struct fwd *f; };
        typedef struct { int anon; } anon_t; typedef anon_t anon_array[2];
        struct half h; struct bits b; struct packedbits pb; struct nest n; struct flex *f; struct uses u; struct uses_padded up; struct has_fwd hf; anon_array aa; struct packed pk; int loose = LOOSE;
        """;

    [Fact]
    public void What_is_written_compiles_and_has_the_same_layout()
    {
        var (spec, _) = Clang.Compile(Source);
        string header = Header(spec);
        StringBuilder check = new(header);
        foreach (var type in spec.Types.Where(t => t.IsComposite && !t.IsAnonymous))
        {
            string name = $"{(type.Kind == BtfKind.Union ? "union" : "struct")} {type.Name}";
            check.Append($"_Static_assert(sizeof({name}) == {type.Size}, \"size of {name}\");\n");
            foreach (var m in type.Members.Where(m => m.Name != "" && m.BitfieldSize == 0))
                check.Append($"_Static_assert(__builtin_offsetof({name}, {m.Name}) == {m.ByteOffset}, \"{name}.{m.Name}\");\n");
        }
        Assert.Null(Clang.Check(check.ToString(), "-Werror", "-Wno-gnu"));

        // And back through the compiler: bitfields too are where they were.
        var (again, _) = Clang.Compile("#define BPF_NO_PRESERVE_ACCESS_INDEX\n" + header + string.Join('\n', spec.Types.Where(t => t.Kind == BtfKind.Struct && !t.IsAnonymous).Select(t => $"struct {t.Name} *use_{t.Id};")));
        foreach (var type in spec.Types.Where(t => t.IsComposite && !t.IsAnonymous && t.Kind == BtfKind.Struct))
        {
            var copy = again.Find(type.Name, type.Kind);
            Assert.Equal(type.Members.Select(m => (m.Name, m.BitOffset, m.BitfieldSize)).ToList(), copy.Members.Where(m => m.Name != "" || m.Type.IsComposite).Select(m => (m.Name, m.BitOffset, m.BitfieldSize)).ToList());
        }
    }

    [Fact]
    public void A_declaration_reads_as_a_programmer_would_write_it()
    {
        var (spec, _) = Clang.Compile(Source);
        var later = spec.Find("later", BtfKind.Struct);
        Assert.Equal("""
            struct later {
            	callback_t cb;
            	void (*handlers[4])(enum color, union un *);
            	const char *const names[2];
            	int (*matrix)[3];
            	volatile u32 v;
            	enum small sm;
            	enum big bg;
            }
            """, BtfCFormatter.Definition(later));
        Assert.Equal("typedef int (*callback_t)(struct later *, const char *, ...)", BtfCFormatter.Definition(spec.Find("callback_t", BtfKind.Typedef)));
        Assert.Equal("const char *const *", BtfCFormatter.TypeName(later.Members[2].Type).Replace("[2]", "*"));
        Assert.Equal("volatile u32 x", BtfCFormatter.Declaration(later.Members[4].Type, "x"));
        Assert.Contains("GREEN = 5,", BtfCFormatter.Definition(spec.Find("color", BtfKind.Enum)));
    }

    [Fact]
    public void Types_of_one_name_are_told_apart_by_a_flavor()
    {
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint one = b.AddStruct("s", 4, new BtfMemberDefinition("a", i, 0));
        uint two = b.AddStruct("s", 8, new("a", i, 0), new("b", i, 32));
        b.AddUnion("s", 4, new BtfMemberDefinition("u", i, 0));
        b.AddEnum("e", 4, false, ("X", 1));
        b.AddEnum("f", 4, false, ("X", 2));
        b.AddTypedef("X", i);
        b.AddForward("s");
        b.AddStruct("core::fmt::Rust<T>", 16, new("p1", b.AddPointer(one), 0), new("0", b.AddPointer(two), 64));
        string header = Header(b.Build());
        Assert.Contains("struct s {", header);
        Assert.Contains("struct s___2 {", header);
        Assert.Contains("union s___3 {", header);
        Assert.Contains("X___2 = 2", header);
        Assert.Contains("typedef int X___3;", header);
        Assert.Contains("struct core__fmt__Rust_T_ {", header);
        Assert.Contains("struct s___2 *_0;", header);
        Assert.Null(Clang.Check(header, "-Werror"));
    }

    [Fact]
    public void A_nameless_member_of_a_named_type_is_written_out()
    {
        // C has it with -fms-extensions only, with which kernels since 6.19 are built.
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint tag = b.AddStruct("tag", 8, new("a", i, 0), new("b", i, 32));
        uint either = b.AddTypedef("either_t", b.AddUnion("either", 4, new("c", i, 0), new("d", i, 0)));
        b.AddStruct("outer", 20, new("first", i, 0), new("", tag, 32), new("", b.AddQualifier(BtfKind.Const, either), 96), new("named", i, 128));
        string header = Header(b.Build());
        Assert.Contains("struct tag {", header);
        Assert.Null(Clang.Check(header + "int use(struct outer *o) { return o->a + o->d; } _Static_assert(__builtin_offsetof(struct outer, b) == 8 && __builtin_offsetof(struct outer, d) == 12 && sizeof(struct outer) == 20, \"\");", "-Werror", "-Wno-gnu"));
    }

    [Fact]
    public void Only_what_a_root_needs_is_written()
    {
        var (spec, _) = Clang.Compile(Source);
        using StringWriter writer = new();
        BtfCFormatter.Write([spec.Find("has_fwd", BtfKind.Struct)], writer);
        Assert.Equal("struct fwd;\n\nstruct has_fwd {\n\tstruct fwd *f;\n};\n\n", writer.ToString());
    }

    [Fact]
    public void Damaged_types_end_in_an_error_or_in_text()
    {
        var (spec, _) = Clang.Compile(Source);
        byte[] good = spec.RawData.ToArray();
        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[random.Next(24, good.Length)] = (byte)random.Next(256);
            try { Header(BtfSpec.Parse(bad)); }
            catch (BpfFormatException) { refused++; }
        }
        Assert.InRange(refused, 50, 1000);
    }

    private static string Header(BtfSpec spec)
    {
        using StringWriter writer = new();
        BtfCFormatter.WriteHeader(spec, writer);
        return writer.ToString();
    }
}
