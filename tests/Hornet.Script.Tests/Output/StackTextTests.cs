using Hornet.Script.Output;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class StackTextTests
{
    private static readonly byte[] s_kernel = Build.Words(0x1010, 0x2004, 0x9000);
    private static readonly byte[] s_user = Build.Words(0x510, 0x777);

    private static ValueContext Context(FakeSymbols symbols, bool debug = true) => new() { Symbols = symbols, Stacks = symbols, ShowDebugInfo = debug };

    [Theory]
    [InlineData(StackMode.Bpftrace, "\n        do_work+16\n        schedule+4\n        0x9000\n")]
    [InlineData(StackMode.Perf, "\n\t1010 do_work+16\n\t2004 schedule+4\n\t9000 0x9000\n")]
    [InlineData(StackMode.Raw, "\n1010\n2004\n9000\n")]
    public void A_kernel_stack_has_a_line_for_each_frame(object mode, string expected)
    {
        FakeSymbols symbols = new() { Stacks = { [5] = s_kernel } };
        Assert.Equal(expected, Build.AsText(new StackType(false, (StackMode)mode, 127), Build.Int(5L), Context(symbols)));
    }

    [Theory]
    [InlineData(StackMode.Bpftrace, true, "\n        [inlined] helper@/src/app.c:7\n        main+16@/src/app.c:12\n        0x777\n")]
    [InlineData(StackMode.Bpftrace, false, "\n        main+16\n        0x777\n")]
    [InlineData(StackMode.Perf, true, "\n\t510 helper (inlined)\n\t510 main+16 (/bin/app)\n\t777 0x777 ([unknown])\n")]
    [InlineData(StackMode.Raw, true, "\n510\n777\n")]
    public void A_user_stack_has_a_line_for_each_frame_and_each_inlined_function(object mode, bool debug, string expected)
    {
        FakeSymbols symbols = new() { Stacks = { [5] = s_user } };
        byte[] value = [.. Build.Int(5L), .. Build.Int(42, 4), .. Build.Int(3, 4)];
        Assert.Equal(expected, Build.AsText(new StackType(true, (StackMode)mode, 127), value, Context(symbols, debug)));
    }

    [Fact]
    public void Build_ids_are_ids_and_offsets_where_the_kernel_knows_them()
    {
        byte[] id = [.. Enumerable.Range(0, 20).Select(i => (byte)(i * 13))];
        byte[] frames = [.. Build.Int(1, 4), .. id, .. Build.Int(0x5L), .. Build.Int(2, 4), .. new byte[20], .. Build.Int(0x7f00L), .. new byte[32], .. Build.Int(1, 4), .. new byte[28]];
        FakeSymbols symbols = new() { Stacks = { [1] = frames } };
        byte[] value = [.. Build.Int(1L), .. Build.Int(42, 4), .. Build.Int(3, 4)];
        Assert.Equal($"\n{Convert.ToHexStringLower(id)} 0x05\n7f00\n", Build.AsText(new StackType(true, StackMode.BuildId, 127), value, Context(symbols)));
    }

    [Fact]
    public void A_stack_that_could_not_be_read_or_is_gone_has_no_frames()
    {
        StackType type = new(false, StackMode.Bpftrace, 127);
        Assert.Equal("\n", Build.AsText(type, Build.Int(-14L), Context(new())));
        Assert.Equal("\n", Build.AsText(type, Build.Int(6L), Context(new())));
    }

    [Fact]
    public void A_stack_ends_at_its_first_empty_frame()
    {
        FakeSymbols symbols = new() { Stacks = { [1] = Build.Words(0x1000, 0, 0x2000), [2] = Build.Words(0x1000, -1, 0x2000) } };
        Assert.Equal("\n        do_work+0\n", Build.AsText(new StackType(false, StackMode.Bpftrace, 127), Build.Int(1L), Context(symbols)));
        Assert.Equal("\n        do_work+0\n        <unwind failure>\n", Build.AsText(new StackType(false, StackMode.Bpftrace, 127), Build.Int(2L), Context(symbols)));
    }

    [Fact]
    public void A_frame_that_comes_again_is_not_looked_up_again_until_processes_are_forgotten()
    {
        FakeSymbols symbols = new() { Stacks = { [5] = s_user } };
        ValueFormatter formatter = new(Context(symbols));
        ByteWriter writer = new();
        byte[] value = [.. Build.Int(5L), .. Build.Int(42, 4), .. Build.Int(3, 4)];
        StackType type = new(true, StackMode.Bpftrace, 127);
        for (int i = 0; i < 10; i++) formatter.Text(writer, new(type, value));
        Assert.Equal(2, symbols.Asked);
        formatter.ForgetProcesses();
        formatter.Text(writer, new(type, value));
        Assert.Equal(4, symbols.Asked);
    }

    [Fact]
    public void Stacks_in_keys_take_several_lines_and_in_json_lose_their_blanks()
    {
        FakeSymbols symbols = new() { Stacks = { [5] = Build.Words(0x1010, 0x2004) } };
        TupleType key = new([new StackType(false, StackMode.Bpftrace, 127), new StringType(16)]);
        var map = Build.Map("@", key, IntegerType.Int64);
        var snapshot = Build.Snapshot(map, 1, (Build.Tuple(key, Build.Int(5L), Build.Text("my app", 16)), Build.Int(3L)));
        Assert.Equal("@[\n        do_work+16\n        schedule+4\n, my app]: 3\n", Build.MapAsText(map, snapshot, context: Context(symbols)));
        Assert.Equal("{\"type\": \"map\", \"data\": {\"@\": {\"\\ndo_work+16\\nschedule+4\\n,myapp\": 3}}}\n", Build.MapAsJson(map, snapshot, context: Context(symbols)));
    }
}
