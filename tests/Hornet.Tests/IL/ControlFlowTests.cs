using Hornet.IL.Decoding;

namespace Hornet.Tests.IL;

public class ControlFlowTests
{
    [Fact]
    public void Blocks_come_after_those_before_them_except_where_a_loop_begins()
    {
        var flow = Flow(Loops);
        Assert.Equal(Enumerable.Range(0, flow.Blocks.Count), flow.Blocks.Select(block => block.Order));
        Assert.Equal(2, flow.Blocks.Count(block => block.IsLoopHeader));
        foreach (var block in flow.Blocks)
            Assert.All(block.Successors, successor => Assert.True(successor.Order > block.Order || successor.IsLoopHeader));
    }

    [Fact]
    public void A_loop_is_the_blocks_that_lead_back_to_its_head()
    {
        var flow = Flow(Loops);
        var headers = flow.Blocks.Where(block => block.IsLoopHeader).ToArray();
        Assert.True(flow.LoopOf(headers[0]).IsSupersetOf(flow.LoopOf(headers[1])));
        Assert.False(flow.IsInLoop(flow.Entry));
        Assert.True(flow.IsInLoop(headers[1]));
    }

    [Fact]
    public void A_finally_block_is_there_once_for_each_way_out()
    {
        var flow = Flow(Finally);
        int handler = MethodCode.TryRead(((Delegate)Finally).Method)!.Clauses[0].HandlerOffset;
        var copies = flow.Blocks.Where(block => block.Start == handler).ToArray();
        Assert.Equal(2, copies.Length);
        Assert.Equal(2, copies.Select(copy => copy.Pending!.Target).Distinct().Count());
    }

    private static ILControlFlow Flow(Func<int, int> method) => ILControlFlow.Build(MethodCode.TryRead(method.Method)!);

    private static int Loops(int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++) sum += j;
        }
        return sum;
    }

    private static int Finally(int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            try
            {
                if (i == 3) break;
                sum += i;
            }
            finally
            {
                sum++;
            }
        }
        return sum;
    }
}
