using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Text;
using Hornet.Compiler.IR;
using Hornet.IL.Symbols;
using Hornet.IL.Translate;

namespace Hornet.IL.Decoding;

/// <summary>IL as text, with the lines of source it came from.</summary>
internal static class ILListing
{
    /// <summary>A method, and the user's methods that it calls.</summary>
    public static string Of(MethodBase method)
    {
        StringBuilder text = new();
        HashSet<MethodBase> known = [method];
        Queue<MethodBase> work = new([method]);
        while (work.TryDequeue(out var next))
        {
            if (MethodCode.TryRead(next) is not { } code) continue;
            if (text.Length > 0) text.Append('\n');
            text.Append(Names.Of(next)).Append('\n');
            Append(text, code);
            foreach (var instruction in code.Instructions)
            {
                if (instruction.OpCode is not (ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn)) continue;
                var callee = code.ResolveMethod(instruction.Index);
                if (callee.Module == method.Module && known.Add(callee)) work.Enqueue(callee);
            }
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, MethodCode code)
    {
        var symbols = SymbolReader.Of(code.Method);
        SourceRange? shown = null;
        foreach (var instruction in code.Instructions)
        {
            if (symbols.Ranges.Count > 0 && symbols.At(instruction.Offset) is { } range && range != shown)
            {
                shown = range;
                var line = SourceText.Attach(new SourceLocation { File = range.File, Line = range.Line }).SourceText;
                text.Append(CultureInfo.InvariantCulture, $"  ; {Cut(line, range)}  {Path.GetFileName(range.File)}:{range.Line}\n");
            }
            text.Append("    ").Append(Text(code, instruction)).Append('\n');
        }
    }

    // What the range covers of its first line.
    private static string Cut(string? line, SourceRange range)
    {
        if (line is null) return "";
        int end = range.EndLine == range.Line ? Math.Min(range.EndColumn - 1, line.Length) : line.Length;
        return range.Column > 0 && range.Column - 1 < end ? line[(range.Column - 1)..end].Trim() : line.Trim();
    }

    private static string Text(MethodCode code, ILInstruction instruction)
    {
        string operand = instruction.OpCode switch
        {
            ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn or ILOpCode.Ldvirtftn or ILOpCode.Jmp => Names.Of(code.ResolveMethod(instruction.Index)),
            ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Stfld or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld => Field(code.ResolveField(instruction.Index)),
            ILOpCode.Ldstr => $"\"{code.ResolveString(instruction.Index)}\"",
            ILOpCode.Initobj or ILOpCode.Ldobj or ILOpCode.Stobj or ILOpCode.Sizeof or ILOpCode.Box or ILOpCode.Unbox or ILOpCode.Unbox_any
                or ILOpCode.Constrained or ILOpCode.Newarr or ILOpCode.Ldelem or ILOpCode.Stelem or ILOpCode.Ldelema or ILOpCode.Isinst or ILOpCode.Castclass => Names.Of(code.ResolveType(instruction.Index)),
            ILOpCode.Ldloc or ILOpCode.Ldloca or ILOpCode.Stloc => SymbolReader.Of(code.Method).LocalName(instruction.Index) ?? $"{instruction.Index}",
            ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Starg => code.ArgumentNames[instruction.Index],
            ILOpCode.Ldc_i4 or ILOpCode.Ldc_i8 => instruction.Operand.ToString(CultureInfo.InvariantCulture),
            ILOpCode.Switch => string.Join(", ", instruction.Targets!.Select(target => $"IL_{target:x4}")),
            _ => instruction.IsBranch ? $"IL_{instruction.Operand:x4}" : "",
        };
        return $"IL_{instruction.Offset:x4}  {instruction.OpCode.ToString().ToLowerInvariant().Replace('_', '.'),-10} {operand}".TrimEnd();
    }

    private static string Field(FieldInfo field) => $"{Names.Of(field.DeclaringType!)}.{field.Name}";
}
