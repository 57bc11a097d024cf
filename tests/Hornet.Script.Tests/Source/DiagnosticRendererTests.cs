using Hornet.Script.Source;

namespace Hornet.Script.Tests.Source;

public class DiagnosticRendererTests
{
    [Fact]
    public void An_error_shows_its_line_and_underlines_its_place() => Compare("""
        stdin:1:9-13: ERROR: broken
        begin { what }
                ~~~~

        """, Error("begin { what }", 8, 12));

    [Fact]
    public void A_tab_is_four_columns() => Compare("""
        stdin:1:4-6: ERROR: broken
            a    bc(d)
                 ~~

        """, Error("\ta\tbc(d)", 3, 5));

    [Fact]
    public void An_empty_place_has_no_underline() => Assert.Equal("stdin:1:6-6: ERROR: broken\nbegin\n     \n", Render(Error("begin", 5, 5)));

    [Fact]
    public void Several_lines_are_shown_whole() => Compare("""
        stdin:2-3: ERROR: broken
        two
        three

        """, Error("one\ntwo\nthree\nfour", 5, 10));

    [Fact]
    public void The_end_of_the_text_is_a_place_too() => Assert.Equal("stdin:2:1-1: ERROR: broken\n\n\n", Render(Error("one\n", 4, 4)));

    [Fact]
    public void Columns_count_bytes_and_underlines_what_is_seen() => Compare("""
        stdin:1:5-7: ERROR: broken
        äöüx
          ~

        """, Error("äöüx", 2, 3));

    [Fact]
    public void Hints_follow_notes_and_context_comes_last()
    {
        var diagnostic = Error("macro m() { f(1) }\nbegin { m(); }", 12, 16);
        diagnostic.Hints.Add("first");
        diagnostic.Hints.Add("second");
        diagnostic.Notes.Add((diagnostic.Span with { Start = 0, End = 7 }, "declared here"));
        diagnostic.Context.Add((diagnostic.Span with { Start = 27, End = 30 }, "expanded from"));
        Compare("""
            stdin:1:13-17: ERROR: broken
            macro m() { f(1) }
                        ~~~~
            stdin:1:1-8: ERROR: declared here
            macro m() { f(1) }
            ~~~~~~~
            HINT: first
            HINT: second
            stdin:2:9-12: ERROR: expanded from
            begin { m(); }
                    ~~~

            """, diagnostic);
    }

    [Fact]
    public void Warnings_follow_errors_and_can_be_left_out()
    {
        SourceText source = new("a.bt", "x");
        ScriptDiagnostic[] all = [new(ScriptSeverity.Warning, default, "careful"), new(ScriptSeverity.Error, new SourceSpan(source, 0, 1), "wrong")];
        Assert.Equal("a.bt:1:1-2: ERROR: wrong\nx\n~\nWARNING: careful\n", DiagnosticRenderer.Render(all));
        Assert.Equal("a.bt:1:1-2: ERROR: wrong\nx\n~\n", DiagnosticRenderer.Render(all, warnings: false));
    }

    [Fact]
    public void Colours_surround_the_first_line()
    {
        Assert.Equal("\x1b[31mstdin:1:1-2: ERROR: broken\x1b[0m\nx\n~\n", DiagnosticRenderer.Render([Error("x", 0, 1)], colors: true));
        Assert.Equal("\x1b[33mWARNING: careful\x1b[0m\n", DiagnosticRenderer.Render([new ScriptDiagnostic(ScriptSeverity.Warning, default, "careful")], colors: true));
    }

    [Fact]
    public void A_terminal_gets_no_commands_but_backslashes_stay()
    {
        string shown = Render(Error("f(\"\\n\x1b[2J\u202e\");", 0, 1));
        Assert.Equal("stdin:1:1-2: ERROR: broken\nf(\"\\n\\x1b[2J\\u{202e}\");\n~\n", shown);
    }

    private static ScriptDiagnostic Error(string text, int start, int end) => new(ScriptSeverity.Error, new SourceSpan(new SourceText("stdin", text), start, end), "broken");

    private static string Render(ScriptDiagnostic diagnostic) => DiagnosticRenderer.Render([diagnostic]);

    private static void Compare(string expected, ScriptDiagnostic diagnostic) => Assert.Equal(expected, Render(diagnostic));
}
