using System.IO.Pipes;
using System.Text;
using Hornet.Script.Output;

namespace Hornet.Script.Tests.Output;

public class SinkTests
{
    private static void Put(OutputSink sink, string text)
    {
        sink.Buffer.Text(text);
        sink.EndRecord();
    }

    [Fact]
    public void Lines_are_written_when_they_are_complete()
    {
        using MemoryStream stream = new();
        using var sink = OutputSink.ToStream(stream, BufferingMode.Line);
        Put(sink, "a");
        Assert.Equal(0, stream.Length);
        Put(sink, "b\nc");
        Assert.Equal("ab\nc", Encoding.UTF8.GetString(stream.ToArray()));
        sink.Idle();
        Put(sink, "d");
        Assert.Equal(4, stream.Length);
        sink.Flush();
        Assert.Equal("ab\ncd", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void In_a_batch_lines_wait_for_its_end()
    {
        using MemoryStream stream = new();
        using var sink = OutputSink.ToStream(stream, BufferingMode.Line);
        sink.IsBatching = true;
        Put(sink, "a\n");
        Put(sink, "b\n");
        Assert.Equal(0, stream.Length);
        sink.Idle();
        Assert.Equal("a\nb\n", Encoding.UTF8.GetString(stream.ToArray()));
        Put(sink, new string('x', 70_000) + "\n");
        Assert.Equal(70_005, stream.Length);
    }

    [Fact]
    public void Nothing_waits_without_a_buffer_and_all_waits_in_a_full_one()
    {
        using MemoryStream none = new(), full = new();
        using var first = OutputSink.ToStream(none, BufferingMode.None);
        using (var second = OutputSink.ToStream(full, BufferingMode.Full))
        {
            Put(first, "a");
            Assert.Equal(1, none.Length);
            Put(second, "a\n");
            second.Idle();
            Assert.Equal(0, full.Length);
            Put(second, new string('x', 70_000));
            Assert.Equal(70_002, full.Length);
            Put(second, "end");
        }
        Assert.Equal(70_005, full.Length);
    }

    [Fact]
    public void A_full_disk_is_told_once_and_the_rest_is_counted()
    {
        using var sink = OutputSink.ToFile("/dev/full", BufferingMode.Line);
        Put(sink, "a\n");
        Assert.Equal(new OutputFailure(false, "No space left on device"), sink.Failure);
        Put(sink, "bc\n");
        Assert.Equal(5, sink.Dropped);
    }

    [Fact]
    public void A_reader_that_has_gone_is_no_error()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        pipe.DisposeLocalCopyOfClientHandle();
        var sink = OutputSink.ToDescriptor((int)pipe.SafePipeHandle.DangerousGetHandle(), BufferingMode.Line);
        Put(sink, "a\n");
        Assert.True(sink.Failure is { IsBrokenPipe: true }, sink.Failure?.ToString());
    }

    [Fact]
    public void A_file_is_emptied_and_written()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "old text that is longer");
            using (var sink = OutputSink.ToFile(path, BufferingMode.Full)) Put(sink, "new");
            Assert.Equal("new", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_was_printed_comes_before_a_message_and_terminals_see_no_control_characters()
    {
        using MemoryStream both = new();
        var sink = OutputSink.ToStream(both, BufferingMode.Line);
        TextOutput output = new(sink, OutputSink.ToStream(both, BufferingMode.None), new(new() { IsTerminal = true }), new());
        sink.IsBatching = true;
        output.Cat("\u001b[2Jx"u8);
        output.LostEvents(1);
        output.Join("a\u0007"u8);
        sink.Flush();
        Assert.Equal("\\x1b[2JxLost 1 events\na\\x07\n", Encoding.UTF8.GetString(both.ToArray()));
    }
}
