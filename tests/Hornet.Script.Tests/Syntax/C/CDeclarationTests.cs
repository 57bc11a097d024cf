using Hornet.Script.Types;

namespace Hornet.Script.Tests.Syntax.C;

public class CDeclarationTests
{
    // What gcc 12 says about the same structs (sizeof, _Alignof, offsetof; bitfields by setting their bits).
    [Theory]
    [InlineData("struct s { char a; int b; short c; long d; };", "24/8 a@0:int8 b@4:int32 c@8:int16 d@16:int64")]
    [InlineData("struct s { char a; int b; } __attribute__((packed));", "5/1 a@0:int8 b@1:int32")]
    [InlineData("struct __attribute__((packed)) s { char a; int b; };", "5/1 a@0:int8 b@1:int32")]
    [InlineData("struct s { char a; int b __attribute__((packed)); };", "5/1 a@0:int8 b@1:int32")]
    [InlineData("struct s { char a; int b; } __attribute__((packed, aligned(4)));", "8/4 a@0:int8 b@1:int32")]
    [InlineData("struct s { char a; char b __attribute__((aligned(8))); };", "16/8 a@0:int8 b@8:int8")]
    [InlineData("struct s { char a; _Alignas(16) char b; };", "32/16 a@0:int8 b@16:int8")]
    [InlineData("struct s { int a; } __attribute__((aligned));", "16/16 a@0:int32")]
    [InlineData("struct s { unsigned a : 3, b : 5, c : 30; };", "8/4 a@0+0:3 b@0+3:5 c@4+0:30")]
    [InlineData("struct s { unsigned char a; unsigned b : 8; unsigned c : 17; };", "8/4 a@0:uint8 b@0+8:8 c@4+0:17")]
    [InlineData("struct s { unsigned a : 3; unsigned : 0; unsigned b : 2; };", "8/4 a@0+0:3 b@4+0:2")]
    [InlineData("struct s { unsigned a : 3; unsigned : 5; unsigned b : 2; };", "4/4 a@0+0:3 b@0+8:2")]
    [InlineData("struct s { char a : 3; int : 20; char b : 2; };", "4/1 a@0+0:3 b@3+0:2")]
    [InlineData("struct s { unsigned a : 7; unsigned b : 30; } __attribute__((packed));", "5/1 a@0+0:7 b@0+7:30")]
    [InlineData("struct s { long a : 40; int b : 20; int c : 10; };", "16/8 a@0+0:40 b@4+8:20 c@8+0:10")]
    [InlineData("struct s { unsigned long long a : 1; unsigned long long b : 63; };", "8/8 a@0+0:1 b@0+1:63")]
    [InlineData("struct s { short a : 9; char b : 7; _Bool c : 1; };", "4/2 a@0+0:9 b@1+1:7 c@2+0:1")]
    [InlineData("union s { char a; int b; long c[3]; };", "24/8 a@0:int8 b@0:int32 c@0:int64[3]")]
    [InlineData("struct s { union { int a; long b; }; struct { char c; }; };", "16/8 @0:{8/8 a@0:int32 b@0:int64} @8:{1/1 c@0:int8}")]
    [InlineData("struct s { struct { int x; } in[2]; int n[2][3]; };", "32/4 in@0:struct <anonymous>[2] n@8:int32[3][2]")]
    [InlineData("struct s { char name[16]; unsigned char raw[4]; signed char sc[2]; };", "22/1 name@0:string[16] raw@16:uint8[4] sc@20:int8[2]")]
    [InlineData("struct s { int n; char data[]; };", "4/4 n@0:int32 data@4:string[0]")]
    [InlineData("struct s { int n; long data[0]; };", "8/8 n@0:int32 data@8:int64[0]")]
    [InlineData("struct s { void *p; const char *s; int (*f)(int, char *); int *a[2]; int (*pa)[2]; };", "48/8 p@0:void * s@8:int8 * f@16:void * a@24:int32 *[2] pa@40:int32[2] *")]
    [InlineData("struct s { struct s *next; struct t *other; };", "16/8 next@0:struct s * other@8:struct t *")]
    [InlineData("struct s { unsigned u; long unsigned int lu; short int si; unsigned char uc; long long ll; signed s2; };", "40/8 u@0:uint32 lu@8:uint64 si@16:int16 uc@18:uint8 ll@24:int64 s2@32:int32")]
    [InlineData("struct s { _Bool b; float f; double d; long double ld; __int128 i; };", "48/16 b@0:bool f@4:none d@8:none ld@16:none i@32:none")]
    [InlineData("struct s { uint8_t a; __u16 b; u32 c; size_t d; bool e; };", "24/8 a@0:uint8 b@2:uint16 c@4:uint32 d@8:uint64 e@16:bool")]
    [InlineData("enum e { A, B = 5, C }; struct s { enum e e; int x[C]; };", "28/4 e@0:enum e x@4:int32[6]")]
    [InlineData("enum e { A = 200 } __attribute__((packed)); struct s { enum e e; };", "1/1 e@0:enum e")]
    [InlineData("enum e { A = 1, B = 0x100000000 }; struct s { enum e e; };", "8/8 e@0:enum e")]
    [InlineData("typedef int five[5]; typedef struct { five f; } t; struct s { t t; };", "20/4 t@0:t")]
    [InlineData("typedef int aligned_int __attribute__((aligned(8))); struct s { char c; aligned_int i; };", "16/8 c@0:int8 i@8:int32")]
    [InlineData("typedef int di __attribute__((mode(DI))); struct s { di d; };", "8/8 d@0:int64")]
    [InlineData("#pragma pack(push, 2)\nstruct s { char a; long b; };", "10/2 a@0:int8 b@2:int64")]
    [InlineData("#pragma pack(1)\nstruct t { char a; int b; };\n#pragma pack()\nstruct s { char a; int b; };", "8/4 a@0:int8 b@4:int32")]
    [InlineData("struct t { char a; long b; }; struct s { char x[sizeof(struct t)]; char y[__builtin_offsetof(struct t, b) + _Alignof(long)]; };", "32/1 x@0:string[16] y@16:string[16]")]
    [InlineData("struct s { volatile const int a; int *const restrict b; __extension__ struct { int q; }; _Static_assert(1, \"x\"); };", "24/8 a@0:int32 b@8:int32 * @16:{4/4 q@0:int32}")]
    [InlineData("struct s { int x[1 << 2 | 1], y, *z; };", "32/8 x@0:int32[5] y@20:int32 z@24:int32 *")]
    [InlineData("struct s { __typeof__(long) a; typeof(char *) b; _Atomic int c; _Atomic(short) d; };", "24/8 a@0:int64 b@8:int8 * c@16:int32 d@20:int16")]
    public void Structs_are_laid_out_as_gcc_does(string c, string layout) =>
        Assert.Equal(layout, new ReadC(c).Layout(c.StartsWith("union s", StringComparison.Ordinal) ? "union s" : "struct s"));

