extern alias Fixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using KernelCodeFix = Fixes::Hornet.Analyzers.Fixes.KernelCodeFix;

namespace Hornet.Analyzers.Tests;

/// <summary>What editors offer about findings: the change is the expected one, it compiles, and the finding is gone.</summary>
public class FixTests
{
    private const string Frame = """
        using Hornet;
        using Hornet.Maps;
        using System.Runtime.CompilerServices;
        using System.Text;

        namespace Hornet.Tests.Fixed;

        internal struct Account
        {
            public BpfSpinLock Lock;
            public ulong Packets;
        }

        internal static class Program
        {
            FIELDS

            public static void Run(BpfSession session, BpfHashMap<uint, Account> accounts)
            {
                BODY
            }
        }
        """;

    public static TheoryData<string, string, string, string, string, string> Offers => new()
    {
        {
            "HRN1009", "Share the variable with the kernel (BpfGlobal)", "", """
            int packets = 0;
            session.AttachXdp("lo", ctx => ++packets > 100 ? XdpAction.Drop : XdpAction.Pass);
            System.Console.WriteLine(packets);
            """, "", """
            using var packets = BpfGlobal<int>.Create("packets");
            session.AttachXdp("lo", ctx => ++packets.Value > 100 ? XdpAction.Drop : XdpAction.Pass);
            System.Console.WriteLine(packets.Value);
            """
        },
        {
            "HRN1009", "Share the variable with the kernel (BpfGlobal)", "", """
            ulong aRatherLongName = 1000;
            session.AttachXdp("lo", ctx =>
            {
                aRatherLongName -= 1; // one less
                return XdpAction.Pass;
            });
            """, "", """
            using var aRatherLongName = BpfGlobal<ulong>.Create("aRatherLongName", 1000);
            session.AttachXdp("lo", ctx =>
            {
                aRatherLongName.Value -= 1; // one less
                return XdpAction.Pass;
            });
            """
        },
        {
            "HRN1008", "Make the field readonly", "private static int s_limit = 60;", """
            session.AttachXdp("lo", ctx => ctx.Data.Length > s_limit ? XdpAction.Drop : XdpAction.Pass);
            """, "private static readonly int s_limit = 60;", """
            session.AttachXdp("lo", ctx => ctx.Data.Length > s_limit ? XdpAction.Drop : XdpAction.Pass);
            """
        },
        {
            "HRN1001", "Keep the elements on the stack", "", """
            session.AttachXdp("lo", ctx =>
            {
                int[] sums = new int[4];
                sums[ctx.Data.Length & 3] += 5;
                return sums[0] > sums[1] ? XdpAction.Pass : XdpAction.Drop;
            });
            """, "", """
            session.AttachXdp("lo", ctx =>
            {
                Span<int> sums = stackalloc int[4];
                sums[ctx.Data.Length & 3] += 5;
                return sums[0] > sums[1] ? XdpAction.Pass : XdpAction.Drop;
            });
            """
        },
        {
            "HRN2109", "Print with Bpf.Print", "", """
            session.AttachXdp("lo", ctx =>
            {
                System.Console.WriteLine("packet {here}");
                return XdpAction.Pass;
            });
            """, "", """
            session.AttachXdp("lo", ctx =>
            {
                Bpf.Print($"packet {{here}}");
                return XdpAction.Pass;
            });
            """
        },
        {
            "HRN2109", "Print with Bpf.Print", "", """
            session.AttachXdp("lo", ctx =>
            {
                System.Console.WriteLine(ctx.Data.Length);
                return XdpAction.Pass;
            });
            """, "", """
            session.AttachXdp("lo", ctx =>
            {
                Bpf.Print($"{ctx.Data.Length}");
                return XdpAction.Pass;
            });
            """
        },
        {
            "HRN2104", "Write the text as a UTF-8 literal", "", """
            session.AttachXdp("lo", ctx => ctx.Data.StartsWith(Encoding.UTF8.GetBytes("GET ")) ? XdpAction.Drop : XdpAction.Pass);
            """, "", """
            session.AttachXdp("lo", ctx => ctx.Data.StartsWith("GET "u8) ? XdpAction.Drop : XdpAction.Pass);
            """
        },
        {
            "HRN2113", "Work on the value in place", "", """
            session.AttachXdp("lo", ctx =>
            {
                var account = accounts.GetOrAdd(1);
                account.Packets++;
                return XdpAction.Pass;
            });
            """, "", """
            session.AttachXdp("lo", ctx =>
            {
                ref var account = ref accounts.GetOrAdd(1);
                account.Packets++;
                return XdpAction.Pass;
            });
            """
        },
    };

