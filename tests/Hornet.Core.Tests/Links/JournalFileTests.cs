using System.Text;
using Hornet.Links;

namespace Hornet.Core.Tests.Links;

public class JournalFileTests
{
    private static JournalFile Parse(string json) => JournalFile.Parse(Encoding.UTF8.GetBytes(json), "test.json");

    [Fact]
    public void What_is_written_is_read_again()
    {
        string directory = Directory.CreateTempSubdirectory("hornet-journal-test").FullName;
        try
        {
            var entry = new JournalEntry("tc", "filter on \"eth0\"\u001b[2J") { Programs = { new ProgramIdentity(7, "0123456789abcdef", 99) } }
                .With("ifindex", 3).With("name", "x");
            var owner = new JournalOwner("boot", 4026531836, 1234, 5678);
            new JournalFile(owner, [entry]).Write(directory);
            string path = Assert.Single(Directory.GetFiles(directory));
            Assert.Equal("1234-5678.json", Path.GetFileName(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            var read = JournalFile.Read(path);
            Assert.Equal(owner, read.Owner);
            var same = Assert.Single(read.Entries);
            Assert.Equal((entry.Kind, entry.Description), (same.Kind, same.Description));
            Assert.Equal(entry.Programs, same.Programs);
            Assert.Equal((3ul, "x"), (same.Number("ifindex"), same.Text("name")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":"1"}""")]
    [InlineData("""{"version":1,"bootId":"","pidNamespace":1,"pid":1,"startTime":-1,"attachments":[]}""")]
    [InlineData("""{"version":1,"bootId":"","pidNamespace":1,"pid":1,"startTime":1,"attachments":{}}""")]
    [InlineData("""{"version":1,"bootId":"","pidNamespace":1,"pid":1,"startTime":1,"attachments":[{"kind":null,"description":"x","programs":[],"properties":{}}]}""")]
    [InlineData("""{"version":1,"bootId":"","pidNamespace":1,"pid":1,"startTime":1,"attachments":[{"kind":"x","description":"x","programs":[1],"properties":{}}]}""")]
    [InlineData("""{"version":1,"bootId":"","pidNamespace":1,"pid":1,"startTime":1,"attachments":[{"kind":"x","description":"x","programs":[],"properties":{"a":1}}]}""")]
    public void A_damaged_journal_is_refused(string json) => Assert.Throws<BpfFormatException>(() => Parse(json));

    [Fact]
    public void A_missing_or_wrong_property_names_itself()
    {
        var entry = new JournalEntry("tc", "filter").With("ifindex", "eth0");
        Assert.Contains("'eth0' for ifindex", Assert.Throws<BpfFormatException>(() => entry.Number("ifindex")).Message);
        Assert.Contains("no 'handle'", Assert.Throws<BpfFormatException>(() => entry.Number("handle")).Message);
    }

    [Fact]
    public void A_process_is_its_number_and_its_start()
    {
        Assert.True(JournalOwner.Current.IsAlive);
        Assert.False((JournalOwner.Current with { StartTime = JournalOwner.Current.StartTime + 1 }).IsAlive);
        Assert.False((JournalOwner.Current with { BootId = "another boot" }).IsAlive);
        Assert.Null((JournalOwner.Current with { PidNamespace = 1 }).IsAlive);
    }
}
