using System.Linq.Expressions;
using System.Reflection;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;

namespace Hornet;

/// <summary>
/// Marks a static method that is compiled ahead of time, by <c>hornet compile</c> or when its project is built, and says
/// which kind of program it becomes. Each kind has an attribute of its own.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class BpfProgramAttribute : Attribute
{
    private protected BpfProgramAttribute()
    {
    }

    /// <summary>The program's name; null for the method's.</summary>
    public string? ProgramName { get; set; }

    /// <summary>The name of the program's section in an object file, which says to every loader what kind it is and where it belongs.</summary>
    internal abstract string Section { get; }

    /// <summary>The method as the program that a session would make of it.</summary>
    internal abstract KernelCode Code(MethodInfo method);

    /// <summary>The method as a delegate of its own form, for kinds whose parameters are those of what they are attached to.</summary>
    private protected static Delegate Delegate(MethodInfo method) =>
        method.CreateDelegate(Expression.GetDelegateType([.. method.GetParameters().Select(p => p.ParameterType), method.ReturnType]));

    /// <summary>The method as the delegate that programs of the kind are made of.</summary>
    /// <exception cref="CompilationException">It takes or gives something else.</exception>
    private protected T Delegate<T>(MethodInfo method, string form) where T : Delegate
    {
        try
        {
            return method.CreateDelegate<T>();
        }
        catch (ArgumentException)
        {
            throw new CompilationException([Diagnostic.Error(AheadOfTimeRules.Signature, AheadOfTimeCompiler.LocationOf(method),
                $"{AheadOfTimeCompiler.NameOf(method)} is marked [{GetType().Name.Replace("Attribute", "", StringComparison.Ordinal)}] and must be {form}")]);
        }
    }
}
