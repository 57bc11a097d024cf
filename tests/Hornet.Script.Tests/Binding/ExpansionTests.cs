using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Tests.Binding;

/// <summary>What messages of a run know about their place.</summary>
public class ExpansionTests : BindTests
{
    [Fact]
    public void A_message_from_a_macro_names_the_calls_it_comes_from()
    {
        var script = Bind("macro inner(x) { errorf(\"bad\"); 1 / x } macro outer(x) { inner(x) } begin { $y = 5; print(outer($y)); warnf(\"plain\"); }");
        var error = script.Actions.OfType<AsyncAction.Print>().First(a => a.Kind == PrintKind.Errorf);
        Assert.Equal(["inner(x)", "outer($y)"], error.ExpandedFrom.Select(s => s.Text.ToString()));
        Assert.Equal(["inner(x)", "outer($y)"], script.Actions.OfType<AsyncAction.RuntimeError>().First().ExpandedFrom.Select(s => s.Text.ToString()));
        Assert.Empty(script.Actions.OfType<AsyncAction.Print>().First(a => a.Kind == PrintKind.Warnf).ExpandedFrom);
    }

    [Fact]
    public void Any_byte_of_a_format_arrives_as_it_was_written()
    {
        var script = Bind("begin { printf(\"\\xff\\x41é %d\", 1); }");
        Assert.Equal([0xff, 0x41, 0xc3, 0xa9, 0x20, 0x25, 0x64], ScriptBytes.Of(Assert.IsType<AsyncAction.Print>(Assert.Single(script.Actions)).Format));
    }

    [Theory]
    [InlineData("41c3a9f09f9880ff80", "Aé😀")]
    [InlineData("", "")]
    [InlineData("edb380", "")]
    public void Bytes_become_text_and_the_same_bytes_again(string hex, string start)
    {
        var bytes = Convert.FromHexString(hex);
        string text = ScriptBytes.Text(bytes);
        Assert.StartsWith(start, text, StringComparison.Ordinal);
        Assert.Equal(bytes, ScriptBytes.Of(text));
    }
}
