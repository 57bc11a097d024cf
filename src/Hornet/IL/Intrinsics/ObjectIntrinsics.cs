using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>Objects that kernel code makes, and the lists and trees that hold them (6.6).</summary>
internal static class ObjectIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfObjects), New, "New");
        registry.Add(typeof(BpfObjects), Drop, "Drop");
        registry.Add(typeof(BpfObjects), Acquire, "Acquire");
        var list = typeof(BpfListExtensions);
        registry.Add(list, static call => Push(call, "bpf_list_push_front_impl"), "PushFront");
        registry.Add(list, static call => Push(call, "bpf_list_push_back_impl"), "PushBack");
        registry.Add(list, static call => Show(call, "bpf_list_pop_front", typeof(BpfListNode)), "PopFront");
        registry.Add(list, static call => Show(call, "bpf_list_pop_back", typeof(BpfListNode)), "PopBack");
        registry.Add(list, static call => Show(call, "bpf_list_front", typeof(BpfListNode)), "Front");
        registry.Add(list, static call => Show(call, "bpf_list_back", typeof(BpfListNode)), "Back");
        registry.Add(list, PutBehind, "PutBehind");
        registry.Add(list, static call => Show(call, "bpf_list_del", typeof(BpfListNode)), "Remove");
        registry.Add(list, static call => Ask(call, "bpf_list_empty"), "IsEmpty");
        registry.Add(list, static call => Ask(call, "bpf_list_is_first"), "IsFirst");
        registry.Add(list, static call => Ask(call, "bpf_list_is_last"), "IsLast");
        var tree = typeof(BpfTreeExtensions);
        registry.Add(tree, Add, "Add");
        registry.Add(tree, static call => Show(call, "bpf_rbtree_remove", typeof(BpfTreeNode)), "Remove");
        registry.Add(tree, static call => Show(call, "bpf_rbtree_first", typeof(BpfTreeNode)), "First");
        registry.Add(tree, static call => Show(call, "bpf_rbtree_root", typeof(BpfTreeNode)), "Root");
        registry.Add(tree, static call => Show(call, "bpf_rbtree_left", typeof(BpfTreeNode)), "Left");
        registry.Add(tree, static call => Show(call, "bpf_rbtree_right", typeof(BpfTreeNode)), "Right");
    }

    private static IrType Object(Type type) => IrType.Pointer(Region.Object(Layout.SizeOf(type)));

    private static bool IsUnavailable(IntrinsicCall call, string function)
    {
        if (call.Translator.UnavailableFunction(function) is not { } refused) return false;
        call.Translator.Report(TracingRules.KernelFunction, refused);
        return true;
    }

    private static ILValue? New(IntrinsicCall call)
    {
        const string Function = "bpf_obj_new_impl";
        if (IsUnavailable(call, Function)) return ErrorValue.Instance;
        var t = call.Translator;
        var type = call.TypeArgument();
        // The type's number is filled in when all maps are known.
        var made = t.Emit(new KernelFunctionCall(Function, Object(type), Translator.Number(0), Translator.Number(0)));
        t.NoteNewObject(made, type);
        return new Pointer(made);
    }

    private static ILValue? Drop(IntrinsicCall call)
    {
        const string Function = "bpf_obj_drop_impl";
        if (IsUnavailable(call, Function) || Item(call, call.Arguments[0]) is not { } item) return ErrorValue.Instance;
        call.Translator.Emit(new KernelFunctionCall(Function, IrType.Void, item, Translator.Number(0)));
        return null;
    }

    private static ILValue? Acquire(IntrinsicCall call)
    {
        const string Function = "bpf_refcount_acquire_impl";
        var t = call.Translator;
        var type = call.TypeArgument();
        if (!Array.Exists(Layout.InstanceFields(type), field => field.FieldType == typeof(BpfReferenceCount)))
            return t.Report(TracingRules.KernelFunction, $"{Names.Of(type)} has no BpfReferenceCount: nobody counts the references to it");
        if (IsUnavailable(call, Function) || Item(call, call.Arguments[0]) is not { } item) return ErrorValue.Instance;
        return new Pointer(t.Emit(new KernelFunctionCall(Function, Object(type), item, Translator.Number(0))));
    }

    private static ILValue? Push(IntrinsicCall call, string function)
    {
        var t = call.Translator;
        if (IsUnavailable(call, function) || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } root || Node(call, call.Arguments[1], typeof(BpfListNode)) is not { } node) return ErrorValue.Instance;
        return Succeeded(t, t.Emit(new KernelFunctionCall(function, IrType.I64, root, node, Translator.Number(0), Translator.Number(0))));
    }

    private static ILValue? PutBehind(IntrinsicCall call)
    {
        const string Function = "bpf_list_add";
        var t = call.Translator;
        if (IsUnavailable(call, Function) || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } root || Node(call, call.Arguments[1], typeof(BpfListNode)) is not { } node
            || Node(call, call.Arguments[2], typeof(BpfListNode)) is not { } before) return ErrorValue.Instance;
        return Succeeded(t, t.Emit(new KernelFunctionCall(Function, IrType.I64, root, node, before)));
    }

    // A question about a list, and about an object where there is one.
    private static ILValue? Ask(IntrinsicCall call, string function)
    {
        var t = call.Translator;
        if (IsUnavailable(call, function) || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } root) return ErrorValue.Instance;
        List<Value> arguments = [root];
        if (call.Arguments.Length > 1)
        {
            if (Node(call, call.Arguments[1], typeof(BpfListNode)) is not { } node) return ErrorValue.Instance;
            arguments.Add(node);
        }
        var answer = t.Emit(new KernelFunctionCall(function, IrType.I64, [.. arguments]));
        // What the kernel calls bool is one byte of the register.
        return new Scalar(t.Comparison(Predicate.NotEqual, t.Arithmetic(BinaryOperator.And, answer, Translator.Number(0xff)), Translator.Number(0)));
    }

    private static Scalar Succeeded(Translator t, Value status) => new(t.Comparison(Predicate.Equal, t.Narrow(status), Translator.Number32(0)));

    private static ILValue? Add(IntrinsicCall call)
    {
        const string Function = "bpf_rbtree_add_impl";
        var t = call.Translator;
        var type = call.TypeArgument();
        int offset = OffsetOf(type, typeof(BpfTreeNode));
        if (IsUnavailable(call, Function) || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } root || Node(call, call.Arguments[1], typeof(BpfTreeNode)) is not { } node) return ErrorValue.Instance;
        var callback = t.BeginCallback(call.Arguments[2], new CallbackSignature
        {
            Name = "less",
            // bool (*)(struct bpf_rb_node *left, const struct bpf_rb_node *right)
            Parameters = [Object(type), Object(type)],
            Bind = (_, parameters) => [new Pointer(parameters[0], -offset), new Pointer(parameters[1], -offset)],
            Result = static (inner, result) => result is Scalar less ? inner.Widen(less.Ir, false) : Translator.Number(0),
        });
        if (callback is null) return ErrorValue.Instance;
        var status = t.Emit(new KernelFunctionCall(Function, IrType.I64, root, node, callback.Function, Translator.Number(0), Translator.Number(0)));
        t.EndCallback(callback);
        return t.Current is null ? ErrorValue.Instance : Succeeded(t, status);
    }

    // What a list or tree hands out: the object around the node, or null.
    private static ILValue? Show(IntrinsicCall call, string function, Type node)
    {
        var t = call.Translator;
        var type = call.TypeArgument();
        if (IsUnavailable(call, function) || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } root) return ErrorValue.Instance;
        List<Value> arguments = [root];
        if (call.Arguments.Length > 1)
        {
            if (Node(call, call.Arguments[1], node) is not { } at) return ErrorValue.Instance;
            arguments.Add(at);
        }
        var shown = t.Emit(new KernelFunctionCall(function, Object(type), [.. arguments]));
        int offset = OffsetOf(type, node);
        if (offset == 0) return new Pointer(shown);
        // The verifier allows no arithmetic with what may be null.
        return t.Choose(t.Comparison(Predicate.Equal, shown, Constant.Null(shown.Type.Region)), () => new Pointer(Constant.Null(shown.Type.Region)),
            () => new Pointer(t.AddressOf(new Pointer(shown, -offset))));
    }

    private static int OffsetOf(Type type, Type node) => Array.Find(Layout.InstanceFields(type), field => field.FieldType == node) is { } field ? Layout.OffsetOf(field) : 0;

    private static Value? Node(IntrinsicCall call, ILValue item, Type node)
    {
        if (Item(call, item) is null) return null;
        var pointer = (Pointer)call.Translator.RealPointer(item);
        return call.Translator.AddressOf(pointer with { Offset = pointer.Offset + OffsetOf(call.TypeArgument(), node) });
    }

    private static Value? Item(IntrinsicCall call, ILValue item)
    {
        var t = call.Translator;
        if (item is Pointer { Region.Kind: RegionKind.Object } pointer) return t.AddressOf(pointer);
        if (item is not ErrorValue) t.Report(TracingRules.KernelFunction, $"{Names.Of(call.Method)} is given something that is no object of the kernel's: what BpfObjects.New, a list or a tree gave");
        return null;
    }
}
