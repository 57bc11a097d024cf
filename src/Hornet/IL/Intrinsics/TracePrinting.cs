using System.Text;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Printing;

namespace Hornet.IL.Intrinsics;

/// <summary><c>Bpf.TracePrint</c>: <c>bpf_trace_printk</c>, and <c>bpf_trace_vprintk</c> for more than three values.</summary>
internal static class TracePrinting
{
    // Widths, %c, %X and %%.
    private static readonly Version s_rich = new(5, 13);

    public static ILValue? Print(IntrinsicCall call)
    {
        var t = call.Translator;
        if (PrintIntrinsics.PartsOf(call) is not { } parts) return null;
        StringBuilder format = new();
        List<Value> values = [];
        foreach (var (part, value) in parts)
        {
            if (part.Text is not null)
            {
                // The kernel would print nothing at all.
                if (!Ascii.IsValid(part.Text)) return t.Report(Rules.Unsupported, "the kernel's trace buffer has ASCII text only; Bpf.Print has any");
                if (part.Text.Contains('%', StringComparison.Ordinal) && IsPoor(t, out var kernel))
                    return t.Report(DiagnosticRules.HelperNotAvailable, $"bpf_trace_printk prints a percent sign since kernel 5.13; this one is {kernel.Major}.{kernel.Minor}");
                format.Append(part.Text.Replace("%", "%%", StringComparison.Ordinal));
                continue;
            }
            if (Conversion(t, part) is not { } conversion) return ErrorValue.Instance;
            format.Append(conversion);
            values.Add(value is Scalar scalar ? t.Widen(scalar.Ir, ((ScalarShape)Shape.Of(part.Type!)).IsSigned) : ZeroTerminated(t, (StructValue)value!, part.Size - 8));
        }
        var text = new ConstantData([.. Encoding.UTF8.GetBytes(format.ToString()), 0], Translator.Number(0));
        var address = t.AddressOf(t.RealPointer(text));
        if (values.Count <= 3)
        {
            t.Call(BpfHelper.TracePrintk, IrType.I64, [address, Translator.Number(text.Bytes.Length), .. values]);
            return null;
        }
        if (values.Count > 12) return t.Report(Rules.Unsupported, "more than twelve values are printed");
        var slot = t.NewSlot(8 * values.Count, 8, uninitialized: true);
        for (int i = 0; i < values.Count; i++) t.Emit(new Store(slot, 8 * i, MemoryWidth.U64, values[i]));
        t.Call(BpfHelper.TraceVprintk, IrType.I64, address, Translator.Number(text.Bytes.Length), slot, Translator.Number(8 * values.Count));
        return null;
    }

    private static bool IsPoor(Translator t, out Version kernel)
    {
        kernel = t.Request.Options.Kernel ?? s_rich;
        return kernel < s_rich;
    }

    private static string? Conversion(Translator t, PrintPart part)
    {
        string? letter = part.Format switch
        {
            _ when part.Type == typeof(byte[]) => part.Format is null or "" ? "s" : null,
            null or "" or "D" or "d" or "G" => part.Type == typeof(char) ? "c" : ((ScalarShape)Shape.Of(part.Type!)).IsSigned ? "d" : "u",
            "x" or "X" => part.Format,
            _ => null,
        };
        if (letter is null)
        {
            t.Report(Rules.Unsupported, $"the kernel has no format '{part.Format}'; Bpf.Print has those of .NET");
            return null;
        }
        if ((part.Alignment != 0 || letter is "c" or "X") && IsPoor(t, out var kernel))
        {
            t.Report(DiagnosticRules.HelperNotAvailable, $"bpf_trace_printk has widths, characters and upper-case digits since kernel 5.13; this one is {kernel.Major}.{kernel.Minor}");
            return null;
        }
        string width = part.Alignment == 0 ? "" : part.Alignment.ToString(System.Globalization.CultureInfo.InvariantCulture);
        // A negative int in hexadecimal has eight digits, as in .NET.
        string size = letter is "s" or "c" || Shape.Of(part.Type!).Size <= 4 ? "" : "ll";
        return $"%{width}{size}{letter}";
    }

    // The kernel reads up to a zero, which the bytes may not have.
    private static Alloca ZeroTerminated(Translator t, StructValue span, int size)
    {
        var slot = (Alloca)t.NewSlot(size + 1, 8, uninitialized: true);
        t.Emit(new MemorySet(slot, Translator.Number32(0), size + 1, 8));
        t.CopyBytes(new Pointer(slot), SpanIntrinsics.Reference(span), size);
        return slot;
    }
}
