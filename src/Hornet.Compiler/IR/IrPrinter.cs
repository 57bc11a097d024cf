using System.Text;
using Hornet.Isa;

namespace Hornet.Compiler.IR;

/// <summary>Writes IR as text that <see cref="IrParser"/> reads back.</summary>
public static class IrPrinter
{
    /// <summary>Writes a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="locations">Whether each instruction says where it comes from.</param>
    public static string Print(IrModule module, bool locations = false)
    {
        ArgumentNullException.ThrowIfNull(module);
        StringBuilder text = new();
        text.Append("module ").Append(module.Name).Append(" : ").Append(module.ProgramType).Append('\n');
        foreach (var map in module.Maps)
        {
            text.Append($"map {map.Name} = {map.Spec.Type} {map.Spec.KeySize} {map.Spec.ValueSize} {map.Spec.MaxEntries}");
            if (map.Spec.Flags != 0) text.Append($" flags {(uint)map.Spec.Flags}");
            text.Append('\n');
        }
        foreach (var function in module.Functions)
        {
            text.Append('\n');
            new Writer(text, locations).Function(function);
        }
        return text.ToString();
    }

    /// <summary>Writes a function.</summary>
    public static string Print(IrFunction function, bool locations = false)
    {
        StringBuilder text = new();
        new Writer(text, locations).Function(function);
        return text.ToString();
    }

    /// <summary>Writes an instruction, with the names its function's values have when it is in one.</summary>
    public static string Print(Instruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        StringBuilder text = new();
        Writer writer = new(text, locations: false);
        if (instruction.Block?.Function is { } function) writer.Name(function);
        writer.Instruction(instruction);
        return text.ToString();
    }

    private sealed class Writer(StringBuilder text, bool locations)
    {
        private readonly Dictionary<Value, string> _names = [];
        private readonly HashSet<string> _taken = [];

        public void Function(IrFunction function)
        {
            Name(function);
            text.Append("func ").Append(function.Name).Append('(');
            text.AppendJoin(", ", function.Parameters.Select(p => $"%{_names[p]}: {p.Type}"));
            text.Append(") -> ").Append(function.ReturnType).Append(" {\n");
            foreach (var block in function.Blocks)
            {
                text.Append(block.Name).Append(":\n");
                foreach (var instruction in block.Instructions)
                {
                    text.Append("  ");
                    Instruction(instruction);
                    if (locations && instruction.Location is { } at) text.Append($" @ \"{at.File}\" {at.Line}:{at.Column}-{at.EndLine}:{at.EndColumn}");
                    text.Append('\n');
                }
            }
            text.Append("}\n");
        }

        public void Name(IrFunction function)
        {
            foreach (var parameter in function.Parameters) Take(parameter);
            foreach (var instruction in function.Instructions)
            {
                if (!instruction.Type.IsVoid && instruction.Name is not null) Take(instruction);
            }
            int number = 0;
            foreach (var instruction in function.Instructions)
            {
                if (!instruction.Type.IsVoid && instruction.Name is null) _names[instruction] = $"{number++}";
            }

            void Take(Value value)
            {
                string name = value.Name!;
                for (int i = 1; !_taken.Add(name); i++) name = $"{value.Name}.{i}";
                _names[value] = name;
            }
        }

