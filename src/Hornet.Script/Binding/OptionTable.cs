using System.Globalization;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>The options a script declares with <c>getopt</c>, and the values it was given.</summary>
internal sealed class OptionTable(BindOptions options)
{
    private readonly Dictionary<string, ScriptOption> _known = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ScriptOption> All => _known.Values;

    /// <summary>Adds one, or one more mention of it; the text says what is wrong with it, null when nothing is.</summary>
    public string? Declare(ScriptOption option)
    {
        if (!_known.TryGetValue(option.Name, out var known))
        {
            _known.Add(option.Name, option);
            return null;
        }
        if (known.Default != option.Default || known.Type.GetType() != option.Type.GetType())
            return $"Command line option '{option.Name}' needs to have the same default value in all places it is used. Previous default value: {known.Default}";
        if (option.Description.Length > 0 && known.Description.Length > 0 && known.Description != option.Description)
            return $"Command line option '{option.Name}' must have the same description in all places it's used. Hint: You can wrap it in a macro";
        if (known.Description.Length == 0) _known[option.Name] = option;
        return null;
    }

    /// <summary>The value given on the command line, or the default.</summary>
    /// <param name="error">What is wrong with the value given.</param>
    public BoundExpression Value(SourceSpan span, ScriptOption option, out string? error)
    {
        error = null;
        bool given = options.Named.TryGetValue(option.Name, out string? text);
        switch (option.Type)
        {
            case BooleanType:
                string boolean = !given ? option.Default : text ?? "true";
                bool? truth = boolean.ToLowerInvariant() switch { "true" or "on" or "yes" or "1" => true, "false" or "off" or "no" or "0" => false, _ => null };
                if (truth is null) error = $"program command line option --{option.Name} expects a boolean (e.g. 'true') (value: {boolean})";
                return Literals.Boolean(span, truth is true);
            case IntegerType type:
                string number = !given ? option.Default : text ?? "";
                bool ok = type.IsSigned
                    ? long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long signed)
                    : ParseUnsigned(number, out signed);
                if (!ok) error = $"program command line option --{option.Name} invalid integer (value: {number})";
                return new BoundConversion(span, type, BoundConversionKind.Integer, new BoundConstant(span, type, signed));
            default:
                return Literals.Text(span, given ? text ?? "" : option.Default);
        }
    }

    private static bool ParseUnsigned(string text, out long value)
    {
        bool ok = text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        value = unchecked((long)number);
        if (ok) return true;
        // A default that is not negative does not forbid a value that is.
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Names given on the command line that no <c>getopt</c> asks for.</summary>
    public IEnumerable<string> Unexpected => options.Named.Keys.Where(name => !_known.ContainsKey(name));
}
