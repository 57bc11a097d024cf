using Microsoft.CodeAnalysis;

namespace Hornet.Analyzers;

/// <summary>The marks by which kernel code is known, in one compilation.</summary>
internal sealed class HornetTypes
{
    private readonly INamedTypeSymbol _kernelCode;
    private readonly INamedTypeSymbol? _program, _structOps, _kernelFunction;

    private HornetTypes(Compilation compilation, INamedTypeSymbol kernelCode)
    {
        _kernelCode = kernelCode;
        _program = compilation.GetTypeByMetadataName("Hornet.BpfProgramAttribute");
        _structOps = compilation.GetTypeByMetadataName("Hornet.KernelTypes.StructOpsAttribute");
        _kernelFunction = compilation.GetTypeByMetadataName("Hornet.KernelTypes.KernelFunctionAttribute");
    }

    /// <summary>The marks; null when the code has nothing to do with Hornet.</summary>
    public static HornetTypes? Find(Compilation compilation) =>
        compilation.GetTypeByMetadataName("Hornet.KernelCodeAttribute") is { } kernelCode ? new HornetTypes(compilation, kernelCode) : null;

    /// <summary>Whether what is given for a parameter runs in the kernel.</summary>
    public bool IsKernelCode(IParameterSymbol parameter) => parameter.Type.TypeKind is TypeKind.Delegate or TypeKind.Class && Has(parameter.OriginalDefinition.GetAttributes(), _kernelCode);

    /// <summary>Whether the delegates that a method returns run in the kernel.</summary>
    public bool ReturnsKernelCode(IMethodSymbol method) => Has(method.GetReturnTypeAttributes(), _kernelCode);

    /// <summary>Whether a method is a program by itself: by its attribute, or as a member of a table of functions.</summary>
    public bool IsProgram(IMethodSymbol method)
    {
        var attributes = method.GetAttributes();
        if (Has(attributes, _kernelCode) || Has(attributes, _program)) return true;
        return method is { MethodKind: MethodKind.Ordinary, IsStatic: false, DeclaredAccessibility: Accessibility.Public } && Has(method.ContainingType.GetAttributes(), _structOps)
            && Root(method).ContainingType.SpecialType != SpecialType.System_Object;
    }

    /// <summary>Whether calls of a method are calls of a function of the kernel.</summary>
    public bool IsKernelFunction(IMethodSymbol method) => Has(method.GetAttributes(), _kernelFunction);

    private static IMethodSymbol Root(IMethodSymbol method)
    {
        while (method.OverriddenMethod is { } overridden) method = overridden;
        return method;
    }

    private static bool Has(IEnumerable<AttributeData> attributes, INamedTypeSymbol? wanted)
    {
        if (wanted is null) return false;
        foreach (var attribute in attributes)
        {
            for (var type = attribute.AttributeClass; type is not null; type = type.BaseType)
            {
                if (SymbolEqualityComparer.Default.Equals(type, wanted)) return true;
            }
        }
        return false;
    }
}
