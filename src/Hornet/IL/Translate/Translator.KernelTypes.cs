using System.Reflection;
using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Compiler.KernelTypes;
using Hornet.IL.Kernel;
using Hornet.IL.Values;
using Hornet.KernelTypes;

namespace Hornet.IL.Translate;

// Fields of kernel types, by name. Which is a pointer and which an address inside, the kernel's BTF says.
internal sealed partial class Translator
{
    /// <summary>The kernel's types; null when it does not describe them.</summary>
    public BtfSpec? KernelTypes => Request.Options.KernelTypes ?? (KernelBtf.IsAvailable ? KernelBtf.Vmlinux : null);

    /// <summary>A pointer as one into another region.</summary>
    public Value InRegion(Pointer pointer, Region region)
    {
        var address = AddressOf(pointer);
        return address.Type.Region == region ? address : Emit(new Conversion(ConversionKind.Reinterpret, address, IrType.Pointer(region)));
    }

    /// <summary>A variable that an argument of the program refers to.</summary>
    public Variable DeclareArgument(int index, MethodBase method, ILValue value)
    {
        VariableKey key = new(new FrameKey(null, -1, method), VariableKind.Argument, index);
        var shape = value switch { StructValue whole => (Shape)whole.Shape, MemoryValue memory => memory.Shape, _ => throw new InvalidOperationException($"{value} is no struct.") };
        Variable variable = new(key, shape) { Name = method.GetParameters() is var parameters && index < parameters.Length ? parameters[index].Name : null };
        if (value is MemoryValue { Address: Pointer { Base: var slot, Offset: 0 } })
        {
            variable.Slot = slot;
            return variable;
        }
        if (_knowledge.IsInMemory(key)) variable.Slot = NewSlot(shape.Size, 8, uninitialized: false);
        StoreVariable(variable, value);
        return variable;
    }

    // The same object as another type: the verifier knows it only as what it was.
    private Pointer AsKernelType(Pointer pointer, string name)
    {
        if (pointer.IsNull || pointer.Region.TypeName == name) return pointer;
        return new Pointer(InRegion(pointer, Region.KernelUntrusted(name)));
    }

    private bool TryKernelCall(MethodBase method, ILValue? target, ILValue[] arguments, out ILValue? result)
    {
        result = null;
        if (target is Pointer { IsNull: false } pointer && KernelViews.IsField(method))
        {
            result = KernelViews.PropertyOf(method) is { } property
                ? ReadField(pointer, property)
                : Report(Rules.VirtualCall, $"{Names.Of(method)} has no body: a view of a kernel type has properties to read, and methods with a body");
            return true;
        }
        return TryKernelFunction(method, arguments, out result) || TryKernelHelper(method, arguments, out result);
    }

    private ILValue ReadField(Pointer owner, PropertyInfo property)
    {
        string type = KernelViews.NameOf(property.DeclaringType!)!;
        if (KernelTypes is not { } types)
            return Report(DiagnosticRules.UnknownKernelField, $"{Names.Of(property.DeclaringType!)}.{property.Name} cannot be found: this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF is off)");
        var steps = FindField(types, type, KernelViews.PathsOf(property), out string? problem);
        if (steps is null) return Report(DiagnosticRules.UnknownKernelField, problem!);
        Value pointer = owner.Region.TypeName == type ? AddressOf(owner) : InRegion(owner, Region.KernelUntrusted(type));
        for (int i = 0; i < steps.Count - 1; i++) pointer = Follow(pointer, steps[i]);
        return ReadStep(pointer, steps[^1], property);
    }

    /// <summary>The first of several ways that this kernel has; the problem with the first one when there is none.</summary>
    public static List<KernelStep>? FindField(BtfSpec types, string type, IReadOnlyList<string> paths, out string? problem)
    {
        MemberPath walker = new(types);
        problem = null;
        foreach (string path in paths)
        {
            if (walker.TryWalk(type, path, out var steps, out string? why)) return steps;
            problem ??= why;
        }
        return null;
    }

    private Value Follow(Value pointer, KernelStep step)
    {
        var field = step.Type.Resolve();
        string name = MemberPath.NameOf(field.Target, $"{step.TypeName}.{step.Path}");
        return Emit(new KernelLoad(pointer, step.TypeName, step.Path, IrType.Pointer(RegionBehind(pointer, step, name))));
    }

