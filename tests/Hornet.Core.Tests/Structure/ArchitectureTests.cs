using System.Reflection;

namespace Hornet.Core.Tests.Structure;

/// <summary>
/// The folders of Hornet.Core know each other in one direction only. Read from the compiled assembly, so that a
/// qualified name, a <c>var</c> or a global using is no way around it.
/// </summary>
public class ArchitectureTests
{
    private static readonly Assembly s_core = typeof(BpfException).Assembly;

    /// <summary>A folder may use itself, the root and whatever stands before it.</summary>
    private static readonly string[] s_order =
        ["Interop", "Kernel", "Isa", "Btf", "Elf", "Features", "Maps", "Programs", "Links", "Buffers", "Objects"];

    [Fact]
    public void Arrows_between_the_folders_of_Hornet_Core_point_down()
    {
        List<string> wrong = [];
        (string From, string To, string Example)[] references = [.. References()];
        // A reader that finds nothing would find nothing wrong.
        Assert.Contains(references, r => r is { From: "Objects", To: "Maps" });
        Assert.Contains(references, r => r is { From: "Links", To: "Programs" });
        foreach ((string from, string to, string example) in references)
        {
            if (from == to || to == "") continue;
            // The root holds what all share, and so it uses nothing but the error numbers.
            if (from == "" && to == "Interop") continue;
            int a = Array.IndexOf(s_order, from), b = Array.IndexOf(s_order, to);
            if (a < 0 || b < 0 || b > a) wrong.Add($"{(from == "" ? "the root" : from)} uses {to}: {example}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Every_namespace_has_its_place_in_the_order()
    {
        IEnumerable<string> unknown = s_core.GetTypes()
            .Where(t => t.Namespace?.StartsWith("Hornet.", StringComparison.Ordinal) == true)
            .Select(t => t.Namespace!.Split('.')[1]).Distinct().Except(s_order);
        Assert.Empty(unknown);
    }

    [Fact]
    public void Hornet_Core_depends_on_nothing_but_the_base_library()
    {
        IEnumerable<string> foreign = s_core.GetReferencedAssemblies().Select(a => a.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name != "Microsoft.Win32.Primitives");
        Assert.Empty(foreign);
    }

    /// <summary>Pairs of folders of which the first uses the second, each once, with an example.</summary>
    private static IEnumerable<(string From, string To, string Example)> References()
    {
        Dictionary<(string, string), string> found = [];
        foreach (Type type in s_core.GetTypes())
        {
            if (FolderOf(type) is not { } from) continue;
            foreach (Type target in UsedBy(type))
            {
                if (target.Assembly == s_core && FolderOf(target) is { } to) found.TryAdd((from, to), $"{type.Name} uses {target.Name}");
            }
        }
        return found.Select(f => (f.Key.Item1, f.Key.Item2, f.Value));
    }

    private static HashSet<Type> UsedBy(Type type)
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        HashSet<Type> used = [];
        if (type.BaseType is { } parent) Add(used, parent);
        foreach (Type contract in type.GetInterfaces()) Add(used, contract);
        foreach (FieldInfo field in type.GetFields(all)) Add(used, field.FieldType);
        foreach (MethodBase method in type.GetMethods(all).Concat<MethodBase>(type.GetConstructors(all)))
        {
            foreach (ParameterInfo parameter in method.GetParameters()) Add(used, parameter.ParameterType);
            if (method is MethodInfo { ReturnType: { } result }) Add(used, result);
            if (method.GetMethodBody() is not { } body) continue;
            foreach (LocalVariableInfo local in body.LocalVariables) Add(used, local.LocalType);
            foreach (Type operand in Operands(type, method, body)) Add(used, operand);
        }
        return used;
    }

    /// <summary>The types that a method's code names, or whose members it uses.</summary>
    private static IEnumerable<Type> Operands(Type type, MethodBase method, MethodBody body)
    {
        Type[]? typeArguments = type.IsGenericTypeDefinition ? type.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethodDefinition ? method.GetGenericArguments() : null;
        foreach (int token in IlTokens.Of(body.GetILAsByteArray()!))
        {
            MemberInfo? member = type.Module.ResolveMember(token, typeArguments, methodArguments);
            if (member is Type direct) yield return direct;
            else if (member?.DeclaringType is { } declaring) yield return declaring;
            if (member is MethodInfo { IsGenericMethod: true } generic)
            {
                foreach (Type argument in generic.GetGenericArguments()) yield return argument;
            }
        }
    }

    private static void Add(HashSet<Type> set, Type type)
    {
        while (type.HasElementType) type = type.GetElementType()!;
        if (type.IsGenericParameter) return;
        if (type.IsGenericType)
        {
            foreach (Type argument in type.GetGenericArguments()) Add(set, argument);
            type = type.GetGenericTypeDefinition();
        }
        set.Add(type);
    }

    private static string? FolderOf(Type type)
    {
        Type outer = type;
        while (outer.DeclaringType is { } declaring) outer = declaring;
        return outer.Namespace == "Hornet" ? "" : outer.Namespace?.StartsWith("Hornet.", StringComparison.Ordinal) == true ? outer.Namespace.Split('.')[1] : null;
    }
}
