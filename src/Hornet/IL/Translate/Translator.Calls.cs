using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using Hornet.IL.Decoding;
using Hornet.IL.Intrinsics;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Translate;

// Calls: an intrinsic, a method of the program's author, or an error. Nothing of the runtime's own library is compiled
// from its IL, which differs from version to version and throws where the kernel cannot.
internal sealed partial class Translator
{
    private ILValue[] PopArguments(int count)
    {
        var arguments = new ILValue[count];
        for (int i = count - 1; i >= 0; i--) arguments[i] = Pop();
        return arguments;
    }

    private void ExecuteCall(ILInstruction instruction, MethodBase method)
    {
        var arguments = PopArguments(method.GetParameters().Length);
        var target = method.IsStatic ? null : Pop();
        FlushStack();
        var constrained = _constrained;
        _constrained = null;
        if (constrained is not null) method = Constrain(constrained, method, ref target);
        bool returns = method is MethodInfo { ReturnType: var type } && type != typeof(void);
        var result = Invoke(method, target, arguments, instruction.OpCode == ILOpCode.Callvirt && constrained is null);
        if (Current is null || !returns) return;
        Push(Usable(result ?? ErrorValue.Instance));
    }

    /// <summary>Whether the next instruction throws the result of this one away.</summary>
    public bool IsResultDropped
    {
        get
        {
            int next = Frame.Code.IndexOf(Offset) + 1;
            return next < Frame.Code.Instructions.Length && Frame.Code.Instructions[next].OpCode == ILOpCode.Pop;
        }
    }

    /// <summary>Calls a method with values.</summary>
    public ILValue? Invoke(MethodBase method, ILValue? target, ILValue[] arguments, bool isVirtual)
    {
        if (target is ErrorValue) return ErrorValue.Instance;
        if (method.DeclaringType is { } declaring && declaring.IsSubclassOf(typeof(MulticastDelegate)) && method.Name == "Invoke")
            return InvokeDelegate(target!, arguments);
        if (target is KernelWalk iterator) return IteratorIntrinsics.Member(this, method, iterator);
        if (target is MapWalk walk) return WalkIntrinsics.Member(this, method, walk);
        if (isVirtual && target is ObjectConstant { Instance: { } instance }) method = Dispatch(method, instance.GetType());
        if (TryIntrinsic(method, target, arguments, out var result)) return result;
        if (TryKernelCall(method, target, arguments, out result)) return result;
        if (target is ObjectConstant { Instance: null }) return Report(Rules.NullDereference, $"{Names.Of(method)} is called on null");
        if (isVirtual && method.IsVirtual && !method.IsFinal && !method.DeclaringType!.IsSealed && !Kernel.KernelViews.IsView(method.DeclaringType) && target is not (ObjectConstant { Instance: not null } or null))
            return Report(Rules.VirtualCall, $"{Names.Of(method)} is called on an object that is not known");
        // A call that the C# compiler makes for something that was reported already is no other mistake.
        if (method.IsStatic && arguments is [ErrorValue, ..] && method.DeclaringType?.Namespace is "System.Runtime.InteropServices" or "System.Runtime.CompilerServices") return ErrorValue.Instance;
        if (!MayCompile(method)) return RejectCall(method);
        if (target is BoxedValue boxed) target = AddressOf(NewTemporary(Shape.Of(boxed.Type), boxed.Value));
        var parameters = method.GetParameters();
        for (int i = 0; i < arguments.Length; i++) arguments[i] = Coerce(arguments[i], Shape.Of(parameters[i].ParameterType));
        if (Frame is not null && IsFunction(method) && TryCallFunction(method, target, arguments, out result)) return result;
        return CallMethod(method, target, arguments, null);
    }

    /// <summary>Calls a delegate whose method is known.</summary>
    public ILValue? InvokeDelegate(ILValue target, ILValue[] arguments)
    {
        switch (target)
        {
            case DelegateValue made:
                return InvokeBound(made.Method, made.Target, arguments);
            case ObjectConstant { Instance: Delegate known }:
                return known.HasSingleTarget
                    ? InvokeBound(known.Method, new ObjectConstant(known.Target), arguments)
                    : Report(Rules.Multicast, "a delegate of several methods is called");
            case ObjectConstant { Instance: null }:
                return Report(Rules.NullDereference, "a delegate that is null is called");
            default:
                return Report(Rules.NotConstant, $"{Describe(target)} is called as a delegate");
        }
    }

    /// <summary>Calls the method of a delegate; a static method may have its first argument bound.</summary>
    public ILValue? InvokeBound(MethodBase method, ILValue target, ILValue[] arguments)
    {
        if (!method.IsStatic) return Invoke(method, target, arguments, isVirtual: false);
        if (method.GetParameters().Length == arguments.Length + 1) arguments = [target, .. arguments];
        return Invoke(method, null, arguments, isVirtual: false);
    }

