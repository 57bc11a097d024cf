using Hornet.Btf;
using Hornet.Isa;

namespace Hornet.Core.Tests.Btf;

public class CoreRelocatorTests
{
    // What a program asks of 'struct s', in the kinds' own numbers.
    private const string Ask = """
        #define offset(x) __builtin_preserve_field_info(x, 0)
        #define size(x) __builtin_preserve_field_info(x, 1)
        #define exists(x) __builtin_preserve_field_info(x, 2)
        #define issigned(x) __builtin_preserve_field_info(x, 3)
        #define lshift(x) __builtin_preserve_field_info(x, 4)
        #define rshift(x) __builtin_preserve_field_info(x, 5)
        #define local_id(t) __builtin_btf_type_id(*(t *)0, 0)
        #define target_id(t) __builtin_btf_type_id(*(t *)0, 1)
        #define type_exists(t) __builtin_preserve_type_info(*(t *)0, 0)
        #define type_size(t) __builtin_preserve_type_info(*(t *)0, 1)
        #define value_exists(t, v) __builtin_preserve_enum_value(*(t *)v, 0)
        #define value(t, v) __builtin_preserve_enum_value(*(t *)v, 1)
        #define CORE __attribute__((preserve_access_index))
        #define PROG __attribute__((section("xdp"), used)) long prog
        typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
        volatile long out;

        """;

    /// <summary>Solves a program's relocations against a target given in C, and applies them. The values are in order of the code.</summary>
    private static (List<CoreFixup> Fixups, List<Instruction> Code) Solve(string program, string target, bool bigEndian = false)
    {
        var (local, relocations, code) = Clang.CompileProgram(Ask + program, bigEndian: bigEndian);
        var (spec, _) = Clang.Compile(target, bigEndian);
        var fixups = new CoreRelocator(local, spec).Solve(relocations).OrderBy(f => f.Relocation.InstructionOffset).ToList();
        CoreFixup.ApplyAll(code, fixups);
        return (fixups, code);
    }

    private static ulong?[] Values(string program, string target, bool bigEndian = false) =>
        [.. Solve(program, target, bigEndian).Fixups.Select(f => f.IsPoisoned ? (ulong?)null : f.Value)];

