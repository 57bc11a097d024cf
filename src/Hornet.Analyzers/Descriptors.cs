using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Microsoft.CodeAnalysis;

namespace Hornet.Analyzers;

/// <summary>The compiler's rules as Roslyn wants them.</summary>
internal static class Descriptors
{
    private const string Page = "docs/csharp-in-the-kernel.md";

    /// <summary>The rules that source can break visibly. The others depend on values, sizes or the kernel: only the compiler knows them.</summary>
    public static ImmutableArray<DiagnosticRule> Decidable { get; } =
    [
        Rules.Allocation, Rules.Exceptions, Rules.FloatingPoint, Rules.VirtualCall, Rules.Recursion, Rules.Boxing, Rules.VariableSize, Rules.MutableStatic,
        Rules.CapturedWrite, Rules.NotConstant, Rules.ReferenceInMemory, Rules.ReadOnlyWrite, Rules.Unsupported, Rules.ForbiddenCall, Rules.Linq, Rules.Async,
        Rules.Locks, Rules.Strings, Rules.Printing, Rules.NoBody, Rules.MapMember, Rules.KernelFieldCopied,
        DiagnosticRules.ReferenceNotReleased, DiagnosticRules.UsedAfterRelease, DiagnosticRules.LockNotHeld, DiagnosticRules.ForbiddenUnderLock,
    ];

    /// <summary>All that may be reported.</summary>
    public static ImmutableArray<DiagnosticDescriptor> All { get; } = [.. Decidable.Select(Make)];

    /// <summary>The descriptor of a rule.</summary>
    public static DiagnosticDescriptor Of(DiagnosticRule rule) => All[Decidable.IndexOf(rule)];

    /// <summary>The name of the rule's section on the page.</summary>
    public static string Anchor(DiagnosticRule rule)
    {
        // What the compiler finds in compiled code has no samples there.
        if (rule.Id.StartsWith("HRN3", StringComparison.Ordinal)) return "in-the-editor";
        StringBuilder anchor = new();
        foreach (char c in $"{rule.Id}: {rule.Title}".ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(c) || c == '-') anchor.Append(c);
            else if (c == ' ') anchor.Append('-');
        }
        return anchor.ToString();
    }

    private static DiagnosticDescriptor Make(DiagnosticRule rule) => new(rule.Id, rule.Title, "{0}", "Hornet", DiagnosticSeverity.Error, isEnabledByDefault: true,
        description: $"Why: {rule.Why}. Instead: {rule.Fix}.", helpLinkUri: $"{Root}{Page}#{Anchor(rule)}");

    // Where the repository is published, when the build says so (RepositoryUrl); a path inside of it otherwise.
    private static string Root { get; } = typeof(Descriptors).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "RepositoryUrl")?.Value is { Length: > 0 } url
        ? $"{url.TrimEnd('/')}/blob/main/" : "";
}