    [Theory]
    [InlineData("enum e { A, B = 5, C, D = -1, E };", "A=0 B=5 C=6 D=-1 E=0 int32")]
    [InlineData("enum e { A = 'x', B = 1 ? 2 : 3, C = A + B };", "A=120 B=2 C=122 uint32")]
    [InlineData("enum e { A = 0xffffffff };", "A=4294967295 uint32")]
    [InlineData("enum e { A = -1L, B = 0x80000000 };", "A=-1 B=2147483648 int64")]
    [InlineData("enum e : unsigned char { A = 3, };", "A=3 uint8")]
    [InlineData("enum e { A = (int)3.0 > 2, B = sizeof(int) };", "error")]
    public void Enums_have_values_and_a_size(string c, string expected)
    {
        ReadC read = new(c);
        if (expected == "error")
        {
            Assert.NotEqual("", read.Errors);
            return;
        }
        var info = Assert.IsType<EnumType>(read.Type("enum e")).Info;
        Assert.Equal(expected, string.Join(' ', info.Values.Select(v => $"{v.Name}={v.Value}")) + $" {(info.IsSigned ? "" : "u")}int{info.Bits}");
        foreach (var (name, value) in info.Values) Assert.Equal(value.ToString(), read.Constant(name).TrimEnd('u'));
    }

