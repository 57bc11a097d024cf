namespace Hornet;

/// <summary>
/// The base of every error Hornet reports on purpose. The message says what was asked, what the answer was,
/// and what to do about it.
/// </summary>
public class BpfException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BpfException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>
/// Malformed or unsupported input: an ELF file, BTF, a relocation, an instruction text, a verifier log.
/// It is the only exception type that Hornet's parsers throw, whatever bytes they are given.
/// </summary>
public sealed class BpfFormatException : BpfException
{
    /// <summary>Creates the exception.</summary>
    public BpfFormatException(string message, Exception? inner = null) : base(message, inner) { }
}
