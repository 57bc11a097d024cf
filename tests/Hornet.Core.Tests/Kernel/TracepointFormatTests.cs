using Hornet.Kernel;

namespace Hornet.Core.Tests.Kernel;

public class TracepointFormatTests
{
    private const string Sample = """
        name: sample
        ID: 316
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;

        	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
        	field:const char * path;	offset:24;	size:8;	signed:0;
        	field:__data_loc char[] name;	offset:32;	size:4;	signed:0;
        	field:__rel_loc u8[] data;	offset:36;	size:4;	signed:0;
        	field:long prev_state;	offset:40;	size:8;	signed:1;
        	field:u32 words[MAX];	offset:48;	size:8;	signed:0;

        print fmt: "x=%s", REC->prev_comm
        """;

    [Fact]
    public void Every_form_of_field_is_read()
    {
        var format = TracepointFormat.Parse(Sample);
        Assert.Equal(("sample", 316, 56), (format.Name, format.Id, format.Size));
        Assert.Equal(
        [
            new("common_type", "unsigned short", 0, 2, false, 0, TracepointFieldKind.Plain, true),
            new("common_pid", "int", 4, 4, true, 0, TracepointFieldKind.Plain, true),
            new("prev_comm", "char", 8, 16, false, 16, TracepointFieldKind.Plain, false),
            new("path", "const char *", 24, 8, false, 0, TracepointFieldKind.Plain, false),
            new("name", "char", 32, 4, false, null, TracepointFieldKind.DataLocation, false),
            new("data", "u8", 36, 4, false, null, TracepointFieldKind.RelativeLocation, false),
            new("prev_state", "long", 40, 8, true, 0, TracepointFieldKind.Plain, false),
            new("words", "u32", 48, 8, false, null, TracepointFieldKind.Plain, false),
        ], format.Fields);
        Assert.Equal("\"x=%s\", REC->prev_comm", format.PrintFormat);
        Assert.Null(format.Field("nothing"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("name: x")]
    [InlineData("name: x\nID: -1")]
    [InlineData("name: x\nID: 1\nfield:int a;\toffset:0;")]
    [InlineData("name: x\nID: 1\nfield:int a;\toffset:99999999999;\tsize:4;\tsigned:1;")]
    [InlineData("name: x\nID: 1\nfield:int a];\toffset:0;\tsize:4;\tsigned:1;")]
    [InlineData("name: x\nID: 1\nfield:;\toffset:0;\tsize:4;\tsigned:1;")]
    [InlineData("name: x\nID: 1\nfield:int a;\toffset:2147483647;\tsize:4;\tsigned:1;")]
    public void Anything_else_is_a_format_error(string text) => Assert.Throws<BpfFormatException>(() => TracepointFormat.Parse(text));

    [Fact]
    public void Mutated_text_never_gives_another_exception()
    {
        Random random = new(7);
        for (int i = 0; i < 1_500; i++)
        {
            char[] text = Sample.ToCharArray();
            for (int n = random.Next(1, 12); n > 0; n--) text[random.Next(text.Length)] = (char)random.Next(1, 128);
            try
            {
                TracepointFormat.Parse(new string(text, 0, random.Next(text.Length)));
            }
            catch (BpfFormatException)
            {
                // The one declared exception.
            }
        }
    }
}