    [Fact]
    public void A_member_is_found_where_the_target_has_it()
    {
        var (fixups, code) = Solve("""
            struct in { int x; int y[4]; } CORE;
            struct s { char a; struct in in[3]; struct { int deep; }; int tail[]; } CORE;
            PROG(struct s *s) { out = s->a; out = s->in[1].y[2]; out = s->deep; out = s->tail[5]; return 0; }
            """, """
            struct in { long pad; int y[10]; int x; };
            struct s { int tail0; union { long u; struct { long z; union { int deep; }; }; }; struct in in[3]; char a; int tail[0]; };
            struct s s;
            """);
        // in: 8 + 40 + 4 → 56; s: tail0 0, union 8..24, in 24..192, a 192, tail 196.
        Assert.Equal([192ul, 24 + 56 + 8 + 8, 16, 196 + 20], fixups.Select(f => f.Value));
        Assert.Equal([192, 96, 16, 216], code.Where(i => i.Class == InstructionClass.Ldx && i.Src == Register.R1).Select(i => (int)i.Offset));
        Assert.Equal("<byte_off> [" + fixups[1].Relocation.TypeId + "] struct s.in[1].y[2] (0:1:1:1:2 @ offset 36)", fixups[1].ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Size_sign_and_existence_are_the_targets(bool bigEndian)
    {
        Assert.Equal([8ul, 1, 1, 0, 8 * 7, 8 * 7, 40, 0], Values("""
            struct s { u32 a; int b; char c; int gone; } CORE;
            PROG(struct s *s) {
              out = size(s->a); out = issigned(s->a); out = exists(s->a); out = exists(s->gone);
              out = lshift(s->c) + 0; out = rshift(s->c); out = offset(s->b); out = issigned(s->b); return 0; }
            """, """
            typedef long long s64; struct s { long pad[4]; s64 a; unsigned b; char c; }; struct s s;
            """, bigEndian).Select(v => v ?? 0).ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bitfield_is_read_by_the_smallest_aligned_word_that_holds_it(bool bigEndian)
    {
        // In the target: flag at bits 3..7 of an int at 4, wide at bits 8..40 of a long at 8.
        ulong?[] values = Values("""
            struct s { u32 flag : 3; u64 wide : 20; } CORE;
            PROG(struct s *s) {
              out = offset(s->flag); out = size(s->flag); out = lshift(s->flag); out = rshift(s->flag); out = issigned(s->flag);
              out = offset(s->wide); out = size(s->wide); out = lshift(s->wide); out = rshift(s->wide); return 0; }
            """, """
            struct s { int pad; int before : 3; int flag : 5; long : 0; unsigned long a : 8; unsigned long wide : 33; }; struct s s;
            """, bigEndian);
        Assert.Equal(bigEndian
            ? [4, 4, 32 + 3, 64 - 5, 1, 8, 8, 8, 64 - 33]
            : [4, 4, 64 - 8, 64 - 5, 1, 8, 8, 64 - 41, 64 - 33], values);
    }

    [Fact]
    public void Types_are_found_by_name_without_flavor_and_kind()
    {
        var (fixups, _) = Solve("""
            struct s___mine { int x; }; struct gone { int x; }; typedef struct { int a; } t; union u { int x; }; enum e { E };
            struct fw;
            PROG(void *c) {
              out = local_id(struct s___mine); out = target_id(struct s___mine); out = type_exists(struct s___mine); out = type_size(struct s___mine);
              out = type_exists(struct gone); out = type_size(struct gone); out = target_id(struct gone);
              out = type_exists(t); out = type_exists(union u); out = type_exists(enum e); return 0; }
            """, """
            struct s { long x[5]; }; typedef struct { long q; } t; struct u { int x; }; enum e { F };
            struct s s; t tt; struct u u; enum e e;
            """);
        ulong local = fixups[0].Value, target = fixups[1].Value;
        Assert.Equal("s___mine", Name(fixups[0]));
        Assert.NotEqual(0ul, target);
        Assert.Equal("s", fixups[1].TargetType!.Value.Name);
        Assert.Equal([local, target, 1ul, 40, 0, 0, 0, 1, 0, 1], fixups.Select(f => f.Value));
        Assert.DoesNotContain(fixups, f => f.IsPoisoned);

        static string Name(CoreFixup f) => f.ToString().Split(' ')[^1];
    }

    [Fact]
    public void Enumeration_values_are_found_by_name_in_either_width()
    {
        var (fixups, code) = Solve("""
            enum e { A = 1, B = 2, C___old = 3, NEG = -5, GONE = 9 };
            typedef enum { T = 7 } t;
            PROG(void *c) {
              out = value(enum e, A); out = value(enum e, B); out = value(enum e, C___old); out = value(enum e, NEG);
              out = value_exists(enum e, A); out = value_exists(enum e, GONE); out = value(t, T);
              if (value_exists(enum e, GONE)) out = value(enum e, GONE);
              return 0; }
            """, """
            enum e { A = 10, B = 20, C = 30, NEG = -50 }; typedef enum { T = 70 } t; enum e e; t tt;
            """);
        Assert.Equal([10ul, 20, 30, unchecked((ulong)-50), 1, 0, 70, 0], fixups.Select(f => f.Value).Take(8).ToArray());
        var poisoned = Assert.Single(fixups, f => f.IsPoisoned);
        Assert.Matches(@"^<enumval_value> \[\d+\] enum e::GONE = 9$", poisoned.ToString());
        // The 64-bit load of the value became two calls, so that every jump still leads where it did.
        Assert.Equal(2, code.Count(i => i.Opcode == 0x85 && i.Constant == CoreFixup.PoisonHelper));
    }

    [Fact]
    public void A_64_bit_value_reaches_its_instruction_whole()
    {
        BtfBuilder local = new(), target = new();
        uint e = local.AddEnum("e", 4, false, ("BIG", 1));
        target.AddEnum64("e", 8, false, ("SMALL", 0), ("BIG", 0x1234_5678_9abc));
        CoreRelocation relocation = new(0, e, "0", CoreRelocationKind.EnumValue);
        var fixup = new CoreRelocator(local.Build(), target.Build()).Solve([relocation])[0];
        Assert.Equal(0x1234_5678_9abc, fixup.Apply(Instruction.LoadImm64(Register.R1, 1)).Constant);
        Assert.Throws<BpfFormatException>(() => fixup.Apply(Instruction.Alu(AluOp.Mov, Register.R1, 1)));
        Assert.Throws<BpfFormatException>(() => fixup.Apply(Instruction.LoadImm64(Register.R1, 2)));
    }

    [Fact]
    public void An_unsigned_field_or_pointer_of_another_size_is_loaded_in_its_size()
    {
        var (_, code) = Solve("""
            struct s { u64 a; u32 b; u8 c; } CORE;
            PROG(struct s *s) { out = s->a; out = s->b; out = s->c; s->b = 3; return 0; }
            """, """
            struct s { unsigned char a; unsigned long b; unsigned short c; }; struct s s;
            """);
        Assert.Equal([(MemorySize.U8, 0), (MemorySize.U64, 8), (MemorySize.U16, 16)],
            code.Where(i => i.Class == InstructionClass.Ldx && i.Src == Register.R1).Select(i => (i.Size, (int)i.Offset)));
        Assert.Contains(code, i => i.Class is InstructionClass.St or InstructionClass.Stx && i.Dst == Register.R1 && i.Size == MemorySize.U64 && i.Offset == 8);
    }

    [Fact]
    public void A_signed_field_of_another_size_cannot_be_loaded_and_is_poisoned_with_the_reason()
    {
        var (fixups, code) = Solve("""
            struct s { int a; } CORE;
            PROG(struct s *s) { out = s->a; return 0; }
            """, "struct s { long a; }; struct s s;");
        Assert.False(fixups[0].IsPoisoned);
        var call = Assert.Single(code, i => i.Opcode == 0x85);
        Assert.Contains("is 4 bytes in the program and 8 in the target", call.Metadata!.Comment);
    }

    [Fact]
    public void What_does_not_exist_poisons_its_instruction_and_is_named()
    {
        var (fixups, code) = Solve("""
            struct s { char pad; char a; } CORE;
            PROG(struct s *s) { if (exists(s->a)) return s->a; return 3; }
            """, "struct s { int b; }; struct s s;");
        Assert.Equal([false, true], fixups.Select(f => f.IsPoisoned));
        Assert.Equal(0ul, fixups[0].Value);
        Assert.Matches(@"^<byte_off> \[\d+\] struct s\.a \(0:1 @ offset 1\)$", fixups[1].ToString());
        var call = Assert.Single(code, i => i.Opcode == 0x85);
        Assert.Equal(CoreFixup.PoisonHelper, call.Constant);
        Assert.Contains("struct s.a (0:1 @ offset 1) does not exist", call.Metadata!.Comment);
    }

    [Theory]
    [InlineData("struct s { int *a; };", "struct s { int a; };", true)]
    [InlineData("struct s { int a; };", "struct s { char a; };", false)]
    [InlineData("struct s { enum x { X } a; };", "struct s { enum y { Y } a; };", true)]
    [InlineData("struct s { enum x___1 { X } a; };", "struct s { enum x { Y } a; };", false)]
    [InlineData("struct s { enum { X } a; };", "struct s { enum y { Y } a; };", false)]
    [InlineData("struct s { int a[4]; };", "struct s { long a[2]; };", false)]
    [InlineData("struct s { int a[4]; };", "struct s { long *a[2]; };", true)]
    [InlineData("struct s { struct t { int i; } a; };", "struct s { union t { int i; } a; };", false)]
    [InlineData("struct s { int a; };", "struct s { struct { int b; } a; };", true)]
    [InlineData("struct s { int *a; };", "struct s { const volatile struct q *const a; };", false)]
    public void A_field_of_another_kind_is_another_field(string local, string target, bool missing)
    {
        var values = Values(local.Replace("};", "} CORE;") + " PROG(struct s *s) { out = exists(s->a); return 0; }", target + " struct s s;");
        Assert.Equal(missing ? 0ul : 1, Assert.Single(values));
    }

    [Fact]
    public void An_index_beyond_the_targets_array_does_not_exist()
    {
        Assert.Equal([1ul, 0, 1], Values("""
            struct s { int a[8]; int tail[]; } CORE;
            PROG(struct s *s) { out = exists(s->a[3]); out = exists(s->a[4]); out = exists(s->tail[100]); return 0; }
            """, "struct s { int a[4]; int tail[0]; }; struct s s;").Select(v => v!.Value));
    }

    [Fact]
    public void All_relocations_of_a_type_are_solved_against_one_candidate()
    {
        // Two types of the target share a name. The first has 'a' alone, at an offset the second has too, so that each
        // relocation by itself would also fit the first; together they fit only the second.
        BtfBuilder target = new();
        uint i = target.AddInt("int", 4, BtfIntEncoding.Signed);
        target.AddStruct("s", 8, new("a", i, 0), new("z", i, 32));
        uint right = target.AddStruct("s", 16, new("pad", i, 0), new("a", i, 64), new("b", i, 96));
        var (local, relocations, _) = Clang.CompileProgram(Ask + """
            struct s { int a; int b; } CORE;
            PROG(struct s *s) { out = s->a; out = s->b; return 0; }
            """);
        var fixups = new CoreRelocator(local, target.Build("vmlinux")).Solve(relocations);
        Assert.Equal([8ul, 12], fixups.Select(f => f.Value));
        Assert.All(fixups, f => Assert.Equal(right, f.TargetType!.Value.Id));
    }

    [Fact]
    public void Candidates_that_fit_equally_and_differ_are_an_error_that_names_both()
    {
        BtfBuilder target = new();
        uint i = target.AddInt("int", 4, BtfIntEncoding.Signed);
        uint one = target.AddStruct("s", 8, new("a", i, 0), new("x", i, 32));
        uint two = target.AddStruct("s___2", 8, new("y", i, 0), new("a", i, 32));
        var (local, relocations, _) = Clang.CompileProgram(Ask + "struct s { int a; } CORE; PROG(struct s *s) { out = s->a; return 0; }");
        var e = Assert.Throws<CoreAmbiguityException>(() => new CoreRelocator(local, target.Build("vmlinux")).Solve(relocations));
        Assert.Contains($"vmlinux [{one}] struct s gives 0, vmlinux [{two}] struct s___2 gives 4", e.Message);
        Assert.Contains("struct s.a (0:0 @ offset 0)", e.Message);
    }

    [Fact]
    public void Candidates_that_fit_equally_and_agree_are_no_error()
    {
        BtfBuilder target = new();
        uint i = target.AddInt("int", 4, BtfIntEncoding.Signed);
        target.AddStruct("s", 8, new("a", i, 32), new("x", i, 0));
        target.AddStruct("s", 8, new("y", i, 0), new("a", i, 32));
        var (local, relocations, _) = Clang.CompileProgram(Ask + "struct s { int a; } CORE; PROG(struct s *s) { out = s->a; return 0; }");
        Assert.Equal(4ul, new CoreRelocator(local, target.Build()).Solve(relocations)[0].Value);
    }

    [Fact]
    public void Modules_are_looked_through_for_what_the_kernel_does_not_have()
    {
        BtfBuilder kernel = new();
        uint i = kernel.AddInt("int", 4, BtfIntEncoding.Signed);
        kernel.AddStruct("in_kernel", 8, new BtfMemberDefinition("a", i, 32));
        var vmlinux = kernel.Build("vmlinux");
        BtfBuilder m = new(vmlinux);
        m.AddStruct("in_kernel", 4, new BtfMemberDefinition("a", i, 0));
        m.AddStruct("in_module", 12, new BtfMemberDefinition("a", i, 64));
        var module = m.Build("module");
        int asked = 0;
        var (local, relocations, _) = Clang.CompileProgram(Ask + """
            struct in_kernel { int a; } CORE; struct in_module { int a; } CORE; struct nowhere { int a; } CORE;
            PROG(struct in_kernel *k) { out = k->a; out = offset(((struct in_module *)k)->a); out = exists(((struct nowhere *)k)->a); return 0; }
            """);
        var fixups = new CoreRelocator(local, vmlinux, () => { asked++; return [module]; }).Solve(relocations);
        Assert.Equal([4ul, 8, 0], fixups.Select(f => f.Value));
        Assert.Same(module, fixups[1].TargetType!.Value.Spec);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(0, "0:1", "offset 1")]
    public void The_text_of_a_relocation_is_libbpfs(int kind, string access, string end)
    {
        BtfBuilder b = new();
        uint c = b.AddInt("char", 1, BtfIntEncoding.Signed);
        uint s = b.AddStruct("s", 2, new("pad", c, 0), new("a", c, 8));
        var fixup = new CoreRelocator(b.Build(), new BtfBuilder().Build()).Solve([new(0, s, access, (CoreRelocationKind)kind)])[0];
        Assert.True(fixup.IsPoisoned);
        Assert.Equal($"<byte_off> [2] struct s.a (0:1 @ {end})", fixup.ToString());
    }

    [Theory]
    [InlineData("", CoreRelocationKind.FieldByteOffset)]
    [InlineData(":", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0:", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0:-1", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0: 1", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0:2", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0:0:0", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0:1:3", CoreRelocationKind.FieldByteOffset)]
    [InlineData("99999999999", CoreRelocationKind.FieldByteOffset)]
    [InlineData("0:1", CoreRelocationKind.TypeExists)]
    [InlineData("0", CoreRelocationKind.EnumValue)]
    [InlineData("0", (CoreRelocationKind)13)]
    [InlineData("0", CoreRelocationKind.FieldSigned)]
    public void A_malformed_relocation_is_refused(string access, CoreRelocationKind kind)
    {
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4);
        uint a = b.AddArray(i, i, 3);
        uint s = b.AddStruct("s", 16, new("a", i, 0), new("b", a, 32));
        var relocator = new CoreRelocator(b.Build(), b.Build());
        Assert.Throws<BpfFormatException>(() => relocator.Solve([new(0, s, access, kind)]));
        Assert.Throws<BpfFormatException>(() => relocator.Solve([new(0, 99, "0", kind)]));
        Assert.Throws<BpfFormatException>(() => relocator.Solve([new(0, a, "0", CoreRelocationKind.FieldByteOffset)]));
    }

    [Theory]
    [InlineData("struct s { int a; };", "struct s { long z; int a; };", true)]
    [InlineData("struct s { int a; int b; };", "struct s { int a; };", false)]
    [InlineData("struct s { int a; };", "struct s { unsigned a; };", false)]
    [InlineData("struct s { int a; };", "struct s { long a; };", false)]
    [InlineData("struct s { struct t { int x; } *a; };", "struct s { struct t { char y; } *a; };", true)]
    [InlineData("struct s { struct t { int x; } a; };", "struct s { struct t { char y; } a; };", false)]
    [InlineData("struct s { struct t *a; };", "struct s { struct t { char y; } *a; };", true)]
    [InlineData("struct s { struct t *a; };", "struct s { union t { char y; } *a; };", false)]
    [InlineData("struct s { int a[3]; };", "struct s { int a[4]; };", false)]
    [InlineData("struct s { int (*a)(int); };", "struct s { int (*a)(int); };", true)]
    [InlineData("struct s { int (*a)(int); };", "struct s { int (*a)(int, int); };", false)]
    [InlineData("struct s { enum e { X = 1 } a; };", "struct s { enum e { Y = 3, X = 2 } a; };", true)]
    [InlineData("struct s { enum e { X = 1, Q } a; };", "struct s { enum e { Y = 3, X = 2 } a; };", false)]
    [InlineData("struct s { typedef_t a; };", "struct s { int a; };", true)]
    public void A_type_matches_when_all_its_parts_are_in_the_target(string local, string target, bool matches)
    {
        const string typedefs = "typedef int typedef_t; ";
        var (spec, _) = Clang.Compile(typedefs + local + " struct s s;");
        var (kernel, _) = Clang.Compile(target + " struct s s;");
        CoreRelocation relocation = new(0, spec.Find("s", BtfKind.Struct).Id, "0", CoreRelocationKind.TypeMatches);
        Assert.Equal(matches ? 1ul : 0, new CoreRelocator(spec, kernel).Solve([relocation])[0].Value);
    }

    [Fact]
    public void A_fixup_that_does_not_fit_its_instruction_is_refused()
    {
        BtfBuilder b = new(), t = new();
        uint c = b.AddInt("char", 1);
        uint s = b.AddStruct("s", 2, new("a", c, 0), new("b", c, 8));
        t.AddInt("char", 1);
        t.AddStruct("s", 70000, new BtfMemberDefinition("b", c, 40000 * 8));
        var fixup = new CoreRelocator(b.Build(), t.Build()).Solve([new(8, s, "0:1", CoreRelocationKind.FieldByteOffset)])[0];
        Assert.Equal(40000ul, fixup.Value);
        Assert.Throws<BpfFormatException>(() => fixup.Apply(Instruction.Load(MemorySize.U8, Register.R1, Register.R2, 1)));
        Assert.Throws<BpfFormatException>(() => fixup.Apply(Instruction.Load(MemorySize.U8, Register.R1, Register.R2, 2)));
        Assert.Throws<BpfFormatException>(() => fixup.Apply(Instruction.Alu(AluOp.Add, Register.R1, Register.R2)));
        Assert.Throws<BpfFormatException>(() => fixup.Apply(Instruction.Exit()));
        Assert.Equal(40000, fixup.Apply(Instruction.Alu(AluOp.Add, Register.R1, 1)).Constant);
        List<Instruction> program = [Instruction.LoadImm64(Register.R1, 1), Instruction.Exit()];
        Assert.Throws<BpfFormatException>(() => CoreFixup.ApplyAll(program, [fixup]));
    }

    [Fact]
    public void Hostile_nesting_ends_in_an_error_not_in_a_hang()
    {
        BtfBuilder b = new(), t = new();
        uint i = b.AddInt("int", 4);
        uint s = b.AddStruct("s", 4, new BtfMemberDefinition("a", i, 0));
        t.AddInt("int", 4);
        // Each level contains the next one many times, and all are anonymous.
        for (uint level = 0; level < 30; level++)
        {
            var members = Enumerable.Range(0, 50).Select(_ => new BtfMemberDefinition("", t.NextId + 1, 0)).ToArray();
            t.AddStruct(level == 0 ? "s" : "", 4, members);
        }
        t.AddStruct("", 4);
        CoreRelocation offset = new(0, s, "0:0", CoreRelocationKind.FieldByteOffset);
        Assert.Throws<BpfFormatException>(() => new CoreRelocator(b.Build(), t.Build()).Solve([offset]));
    }
}
