using System.Runtime.CompilerServices;

namespace Hornet.Vm.Execution;

/// <summary>
/// Division as RFC 9669 defines it, where .NET would throw: by zero gives 0, modulo zero leaves the dividend, and the one
/// signed quotient that does not fit wraps. Both engines use these.
/// </summary>
internal static class Arithmetic
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Div64(ulong a, ulong b) => b == 0 ? 0 : a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mod64(ulong a, ulong b) => b == 0 ? a : a % b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Div32(uint a, uint b) => b == 0 ? 0 : a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Mod32(uint a, uint b) => b == 0 ? a : a % b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SDiv64(ulong a, ulong b) => b == 0 ? 0 : b == ulong.MaxValue ? 0 - a : (ulong)((long)a / (long)b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SMod64(ulong a, ulong b) => b == 0 ? a : b == ulong.MaxValue ? 0 : (ulong)((long)a % (long)b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SDiv32(uint a, uint b) => b == 0 ? 0 : b == uint.MaxValue ? 0 - a : (uint)((int)a / (int)b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SMod32(uint a, uint b) => b == 0 ? a : b == uint.MaxValue ? 0 : (uint)((int)a % (int)b);
}