    // The verifier goes along with pointers to structs, not with what may be another member of a union, nor with memory
    // of processes or of other CPUs.
    private static Region RegionBehind(Value pointer, KernelStep step, string name)
    {
        var field = step.Type.Resolve();
        bool known = pointer.Type.Region.Kind == RegionKind.Kernel && !step.InUnion && field.Target.Resolve().IsComposite
            && !MemberPath.HasTag(step.Type, "user") && !MemberPath.HasTag(step.Type, "percpu");
        return known ? Region.Kernel(name) : Region.KernelUntrusted(name);
    }

    private ILValue ReadStep(Value pointer, KernelStep step, PropertyInfo property)
    {
        var wanted = property.PropertyType;
        var field = step.Type.Resolve();
        string what = $"{step.TypeName}.{step.Path}", says = $"{what} is '{MemberPath.Describe(step.Type)}'";
        if (KernelViews.NameOf(wanted) is { } view)
        {
            if (field.IsComposite)
            {
                string inner = MemberPath.NameOf(step.Type, what);
                if (inner != view && !inner.Contains('.')) return Report(DiagnosticRules.UnknownKernelField, $"{says}, and {Names.Of(wanted)} is a view of {view}");
                // A member without a name of its own type is found as part of what it is in.
                var kind = pointer.Type.Region.Kind == RegionKind.Kernel && inner == view ? Region.Kernel(view) : Region.KernelUntrusted(view);
                return new Pointer(Emit(new KernelFieldAddress(pointer, step.TypeName, step.Path, IrType.Pointer(kind))));
            }
            if (field.Kind != BtfKind.Pointer) return Report(DiagnosticRules.UnknownKernelField, $"{says}, neither a struct nor a pointer to one, so it cannot be {Names.Of(wanted)}");
            string target = MemberPath.NameOf(field.Target, what);
            bool typed = field.Target.Resolve().IsComposite && !target.Contains('.');
            if (typed && target != view) return Report(DiagnosticRules.UnknownKernelField, $"{says}, and {Names.Of(wanted)} is a view of {view}");
            return new Pointer(Emit(new KernelLoad(pointer, step.TypeName, step.Path, IrType.Pointer(typed ? RegionBehind(pointer, step, view) : Region.KernelUntrusted(view)))));
        }
        if (Shape.Of(wanted) is ScalarShape { IsFloat: false } scalar)
        {
            if (field.Kind is not (BtfKind.Int or BtfKind.Pointer) && !field.IsEnum)
                return Report(DiagnosticRules.UnknownKernelField, $"{says}, which is no number: name a member of it, or use KernelPtr<T> for its address");
            int bits = step.BitfieldSize != 0 ? step.BitfieldSize : (int)field.ByteSize * 8;
            if (bits > scalar.Size * 8) return Report(DiagnosticRules.UnknownKernelField, $"{says}, {bits} bits wide, which do not fit into {Names.Of(wanted)} {property.Name}");
            return Coerce(new Scalar(Emit(new KernelLoad(pointer, step.TypeName, step.Path, scalar.IrType))), scalar);
        }
        if (AddressType.IsOne(wanted))
        {
            if (field.Kind == BtfKind.Pointer) return AddressType.Make(wanted, Emit(new KernelLoad(pointer, step.TypeName, step.Path, IrType.I64)));
            bool inside = field.Kind == BtfKind.Array || field.IsComposite;
            if (!inside || AddressType.IsUser(wanted)) return Report(DiagnosticRules.UnknownKernelField, $"{says}, so it cannot be {Names.Of(wanted)}");
            var address = Emit(new KernelFieldAddress(pointer, step.TypeName, step.Path, IrType.Pointer(Region.KernelUntrusted())));
            return AddressType.Make(wanted, Emit(new Conversion(ConversionKind.PointerToInteger, address, IrType.I64)));
        }
        return Report(DiagnosticRules.UnknownKernelField, $"{Names.Of(property.DeclaringType!)}.{property.Name} is {Names.Of(wanted)}; a field is a number, another kernel type, KernelPtr<T>, UserPtr<T>, KernelString or UserString");
    }
}

/// <summary>The structs that are an address: <see cref="KernelPtr{T}"/> and its like.</summary>
internal static class AddressType
{
    public static bool IsOne(Type type) => type == typeof(KernelString) || type == typeof(UserString) || IsPointer(type);

    public static bool IsUser(Type type) => type == typeof(UserString) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(UserPtr<>));

    public static bool IsString(Type type) => type == typeof(KernelString) || type == typeof(UserString);

    public static ILValue Make(Type type, Value address) => new StructValue((StructShape)Shape.Of(type), [new Scalar(address)]);

    private static bool IsPointer(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var definition && (definition == typeof(KernelPtr<>) || definition == typeof(UserPtr<>));
}