    // Calls through a type parameter are calls of the method of the actual type.
    private MethodBase Constrain(Type type, MethodBase method, ref ILValue? target)
    {
        if (!type.IsValueType)
        {
            // The target is the address of a reference.
            if (target is not null) target = LoadFrom(target, Shape.Of(type), false);
            return target is ObjectConstant { Instance: { } instance } ? Dispatch(method, instance.GetType()) : method;
        }
        if (method.DeclaringType is not { IsInterface: true })
        {
            var own = type.GetMethod(method.Name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [.. method.GetParameters().Select(parameter => parameter.ParameterType)]);
            own ??= (MethodInfo)method;
            // What a type has from Enum or ValueType sees it as an object.
            if (own.DeclaringType is { IsValueType: false } && target is not null) target = new BoxedValue(type, LoadFrom(target, Shape.Of(type), false));
            return own;
        }
        return Implementation(type, (MethodInfo)method);
    }

    private static MethodBase Implementation(Type type, MethodInfo method)
    {
        var generic = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
        var map = type.GetInterfaceMap(method.DeclaringType!);
        for (int i = 0; i < map.InterfaceMethods.Length; i++)
        {
            if (map.InterfaceMethods[i] != generic) continue;
            var found = map.TargetMethods[i];
            return method.IsGenericMethod ? found.MakeGenericMethod(method.GetGenericArguments()) : found;
        }
        return method;
    }

    private static MethodBase Dispatch(MethodBase method, Type type)
    {
        if (!method.IsVirtual || method is not MethodInfo info) return method;
        if (method.DeclaringType is { IsInterface: true }) return type.IsArray ? method : Implementation(type, info);
        var definition = info.IsGenericMethod ? info.GetGenericMethodDefinition() : info;
        var root = definition.GetBaseDefinition();
        for (var at = type; at is not null && at != definition.DeclaringType; at = at.BaseType)
        {
            foreach (var candidate in at.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (candidate.IsVirtual && candidate.Name == info.Name && candidate.GetBaseDefinition().MethodHandle == root.MethodHandle)
                    return info.IsGenericMethod ? candidate.MakeGenericMethod(info.GetGenericArguments()) : candidate;
            }
        }
        return method;
    }

    private bool TryIntrinsic(MethodBase method, ILValue? target, ILValue[] arguments, out ILValue? result)
    {
        result = null;
        if (IntrinsicTable.Find(method) is not { } intrinsic) return false;
        if (Array.Exists(arguments, IsWrong) || IsWrong(target))
        {
            result = ErrorValue.Instance;
            return true;
        }
        IntrinsicCall call = new(this, method, target, arguments);
        result = intrinsic(call);
        if (!call.Declined) return true;
        result = null;
        return false;
    }

    // What was reported already, or has such a part: nothing more can be said about it.
    private static bool IsWrong(ILValue? value) => value is ErrorValue || (value is StructValue whole && Array.Exists(whole.Leaves, leaf => leaf is ErrorValue));

    // The author's own code, and what of Hornet is written to be compiled.
    private static bool MayCompile(MethodBase method)
    {
        var assembly = method.Module.Assembly;
        if (method.IsDefined(typeof(KernelOnlyAttribute))) return false;
        if (assembly == typeof(Translator).Assembly) return true;
        string name = assembly.GetName().Name ?? "";
        return name != "Hornet.Core" && name != "Hornet.Compiler" && !name.StartsWith("System", StringComparison.Ordinal)
            && !name.StartsWith("Microsoft.", StringComparison.Ordinal) && name is not ("mscorlib" or "netstandard" or "WindowsBase");
    }

    private ILValue RejectCall(MethodBase method)
    {
        string name = Names.Of(method);
        var type = method.DeclaringType;
        string space = type?.Namespace ?? "";
        bool ofMap = type is not null && (type.IsSubclassOf(typeof(MapView)) || type == typeof(MapView) || space == "Hornet.Maps");
        if (ofMap && method.Name == "GetEnumerator") return Report(Rules.MapMember, $"foreach over a {Names.Of(type!)} is for user space: the kernel walks through hashes and arrays only");
        if (ofMap) return Report(Rules.MapMember, $"{name} is for user space");
        if (type == typeof(Debug) || type == typeof(Trace)) return Report(Rules.ForbiddenCall, $"{name} cannot run in the kernel");
        if (space.StartsWith("System.Linq", StringComparison.Ordinal)) return Report(Rules.Linq, $"{name} cannot run in the kernel");
        if (space.StartsWith("System.Threading.Tasks", StringComparison.Ordinal) || name.Contains("MethodBuilder", StringComparison.Ordinal) || name.Contains("Awaiter", StringComparison.Ordinal))
            return Report(Rules.Async, $"{name} cannot run in the kernel");
        if (type == typeof(Monitor) || type == typeof(Lock) || space == "System.Threading" && name.Contains("Lock", StringComparison.Ordinal)) return Report(Rules.Locks, $"{name} cannot run in the kernel");
        if (type == typeof(string) || type?.Name == "DefaultInterpolatedStringHandler" || method.Name == "ToString") return Report(Rules.Strings, $"{name} cannot run in the kernel");
        if (type == typeof(Console)) return Report(Rules.Printing, $"{name} cannot run in the kernel");
        if (type == typeof(decimal) || type == typeof(double) || type == typeof(float)) return Report(Rules.FloatingPoint, $"{name} cannot run in the kernel");
        return Report(Rules.ForbiddenCall, $"{name} cannot run in the kernel");
    }
}
