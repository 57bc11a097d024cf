using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Microsoft.CodeAnalysis;

namespace Hornet.Analyzers;

/// <summary>What of libraries kernel code may call. The list is the compiler's own table, written down by a test.</summary>
internal static class Members
{
    private static readonly HashSet<string> s_known = Read();

    private static readonly SymbolDisplayFormat s_format = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeParameters,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.ExpandNullable);

    /// <summary>A member as messages name it.</summary>
    public static string NameOf(ISymbol symbol) => symbol is IMethodSymbol { AssociatedSymbol: { } property } ? property.ToDisplayString(s_format) : symbol.ToDisplayString(s_format);

    /// <summary>Whether the compiler has a translation for a member, by its name.</summary>
    public static bool IsKnown(IMethodSymbol method)
    {
        if (method.ContainingType is not { } type) return false;
        string full = FullName(type.OriginalDefinition);
        string name = method.MetadataName;
        name = name.Substring(name.LastIndexOf('.') is > 0 and var dot && method.MethodKind != MethodKind.Constructor ? dot + 1 : 0);
        return s_known.Contains($"{full}.{name}") || (name.StartsWith("op_", StringComparison.Ordinal) && s_known.Contains($"{full}.op_*"));
    }

    /// <summary>The rule that a call of a library's method breaks; null when it may be compiled, or when only the compiler can tell.</summary>
    public static DiagnosticRule? Broken(IMethodSymbol method)
    {
        if (method.ContainingType is not { } type || method.ContainingAssembly is not { } assembly || IsKnown(method)) return null;
        // The debugging calls are not in a Release build; what a type parameter stands for decides what is called.
        if (type.TypeKind == TypeKind.TypeParameter || type.TypeKind == TypeKind.Delegate) return null;
        string library = assembly.Name, space = type.ContainingNamespace?.ToDisplayString() ?? "";
        if (library is "Hornet" or "Hornet.Core" or "Hornet.Compiler")
        {
            // What is marked as kernel code's own is known by its attributes; the rest of Hornet is compiled as it stands.
            if (IsKernelOnly(method) || library == "Hornet") return null;
            return IsMap(type) || space == "Hornet.Maps" ? Rules.MapMember : Rules.ForbiddenCall;
        }
        if (!IsRuntime(library)) return null;
        string name = $"{type.Name}.{method.Name}";
        if (type.Name is "Debug" or "Trace" && space == "System.Diagnostics") return Rules.ForbiddenCall;
        if (space.StartsWith("System.Linq", StringComparison.Ordinal)) return Rules.Linq;
        if (space.StartsWith("System.Threading.Tasks", StringComparison.Ordinal) || name.Contains("MethodBuilder") || name.Contains("Awaiter")) return Rules.Async;
        if (space == "System.Threading" && (type.Name is "Monitor" or "Lock" || name.Contains("Lock"))) return Rules.Locks;
        if (type.SpecialType == SpecialType.System_String || type.Name == "DefaultInterpolatedStringHandler" || method.Name == "ToString") return Rules.Strings;
        if (type.Name == "Console" && space == "System") return Rules.Printing;
        if (type.SpecialType is SpecialType.System_Decimal or SpecialType.System_Double or SpecialType.System_Single) return Rules.FloatingPoint;
        return Rules.ForbiddenCall;
    }

    /// <summary>Whether a library is a part of .NET.</summary>
    public static bool IsRuntime(string library) => library.StartsWith("System", StringComparison.Ordinal) || library.StartsWith("Microsoft.", StringComparison.Ordinal)
        || library is "mscorlib" or "netstandard" or "WindowsBase";

    /// <summary>Whether a symbol is Hornet's own.</summary>
    public static bool IsHornets(ISymbol symbol) => symbol.ContainingAssembly?.Name is "Hornet" or "Hornet.Core" or "Hornet.Compiler";

    /// <summary>Whether values of a type have fields that belong to the kernel.</summary>
    public static bool HasKernelFields(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } named || named.SpecialType != SpecialType.None) return false;
        if (named.Name is "BpfSpinLock" or "BpfResilientLock" or "BpfTimer" or "BpfKptr" or "BpfList" or "BpfTree" or "BpfListNode" or "BpfTreeNode" or "BpfReferenceCount" or "BpfWork" or "BpfTaskWork" && named.ContainingNamespace?.ToDisplayString() == "Hornet.Maps") return true;
        return named.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && !SymbolEqualityComparer.Default.Equals(field.Type, type) && HasKernelFields(field.Type));
    }

    private static bool IsMap(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.Name == "MapView" && type.ContainingNamespace?.ToDisplayString() == "Hornet.Maps") return true;
        }
        return false;
    }

    private static bool IsKernelOnly(IMethodSymbol method) =>
        method.GetAttributes().Concat(method.AssociatedSymbol?.GetAttributes() ?? []).Any(attribute => attribute.AttributeClass?.Name == "KernelOnlyAttribute");

    private static string FullName(INamedTypeSymbol type) => type.ContainingType is { } outer ? $"{FullName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.MetadataName}" : type.MetadataName;

    private static HashSet<string> Read()
    {
        using var stream = typeof(Members).Assembly.GetManifestResourceStream("KnownMembers.txt")!;
        using StreamReader reader = new(stream);
        return [.. reader.ReadToEnd().Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
    }
}
