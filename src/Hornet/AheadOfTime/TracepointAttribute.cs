using System.Reflection;
using Hornet.IL;

namespace Hornet;

/// <summary>
/// A program that runs at a tracepoint (4.7): <c>static void Method()</c>, with fields of the record as parameters where they
/// are wanted. Where fields lie is that of the machine it is compiled on.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TracepointAttribute : BpfProgramAttribute
{
    /// <summary>Names the tracepoint.</summary>
    /// <param name="name">Written <c>group:name</c>, as in <c>sched:sched_switch</c>.</param>
    public TracepointAttribute(string name) => Name = name;

    /// <summary>The tracepoint: <c>group:name</c>.</summary>
    public string Name { get; }

    internal override string Section => $"tracepoint/{Name.Replace(':', '/')}";

    internal override KernelCode Code(MethodInfo method)
    {
        if (method.GetParameters().Length == 0) return KernelCode.Tracepoint(Name, Delegate<Action>(method, "static void Method()"));
        string[] parts = Name.Split(':', '/');
        if (parts.Length != 2) throw new BpfException($"'{Name}' is no tracepoint; write group:name");
        return KernelCode.TracepointFields(parts[0], parts[1], Delegate(method));
    }
}