    public static TheoryData<string, string, string> NotOffered => new()
    {
        { "HRN1008", "private static int s_limit = 60; public static void Set(int value) => s_limit = value;", """
            session.AttachXdp("lo", ctx => ctx.Data.Length > s_limit ? XdpAction.Drop : XdpAction.Pass);
            """ },
        { "HRN1008", "public static int Limit = 60;", """
            session.AttachXdp("lo", ctx => ctx.Data.Length > Limit ? XdpAction.Drop : XdpAction.Pass);
            """ },
        { "HRN1001", "", """
            session.AttachXdp("lo", ctx =>
            {
                int[] sums = new int[ctx.Data.Length];
                return sums[0] > 1 ? XdpAction.Pass : XdpAction.Drop;
            });
            """ },
        { "HRN1009", "", """
            string last = "";
            session.AttachXdp("lo", ctx =>
            {
                last = "x";
                return XdpAction.Pass;
            });
            """ },
        { "HRN2109", "", """
            session.AttachXdp("lo", ctx =>
            {
                System.Console.WriteLine("{0} {1}", 1, 2);
                return XdpAction.Pass;
            });
            """ },
    };

    [Theory]
    [MemberData(nameof(Offers))]
    public async Task A_fix_makes_the_change_and_the_finding_is_gone(string id, string title, string fields, string body, string newFields, string newBody)
    {
        using AdhocWorkspace workspace = new();
        var document = Sources.Open(workspace, Make(fields, body));
        var finding = Assert.Single(await Findings(document), found => found.Id == id);
        var action = Assert.Single(await Actions(document, finding));
        Assert.Equal(title, action.Title);
        var operation = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(TestContext.Current.CancellationToken)));
        var changed = operation.ChangedSolution.GetDocument(document.Id)!;
        Assert.Equal(Make(newFields, newBody), (await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString());
        var compilation = (await changed.Project.GetCompilationAsync(TestContext.Current.CancellationToken))!;
        Assert.DoesNotContain(compilation.GetDiagnostics(TestContext.Current.CancellationToken), problem => problem.Severity == DiagnosticSeverity.Error);
        Assert.Empty(await Findings(changed));
    }

    [Theory]
    [MemberData(nameof(NotOffered))]
    public async Task Nothing_is_offered_where_the_change_would_be_wrong(string id, string fields, string body)
    {
        using AdhocWorkspace workspace = new();
        var document = Sources.Open(workspace, Make(fields, body));
        foreach (var finding in (await Findings(document)).Where(found => found.Id == id)) Assert.Empty(await Actions(document, finding));
        Assert.Contains(await Findings(document), found => found.Id == id);
    }

    // As dotnet format asks: by the offer for the first finding of all, of another rule, for which there may be none.
    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task All_of_a_rule_are_fixed_whatever_was_offered_first(string? key)
    {
        using AdhocWorkspace workspace = new();
        var document = Sources.Open(workspace, Make("", """
            session.AttachXdp("lo", ctx =>
            {
                int[] sums = new int[4];
                System.Console.WriteLine(ctx.Data.Length);
                System.Console.WriteLine(sums[0]);
                return XdpAction.Pass;
            });
            """));
        KernelCodeFix fix = new();
        FixAllContext context = new(document, fix, FixAllScope.Solution, key, ["HRN2109"], new Found(await Findings(document)), TestContext.Current.CancellationToken);
        var action = await fix.GetFixAllProvider().GetFixAsync(context);
        var operation = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action!.GetOperationsAsync(TestContext.Current.CancellationToken)));
        string changed = (await operation.ChangedSolution.GetDocument(document.Id)!.GetTextAsync(TestContext.Current.CancellationToken)).ToString();
        Assert.Contains("Bpf.Print($\"{ctx.Data.Length}\");", changed, StringComparison.Ordinal);
        Assert.Contains("Bpf.Print($\"{sums[0]}\");", changed, StringComparison.Ordinal);
        Assert.Contains("new int[4]", changed, StringComparison.Ordinal);
    }

    private sealed class Found(IReadOnlyList<Diagnostic> findings) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(findings);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(findings);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);
    }

    [Fact]
    public void The_page_lists_the_rules_with_fixes()
    {
        string page = Sources.Read("docs", "csharp-in-the-kernel.md");
        foreach (string id in new KernelCodeFix().FixableDiagnosticIds) Assert.Contains($"| {id} |", page, StringComparison.Ordinal);
    }

    private static string Make(string fields, string body) => Frame.Replace("FIELDS", fields, StringComparison.Ordinal).Replace("BODY", body.Replace("\n", "\n        ", StringComparison.Ordinal), StringComparison.Ordinal);

    private static async Task<IReadOnlyList<Diagnostic>> Findings(Document document) => await Sources.Analyze((await document.Project.GetCompilationAsync(TestContext.Current.CancellationToken))!);

    private static async Task<IReadOnlyList<CodeAction>> Actions(Document document, Diagnostic finding)
    {
        List<CodeAction> offered = [];
        CodeFixContext context = new(document, finding, (action, _) => offered.Add(action), TestContext.Current.CancellationToken);
        await new KernelCodeFix().RegisterCodeFixesAsync(context);
        return offered;
    }
}
