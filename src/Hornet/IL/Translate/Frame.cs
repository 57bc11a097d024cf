using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Decoding;
using Hornet.IL.Intrinsics;
using Hornet.IL.Symbols;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

/// <summary>A method that is being translated into its caller.</summary>
internal sealed class Frame
{
    private readonly Dictionary<int, SourceLocation> _locations = [];

    public Frame(FrameKey key, MethodCode code, Frame? caller, SourceLocation? callSite)
    {
        Key = key;
        Code = code;
        Caller = caller;
        CallSite = callSite;
        Symbols = SymbolReader.Of(code.Method);
        Flow = ILControlFlow.Build(code);
    }

    public FrameKey Key { get; }

    public MethodCode Code { get; }

    public Frame? Caller { get; }

    /// <summary>Where the method is called; null for the program's own method.</summary>
    public SourceLocation? CallSite { get; }

    public MethodSymbols Symbols { get; }

    public ILControlFlow Flow { get; }

    /// <summary>The blocks of IL as blocks of IR.</summary>
    public Dictionary<ILBlock, FlowBlock> Blocks { get; } = [];

    public Variable?[] Locals { get; set; } = [];

    /// <summary>Arguments that change, as variables; null for the others.</summary>
    public Variable?[] ArgumentVariables { get; set; } = [];

    /// <summary>Arguments that do not change.</summary>
    public ILValue[] Arguments { get; set; } = [];

    /// <summary>The blocks that were translated as a function of their own.</summary>
    public HashSet<ILBlock> Outlined { get; } = [];

    /// <summary>Where <c>ret</c> goes.</summary>
    public FlowBlock Return { get; set; } = null!;

    /// <summary>The function that the method is translated into.</summary>
    public FunctionScope? Scope { get; init; }

    /// <summary>The iterators of the kernel that have to be ended on every way out.</summary>
    public List<KernelWalk> Iterators { get; } = [];

    /// <summary>Whether the call, or one of those around it, is in a loop.</summary>
    public bool InLoop { get; init; }

    /// <summary>How deep the calls are nested.</summary>
    public int Depth => Caller is null ? 0 : Caller.Depth + 1;

    /// <summary>The place in the source of an instruction; of the library's own bodies, where they are called: nobody can change them.</summary>
    public SourceLocation LocationOf(int offset)
    {
        if (CallSite is { } use && Code.Method.Module == typeof(Frame).Module) return use;
        var range = Symbols.At(offset);
        int key = range?.IlOffset ?? -1 - offset;
        if (_locations.TryGetValue(key, out var known)) return known;
        var location = new SourceLocation
        {
            File = range?.File ?? "",
            Line = range?.Line ?? 0,
            Column = range?.Column ?? 0,
            EndLine = range?.EndLine ?? 0,
            EndColumn = range?.EndColumn ?? 0,
            IlOffset = offset,
            Method = Names.Of(Code.Method),
            InlinedAt = CallSite,
        };
        _locations.Add(key, location);
        return location;
    }
}

/// <summary>A function of IR that is being made: the program's own, or a callback.</summary>
internal sealed class FunctionScope(IrFunction function, FlowBlock entry)
{
    public IrFunction Function { get; } = function;

    public FlowBlock Entry { get; } = entry;

    /// <summary>How many stack slots stand at the beginning of the entry block.</summary>
    public int Slots { get; set; }

    /// <summary>Where failed checks go while iterators of the kernel are open: what is still to be ended, and then <see cref="Fault"/>.</summary>
    public List<(KernelWalk[] Open, FlowBlock Block)> Cleanups { get; } = [];

    /// <summary>Where a failed check goes; null while none can fail.</summary>
    public FlowBlock? Fault { get; set; }

    /// <summary>How a loop's body that is a function of its own sees the variables around it; null for other functions.</summary>
    public Translator.Outline? Outline { get; init; }

    /// <summary>What a function that is not the program's own does when a check failed, before it returns; its result.</summary>
    public Func<Value>? Failed { get; init; }
}

/// <summary>Names of members as a C# programmer writes them.</summary>
internal static class Names
{
    public static string Of(MethodBase method)
    {
        string name = method.Name;
        if (name.StartsWith('<'))
        {
            // <Main>b__0 is a lambda in Main, <Main>g__Note|0_0 the local function Note.
            int end = name.IndexOf('>');
            string outer = name[1..end];
            int local = name.IndexOf("g__", StringComparison.Ordinal);
            return local > 0 && name.IndexOf('|') is var bar and > 0 ? $"{name[(local + 3)..bar]}({Parameters(method)})" : $"lambda in {outer}";
        }
        string type = method.DeclaringType is { } declaring && !declaring.Name.StartsWith('<') ? $"{Of(declaring)}." : "";
        if (method.IsConstructor) return $"new {type.TrimEnd('.')}({Parameters(method)})";
        if (method.IsSpecialName && name.StartsWith("get_", StringComparison.Ordinal) && method.GetParameters().Length == 0) return type + name[4..];
        string arguments = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Of))}>" : "";
        return $"{type}{name}{arguments}({Parameters(method)})";
    }

    public static string Of(Type type)
    {
        if (type.IsByRef) return "ref " + Of(type.GetElementType()!);
        if (type.IsPointer) return Of(type.GetElementType()!) + "*";
        if (type.IsArray) return Of(type.GetElementType()!) + "[]";
        if (type.IsEnum) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying) + "?";
        string? keyword = Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "bool",
            TypeCode.Byte => "byte",
            TypeCode.SByte => "sbyte",
            TypeCode.Char => "char",
            TypeCode.Int16 => "short",
            TypeCode.UInt16 => "ushort",
            TypeCode.Int32 => "int",
            TypeCode.UInt32 => "uint",
            TypeCode.Int64 => "long",
            TypeCode.UInt64 => "ulong",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            TypeCode.Decimal => "decimal",
            TypeCode.String => "string",
            _ => type == typeof(object) ? "object" : type == typeof(void) ? "void" : null,
        };
        if (keyword is not null) return keyword;
        if (!type.IsGenericType) return type.Name;
        string name = type.Name;
        int tick = name.IndexOf('`');
        return $"{(tick > 0 ? name[..tick] : name)}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter => Of(parameter.ParameterType)));
}
