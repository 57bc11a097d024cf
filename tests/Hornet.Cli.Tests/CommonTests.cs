using System.CommandLine;
using Hornet.Cli.Commands;
using Hornet.Cli.Common;

namespace Hornet.Cli.Tests;

public class CommonTests
{
    private static (TimeSpan? Value, string[] Errors) Duration(string text)
    {
        var option = new Option<TimeSpan?>("--duration") { CustomParser = Units.ParseDuration };
        var parsed = new RootCommand { option }.Parse(["--duration", text]);
        string[] errors = [.. parsed.Errors.Select(e => e.Message)];
        return (errors.Length == 0 ? parsed.GetValue(option) : null, errors);
    }

    [Theory]
    [InlineData("10", 10_000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    public void Durations_are_read_as_people_write_them(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Duration(text).Value);

    [Theory]
    [InlineData("soon")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10y")]
    [InlineData("1e3")]
    [InlineData("99999999h")]
    public void What_is_no_duration_is_answered_with_the_forms_that_are(string text) =>
        Assert.Contains("Write seconds, or a number with ms, s, m or h", Assert.Single(Duration(text).Errors));

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("64K", 65536)]
    [InlineData("16MiB", 16 << 20)]
    [InlineData("1g", 1 << 30)]
    public void Sizes_are_powers_of_1024(string text, long bytes)
    {
        var option = new Option<long>("--size") { CustomParser = Units.ParseSize };
        Assert.Equal(bytes, new RootCommand { option }.Parse(["--size", text]).GetValue(option));
    }

    [Fact]
    public void Every_command_builds_and_carries_its_own_name()
    {
        foreach (var entry in CommandCatalog.Entries)
        {
            var command = entry.Create();
            Assert.Equal(entry.Name, command.Name);
            Assert.NotEmpty(command.Description!);
        }
    }
}
