using System.Linq.Expressions;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;

namespace Hornet.Tests.IL;

public class DiagnosticTests
{
    private static int s_counter;

    private readonly List<int> _list = [];
    private int _field;

    [Fact]
    public void Allocation() => Rejected.Single(Rules.Allocation, () =>
    {
        object o = new object();
        _ = o;
    }, "new object()");

    [Fact]
    public void An_array_is_allocated() => Rejected.Single(Rules.Allocation, (XdpContext ctx) =>
    {
        int[] a = new int[ctx.Data.Length];
        return a.Length > 3 ? XdpAction.Pass : XdpAction.Drop;
    }, "new int[");

    [Fact]
    public void A_throw() => Rejected.Single(Rules.Exceptions, (XdpContext ctx) =>
    {
        if (ctx.Data.Length < 14) throw Error;
        return XdpAction.Pass;
    }, "throw Error");

    private static readonly Exception Error = new InvalidOperationException();

    [Fact]
    public void A_catch() => Assert.Equal(Rules.Exceptions.Id, Assert.Single(Rejected.Findings(() =>
    {
        try
        {
            _ = Bpf.Tgid;
        }
        catch (InvalidOperationException)
        {
        }
    })).Id);

    [Fact]
    public void An_enumerator_of_a_map_is_for_foreach_only() => Assert.Contains(Rejected.Findings((XdpContext ctx) =>
    {
        var all = s_map.GetEnumerator();
        all.MoveNext();
        return all.Current.Key > 3 ? XdpAction.Drop : XdpAction.Pass;
    }), finding => finding.Message.Contains("is used without foreach", StringComparison.Ordinal));

    private static readonly Maps.BpfHashMap<uint, ulong> s_map = new(Docs.RuleSamples.Described(new Maps.MapSpec { Name = "map", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 10 }));

    [Fact]
    public void Floating_point() => Rejected.Single(Rules.FloatingPoint, (XdpContext ctx) => ctx.Data.Length * 1.5 > 3 ? XdpAction.Pass : XdpAction.Drop, "ctx.Data.Length * 1.5");

    [Fact]
    public void A_method_of_a_library_with_the_line_of_the_call()
    {
        var found = Rejected.Single(Rules.ForbiddenCall, () => _list.Add(3), "_list.Add(3)");
        Assert.Contains("List<int>.Add(int) cannot run in the kernel", found.Message);
        Assert.Contains("^^^^^^^^^^^^", found.ToString());
        Assert.Contains("tracepoint:group:test", found.ToString());
        Assert.Contains("why: ", found.ToString());
        Assert.Contains("fix: ", found.ToString());
    }

    [Fact]
    public void The_calls_on_the_way_are_told()
    {
        var found = Assert.Single(Rejected.Findings(() => Outer(3)));
        Assert.Contains("Outer(int)", found.ToString());
        Assert.NotNull(found.Location!.InlinedAt!.InlinedAt);
    }

    private static void Outer(int v) => Inner(v + 1);

    private static void Inner(int v) => Console.WriteLine(v);

    [Fact]
    public void All_mistakes_are_reported_at_once()
    {
        var findings = Rejected.Findings(() =>
        {
            Console.WriteLine("one");
            s_counter++;
            _field += 3;
            if (Bpf.Tgid == 0) _list.Clear();
            lock (_list) _ = Bpf.Tid;
        });
        string[] expected = [Rules.Printing.Id, Rules.MutableStatic.Id, Rules.CapturedWrite.Id, Rules.ForbiddenCall.Id, Rules.Locks.Id];
        Assert.Empty(expected.Except(findings.Select(finding => finding.Id)));
        Assert.All(findings, finding => Assert.True(finding.Location!.Line > 0));
    }

    [Fact]
    public void A_captured_variable_is_assigned()
    {
        int count = 0;
        Rejected.Single(Rules.CapturedWrite, () => { count++; }, "count++");
        Assert.Equal(0, count);
    }

