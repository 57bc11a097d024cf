using System.Reflection;
using Hornet.IL;

namespace Hornet;

/// <summary>
/// On a static method: a program that runs at a tracepoint (4.7), <c>static void Method()</c>. On a struct: the tracepoint
/// that it is the record of.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Struct)]
public sealed class TracepointAttribute : BpfProgramAttribute
{
    /// <summary>Names the tracepoint.</summary>
    /// <param name="name">Written <c>group:name</c>, as in <c>sched:sched_switch</c>.</param>
    public TracepointAttribute(string name) => Name = name;

    /// <summary>The tracepoint: <c>group:name</c>.</summary>
    public string Name { get; }

    internal override string Section => $"tracepoint/{Name.Replace(':', '/')}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Tracepoint(Name, Delegate<Action>(method, "static void Method()"));
}
