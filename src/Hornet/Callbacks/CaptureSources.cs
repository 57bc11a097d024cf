using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Tracing;

namespace Hornet;

/// <summary>
/// What each kind of event offers: the values, and where its context has them. Where they go in the record is decided
/// afterwards, by <see cref="CapturePlanner"/>.
/// </summary>
internal static class CaptureSources
{
    /// <summary>The arguments of a system call, at its entry.</summary>
    public static List<Capture> OfSyscall(SyscallProbe probe)
    {
        // An argument's field is a register wide. The number of the call is not, nor are the texts that newer kernels (7.2)
        // add behind the arguments.
        var fields = probe.Enter.Format.Fields.Where(f => !f.IsCommon && f.Size == sizeof(ulong)).ToList();
        List<Capture> captures = [];
        for (int i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            var type = CType.ByName(field.TypeName);
            var capture = new Capture(Field(field.Name, field.TypeName, type), CaptureFrom.Word, field.Offset) { Memory = PointedMemory.User };
            if (type.Kind == ProbeFieldKind.SocketAddress)
            {
                // The length follows at once, or (sendto, recvfrom) is the next argument as well.
                if (i + 1 < fields.Count) capture = capture with { LengthAt = fields[i + 1].Offset, LengthIsPointer = fields[i + 1].TypeName.EndsWith('*') };
            }
            captures.Add(capture);
        }
        return captures;
    }

    /// <summary>The fields of a tracepoint's record.</summary>
    public static List<Capture> OfTracepoint(TracepointFormat format)
    {
        List<Capture> captures = [];
        foreach (var field in format.Fields.Where(f => !f.IsCommon))
        {
            bool characters = field.TypeName is "char" or "unsigned char" or "signed char";
            if (field.Kind != TracepointFieldKind.Plain)
            {
                var kind = characters ? ProbeFieldKind.Text : ProbeFieldKind.Bytes;
                captures.Add(new(new(field.Name, field.TypeName + "[]", kind) { HasLength = true }, field.Kind == TracepointFieldKind.DataLocation ? CaptureFrom.DataLocation : CaptureFrom.RelativeLocation, field.Offset, 4));
            }
            else if (field.ArrayLength != 0 || field.Size is not (1 or 2 or 4 or 8))
            {
                var kind = field.TypeName == "char" ? ProbeFieldKind.Text : ProbeFieldKind.Bytes;
                captures.Add(new(new(field.Name, $"{field.TypeName}[{field.Size}]", kind) { Size = field.Size }, CaptureFrom.Bytes, field.Offset, field.Size));
            }
            else if (field.TypeName.EndsWith('*') && field.Size == 8)
            {
                var type = CType.ByName(field.TypeName);
                if (type.Kind == ProbeFieldKind.SocketAddress) type = type with { Kind = ProbeFieldKind.Pointer };
                captures.Add(new(Field(field.Name, field.TypeName, type), CaptureFrom.Word, field.Offset) { Memory = PointedMemory.Kernel });
            }
            else
            {
                captures.Add(new(Field(field.Name, field.TypeName, new(ProbeFieldKind.Integer, field.Size * 8, field.IsSigned)), CaptureFrom.Word, field.Offset, field.Size));
            }
        }
        return captures;
    }

    /// <summary>The parameters of a kernel function in the context of fentry and fexit: 8 bytes each, one after the other.</summary>
    public static List<Capture> OfPrototype(BtfType prototype, out int resultAt)
    {
        List<Capture> captures = [];
        int at = 0;
        foreach (var (parameter, type, words) in Parameters(prototype))
        {
            // A struct by value that is wider than a register has no single value.
            if (words == 1) captures.Add(new(Field(parameter.Name, parameter.TypeName, type), CaptureFrom.Word, at) { Memory = PointedMemory.Either });
            at += 8 * words;
        }
        resultAt = at;
        return captures;
    }

