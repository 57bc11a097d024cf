using Hornet.Tracing.Symbols.Demangling;

namespace Hornet.Tracing.Symbols;

/// <summary>
/// Names of symbols as their sources have them: C++ (Itanium ABI, written as binutils writes it), Rust (both ways it mangled and mangles).
/// Time and size are bounded, whatever the name.
/// </summary>
public static class Demangler
{
    // Names of this length exist (templates of templates); beyond it they are no longer names.
    private const int LongestName = 1 << 15;

    /// <summary>The name as the source has it; the name itself when it is not mangled, or cannot be read.</summary>
    public static string Demangle(string name) => TryDemangle(name, out string? demangled) ? demangled : name;

    /// <summary>Demangles a name.</summary>
    /// <param name="name">A symbol's name, with or without a version behind <c>@</c>.</param>
    /// <param name="demangled">As the source has it.</param>
    /// <returns>False when it is not a mangled name of C++ or Rust.</returns>
    public static bool TryDemangle(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? demangled)
    {
        ArgumentNullException.ThrowIfNull(name);
        demangled = null;
        if (name.Length is < 3 or > LongestName || name[0] != '_') return false;
        int version = name.IndexOf('@');
        if (version > 0) name = name[..version];
        try
        {
            if (name.StartsWith("_R", StringComparison.Ordinal)) demangled = RustName.ParseV0(name);
            else if (name.StartsWith("_ZN", StringComparison.Ordinal) && RustName.TryParseLegacy(name, out string? rust)) demangled = rust;
            else if (name.StartsWith("_Z", StringComparison.Ordinal))
            {
                demangled = Cpp(name, false);
                // Only what names have in expressions tells the two apart, and not always.
                if (demangled is null && name.Contains("sr", StringComparison.Ordinal)) demangled = Cpp(name, true);
            }
            return demangled is not null;
        }
        catch (DemangleException)
        {
            return false;
        }
    }

    private static string? Cpp(string name, bool typesAsScopes)
    {
        try
        {
            NameWriter writer = new();
            new ItaniumParser(name, typesAsScopes).ParseMangled().Write(writer);
            return writer.ToString();
        }
        catch (DemangleException)
        {
            return null;
        }
    }
}