    [Theory]
    [InlineData("#define A 5", "5")]
    [InlineData("#define A 0x10UL", "16u")]
    [InlineData("#define A (1 << 3) + B\n#define B 2", "10")]
    [InlineData("#define A -1", "-1")]
    [InlineData("#define A ((unsigned char)300)", "44")]
    [InlineData("#define A sizeof(struct s)\nstruct s { long x; }", "8u")]
    [InlineData("#define A offsetof(struct s, y.z)\nstruct s { long x; struct { int w, z; } y; }", "12u")]
    [InlineData("#define A \"one\" \" two\\n\"", "\"one two\n\"")]
    [InlineData("#define A (\"x\")", "\"x\"")]
    [InlineData("#define A 1 << 31", "-2147483648")]
    [InlineData("#define A 1u << 31", "2147483648")]
    [InlineData("#define A ~0U", "4294967295")]
    [InlineData("#define A ~0xffffUL & 0xf000f0000", "64425492480u")]
    [InlineData("#define A 0x80000000 >> 31 == 1 && -1 > 0u && -1 < 0L", "1")]
    [InlineData("#define A 1 ? -1 : 0u", "4294967295")]
    [InlineData("#define A 'a'", "97")]
    [InlineData("#define A E + 1\nenum e { D, E };", "2")]
    [InlineData("#define A", "none")]
    [InlineData("#define A x y", "none")]
    [InlineData("#define A(x) 5", "none")]
    [InlineData("#define A A", "none")]
    [InlineData("#define A 1 / 0", "none")]
    [InlineData("#define A 5\n#undef A", "none")]
    [InlineData("#define F(x, y) x * 10 + y\n#define A F(1, F(2, 3))", "33")]
    [InlineData("#define CAT(a, b) a ## b\n#define A CAT(1, 2)", "12")]
    [InlineData("#define STR(x) #x\n#define A STR(a  \"b\\n\" + c)", "\"a \"b\\n\" + c\"")]
    [InlineData("#define XCAT(a, b) CAT(a, b)\n#define CAT(a, b) a ## b\n#define ONE 1\n#define A XCAT(ONE, ONE)", "11")]
    [InlineData("#define V(f, ...) f(0, ## __VA_ARGS__)\n#define S(...) sizeof(#__VA_ARGS__) == 0 ? 1 : 7\n#define G(a, ...) a __VA_OPT__(+ 5)\n#define A G(1, 2) * 2 + G(3)", "14")]
    [InlineData("#define EMPTY\n#define A EMPTY 4 EMPTY", "4")]
    [InlineData("#define A __CHAR_BIT__ * __SIZEOF_LONG__", "64")]
    [InlineData("#define A 1 \\\n + 2", "3")]
    [InlineData("#define A 4 /* comment */ // more", "4")]
    public void Macros_are_constants_where_they_can_be(string c, string expected)
    {
        ReadC read = new(c);
        Assert.Equal("", read.Errors);
        Assert.Equal(expected, read.Constant("A"));
    }

    [Fact]
    public void Macros_keep_their_text()
    {
        ReadC read = new("#define A  x + \"y\"\n#define F(a, b...) a  b");
        Assert.Equal("x + \"y\"", read.Declarations.Macros["A"].Body);
        Assert.Null(read.Declarations.Macros["A"].Parameters);
        Assert.Equal(["a", "b"], read.Declarations.Macros["F"].Parameters);
        Assert.True(read.Declarations.Macros["F"].IsVariadic);
        Assert.True(read.Declarations.Macros["__x86_64__"].IsPredefined);
    }

