namespace Hornet.Elf;

/// <summary>What an ELF file is (<c>e_type</c>).</summary>
public enum ElfType : ushort
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>A relocatable object (<c>.o</c>): what compilers make of BPF programs.</summary>
    Relocatable = 1,
    /// <summary>An executable at fixed addresses.</summary>
    Executable = 2,
    /// <summary>A shared library or a position-independent executable.</summary>
    SharedObject = 3,
    /// <summary>A core dump.</summary>
    Core = 4,
}

/// <summary>The machine code in an ELF file (<c>e_machine</c>). Only those Hornet asks about are named.</summary>
public enum ElfMachine : ushort
{
    /// <summary>None. Compilers before LLVM 3.9 wrote it in BPF objects.</summary>
    None = 0,
    /// <summary>Intel 386.</summary>
    I386 = 3,
    /// <summary>x86-64.</summary>
    X64 = 62,
    /// <summary>Arm, 32 bits.</summary>
    Arm = 40,
    /// <summary>Arm, 64 bits.</summary>
    Arm64 = 183,
    /// <summary>RISC-V.</summary>
    RiscV = 243,
    /// <summary>eBPF.</summary>
    Bpf = 247,
}

/// <summary>What a section holds (<c>sh_type</c>).</summary>
public enum ElfSectionType : uint
{
    /// <summary>An unused header.</summary>
    Null = 0,
    /// <summary>Code or data.</summary>
    ProgramBits = 1,
    /// <summary>Symbols.</summary>
    SymbolTable = 2,
    /// <summary>Zero-terminated strings.</summary>
    StringTable = 3,
    /// <summary>Relocations with explicit addends.</summary>
    RelocationsWithAddend = 4,
    /// <summary>Notes.</summary>
    Note = 7,
    /// <summary>Zeroes that take no room in the file.</summary>
    NoBits = 8,
    /// <summary>Relocations whose addend is at the relocated place.</summary>
    Relocations = 9,
    /// <summary>Symbols the dynamic linker uses.</summary>
    DynamicSymbols = 11,
    /// <summary>Section numbers of symbols, when there are more than 65 280 sections.</summary>
    SymbolSectionIndices = 18,
    /// <summary>Names of the versions a library defines.</summary>
    VersionDefinitions = 0x6ffffffd,
    /// <summary>Names of the versions a file needs of others.</summary>
    VersionNeeds = 0x6ffffffe,
    /// <summary>One version number per dynamic symbol.</summary>
    SymbolVersions = 0x6fffffff,
    /// <summary>Input of the linker's address-significance pass; LLVM writes it, nothing here reads it.</summary>
    LlvmAddressSignificance = 0x6fff4c03,
}

/// <summary>Attributes of a section (<c>sh_flags</c>).</summary>
[Flags]
public enum ElfSectionFlags : ulong
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Writable at run time.</summary>
    Write = 1,
    /// <summary>In memory at run time.</summary>
    Allocate = 2,
    /// <summary>Machine instructions.</summary>
    Execute = 4,
    /// <summary>May be merged with equal contents.</summary>
    Merge = 0x10,
    /// <summary>Zero-terminated strings.</summary>
    Strings = 0x20,
    /// <summary><c>sh_info</c> is a section number.</summary>
    InfoLink = 0x40,
    /// <summary>The bytes in the file are compressed.</summary>
    Compressed = 0x800,
}

/// <summary>What a symbol stands for.</summary>
public enum ElfSymbolType : byte
{
    /// <summary>Not said.</summary>
    None = 0,
    /// <summary>Data.</summary>
    Object = 1,
    /// <summary>A function.</summary>
    Function = 2,
    /// <summary>A section.</summary>
    Section = 3,
    /// <summary>A source file name.</summary>
    File = 4,
    /// <summary>A common block.</summary>
    Common = 5,
    /// <summary>Thread-local data.</summary>
    ThreadLocal = 6,
    /// <summary>
    /// A function that, when the library is loaded, returns the address of the function to call
    /// (<c>STT_GNU_IFUNC</c>): <c>memcpy</c> and friends in the C library.
    /// </summary>
    IndirectFunction = 10,
}

/// <summary>Who sees a symbol.</summary>
public enum ElfSymbolBinding : byte
{
    /// <summary>This object only.</summary>
    Local = 0,
    /// <summary>Every object that is linked.</summary>
    Global = 1,
    /// <summary>Every object; gives way to a global of the same name, and may stay undefined.</summary>
    Weak = 2,
}

/// <summary>How far a symbol is visible outside the linked component.</summary>
public enum ElfSymbolVisibility : byte
{
    /// <summary>As its binding says.</summary>
    Default = 0,
    /// <summary>Internal.</summary>
    Internal = 1,
    /// <summary>Not outside the component. In BPF objects: a global function the verifier treats as static.</summary>
    Hidden = 2,
    /// <summary>Not replaceable from outside.</summary>
    Protected = 3,
}
