using System.Runtime.InteropServices;
using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>Where this machine's calling convention puts arguments and results, in <c>struct pt_regs</c>.</summary>
internal static class Registers
{
    /// <summary>How many arguments have a number: <c>arg0</c> to <c>arg9</c>.</summary>
    public const int Arguments = 10;

    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    // rdi rsi rdx rcx r8 r9; x0 to x7.
    private static readonly int[] s_arguments = s_arm ? [0, 8, 16, 24, 32, 40, 48, 56] : [112, 104, 96, 88, 72, 64];

    private static readonly Dictionary<string, int> s_names = Names();

    private static readonly ScriptArgument[] s_kernel = Make(isUser: false), s_user = Make(isUser: true);

    /// <summary>How many arguments travel in registers.</summary>
    public static int InRegisters => s_arguments.Length;

    /// <summary>What a function returned.</summary>
    public static ScriptArgument Result { get; } = new("retval", IntegerType.UInt64, new ArgumentLocation.Register(s_arm ? 0 : 80));

    /// <summary>An argument by its number, as a word; null beyond the tenth.</summary>
    public static ScriptArgument? Argument(int index, bool isUser) => index is >= 0 and < Arguments ? (isUser ? s_user : s_kernel)[index] : null;

    /// <summary>The place of an argument, whatever its type.</summary>
    public static ArgumentLocation Location(int index, bool isUser) => index < s_arguments.Length
        ? new ArgumentLocation.Register(s_arguments[index])
        // Above the return address on x86; at the stack pointer itself on arm64, which has that in a register.
        : new ArgumentLocation.StackSlot((index - s_arguments.Length + (s_arm ? 0 : 1)) * 8, isUser);

    /// <summary>The offset of a register by the name <c>reg()</c> takes; null when there is none.</summary>
    public static int? Offset(string name) => s_names.TryGetValue(name, out int offset) ? offset : null;

    private static ScriptArgument[] Make(bool isUser)
    {
        var arguments = new ScriptArgument[Arguments];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = new ScriptArgument($"arg{i}", IntegerType.UInt64, Location(i, isUser));
        return arguments;
    }

    private static Dictionary<string, int> Names()
    {
        string[] names = s_arm
            ? [.. Enumerable.Range(0, 31).Select(i => $"r{i}"), "sp", "pc", "pstate"]
            : ["r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax", "cx", "dx", "si", "di", "orig_ax", "ip", "cs", "flags", "sp", "ss"];
        Dictionary<string, int> offsets = new(StringComparer.Ordinal);
        foreach (string name in names) offsets.Add(name, offsets.Count * 8);
        return offsets;
    }
}
