using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Syntax.C;

/// <summary>Reads declarations of C and keeps the types and constants in them. Objects and functions are passed over.</summary>
internal sealed class CDeclarationParser : ICTypes
{
    private readonly CPreprocessor _preprocessor;
    private readonly Func<string, ScriptType?> _resolve;
    private readonly CSpecifierParser _specifiers;
    private readonly Dictionary<string, CComposite> _composites = [];
    private readonly Dictionary<string, CEnumeration> _enumerations = [];
    private readonly Dictionary<string, CType> _typedefs = [];
    private readonly Dictionary<string, CType?> _foreign = [];
    private bool _quiet;
    private readonly Dictionary<string, (CNumber Value, CEnumeration Type)> _enumerators = [];

    public CDeclarationParser(CPreprocessor preprocessor, Func<string, ScriptType?> resolve)
    {
        (_preprocessor, _resolve) = (preprocessor, resolve);
        Tokens = new CTokenBuffer(preprocessor);
        _specifiers = new CSpecifierParser(this);
        Declarators = new CDeclaratorParser(this, _specifiers);
    }

    public CTokenBuffer Tokens { get; }

    public CDeclaratorParser Declarators { get; }

    public int Packing => _preprocessor.Packing.TryPeek(out int packing) ? packing : 0;

    public IReadOnlyDictionary<string, CComposite> Composites => _composites;
    public IReadOnlyDictionary<string, CEnumeration> Enumerations => _enumerations;
    public IReadOnlyDictionary<string, CType> Typedefs => _typedefs;
    public IReadOnlyDictionary<string, (CNumber Value, CEnumeration Type)> Enumerators => _enumerators;

    /// <summary>Reads all there is.</summary>
    public void Parse()
    {
        while (Tokens.Peek().Kind != CTokenKind.End)
        {
            if (Tokens.Match(";") || Tokens.MatchWord("__extension__")) continue;
            if (Tokens.Peek().Text is "_Static_assert" or "static_assert") ParseStaticAssertion();
            else if (Tokens.Peek().Text is "asm" or "__asm__" or "__asm")
            {
                Tokens.Take();
                Skip();
            }
            else ParseDeclaration();
        }
        if (_preprocessor.Limits.Exceeded is { } reason) _preprocessor.Diagnostics.Error(Tokens.Peek().Span, reason);
    }

    /// <summary>A constant expression; null when it is none.</summary>
    public CNumber? ParseConstant() => new CExpressionParser(Tokens, this).Parse();

    public bool BeginsType(CToken token) => _specifiers.BeginsType(token);

    public CType? ParseTypeName()
    {
        var first = Tokens.Peek();
        var (type, _, _) = _specifiers.Parse();
        if (type is null)
        {
            UnknownType(first);
            return null;
        }
        type = Declarators.Parse(type).Type;
        if (type is CComposite { IsComplete: false } hollow) Complete(hollow);
        return type;
    }

    /// <summary>The type that such tokens name, read after everything else; null when they name none.</summary>
    public CType? ParseTypeName(IReadOnlyList<CToken> tokens)
    {
        _quiet = true;
        Tokens.Reset([.. tokens, new CToken(CTokenKind.Mark, ";", default)]);
        var type = ParseTypeName();
        bool isAll = Tokens.Peek().Is(";");
        Tokens.Reset([]);
        _quiet = false;
        return isAll ? type : null;
    }

    public bool TryFindEnumerator(string name, out CNumber value)
    {
        bool found = _enumerators.TryGetValue(name, out var known);
        value = known.Value;
        return found;
    }

    /// <summary>A struct or union by its name with the keyword, declared by this when it was not.</summary>
    public CComposite Composite(string name, bool isUnion)
    {
        if (!_composites.TryGetValue(name, out var composite)) _composites[name] = composite = new CComposite(name, isUnion);
        return composite;
    }

    /// <summary>One whose members follow.</summary>
    public CComposite NewComposite(string name, bool isUnion, SourceSpan at)
    {
        var composite = Composite(name, isUnion);
        if (composite.Members is null && !composite.IsOpen) return composite;
        Error(at, $"redefinition of '{name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..]}'");
        return new CComposite(name, isUnion);
    }

    /// <summary>Looks elsewhere for the members of one that was only declared.</summary>
    public void Complete(CComposite composite)
    {
        // One that is being declared does not contain the kernel's of the same name.
        if (composite.IsComplete || composite.IsOpen || composite.Name.EndsWith('>')) return;
        composite.Foreign ??= _resolve(composite.Name);
    }