    [Fact]
    public void A_captured_struct_is_changed_by_a_method()
    {
        Counter counter = new();
        var found = Assert.Single(Rejected.Findings(() => counter.Increment()));
        Assert.Equal(Rules.CapturedWrite.Id, found.Id);
        Assert.Contains("counter", found.Message);
        Assert.Contains("lambda in", found.Location!.InlinedAt!.Method);
        Assert.Equal(0, counter.Value);
    }

    [Fact]
    public void Recursion() => Assert.Contains(Rejected.Findings((XdpContext ctx) => Factorial(ctx.Data.Length) > 3 ? XdpAction.Pass : XdpAction.Drop), finding => finding.Id == Rules.Recursion.Id);

    private static int Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);

    [Fact]
    public void A_string_is_made() => Assert.Contains(Rejected.Findings(() => Use($"pid {Bpf.Tgid}")), finding => finding.Id == Rules.Strings.Id);

    private static void Use(string text) => _ = text;

    [Fact]
    public void An_iterator() => Assert.Contains(Rejected.Findings(() => { foreach (int v in Numbers()) _ = v; }), finding => finding.Id == Rules.Allocation.Id);

    private static IEnumerable<int> Numbers()
    {
        yield return 1;
    }

    [Fact]
#pragma warning disable CA1860 // The test is of Any itself.
    public void Linq() => Assert.Contains(Rejected.Findings(() => { if (_list.Any()) _ = Bpf.Tid; }), finding => finding.Id == Rules.Linq.Id);
#pragma warning restore CA1860

    [Fact]
    public void A_virtual_call() => Assert.Contains(Rejected.Findings((XdpContext ctx) => Pick(ctx.Data.Length > 10).Value() > 0 ? XdpAction.Pass : XdpAction.Drop), finding => finding.Id == Rules.NotConstant.Id);

    private static readonly Base s_one = new One(), s_two = new Two();

    private static Base Pick(bool first) => first ? s_one : s_two;

    [Fact]
    public void A_size_that_is_not_constant() => Rejected.Single(Rules.VariableSize, (XdpContext ctx) =>
    {
        Span<byte> s = stackalloc byte[ctx.Data.Length];
        return s.Length > 3 ? XdpAction.Pass : XdpAction.Drop;
    }, "stackalloc byte[ctx.Data.Length]");

    [Fact]
    public void Constant_data_is_written() => Rejected.Single(Rules.ReadOnlyWrite, () => { s_table.AsSpan()[1] = 3; }, "s_table.AsSpan()[1] = 3");

    private static readonly int[] s_table = [1, 2, 3];

    [Fact]
    public void A_delegate_of_several_methods()
    {
        Action kernel = () => _ = Bpf.Tgid;
        kernel += () => _ = Bpf.Tid;
        Assert.Equal(Rules.Multicast.Id, Assert.Single(Rejected.Findings(kernel)).Id);
    }

    [Fact]
    public void A_compiled_expression_has_no_IL()
    {
        Action kernel = Expression.Lambda<Action>(Expression.Empty()).Compile();
        Assert.Equal(Rules.NoBody.Id, Assert.Single(Rejected.Findings(kernel)).Id);
    }

    [Fact]
    public void Awaiting() => Assert.Contains(Rejected.Findings(async () => await Task.Yield()), finding => finding.Id == Rules.Async.Id);

    [Fact]
    public void Every_rule_says_why_and_what_to_do()
    {
        var rules = typeof(Rules).GetFields().Select(field => (DiagnosticRule)field.GetValue(null)!).ToArray();
        Assert.All(rules, rule => Assert.True(rule.Title.Length > 0 && rule.Why.Length > 0 && rule.Fix.Length > 0, rule.Id));
        Assert.Equal(rules.Length, rules.Select(rule => rule.Id).Distinct().Count());
    }

    private abstract class Base
    {
        public abstract int Value();
    }

    private sealed class One : Base
    {
        public override int Value() => 1;
    }

    private sealed class Two : Base
    {
        public override int Value() => 2;
    }

    private struct Counter
    {
        public int Value;

        public void Increment() => Value++;
    }
}
