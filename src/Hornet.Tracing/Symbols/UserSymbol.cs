namespace Hornet.Tracing.Symbols;

/// <summary>What is known of an address of a process.</summary>
/// <param name="Address">The address that was asked for.</param>
/// <param name="Name">The symbol, demangled unless that was turned off; null when none is known. Untrusted: whoever made the binary chose it.</param>
/// <param name="Offset">Bytes from where the symbol begins.</param>
/// <param name="Module">The file as the process sees it, or <c>[vdso]</c>, <c>[heap]</c>…; null when nothing is mapped there. Untrusted.</param>
/// <param name="FileAddress">The virtual address in the file, as its symbols and its debug information have it; 0 when there is no file.</param>
public readonly record struct UserSymbol(ulong Address, string? Name, ulong Offset, string? Module, ulong FileAddress)
{
    /// <summary>As stacks are printed: <c>name+offset</c>, the offset in decimal digits; the bare address when there is no name.</summary>
    public override string ToString() => Name is null ? $"0x{Address:x}" : $"{Name}+{Offset}";
}
