using Hornet.Btf;
using Hornet.Script.Probes;
using Hornet.Script.Syntax;
using Hornet.Script.Types;
using Hornet.Tracing.Dwarf;
using Hornet.Tracing.Symbols;

namespace Hornet.Script.Runtime;

/// <summary>What the debugging information of programs tells about their functions. Files are opened when they are first asked about.</summary>
internal sealed class UserDebugInfo(IReadOnlyList<string> folders) : IDisposable
{
    private readonly Dictionary<string, DebugInfo?> _files = [];
    private readonly Dictionary<BtfSpec, BtfTypes> _types = [];

    /// <summary>Options that know it.</summary>
    public ScriptProbeOptions AddTo(ScriptProbeOptions options) => options with { UserSignatures = Signature, UserTypes = Types, SourceLines = AddressOfLine, Demangle = Demangle };

    /// <summary>The readable name of a symbol; null when it is readable as it is.</summary>
    public string? Demangle(string name) => Demangler.TryDemangle(name, out string? readable) ? readable : null;

    /// <summary>The parameters of a function as lists show them; with an empty name, whether the file has any (null when not).</summary>
    public IReadOnlyList<string>? Parameters(string path, string function)
    {
        if (Open(path) is not { } info) return null;
        return function.Length == 0 ? [] : info.FindFunctions(function) is [var found, ..] ? [.. found.Parameters.Select(p => $"{BtfCFormatter.TypeName(p.Type).Replace(" *", "*", StringComparison.Ordinal)} {p.Name}")] : [];
    }

    // The first instruction of the line; with a column, the one at it.
    private ulong? AddressOfLine(string path, string file, int line, int column)
    {
        var info = Open(path) ?? throw new AttachPointException($"No DWARF debug info found for '{path}', cannot attach by source code location.");
        return line > 0 && info.FindLine(file, line, column) is [var first, ..] ? first.Address : null;
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file?.Dispose();
    }

    private (IReadOnlyList<ScriptArgument> Arguments, ScriptType? Result)? Signature(string path, string function)
    {
        if (Open(path)?.FindFunctions(function) is not [var found, ..]) return null;
        List<ScriptArgument> arguments = [];
        foreach (var parameter in found.Parameters)
        {
            var type = Get(parameter.Type);
            // What is in several registers, or one of floating point, cannot be read as one value.
            ArgumentLocation? location = parameter.Location switch
            {
                { IsIndirect: false, ArgumentRegister: { } register } => Registers.Location(register, isUser: true),
                { IsIndirect: false, StackOffset: { } offset } => new ArgumentLocation.StackSlot(offset, IsUser: true),
                _ => null,
            };
            if (location is not null) arguments.Add(new ScriptArgument(parameter.Name, type, location));
        }
        return (arguments, Get(found.ReturnType));
    }

    private ITypeSource? Types(string path) => Open(path) is { } info ? new ProgramTypes(this, info) : null;

    private ScriptType Get(BtfType type)
    {
        if (type.Id == 0) return VoidType.Instance;
        if (!_types.TryGetValue(type.Spec, out var types)) _types.Add(type.Spec, types = new BtfTypes(type.Spec));
        return types.Get(type);
    }

    private DebugInfo? Open(string path)
    {
        if (_files.TryGetValue(path, out var known)) return known;
        try
        {
            return _files[path] = DebugInfo.TryOpen(path, folders);
        }
        catch (Exception e) when (e is BpfException or IOException)
        {
            return _files[path] = null;
        }
    }

    /// <summary>What a program's debugging information knows by name.</summary>
    private sealed class ProgramTypes(UserDebugInfo owner, DebugInfo info) : ITypeSource
    {
        public ScriptType? FindType(string name)
        {
            int blank = name.IndexOf(' ');
            string keyword = blank < 0 ? "" : name[..blank];
            if (info.FindType(name[(blank + 1)..]) is not { } found) return null;
            bool isAsked = keyword switch
            {
                "struct" => found.Resolve().Kind == BtfKind.Struct,
                "union" => found.Resolve().Kind == BtfKind.Union,
                "enum" => found.Resolve().IsEnum,
                _ => true,
            };
            return isAsked ? owner.Get(found) : null;
        }

        public (EnumType Type, long Value)? FindEnumerator(string name) => null;

        public ScriptType? FindVariableType(string name) => null;

        public ExpressionSyntax? FindConstant(string name) => null;
    }
}
