namespace Hornet.Script.Tests.Binding;

public class MacroBindTests : BindTests
{
    [Fact]
    public void A_macro_changes_a_variable_it_is_given_and_keeps_its_own() => Assert.Equal("""
        let $x: int8
        let $a: int64
        $x = 7:int8
        $a = 1:int64
        {
        let $$inc_1_x: int8
        $$inc_1_x = 2:int8
        $a = ($a + int64($$inc_1_x)):int64
        }
        send 0($x)
        """, Trimmed("macro inc($v) { $x = 2; $v += $x; } begin { $x = 7; $a = 1; inc($a); print($x); }"));

    [Theory]
    [InlineData("macro f($v) { $v = 1 } macro f(e) { e } begin { $z = 0; f($z); print(f(5)); }", "")]
    [InlineData("macro f(a) { a } macro f($v) { $v = 1 } begin { }", "stdin:1:18-25: Redefinition of macro: f")]
    [InlineData("macro bad() { @x = 1; } begin { bad(); }", "stdin:1:15-17: Unhygienic access to map: @x. Maps must be passed into the macro as arguments.")]
    [InlineData("macro a() { b() } macro b() { a() } begin { a(); }", "stdin:1:31-34: Recursive macro call detected. Call chain: a > b > a")]
    [InlineData("macro two(a, b) { a + b } begin { two(1); }", "stdin:1:35-41: Call to two() has arguments that do not match any definition.")]
    [InlineData("macro m(@m) { @m = 1; } begin { $x = 1; m($x); }", "stdin:1:41-46: Call to m() has arguments that do not match any definition.\nstdin:1:43-45: Mismatched arg. m() expects a map for arg @m but got a variable.")]
    [InlineData("macro f() { return 1; } begin { f(); }", "stdin:1:13-22: 'return' statement is not allowed in a macro")]
    public void Calls_find_the_macro_that_fits(string script, string errors) => Assert.Equal(errors, Errors(script));

    [Fact]
    public void An_error_in_a_macro_says_where_it_was_expanded_from()
    {
        var error = Assert.Single(TryBind("macro set($x) { $x = 1; } begin { $a = \"string\"; set($a); }").Diagnostics.All);
        Assert.Equal(("stdin:1:17-23", "expanded from"), (error.Span.ToString(), error.Context[0].Message));
        Assert.Equal("stdin:1:50-57", error.Context[0].Span.ToString());
    }

    [Fact]
    public void A_macro_can_gather() => Assert.Equal("string[16]", Map("macro put(@m, k) { @m[k] = count(); } begin { put(@x, comm); }").Key!.ToString());

    [Theory]
    [InlineData("begin { @x = ppid; }", "int32")]
    [InlineData("begin { @x = ppid(); }", "int32")]
    [InlineData("begin { @x = pcomm; }", "string[16]")]
    [InlineData("begin { @x = strcontains(comm, \"a\"); }", "bool")]
    [InlineData("begin { @x = is_str(comm); }", "bool")]
    [InlineData("begin { @x = strcap(comm); }", "int8")]
    [InlineData("begin { @x = strlen(comm); }", "uint64")]
    [InlineData("begin { @x = default_str_length(); }", "int16")]
    [InlineData("begin { @x = container_of(curtask, typeof(struct task_struct), comm); }", "struct task_struct *")]
    [InlineData("begin { assert(pid > 0, \"no\"); @x = 1; }", "int8")]
    public void The_library_is_there(string script, string type) => Assert.Equal(type, TypeOfMap(script));

    [Fact]
    public void The_message_of_assert_stands_where_users_know_it()
    {
        var action = Bind("begin { assert(false, \"no\"); }").Actions[0];
        Assert.Equal("stdlib/base.bt:6:5-37", action.Span.ToString());
    }

    [Fact]
    public void Every_file_of_the_library_has_exactly_the_macros_it_is_read_for()
    {
        foreach (string file in Hornet.Script.Binding.StandardLibrary.Files)
        {
            Hornet.Script.Source.DiagnosticBag diagnostics = new();
            var script = Hornet.Script.Syntax.Parsing.ScriptParser.Parse(Hornet.Script.Binding.StandardLibrary.Read(file), diagnostics);
            Assert.Empty(diagnostics.All);
            Assert.Equal(Hornet.Script.Binding.StandardLibrary.Names.Where(n => Hornet.Script.Binding.StandardLibrary.FileOf(n) == file).Order(), script.Macros.Select(m => m.Name).Distinct().Order());
        }
    }

    [Theory]
    [InlineData("begin { if comptime is_str(\"x\") { @x = \"text\"; } else { nonsense(); } }", "string[5]")]
    [InlineData("begin { $v = 1; if comptime (sizeof($v) == 8) { @x = \"wide\"; } else { @x = 1; } $v = (uint64)2; }", "string[5]")]
    [InlineData("begin { if comptime (probetype == \"special\") { @x = 1; } else { @x = \"a\"; } }", "int8")]
    [InlineData("macro kind(e) { if comptime is_integer(e) { 1 } else { \"other\" } } begin { $a = comm; @x = kind($a); }", "string[6]")]
    public void Compile_time_questions_decide_what_is_looked_at(string script, string type) => Assert.Equal(type, TypeOfMap(script));

    [Theory]
    [InlineData("begin { @a = 1; if comptime (@a > 1) { print(1); } }", "stdin:1:20-36: Unable to resolve comptime expression")]
    [InlineData("begin { $a = 1; if comptime (sizeof($a) == 4) { $a = (uint64)3; } $a = (uint32)2; }", "stdin:1:49-63: Type mismatch for $a: this type has been locked because it was used in another part of the type graph that was already resolved (e.g. `sizeof`, `typeinfo`, etc.). The new type 'uint64' doesn't fit into the locked type 'uint32'")]
    public void Questions_without_an_answer_are_errors(string script, string error) => Assert.Equal(error, Errors(script));

    private static string Trimmed(string script) => string.Join('\n', Body(script).Split('\n')).Trim();
}