        public void Instruction(Instruction instruction)
        {
            if (!instruction.Type.IsVoid) text.Append('%').Append(_names.GetValueOrDefault(instruction, instruction.Name ?? "?")).Append(" = ");
            switch (instruction)
            {
                case Binary b: text.Append($"{IrSyntax.Binary[(int)b.Operator]} {b.Type} {Operands(b)}"); break;
                case Negate n: text.Append($"neg {n.Type} {Operands(n)}"); break;
                case Conversion c: text.Append($"{IrSyntax.Conversions[(int)c.Kind]} {c.Type} {Operands(c)}"); break;
                case ByteSwap s: text.Append($"bswap{s.Bits} {s.Type} {Operands(s)}"); break;
                case Compare c: text.Append($"cmp {IrSyntax.Predicates[(int)c.Predicate]} {Operands(c)}"); break;
                case Phi p:
                    text.Append($"phi {p.Type} [");
                    text.AppendJoin(", ", p.Operands.Select((o, i) => $"{p.IncomingBlocks[i]}: {Of(o)}"));
                    text.Append(']');
                    break;
                case Alloca a: text.Append($"alloca {a.Size} align {a.Align}{(a.Uninitialized ? " uninitialized" : "")}"); break;
                case Load l: text.Append($"load.{IrSyntax.Widths[(int)l.Width]} {l.Type} {Of(l.Pointer)}, {l.Offset}{Volatile(l.IsVolatile)}"); break;
                case Store s: text.Append($"store.{IrSyntax.Widths[(int)s.Width]} {Of(s.Pointer)}, {s.Offset}, {Of(s.Value)}{Volatile(s.IsVolatile)}"); break;
                case PointerAdd p: text.Append($"ptradd {Operands(p)}"); break;
                case AtomicReadModifyWrite a: text.Append($"atomic {IrSyntax.Atomics[(int)a.Operator]} {Of(a.Pointer)}, {a.Offset}, {Of(a.Value)}"); break;
                case CompareExchange x: text.Append($"cmpxchg {Of(x.Pointer)}, {x.Offset}, {Of(x.Expected)}, {Of(x.Value)}"); break;
                case MemoryCopy m: text.Append($"memcpy {Operands(m)}, {m.Size} align {m.Align}"); break;
                case MemorySet m: text.Append($"memset {Operands(m)}, {m.Size} align {m.Align}"); break;
                case MapReference m: text.Append($"map {m.Map}"); break;
                case GlobalReference g: text.Append($"global {g.Map}, {g.Offset}"); break;
                case FunctionReference f: text.Append($"function {f.Function.Name}"); break;
                case HelperCall h: text.Append($"helper {HelperTable.NameOf(h.Helper)} {h.Type} ({Operands(h)})"); break;
                case KernelFunctionCall k: text.Append($"kfunc {k.Function} {k.Type} ({Operands(k)})"); break;
                case Call c: text.Append($"call {c.Function.Name} ({Operands(c)})"); break;
                case KernelLoad k: text.Append($"kload {k.Type} {Of(k.Pointer)}, \"{k.TypeName}\", \"{k.Path}\""); break;
                case KernelFieldAddress k: text.Append($"kaddr {k.Type} {Of(k.Pointer)}, \"{k.TypeName}\", \"{k.Path}\""); break;
                case KernelQuery q: text.Append($"kquery {IrSyntax.Facts[(int)q.Fact]} \"{q.TypeName}\", \"{q.Path}\""); break;
                case PacketPointer p: text.Append($"packet {Operands(p)}, {p.Size}"); break;
                case PacketLength p: text.Append($"packetlen {Operands(p)}"); break;
                case ReadMemory r: text.Append($"readmem {IrSyntax.Reads[(int)r.Kind]} {Operands(r)}"); break;
                case Jump j: text.Append($"jump {j.Target}"); break;
                case Branch b: text.Append($"br {Of(b.Condition)}, {b.Then}, {b.Else}"); break;
                case Switch s:
                    text.Append($"switch {Of(s.Value)} [");
                    text.AppendJoin(", ", s.Cases.Select((c, i) => $"{c}: {s.Targets[i]}"));
                    text.Append($"] else {s.Default}");
                    break;
                case Return r: text.Append(r.Value is { } value ? $"ret {Of(value)}" : "ret"); break;
                case Unreachable: text.Append("unreachable"); break;
                default: throw new InvalidOperationException($"There is no text for {instruction.GetType().Name}.");
            }
        }

        private static string Volatile(bool isVolatile) => isVolatile ? " volatile" : "";

        private string Operands(Instruction instruction) => string.Join(", ", instruction.Operands.Select(Of));

        // Constants say their type, so that every operand can be read without knowing the operation: 5, 5L, null ctx.
        private string Of(Value value) => value switch
        {
            Constant { IsNull: true } c => $"null {c.Type.Region}",
            Constant c => c.Type == IrType.I64 ? $"{c.Number}L" : $"{c.Number}",
            _ => "%" + _names.GetValueOrDefault(value, value.Name ?? "?"),
        };
    }
}
