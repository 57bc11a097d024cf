using System.Text;
using Hornet.Btf;
using Hornet.Compiler.IR;
using Hornet.Compiler.KernelTypes;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;
using Instruction = Hornet.Isa.Instruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Describes a program's functions and lines in BTF, so that the kernel's own messages and dumps show the user's source.
/// </summary>
internal sealed class DebugInfoBuilder
{
    private readonly BtfBuilder _btf;
    // By kind; all pointers are one type.
    private readonly uint[] _types = new uint[4];
    private readonly Dictionary<(int Size, ConstantKind Kind), uint> _numbers = [];

    /// <summary>Begins with the types that programs share with a map, whose numbers stand in the code; null for none.</summary>
    public DebugInfoBuilder(SharedTypes? types) => _btf = types?.CopyTypes() ?? new BtfBuilder();

    /// <summary>Marks a function's code with its symbol, its type and its lines.</summary>
    public void Describe(IrFunction function, bool isEntry, List<CodeEmitter.Emitted> code, List<Instruction> into)
    {
        var parameters = new (string, uint)[function.Parameters.Count];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = (isEntry ? "ctx" : Identifier(function.Parameters[i].Name ?? $"arg{i}"), TypeOf(function.Parameters[i].Type));
        uint prototype = _btf.AddPrototype(TypeOf(function.ReturnType.IsVoid ? IrType.I32 : function.ReturnType), parameters);
        // The kernel takes a global function for one that it may verify by itself, whatever its callers pass.
        uint type = _btf.AddFunction(Identifier(function.Name), prototype, isEntry ? BtfLinkage.Global : BtfLinkage.Static);
        (uint, uint, uint, uint)? last = null;
        for (int i = 0; i < code.Count; i++)
        {
            var (instruction, location) = code[i];
            // A function begins with a line; what has no place of its own goes on with the one before.
            location ??= i == 0 ? function.Location ?? code.Select(c => c.Location).FirstOrDefault(l => l is not null) : null;
            BtfLineInfo? line = null;
            if (i == 0 || location is not null)
            {
                uint file = _btf.AddString(location?.File ?? ""), text = _btf.AddString(location?.SourceText?.Trim() ?? "");
                // 22 bits of line and 10 of column.
                uint number = (uint)Math.Clamp(location?.Line ?? 0, 0, (1 << 22) - 1), column = (uint)Math.Clamp(location?.Column ?? 0, 0, 1023);
                if (last != (file, text, number, column))
                {
                    line = new BtfLineInfo(0, file, text, number, column);
                    last = (file, text, number, column);
                }
            }
            if (i == 0) instruction = instruction.WithSymbol(function.Name);
            var question = instruction.Metadata?.Tag as CoreQuestion;
            if (i == 0 || line is not null || question is not null)
            {
                CoreRelocation? relocation = question is null ? null : new(0, CoreTypes.IdOf(question), question.Access, question.Kind);
                instruction = instruction with
                {
                    Metadata = (instruction.Metadata ?? new()) with { Tag = new InstructionOrigin { FunctionTypeId = i == 0 ? type : 0, Line = line, Relocation = relocation } },
                };
            }
            if (line is not null && location is not null)
                instruction = instruction.WithSource(new SourceLine(location.File, location.Line, location.Column, location.SourceText?.Trim() ?? ""));
            into.Add(instruction);
        }
    }

    /// <summary>Writes down the types of a map, which then is created with them.</summary>
    public (uint Key, uint Value) Describe(Func<BtfBuilder, (uint Key, uint Value)> map) => map(_btf);

    /// <summary>Writes down the kernel types that loaders are asked about.</summary>
    public void DescribeKernelTypes(CoreTypes? types) => types?.Describe(_btf);

    /// <summary>Describes the kernel functions that are called, for an object that is loaded later: it has no other way to say what it means by a name.</summary>
    public void DescribeKernelFunctions(BtfSpec? types, BpfObject into)
    {
        KernelPrototypes prototypes = new(_btf);
        List<(uint, uint, uint)> declared = [];
        for (int i = 0; i < into.Externs.Count; i++)
        {
            var external = into.Externs[i];
            if (external.Kind != ExternKind.KernelFunction || KernelPrototypes.Find(types, external.Name) is not { } prototype) continue;
            uint id = prototypes.Declare(external.Name, prototype);
            into.Externs[i] = new ExternSymbol { Name = external.Name, Kind = external.Kind, BtfId = id };
            declared.Add((id, 0, 0));
        }
        if (declared.Count > 0) _btf.AddDataSection(".ksyms", 0, [.. declared]);
    }

    /// <summary>Describes the constants with names, so that any loader can change them by these.</summary>
    public void DescribeConstants(string section, uint size, IReadOnlyList<NamedConstant> constants, BpfObject into)
    {
        if (constants.Count == 0) return;
        var variables = new (uint, uint, uint)[constants.Count];
        for (int i = 0; i < variables.Length; i++)
        {
            var constant = constants[i];
            // As C has it: const volatile.
            uint type = _btf.AddQualifier(BtfKind.Const, _btf.AddQualifier(BtfKind.Volatile, TypeOf(constant)));
            uint variable = _btf.AddVariable(constant.Name, type);
            variables[i] = (variable, (uint)constant.Offset, (uint)constant.Size);
            into.Variables.Add(new GlobalVariable { Name = constant.Name, Map = section, Offset = (uint)constant.Offset, Size = (uint)constant.Size, BtfId = variable });
        }
        _btf.AddDataSection(section, size, variables);
    }

    private uint TypeOf(NamedConstant constant)
    {
        var key = (constant.Size, constant.Kind);
        if (_numbers.TryGetValue(key, out uint id)) return id;
        return _numbers[key] = (constant.Kind, constant.Size) switch
        {
            (ConstantKind.Boolean, _) => _btf.AddInt("_Bool", 1, BtfIntEncoding.Bool),
            (ConstantKind.Signed, 1) => _btf.AddInt("signed char", 1, BtfIntEncoding.Signed),
            (ConstantKind.Signed, 2) => _btf.AddInt("short", 2, BtfIntEncoding.Signed),
            (ConstantKind.Signed, 4) => TypeOf(IrType.I32),
            (ConstantKind.Signed, _) => TypeOf(IrType.I64),
            (_, 1) => _btf.AddInt("unsigned char", 1),
            (_, 2) => _btf.AddInt("unsigned short", 2),
            (_, 4) => _btf.AddInt("unsigned int", 4),
            _ => _btf.AddInt("unsigned long", 8),
        };
    }

    public BtfSpec Build(string name) => _btf.Build(name);

    private uint TypeOf(IrType type)
    {
        var kind = type.IsVoid ? IrTypeKind.Pointer : type.Kind;
        if (_types[(int)kind] is not 0 and var id) return id;
        return _types[(int)kind] = kind switch
        {
            IrTypeKind.I32 => _btf.AddInt("int", 4, BtfIntEncoding.Signed),
            IrTypeKind.I64 => _btf.AddInt("long", 8, BtfIntEncoding.Signed),
            _ => _btf.AddPointer(0),
        };
    }

    /// <summary>A name the kernel accepts: letters, digits and underscores, no digit first, at most 127 of them.</summary>
    public static string Identifier(string name)
    {
        StringBuilder text = new(name.Length);
        foreach (char c in name)
        {
            if (text.Length == 127) break;
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }
        if (text.Length == 0 || char.IsAsciiDigit(text[0])) text.Insert(0, '_');
        return text.ToString();
    }
}
