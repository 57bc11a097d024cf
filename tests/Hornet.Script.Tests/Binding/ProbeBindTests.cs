using System.Text;
using Hornet.Script.Binding;
using Hornet.Script.Syntax.C;
using Hornet.Script.Tests.Syntax.C;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Binding;

public class ProbeBindTests : BindTests
{
    [Fact]
    public void Places_share_a_program_when_the_body_does_not_depend_on_them() => Assert.Equal(["kprobe:a|kprobe:b|kprobe:c"], Programs("kprobe:* { @x = count(); }"));

    [Fact]
    public void The_name_of_the_place_makes_a_program_of_each()
    {
        Assert.Equal(["kprobe:a", "kprobe:b", "kprobe:c"], Programs("kprobe:* { @x[probe] = count(); }"));
        Assert.Contains("\"kprobe:b\"", BoundPrinter.Print(Bind("kprobe:* { @x[probe] = count(); }")), StringComparison.Ordinal);
    }

    [Fact]
    public void So_do_other_arguments() => Assert.Equal(["tracepoint:a|tracepoint:b", "tracepoint:c"], Programs("tracepoint:* { @x = args.dfd; }"));

    [Fact]
    public void Arguments_of_other_types_meet_in_a_map() => Assert.Equal("int64", TypeOfMap("tracepoint:* { @x = args.dfd; }"));

    [Fact]
    public void Functions_of_the_kernel_have_a_program_each() => Assert.Equal(["fentry:a", "fentry:b", "fentry:c"], Programs("fentry:* { @x = args.foo->x; }"));

    [Fact]
    public void Kinds_never_share() => Assert.Equal(["kprobe:f", "uprobe:f"], Programs("kprobe:f, uprobe:f { @x = 1; }"));

    [Fact]
    public void A_process_is_filtered_in_front_of_the_predicate()
    {
        string text = BoundPrinter.Print(Bind("kprobe:f /cpu == 1/ { exit(); } interval:s:1 { @x = 1; }", Options with { Pid = 77 }));
        Assert.Contains("/ ((Pid():uint32 == 77:uint32) && (Cpu():uint32 == 1:uint32)) /", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), l => l.Contains("/ ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kprobe:f { @x = *arg0; }", "*kernel(uint64 *(args.arg0:uint64)):uint64")]
    [InlineData("uprobe:f { @x = *arg0; }", "*user(uint64 *(args.arg0:uint64)):uint64")]
    [InlineData("uprobe:f { @x = *kptr(arg0); }", "*kernel(uint64 *(uint64(args.arg0:uint64))):uint64")]
    [InlineData("kprobe:f { @x = ((struct Foo *)arg0)->next->y; }", "*kernel(*kernel(struct Foo *(args.arg0:uint64)):struct Foo.next:struct Foo *):struct Foo.y:int32")]
    [InlineData("kprobe:f { @x = ((struct Foo *)arg0)->arr[1]; }", "*kernel(struct Foo *(args.arg0:uint64)):struct Foo.arr:int16[2][1:uint64]:int16")]
    [InlineData("kprobe:f { @x = ((int32 *)arg0)[2]; }", "*kernel((int32 *(args.arg0:uint64) + 8:int64 bytes):int32 *):int32")]
    [InlineData("kprobe:f { @x = (struct Foo *)arg0 + 1; }", "(struct Foo *(args.arg0:uint64) + 40:int64 bytes):struct Foo *")]
    [InlineData("kprobe:f { @x = (uint8 *)-1; }", "uint8 *(uint8(-1:int8))")]
    public void Addresses_go_where_the_probe_says(string script, string value) => Assert.Contains("@x = " + value + "\n", BoundPrinter.Print(Bind(script)), StringComparison.Ordinal);

    [Fact]
    public void Parameters_of_the_command_line_are_numbers_or_texts()
    {
        var options = Options with { Positional = ["20", "0x10", "name", "-7"], Named = new Dictionary<string, string?> { ["depth"] = "9", ["quiet"] = null } };
        Assert.Equal("""
            send 0(20:int8)
            send 1(16:int8)
            send 2("name":string[5])
            send 3(-7:int8)
            send 4("20":string[3])
            send 5(4:int8)
            send 6(uint64(9:uint64))
            send 7(true:bool)
            """, Body("begin { print($1); print($2); print($3); print($4); print(str($1)); print($#); print(getopt(\"depth\", 5, \"how deep\")); print(getopt(\"quiet\")); }", options));
        Assert.Equal("depth 5 how deep", string.Join(' ', Bind("begin { print(getopt(\"depth\", 5, \"how deep\")); }").Options.Select(o => $"{o.Name} {o.Default} {o.Description}")));
    }

