using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>Local storages: values kept with tasks (5.11), sockets (5.2), inodes (5.10), control groups (6.2).</summary>
internal static class StorageIntrinsics
{
    private const long Create = 1;

    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var type in (ReadOnlySpan<Type>)[typeof(LocalStorageMap<>), typeof(BpfTaskStorage<>), typeof(BpfCgroupStorage<>)])
        {
            registry.Add(type, MapCall.Intrinsic(static call => Get(call, 0) is { } found ? new Pointer(found) : ErrorValue.Instance), "Find");
            registry.Add(type, MapCall.Intrinsic(GetOrAdd), "GetOrAdd");
            registry.Add(type, MapCall.Intrinsic(Remove), "Remove", "RemoveFrom");
        }
        foreach (var type in (ReadOnlySpan<Type>)[typeof(BpfAttachedCgroupStorage<>), typeof(BpfAttachedPerCpuCgroupStorage<>)])
            registry.Add(type, MapCall.Intrinsic(static call => new Pointer(call.Translator.Call(BpfHelper.GetLocalStorage, Value(call), call.Map.Handle(call.Translator), Translator.Number(0)))), "get_Current");
    }

    private static IrType Value(MapCall call) => IrType.Pointer(Region.MapValue(call.ValueShape.Size));

    private static (BpfHelper Get, BpfHelper Delete) HelpersOf(MapType type) => type switch
    {
        MapType.TaskStorage => (BpfHelper.TaskStorageGet, BpfHelper.TaskStorageDelete),
        MapType.SkStorage => (BpfHelper.SkStorageGet, BpfHelper.SkStorageDelete),
        MapType.InodeStorage => (BpfHelper.InodeStorageGet, BpfHelper.InodeStorageDelete),
        _ => (BpfHelper.CgrpStorageGet, BpfHelper.CgrpStorageDelete),
    };

    private static Value? Get(MapCall call, long flags)
    {
        var t = call.Translator;
        // The new value is zero: its address is null.
        return Owner(call) is { } owner ? t.Call(HelpersOf(call.Map.Type).Get, Value(call), call.Map.Handle(t), owner, Translator.Number(0), Translator.Number(flags)) : null;
    }

    private static ILValue? GetOrAdd(MapCall call)
    {
        if (Get(call, Create) is not { } found) return ErrorValue.Instance;
        var t = call.Translator;
        // No memory, or the object is about to go.
        t.LeaveProgramIf(t.Comparison(Predicate.Equal, found, Constant.Null(found.Type.Region)));
        return new Pointer(found);
    }

    private static ILValue? Remove(MapCall call) => Owner(call) is { } owner
        ? new Scalar(call.IsSuccess(call.Translator.Call(HelpersOf(call.Map.Type).Delete, IrType.I64, call.Map.Handle(call.Translator), owner)))
        : ErrorValue.Instance;

    // The object whose value is asked for; null where the program has none, which is reported.
    private static Value? Owner(MapCall call)
    {
        var t = call.Translator;
        if (call.Count == 0)
        {
            var task = t.Call(BpfHelper.GetCurrentTaskBtf, IrType.Pointer(Region.Kernel("task_struct")));
            if (call.Map.Type == MapType.TaskStorage) return task;
            // A task's control group of the unified hierarchy.
            var set = t.Emit(new KernelLoad(task, "task_struct", "cgroups", IrType.Pointer(Region.Kernel("css_set"))));
            return t.Emit(new KernelLoad(set, "css_set", "dfl_cgrp", IrType.Pointer(Region.Kernel("cgroup"))));
        }
        // The members for user space name the object by a descriptor or a number.
        if (!call.ParameterType(0).IsByRef)
        {
            call.Unavailable("is for user space; kernel code gives the object itself");
            return null;
        }
        var given = call.Value(0, Shape.Of(call.ParameterType(0).GetElementType()!));
        var value = given is StructValue { Leaves: [var only] } ? only : given;
        if (value is Pointer { Region.Kind: RegionKind.Context } context) return Socket(call, context);
        if (value is Pointer { Region.Kind: RegionKind.Kernel } owner) return t.AddressOf(owner);
        if (value is not ErrorValue) call.Unavailable("is given something that is no kernel object the program may follow");
        return null;
    }

    // The socket of a context: the context itself, or a field of it that may be null.
    private static Value? Socket(MapCall call, Pointer context)
    {
        var t = call.Translator;
        if (call.Map.Type != MapType.SkStorage)
        {
            call.Unavailable("is given the program's context, which is no such object");
            return null;
        }
        int offset = t.Module.ProgramType switch
        {
            ProgramType.CgroupSock => -1,
            // struct __sk_buff, bpf_sock_addr, bpf_sock_ops, bpf_sockopt, sk_msg_md: where "sk" is.
            ProgramType.CgroupSkb or ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.SkSkb => 168,
            ProgramType.CgroupSockAddr => 64,
            ProgramType.SockOps => 184,
            ProgramType.CgroupSockOpt => 0,
            ProgramType.SkMsg => 72,
            _ => -2,
        };
        if (offset == -1) return t.AddressOf(context);
        if (offset == -2)
        {
            call.Unavailable("is given the program's context, which has no socket");
            return null;
        }
        var socket = t.Emit(new Load(context.Base, context.Offset + offset, MemoryWidth.U64, IrType.Pointer(Region.Kernel("sock"))));
        t.LeaveProgramIf(t.Comparison(Predicate.Equal, socket, Constant.Null(socket.Type.Region)));
        return t.Current is null ? null : socket;
    }
}
