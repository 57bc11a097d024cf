using System.Runtime.CompilerServices;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;

namespace Hornet.Tests.IL;

/// <summary>Hands code to the compiler that it must refuse.</summary>
internal static class Rejected
{
    // What a callback for bind(2) would find.
    private static readonly ProbeSchema s_bind = new("syscall:bind", [new("fd", "int", ProbeFieldKind.Integer) { Offset = 72 }, new("addrlen", "int", ProbeFieldKind.Integer) { Offset = 80 }], true);

    /// <summary>All findings about code.</summary>
    public static IReadOnlyList<Diagnostic> Findings(Delegate kernel)
    {
        try
        {
            if (kernel is Func<ProbeEvent, bool> predicate)
            {
                KernelStages.Compile([KernelStage.Where(predicate)], s_bind, 512, ProgramType.RawTracepoint, isExclusive: false).Dispose();
                return [];
            }
            _ = CodeOf(kernel).Translate();
            return [];
        }
        catch (CompilationException error)
        {
            return error.Diagnostics;
        }
    }

    // By what it is given; packets of the stack are a socket filter's.
    private static KernelCode CodeOf(Delegate kernel)
    {
        var given = kernel.Method.GetParameters() is [.., { ParameterType: var type }] ? type : null;
        return given == typeof(XdpContext) ? KernelCode.Xdp("test", kernel)
            : given == typeof(SkbContext) ? KernelCode.Network("test", "socket filter:test", ProgramType.SocketFilter, kernel)
            : KernelCode.Tracepoint("group:test", kernel);
    }

    /// <summary>Asserts that there is one finding, of a rule, at a text that stands once in the lambda.</summary>
    public static Diagnostic Single(DiagnosticRule rule, Delegate kernel, string at, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var findings = Findings(kernel);
        var found = Assert.Single(findings);
        Assert.Equal(rule.Id, found.Id);
        Assert.Equal(Path.GetFileName(file), Path.GetFileName(found.Location!.File));
        Assert.InRange(found.Location.Line, line - 30, line + 30);
        string source = File.ReadAllLines(found.Location.File)[found.Location.Line - 1];
        Assert.Contains(at, source[(found.Location.Column - 1)..]);
        return found;
    }
}
