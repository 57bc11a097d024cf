using Hornet.Compiler.IR;

namespace Hornet.Compiler.Tests.IR;

/// <summary>Printed IR reads back as itself.</summary>
public class IrTextTests
{
    private const string Everything =
        """
        module everything : Xdp
        map counts = Hash 4 8 1024
        map .rodata = Array 4 64 1 flags 128

        func main(%ctx: ptr ctx) -> i32 {
        entry:
          %a = load.u32 i32 %ctx, 4
          %0 = add i32 %a, 5
          %1 = neg i32 %0
          %2 = sext32 i64 %1
          %3 = zext8 i32 %1
          %4 = bswap16 i32 %3
          %5 = trunc i32 %2
          %6 = alloca 16 align 8
          %7 = alloca 4 align 4 uninitialized
          store.u64 %6, 8, %2
          store.u32 %7, 0, %5 volatile
          %8 = load.i8 i64 %6, 9 volatile
          %9 = ptradd %6, 4L
          %10 = map counts
          %11 = global .rodata, 8
          %12 = helper bpf_map_lookup_elem ptr value:8 (%10, %7)
          %13 = cmp eq %12, null value:8
          br %13, none, some
        some:
          atomic add %12, 0, 1L
          %14 = atomic add %12, 0, -1L
          %15 = atomic xchg %12, 0, 7L
          %16 = cmpxchg %12, 0, 1L, 2L
          memcpy %6, %12, 8 align 8
          memset %6, 0, 16 align 4
          %17 = ptrtoint i64 %12
          %18 = inttoptr ptr user %17
          %19 = readmem user_string %6, 16L, %18
          switch %16 [1: none, -2: loop] else loop
        loop:
          %20 = phi i64 [some: 0L, loop: %22]
          %21 = phi ptr value:8 [some: %12, loop: null value:8]
          %22 = add i64 %20, 1L
          %23 = cmp ult %22, 10L
          br %23, loop, none
        none:
          %24 = call sub (%4, %ctx)
          %25 = packet %ctx, 14L, 20
          %26 = packetlen %ctx
          %27 = function sub
          %28 = kfunc bpf_task_from_pid ptr kernel:task_struct (5)
          %29 = kload i32 %28, "task_struct", "real_parent"
          %30 = kaddr ptr untrusted %28, "task_struct", "comm"
          %31 = kquery exists "task_struct", "state"
          ret %24
        }

        func sub(%x: i32, %p: ptr ctx) -> i32 {
        entry:
          %0 = cmp sge %x, -3
          br %0, a, b
        a:
          ret %x
        b:
          unreachable
        }

        """;

    [Fact]
    public void Everything_that_can_be_printed_can_be_read()
    {
        string text = Everything.ReplaceLineEndings("\n");
        Assert.Equal(text, IrPrinter.Print(IrParser.Parse(text)));
    }

    [Fact]
    public void It_is_well_formed() => Assert.Empty(IrVerifier.Check(IrParser.Parse(Everything)));

    [Fact]
    public void Locations_are_kept_when_they_are_asked_for()
    {
        const string text =
            """
            module test : Syscall

            func main() -> i32 {
            entry:
              ret 0 @ "Program.cs" 3:5-3:14
            }

            """;
        var module = IrParser.Parse(text);
        Assert.Equal(3, module.EntryFunction.Entry.Terminator!.Location!.Line);
        Assert.Equal(text.ReplaceLineEndings("\n"), IrPrinter.Print(module, locations: true));
    }

    [Theory]
    [InlineData("func f() -> i32 {\nentry:\n  ret %x\n}", "line 3: %x is not defined before it is used")]
    [InlineData("func f() -> i32 {\nentry:\n  jump nowhere\n}", "block nowhere is not defined")]
    [InlineData("func f() -> i32 {\nentry:\n  frob 1, 2\n}", "line 3: there is no instruction 'frob'")]
    [InlineData("func f() -> i36 {\nentry:\n  ret 0\n}", "line 1: 'i36' is no type")]
    public void Mistakes_are_told_with_their_line(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => IrParser.Parse(text)).Message, StringComparison.Ordinal);
}