    /// <summary>The parameters of a kernel function in the registers, as a kprobe finds them.</summary>
    public static List<Capture> OfRegisters(BtfType? prototype)
    {
        if (prototype is not { } known) return OfRegisters(Registers.Arguments.Length, PointedMemory.Either);
        List<Capture> captures = [];
        int register = 0;
        foreach (var (parameter, type, words) in Parameters(known))
        {
            if (register + words > Registers.Arguments.Length) break;
            if (words == 1) captures.Add(new(Field(parameter.Name, parameter.TypeName, type), CaptureFrom.Word, Registers.Arguments[register]) { Memory = PointedMemory.Either });
            register += words;
        }
        return captures;
    }

    /// <summary>The registers of arguments, where nobody says what is in them.</summary>
    public static List<Capture> OfUserRegisters() => OfRegisters(Registers.Arguments.Length, PointedMemory.User);

    /// <summary>The arguments of a static probe: those that each of its places has, in a form that programs can read.</summary>
    public static List<Capture> OfUsdt(UsdtProbe probe)
    {
        if (probe.Layouts.Count == 0) return [];
        List<Capture> captures = [];
        for (int i = 0; i < probe.Layouts[0].Count; i++)
        {
            if (probe.Layouts.Any(l => i >= l.Count || l[i].Kind == UsdtArgumentKind.Unreadable)) continue;
            var argument = probe.Layouts[0][i];
            var field = Field($"arg{i}", $"{(argument.IsSigned ? "s" : "u")}{argument.Size * 8}", new(ProbeFieldKind.Integer, argument.Size * 8, argument.IsSigned));
            captures.Add(new(field, CaptureFrom.Usdt, i) { Memory = PointedMemory.User, Probe = probe });
        }
        return captures;
    }

    /// <summary>What a sample of the CPU tells.</summary>
    public static List<Capture> OfSample() =>
    [
        new(Field("ip", "u64", new(ProbeFieldKind.Pointer, 64, false)), CaptureFrom.Word, Registers.InstructionPointer),
        new(Field("sample_period", "u64", new(ProbeFieldKind.Integer, 64, false)), CaptureFrom.Word, Registers.Size),
    ];

    private static List<Capture> OfRegisters(int count, PointedMemory memory) =>
        [.. Enumerable.Range(0, count).Select(i => new Capture(Field($"arg{i}", "u64", new(ProbeFieldKind.Integer, 64, false)), CaptureFrom.Word, Registers.Arguments[i]) { Memory = memory })];

    private static IEnumerable<(ProbeArgument Parameter, CType Type, int Words)> Parameters(BtfType prototype)
    {
        for (int i = 0; i < prototype.Parameters.Count; i++)
        {
            var parameter = prototype.Parameters[i];
            if (parameter.IsVariadic) yield break;
            ProbeArgument named = new(parameter.NameBytes.IsEmpty ? $"arg{i}" : parameter.Name, BtfCFormatter.TypeName(parameter.Type));
            int words = (int)Math.Max(1, (parameter.Type.Resolve().ByteSize + 7) / 8);
            yield return (named, CType.OfBtf(parameter.Type), words);
        }
    }

    private static ProbeField Field(string name, string typeName, CType type) =>
        new(name, typeName, type.Kind) { Bits = type.Bits, IsSigned = type.IsSigned, HasLength = type.Kind is ProbeFieldKind.Text or ProbeFieldKind.SocketAddress };

    /// <summary>Where <c>struct pt_regs</c> (arm64: <c>user_pt_regs</c>) has what. Both are ABI.</summary>
    internal static class Registers
    {
        private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

        // rdi, rsi, rdx, rcx, r8, r9; x0 to x7.
        public static readonly int[] Arguments = s_arm ? [0, 8, 16, 24, 32, 40, 48, 56] : [112, 104, 96, 88, 72, 64];

        public static readonly int Result = s_arm ? 0 : 80;

        public static readonly int InstructionPointer = s_arm ? 256 : 128;

        public static readonly int Size = s_arm ? 272 : 168;
    }
}