    public CEnumeration Enumeration(string name)
    {
        if (!_enumerations.TryGetValue(name, out var enumeration)) _enumerations[name] = enumeration = new CEnumeration(name);
        return enumeration;
    }

    public CEnumeration NewEnumeration(string name) => _enumerations[name] = new CEnumeration(name);

    public void AddEnumerator(CToken name, CNumber value, CEnumeration type) => _enumerators[name.Text] = (value, type);

    public bool IsTypeName(string word) => FindTypeName(word) is not null;

    /// <summary>A typedef of the script, one that everybody knows, or one known elsewhere.</summary>
    public CType? FindTypeName(string word)
    {
        if (_typedefs.TryGetValue(word, out var type)) return type;
        // Enumerators are no types, and asking elsewhere is slow.
        if (_enumerators.ContainsKey(word)) return null;
        if (CKnownTypes.Find(word) is { } known) return known;
        if (_foreign.TryGetValue(word, out var foreign)) return foreign;
        return _foreign[word] = _resolve(word) is { } found ? new CForeign(found) : null;
    }

    public void ParseStaticAssertion()
    {
        var start = Tokens.Take();
        if (!Tokens.Match("(")) return;
        var value = ParseConstant();
        string message = "";
        int depth = 0;
        while (Tokens.Peek().Kind != CTokenKind.End)
        {
            var token = Tokens.Take();
            if (token.Kind == CTokenKind.Text) message += token.Text.Trim('"');
            if (token.Is("(")) depth++;
            else if (token.Is(")") && depth-- == 0) break;
        }
        Tokens.Match(";");
        // Only what is known to be false fails.
        if (value is { IsTrue: false }) Error(start.Span, "static assertion failed" + (message.Length > 0 ? ": " + message : ""));
    }

    /// <summary>A name that should be a type's.</summary>
    public void UnknownType(CToken token) => Fail(token,
        token.Kind == CTokenKind.Word ? $"unknown type name '{token.Text}'" : token.Kind == CTokenKind.End ? "expected a declaration" : $"expected a type, found '{token}'");

    /// <summary>Says what is wrong with the script's own C. A system's headers may use what is not known here: only what needs it fails.</summary>
    public void Fail(CToken at, string message)
    {
        if (_preprocessor.Limits.Exceeded is null && !_quiet) Error(at.Span, message);
    }

    private void Error(SourceSpan span, string message)
    {
        if (span.Source is not null && IsScript(span.Source)) _preprocessor.Diagnostics.Error(span, message);
    }

    private bool IsScript(SourceText source) => ReferenceEquals(source, Script);

    /// <summary>The script's own text.</summary>
    public SourceText? Script { get; init; }

    private void ParseDeclaration()
    {
        var first = Tokens.Peek();
        var (type, isTypedef, attributes) = _specifiers.Parse();
        if (type is null)
        {
            UnknownType(Tokens.Peek().Kind == CTokenKind.Word ? Tokens.Peek() : first);
            if (ReferenceEquals(Tokens.Peek().Text, first.Text)) Tokens.Take();
            Skip();
            return;
        }
        if (Tokens.Match(";")) return;
        while (Tokens.Peek().Kind != CTokenKind.End)
        {
            var start = Tokens.Peek();
            var (name, declared) = Declarators.Parse(type);
            CAttributes own = new();
            _specifiers.TryParseAttributes(own);
            own.Add(attributes);
            if (declared is CFunction && Tokens.Peek().Is("{"))
            {
                Tokens.SkipBalanced();
                return;
            }
            if (name.Length == 0)
            {
                Fail(start, $"expected a name, found '{Tokens.Peek()}'");
                Skip();
                return;
            }
            if (own.Mode is { } mode) declared = CSpecifierParser.WithMode(declared, mode);
            if (isTypedef) AddTypedef(name, declared, own);
            if (Tokens.Match("=")) SkipInitializer();
            if (Tokens.Match(",")) continue;
            if (Tokens.Match(";")) return;
            Fail(Tokens.Peek(), $"expected ';', found '{Tokens.Peek()}'");
            Skip();
            return;
        }
    }

    private void AddTypedef(string name, CType type, CAttributes attributes)
    {
        if (type is CComposite { Name: var anonymous } composite && anonymous.EndsWith('>')) composite.Name = name;
        else if (type is CEnumeration enumeration && enumeration.Name.EndsWith('>')) enumeration.Name = name;
        _typedefs[name] = attributes.Alignment > 0 && attributes.Alignment != type.Alignment ? new CAligned(type, attributes.Alignment) : type;
    }