    [Theory]
    [InlineData("begin { print(1); }", "unexpected program command line options: --aa")]
    [InlineData("begin { print(getopt(\"aa\", 1)); }", "program command line option --aa invalid integer (value: False)")]
    [InlineData("begin { print(getopt(\"aa\", \"x\")); print(getopt(\"aa\", \"y\")); }", "stdin:1:41-58: Command line option 'aa' needs to have the same default value in all places it is used. Previous default value: x")]
    public void Options_are_checked(string script, string error) => Assert.Equal(error, Errors(script, Options with { Named = new Dictionary<string, string?> { ["aa"] = "False" } }));

    [Fact]
    public void Settings_come_from_the_script_and_the_environment_wins()
    {
        var options = Options with { Environment = new Dictionary<string, string> { ["BPFTRACE_MAX_STRLEN"] = "200", ["BPFTRACE_STACK_MODE"] = "raw" } };
        var config = Bind("config = { max_strlen = 100; missing_probes = \"warn\"; print_maps_on_exit = 0; map_keys_max = 7 } begin { @x = str(5); @k = kstack; }", options).Config;
        Assert.Equal((200, Hornet.Script.Runtime.MissingProbes.Warn, false, 7u), (config.MaxStringLength, config.MissingProbes, config.PrintMapsOnExit, config.MaxMapKeys));
        Assert.Equal("stdin:1:12-26: bad_config: not a known configuration option", Errors("config = { bad_config = 1 } begin { }"));
        Assert.Equal("stdin:1:12-28: map_keys_max has been renamed, please use max_map_keys", Warnings("config = { map_keys_max = 7 } begin { }"));
    }

    [Fact]
    public void Functions_call_each_other_but_not_in_circles()
    {
        Assert.Equal("int64", TypeOfMap("fn add($a: int64, $b: typeof($a)): int64 { return $a + $b; } begin { @x = add(1, pid); }"));
        Assert.Equal("stdin:1:1-5: Recursive function call detected. Call chain: f > g > f", Errors("fn f(): void { g(); } fn g(): void { f(); } begin { f(); }"));
        Assert.Equal("stdin:1:1-5: Function f is of type int64, cannot return void", Errors("fn f(): int64 { $x = 0; } begin { f(); }"));
        Assert.Equal("stdin:1:17-26: Function f is of type void, cannot return int8", Errors("fn f(): void {  return 5; } begin { f(); }"));
        Assert.Equal("stdin:1:60-66: Function `add` requires 2 arguments, got only 1", Errors("fn add($a: int64, $b: int64): int64 { return $a; } begin { add(1); }"));
    }

    [Fact]
    public void A_long_script_is_bound_in_a_moment()
    {
        StringBuilder script = new("begin { @m0 = 1; }\n");
        // Each map learns its type from the next one down, so that what the first is comes last.
        for (int i = 0; i < 2500; i++) script.Append($"kprobe:f{i} /pid > {i}/ {{ $x = @m{i + 1} + {i}; @m{i} = $x; @c[comm, {i}] = count(); }}\n");
        script.Append("end { @m2500 = (uint64)nsecs; }\n");
        var bound = Bind(script.ToString());
        Assert.Equal("uint64", bound.Maps.Single(m => m.Name == "m0").Value.ToString());
        Assert.Equal(2502, bound.Programs.Count);
    }

    private static string[] Programs(string script) => [.. Bind(script).Programs.Select(p => string.Join('|', p.Targets.Select(t => t.FullName)))];

    [Fact]
    public void A_struct_of_the_script_goes_before_the_programs_of_that_name()
    {
        var options = Options with { Types = static (syntax, diagnostics) => new TypeSources(new CTypeSource(CDeclarations.Read(syntax, ReadC.Own(), _ => null, diagnostics)), new FakeTypes()) };
        Assert.Equal("", Errors("uprobe:/bin/x:f { print(((struct Own *)arg0)->theirs); }", options));
        Assert.Equal("", Errors("struct Own { int other; int mine; } uprobe:/bin/x:f { print(((struct Own *)arg0)->mine); }", options));
        Assert.Contains("does not contain a field named 'theirs'", Errors("struct Own { int mine; } uprobe:/bin/x:f { print(((struct Own *)arg0)->theirs); }", options), StringComparison.Ordinal);
    }
}
