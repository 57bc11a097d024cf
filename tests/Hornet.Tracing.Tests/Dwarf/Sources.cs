namespace Hornet.Tracing.Tests.Dwarf;

/// <summary>Programs with something of everything.</summary>
internal static class Sources
{
    public const string C = """
        typedef unsigned long word;
        enum color { RED, GREEN = 5, BLUE = -3 };
        enum big { HUGE_VALUE = 0x100000000ULL };
        struct node;
        union number { int i; float f; unsigned char bytes[8]; };
        struct foo {
            int a;
            char name[10];
            unsigned low : 3, high : 7;
            struct { short inner; union { int left; unsigned right; }; };
            enum color color;
            struct node *next;
            union number number;
            int grid[3][4];
            int (*callback)(struct foo *, const char *, ...);
            volatile const word flags;
            _Bool yes;
            double real;
        };
        struct node { struct foo foo; struct node *next; };
        struct pair { long x, y; };
        struct mixed { double d; int i; };
        struct large { char bytes[40]; };
        int total;

        static inline __attribute__((always_inline)) int twice(int value) { total += value; return value * 2; }
        __attribute__((noinline)) int simple(int number, const char *text, struct foo *foo, char letter) { total++; return twice(number) + text[0] + foo->a + letter; }
        __attribute__((noinline)) int places(float f, int a, struct pair pair, double d, struct mixed mixed, struct large large, __int128 wide, int last)
        { return (int)f + a + (int)pair.x + (int)d + mixed.i + large.bytes[1] + (int)wide + last; }
        __attribute__((noinline)) struct large hidden(int first) { struct large l = { { (char)first } }; total++; return l; }
        __attribute__((noinline)) void nothing(void) { total = 0; }
        __attribute__((noinline)) int many(const char *format, ...) { return format[0] + total; }
        static __attribute__((noinline)) long local(struct node *node, enum big big) { return node->foo.a + (long)big; }

        int main(int argc, char **argv)
        {
            struct node node = { { argc } };
            struct pair pair = { 1, 2 };
            struct mixed mixed = { 1, 2 };
            struct large large = hidden(argc);
            nothing();
            return simple(argc, argv[0], &node.foo, 'x') + places(1, 2, pair, 3, mixed, large, 4, 5) + twice(argc + 1) + many("x") + (int)local(&node, HUGE_VALUE);
        }
        """;

    public const string Cpp = """
        namespace outer { namespace inner {
            struct Base { int base_field; virtual ~Base(); virtual int run(int) { return base_field; } };
            Base::~Base() {}
            struct Plain { long p; };
            class Derived : public Plain, public Base {
            public:
                static int shared;
                enum class Mode : unsigned char { Off, On = 200 };
                struct Nested { char c; };
                Mode mode; Nested nested; int &reference; int own;
                Derived(int &r) : mode(Mode::On), reference(r), own(7) {}
                int method(int a, const Plain &b) const;
                int run(int x) override { return own + x; }
            };
            int Derived::shared = 3;
            __attribute__((noinline)) int Derived::method(int a, const Plain &b) const { return own + a + (int)b.p; }
            template <class T, int N> struct Box { T items[N]; };
            template <class T> __attribute__((noinline)) T largest(T a, T b) { return a > b ? a : b; }
            __attribute__((noinline)) int overload(int a) { return a; }
            __attribute__((noinline)) int overload(double a) { return (int)a; }
            __attribute__((noinline)) int take(Base by_reference, Plain by_value, Box<short, 3> *box) { return by_reference.base_field + (int)by_value.p + box->items[0]; }
        } }
        int main(int argc, char **)
        {
            using namespace outer::inner;
            int x = argc; Plain p = { 1 }; Derived d(x); Box<short, 3> box = { { 1, 2, 3 } };
            auto lambda = [&](int y) __attribute__((noinline)) { return x + y; };
            return d.method(1, p) + largest<int>(x, 2) + (int)largest(1.0, 2.0) + overload(1) + overload(1.0) + take(d, p, &box) + lambda(3) + d.run(1);
        }
        """;
}