    [Fact]
    public void What_the_script_does_not_declare_comes_from_elsewhere()
    {
        var task = new CompositeType(new CompositeTypeInfo("struct task", false, 24, () => [new CompositeField("pid", IntegerType.Int32, 0)]) { Alignment = 8 });
        ReadC read = new("struct s { char c; struct task t; struct task *p; odd_t o; struct none *q; }", null, name => name switch
        {
            "struct task" => task,
            "odd_t" => IntegerType.UInt16,
            _ => null,
        });
        Assert.Equal("56/8 c@0:int8 t@8:struct task p@32:struct task * o@40:uint16 q@48:struct none *", read.Layout("struct s"));
        Assert.Same(task.Info, ((CompositeType)((PointerType)read.Composite("struct s").Fields[2].Type).Target).Info);
        Assert.True(((CompositeType)((PointerType)read.Composite("struct s").Fields[4].Type).Target).Info.IsIncomplete);
        // Who only names a type leaves it to the other source.
        Assert.False(read.Declarations.TryFindType("struct task", out _));
        Assert.False(read.Declarations.TryFindType("struct none", out _));
    }

    [Fact]
    public void A_struct_does_not_contain_the_kernel_s_of_its_name()
    {
        CompositeType task = new(new CompositeTypeInfo("struct task", false, 24, () => []));
        Assert.Equal("1:27-28 field 't' has incomplete type 'struct task'", new ReadC("struct task { struct task t; };", null, _ => task).Errors);
    }

    [Theory]
    [InlineData("struct s { foo_t x; };", "1:12-17 unknown type name 'foo_t'")]
    [InlineData("struct s { struct t x; };", "1:21-22 field 'x' has incomplete type 'struct t'")]
    [InlineData("struct s { int x };", "")]
    [InlineData("struct s { int x y; };", "1:18-19 expected ';' after a member, found 'y'")]
    [InlineData("struct s { int x : 40; };", "1:20-22 width of bit-field 'x' is no constant its type can hold")]
    [InlineData("struct s { int x[n]; };", "1:18-19 the length of an array is not an integer constant")]
    [InlineData("struct s { int x[-1]; };", "1:18-19 the length of an array is not an integer constant")]
    [InlineData("struct s { long x[0x7fffffffffff]; };", "1:34-35 an array of 140737488355327 elements is too large")]
    [InlineData("struct s { int; ; int x; 5 y; int z; };", "1:26-27 expected a type, found '5'")]
    [InlineData("struct s { int x; }; struct s { int y; };", "1:22-28 redefinition of 's'")]
    [InlineData("struct s { struct s { int x; } y; };", "1:12-18 redefinition of 's'")]
    [InlineData("struct s { struct s x; };", "1:21-22 field 'x' has incomplete type 'struct s'")]
    [InlineData("struct s { int x; ", "1:19-19 expected '}'")]
    [InlineData("enum e { A = x };", "1:14-15 the value of enumerator 'A' is not an integer constant")]
    [InlineData("struct s { _Static_assert(sizeof(int) == 8, \"no\"); int x; };", "1:12-26 static assertion failed: no")]
    [InlineData("#include <nowhere.h>", "1:1-21 'nowhere.h' file not found")]
    [InlineData("#include nowhere", "1:1-17 expected \"FILENAME\" or <FILENAME>")]
    [InlineData("#error this is \"wrong\"", "1:1-23 #error this is \"wrong\"")]
    [InlineData("#if 1\nstruct s { int x; };", "1:1-4 unterminated conditional directive")]
    [InlineData("#endif", "1:1-7 #endif without #if")]
    [InlineData("#if 1\n#else\n#else\n#endif", "3:1-6 #else after #else")]
    [InlineData("#if\n#endif", "1:1-4 #if with no expression")]
    [InlineData("#if 1 +\n#endif", "1:5-8 expression is not an integer constant expression")]
    [InlineData("#if 1 2\n#endif", "1:5-8 invalid token in the expression: '2'")]
    [InlineData("#define 5", "1:9-10 macro name must be an identifier")]
    [InlineData("#define F(a", "1:11-12 invalid parameter list of a macro")]
    [InlineData("#define A ## b", "1:11-15 '##' cannot be at either end of a macro expansion")]
    [InlineData("#foo", "1:1-5 invalid preprocessing directive #foo")]
    [InlineData("#define T foo_t\nstruct s { T x; };", "2:12-13 unknown type name 'foo_t'")]
    public void Errors_have_their_place(string c, string errors) => Assert.Equal(errors, new ReadC(c).Errors);
}
