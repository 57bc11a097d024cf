using System.Runtime.InteropServices;
using Hornet.Isa;

namespace Hornet;

/// <summary>Where <c>struct pt_regs</c> has a system call's number and arguments: x86-64, or arm64.</summary>
internal static class SyscallRegisters
{
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>The first byte that is read; what follows counts from there.</summary>
    public static int From => s_arm ? 0 : 56;

    /// <summary>The bytes that are read: x0 to x5; r10 to cs.</summary>
    public static int Size => s_arm ? 48 : 88;

    // x0 to x5; rdi, rsi, rdx, r10, r8, r9.
    public static int[] Arguments { get; } = s_arm ? [0, 8, 16, 24, 32, 40] : [112 - 56, 104 - 56, 96 - 56, 0, 72 - 56, 64 - 56];

    /// <summary>Where the number is: syscallno; orig_ax.</summary>
    public static int Number => s_arm ? 280 : 120;

    public static MemorySize NumberSize => s_arm ? MemorySize.U32 : MemorySize.U64;

    /// <summary>Where the code segment is that tells 32-bit programs; null where there is none.</summary>
    public static int? CodeSegment => s_arm ? null : 136 - 56;

    /// <summary><c>__USER32_CS</c>.</summary>
    public const int CodeSegment32 = 0x23;
}
