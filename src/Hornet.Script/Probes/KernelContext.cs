using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>Types that programs of a kind find at their context.</summary>
internal static class KernelContext
{
    /// <summary><c>struct pt_regs *</c>; a pointer to nothing known without BTF.</summary>
    public static ScriptType Registers => field ??= Pointer("pt_regs");

    public static ScriptType PerfEvent => field ??= Pointer("bpf_perf_event_data");

    /// <summary>The context itself, for kinds whose programs may read it directly.</summary>
    public static ScriptType? Struct(string name) => BtfTypes.Kernel?.FindType("struct " + name);

    /// <summary>The fields of a context that programs read directly.</summary>
    public static IReadOnlyList<ScriptArgument>? ContextFields(string name) => Struct(name) is CompositeType type
        ? [.. type.Info.Fields.Where(f => f.Name.Length > 0).Select(f => f.Name is "data" or "data_end" or "data_meta"
            ? new ScriptArgument(f.Name, new PointerType(IntegerType.UInt8, AddressSpace.Kernel), new ArgumentLocation.PacketAddress(f.Offset))
            : new ScriptArgument(f.Name, f.Type, new ArgumentLocation.ContextBytes(f.Offset)))]
        : null;

    /// <summary>Arguments as a struct: side by side, each a word or as many as it needs.</summary>
    public static CompositeType WordsType(string name, IReadOnlyList<ScriptArgument> arguments)
    {
        List<CompositeField> fields = [];
        int at = 0;
        foreach (var argument in arguments)
        {
            fields.Add(new CompositeField(argument.Name, argument.Type, at));
            at += Math.Max(8, (argument.Type.Size + 7) / 8 * 8);
        }
        return new CompositeType(new CompositeTypeInfo("struct " + name, false, at, () => fields));
    }

    private static PointerType Pointer(string name) => new(Struct(name) ?? VoidType.Instance, AddressSpace.Kernel);
}