    private void SkipInitializer()
    {
        while (!Tokens.Peek().Is(",") && !Tokens.Peek().Is(";") && Tokens.Peek().Kind != CTokenKind.End)
        {
            if (Tokens.Peek().Is("{") || Tokens.Peek().Is("(") || Tokens.Peek().Is("[")) Tokens.SkipBalanced();
            else Tokens.Take();
        }
    }

    /// <summary>Goes on behind the next semicolon or body.</summary>
    private void Skip()
    {
        while (Tokens.Peek().Kind != CTokenKind.End)
        {
            if (Tokens.Match(";")) return;
            bool body = Tokens.Peek().Is("{");
            if (body || Tokens.Peek().Is("(") || Tokens.Peek().Is("[")) Tokens.SkipBalanced();
            else Tokens.Take();
            if (body) return;
        }
    }
}

/// <summary>Names of types that every header and every kernel has: scripts use them without including anything.</summary>
internal static class CKnownTypes
{
    private static readonly Dictionary<string, CType> Types = new()
    {
        ["bool"] = CBasic.Bool,
        ["int8_t"] = CBasic.SignedChar,
        ["int16_t"] = CBasic.Short,
        ["int32_t"] = CBasic.Int,
        ["int64_t"] = CBasic.Long,
        ["uint8_t"] = CBasic.UnsignedChar,
        ["uint16_t"] = CBasic.UnsignedShort,
        ["uint32_t"] = CBasic.UnsignedInt,
        ["uint64_t"] = CBasic.UnsignedLong,
        ["__s8"] = CBasic.SignedChar,
        ["__s16"] = CBasic.Short,
        ["__s32"] = CBasic.Int,
        ["__s64"] = CBasic.Long,
        ["__u8"] = CBasic.UnsignedChar,
        ["__u16"] = CBasic.UnsignedShort,
        ["__u32"] = CBasic.UnsignedInt,
        ["__u64"] = CBasic.UnsignedLong,
        ["s8"] = CBasic.SignedChar,
        ["s16"] = CBasic.Short,
        ["s32"] = CBasic.Int,
        ["s64"] = CBasic.Long,
        ["u8"] = CBasic.UnsignedChar,
        ["u16"] = CBasic.UnsignedShort,
        ["u32"] = CBasic.UnsignedInt,
        ["u64"] = CBasic.UnsignedLong,
        ["size_t"] = CBasic.UnsignedLong,
        ["ssize_t"] = CBasic.Long,
        ["ptrdiff_t"] = CBasic.Long,
        ["uintptr_t"] = CBasic.UnsignedLong,
        ["intptr_t"] = CBasic.Long,
        ["loff_t"] = CBasic.Long,
        ["off_t"] = CBasic.Long,
        ["pid_t"] = CBasic.Int,
        ["uid_t"] = CBasic.UnsignedInt,
        ["gid_t"] = CBasic.UnsignedInt,
        ["dev_t"] = CBasic.UnsignedInt,
        ["umode_t"] = CBasic.UnsignedShort,
        ["time_t"] = CBasic.Long,
        ["in_port_t"] = CBasic.UnsignedShort,
        ["in_addr_t"] = CBasic.UnsignedInt,
        ["__be16"] = CBasic.UnsignedShort,
        ["__be32"] = CBasic.UnsignedInt,
        ["__be64"] = CBasic.UnsignedLong,
        ["__le16"] = CBasic.UnsignedShort,
        ["__le32"] = CBasic.UnsignedInt,
        ["__le64"] = CBasic.UnsignedLong,
        ["uint"] = CBasic.UnsignedInt,
        ["ulong"] = CBasic.UnsignedLong,
        ["ushort"] = CBasic.UnsignedShort,
        ["u_char"] = CBasic.UnsignedChar,
        ["u_int"] = CBasic.UnsignedInt,
        ["__builtin_va_list"] = CBasic.Bytes(24, 8),
        ["wchar_t"] = CBasic.Int,
        // The language's own names.
        ["int8"] = CBasic.SignedChar,
        ["int16"] = CBasic.Short,
        ["int32"] = CBasic.Int,
        ["int64"] = CBasic.Long,
        ["uint8"] = CBasic.UnsignedChar,
        ["uint16"] = CBasic.UnsignedShort,
        ["uint32"] = CBasic.UnsignedInt,
        ["uint64"] = CBasic.UnsignedLong,
    };

    public static CType? Find(string name) => Types.GetValueOrDefault(name);
}
