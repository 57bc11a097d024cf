using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

/// <summary>The helpers that every machine has, by number. Their semantics are those of the kernel's, in include/uapi/linux/bpf.h.</summary>
internal static partial class VmHelpers
{
    /// <summary>What a tail call answers when there is no program: <c>-ENOENT</c>.</summary>
    public const ulong NoEntry = unchecked((ulong)-(long)Errno.ENOENT);

    /// <summary>A new table, to which a machine adds its own.</summary>
    public static Dictionary<int, VmHelper> CreateTable()
    {
        Dictionary<int, VmHelper> table = [];
        void Add(BpfHelper helper, VmHelper implementation) => table.Add((int)helper, implementation);
        AddMaps(Add);
        AddEnvironment(Add);
        AddMemory(Add);
        AddEvents(Add);
        AddControl(Add);
        AddText(Add);
        AddPackets(Add);
        return table;
    }

    /// <summary>An error as helpers return it: the number, negative.</summary>
    private static ulong Error(Errno errno) => (ulong)-(long)errno;

    /// <summary>A length argument, which the kernel takes as 32 bits and its verifier bounds.</summary>
    private static int Length(VmExecution s, ulong value, Register register)
    {
        uint length = (uint)value;
        return length <= 1 << 29 ? (int)length : throw s.Fault(VmFaultKind.BadArgument, $"a length of {length} bytes", register);
    }
}
