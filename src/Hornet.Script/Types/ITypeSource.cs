using Hornet.Script.Syntax;

namespace Hornet.Script.Types;

/// <summary>Where types and constants that a script names come from: its own C declarations, the kernel's BTF.</summary>
internal interface ITypeSource
{
    /// <summary>A type by the name a script gives it: <c>struct x</c>, <c>union x</c>, <c>enum x</c>, or a word (a typedef, <c>size_t</c>); null when there is none.</summary>
    ScriptType? FindType(string name);

    /// <summary>The same of what the script itself declares, which goes before the types of the place.</summary>
    ScriptType? FindDeclared(string name) => null;

    /// <summary>A constant of an enumeration; null when there is none.</summary>
    (EnumType Type, long Value)? FindEnumerator(string name);

    /// <summary>The type of a variable of the kernel, for <c>percpu_kaddr</c>; null when it is not known.</summary>
    ScriptType? FindVariableType(string name);

    /// <summary>What the script's preprocessor defines a name to be, when that is an expression; null when it is none.</summary>
    ExpressionSyntax? FindConstant(string name);

    /// <summary>The names of all its types, as a script writes them: for telling what somebody may have meant.</summary>
    IEnumerable<string> Names => [];
}

/// <summary>Several sources, the first that knows a name wins.</summary>
internal sealed class TypeSources(params IReadOnlyList<ITypeSource> sources) : ITypeSource
{
    public ScriptType? FindType(string name) => sources.Select(s => s.FindType(name)).FirstOrDefault(t => t is not null);

    public ScriptType? FindDeclared(string name) => sources.Select(s => s.FindDeclared(name)).FirstOrDefault(t => t is not null);

    public (EnumType Type, long Value)? FindEnumerator(string name) => sources.Select(s => s.FindEnumerator(name)).FirstOrDefault(t => t is not null);

    public ScriptType? FindVariableType(string name) => sources.Select(s => s.FindVariableType(name)).FirstOrDefault(t => t is not null);

    public ExpressionSyntax? FindConstant(string name) => sources.Select(s => s.FindConstant(name)).FirstOrDefault(t => t is not null);

    public IEnumerable<string> Names => sources.SelectMany(s => s.Names);
}
