using Hornet.Script.CommandLine;

namespace Hornet.Script.Tests.CommandLine;

public class TraceParserTests
{
    private static TraceOptions Parse(params string[] words) => new TraceParser(words, "bpftrace").Parse();

    [Fact]
    public void Options_stand_together_apart_and_anywhere_before_the_dashes()
    {
        var options = Parse("-lv", "tracepoint:*");
        Assert.True(options.IsListing && options.IsVerbose);
        Assert.Equal("tracepoint:*", options.Search);
        options = Parse("-e", "begin { }", "first", "-q", "--", "second", "--name=value", "--flag", "-x");
        Assert.Equal(["first", "second", "-x"], options.Positional);
        Assert.Equal(["name=value", "flag"], options.Named);
        Assert.True(options.IsQuiet);
    }

    [Fact]
    public void Values_stand_in_the_same_word_or_the_next_and_long_names_may_be_short()
    {
        Assert.Equal("12", Parse("-p12", "x.bt").Pid);
        Assert.Equal("12", Parse("-p", "12", "x.bt").Pid);
        Assert.Equal("12", Parse("--pid=12", "x.bt").Pid);
        Assert.Equal("f", Parse("--out", "f", "x.bt").OutputFile);
        Assert.Equal("b", Parse("-e", "a", "-e", "b").Script);
        Assert.Equal("-", Parse("-").FileName);
    }

    [Theory]
    [InlineData("ERROR: USAGE: filename or -e 'program' required.", "-v")]
    [InlineData("ERROR: USAGE: Cannot use both -c and -p.", "-c", "x", "-p", "1", "s.bt")]
    [InlineData("ERROR: USAGE: -B must be either 'line', 'full', or 'none'.", "-B", "x", "s.bt")]
    [InlineData("ERROR: USAGE: -k, --warnings conflicts with --no-warnings", "-k", "--no-warnings", "s.bt")]
    [InlineData("ERROR: USAGE: --test conflicts with existing --mode", "--mode", "bench", "--test", "s.bt")]
    [InlineData("ERROR: USAGE: invalid option for -d: x", "-d", "x", "s.bt")]
    [InlineData("ERROR: USAGE: --no-feature can only have values 'kprobe_multi,kprobe_session,uprobe_multi'.", "--no-feature", "x", "s.bt")]
    [InlineData("bpftrace: unrecognized option '--nonsense'", "--nonsense")]
    [InlineData("bpftrace: invalid option -- 'z'", "-z")]
    [InlineData("bpftrace: option requires an argument -- 'e'", "-e")]
    [InlineData("bpftrace: option '--pid' requires an argument", "--pid")]
    [InlineData("bpftrace: option '--in' is ambiguous; possibilities: '--include' '--info'", "--in")]
    [InlineData("bpftrace: option '--unsafe' doesn't allow an argument", "--unsafe=1")]
    public void What_is_wrong_is_said_as_bpftrace_does(string message, params string[] words) => Assert.Equal(message, Assert.Throws<TraceUsageException>(() => Parse(words)).Message);

    [Fact]
    public void Without_anything_the_usage_is_shown() => Assert.True(Assert.Throws<TraceUsageException>(() => Parse()).ShowsUsage);

    [Fact]
    public void Listing_takes_a_pattern_a_script_or_nothing()
    {
        Assert.Equal("*:*", Parse("-l").Search);
        Assert.Equal("*:*", Parse("-l", "*").Search);
        Assert.Null(Parse("-l", "-e", "begin {}").Search);
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal(file, Parse("-l", file).FileName);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
