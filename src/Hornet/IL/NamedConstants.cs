using System.Reflection;
using Hornet.Compiler.IR;

namespace Hornet.IL;

/// <summary>
/// The constants of an object that is compiled ahead of time. Read-only static numbers of the classes that programs are in
/// get names there: what they are is known when the object is loaded, not when it is compiled.
/// </summary>
/// <param name="classes">The classes whose fields are meant.</param>
internal sealed class NamedConstants(IReadOnlyList<Type> classes)
{
    /// <summary>The section.</summary>
    public ObjectConstants Bytes { get; } = new();

    /// <summary>Whether a field becomes a named constant, when it is a number.</summary>
    public bool Holds(FieldInfo field) => field is { IsStatic: true, IsInitOnly: true } && classes.Contains(field.DeclaringType!);

    /// <summary>The constant's name: the field's, with the class where several classes are in one object.</summary>
    public string NameOf(FieldInfo field) => classes.Count == 1 ? PlainName(field) : $"{field.DeclaringType!.Name}_{PlainName(field)}";

    /// <summary>The name of a field, or of the property that the compiler made it for.</summary>
    public static string PlainName(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>') is > 1 and var end ? field.Name[1..end] : field.Name;
}
