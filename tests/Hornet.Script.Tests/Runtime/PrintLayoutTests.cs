using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Runtime;

public class PrintLayoutTests
{
    [Fact]
    public void The_longest_text_with_much_room_is_the_last()
    {
        PrintLayout layout = new(new TupleType([IntegerType.Int32, new StringType(600), IntegerType.UInt64, new StringType(1024), new StringType(16)]));
        Assert.Equal(3, layout.Last);
        Assert.Equal([0, 4, 608, 632, 616], Enumerable.Range(0, 5).Select(layout.Offset));
        Assert.Equal(1656, layout.Size);
    }

    [Fact]
    public void Texts_with_little_room_stay_where_they_are()
    {
        TupleType arguments = new([new StringType(64), IntegerType.Int32]);
        PrintLayout layout = new(arguments);
        Assert.Equal(-1, layout.Last);
        Assert.Equal([arguments.Offset(0), arguments.Offset(1)], [layout.Offset(0), layout.Offset(1)]);
        Assert.Equal(arguments.Size, layout.Size);
    }

    [Theory]
    [InlineData("a path\0", "a path 7")]
    [InlineData("a path", "a path 7")]
    [InlineData("", " 7")]
    public void A_record_ends_with_its_text(string text, string printed)
    {
        TupleType arguments = new([new StringType(1024), IntegerType.Int32]);
        ByteWriter writer = new();
        new PrintfPlan("%s %d", arguments).Write(writer, [7, 0, 0, 0, .. System.Text.Encoding.UTF8.GetBytes(text)], new ValueFormatter(new ValueContext()));
        Assert.Equal(printed, writer.ToString());
    }
}
