using System.Runtime.InteropServices;
using Hornet.Btf;

namespace Hornet.IL.Kernel;

/// <summary>An argument of what is probed: eight bytes of the program's context.</summary>
/// <param name="Name">The name in the kernel's source; empty when it is not known.</param>
/// <param name="Type">The type; null when it is not known.</param>
/// <param name="Offset">Bytes into the context; negative when programs cannot have it.</param>
internal sealed record ProbeValue(string Name, BtfType? Type, int Offset)
{
    public override string ToString() => Type is { } type ? $"{BtfCFormatter.TypeName(type)}{(BtfCFormatter.TypeName(type).EndsWith('*') ? "" : " ")}{Name}" : Name;
}

/// <summary>What a probe can tell: arguments, and the result of what is probed.</summary>
internal sealed record ProbeSignature
{
    /// <summary>What is probed, for messages: <c>vfs_read</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments.</summary>
    public required IReadOnlyList<ProbeValue> Arguments { get; init; }

    /// <summary>The result; null where the probe does not see it.</summary>
    public ProbeValue? Result { get; init; }

    /// <summary>Whether the verifier knows what the pointers point to.</summary>
    public bool Trusted { get; init; }

    /// <summary>Whether what is probed returns nothing.</summary>
    public bool IsVoid { get; init; }

    /// <summary>Whether the program's context are the registers.</summary>
    public bool HasRegisters { get; init; }

    /// <summary>Whether nothing is known of types and number of arguments.</summary>
    public bool IsUntyped { get; init; }

    /// <summary>Whether the program ends at once when a pointer among its arguments is null: iterators run once more at their end.</summary>
    public bool EndsAtNull { get; init; }

    /// <summary>The function as C declares it.</summary>
    public override string ToString() => IsUntyped ? Name : $"{Name}({string.Join(", ", Arguments)})";

    /// <summary>The context of fentry, fexit, fmod_ret and LSM programs: the parameters one after the other, and the result.</summary>
    public static ProbeSignature Trampoline(string name, BtfType prototype, bool withResult, bool resultIsInt = false)
    {
        List<ProbeValue> arguments = [];
        int at = 0;
        foreach (var parameter in prototype.Parameters)
        {
            if (parameter.IsVariadic) break;
            int words = Words(parameter.Type);
            arguments.Add(new(parameter.Name, parameter.Type, words == 1 ? at : -1));
            at += 8 * words;
        }
        bool isVoid = prototype.Target.Kind == BtfKind.Void;
        return new() { Name = name, Arguments = arguments, Trusted = true, IsVoid = isVoid, Result = withResult && (resultIsInt || !isVoid) ? new("result", prototype.Target, at) : null };
    }

    /// <summary>The context of raw and BTF tracepoints: what the tracepoint's function is given, without its own data.</summary>
    public static ProbeSignature Tracepoint(string name, BtfType prototype, BtfType? named, bool trusted)
    {
        List<ProbeValue> arguments = [];
        for (int i = 1; i < prototype.Parameters.Count; i++)
        {
            var parameter = prototype.Parameters[i];
            // A pointer to a function has parameters without names; the tracepoint's own function has them.
            string called = parameter.Name.Length == 0 && named is { } function && function.Parameters.Count == prototype.Parameters.Count ? function.Parameters[i].Name : parameter.Name;
            arguments.Add(new(called, parameter.Type, 8 * (i - 1)));
        }
        return new() { Name = name, Arguments = arguments, Trusted = trusted };
    }

    /// <summary>The registers, as a kprobe at a function's beginning finds them.</summary>
    public static ProbeSignature Registers(string name, BtfType? prototype)
    {
        int[] registers = ProbeRegisters.Arguments;
        if (prototype is not { } known) return new() { Name = name, HasRegisters = true, IsUntyped = true, Arguments = [.. registers.Select((offset, i) => new ProbeValue($"arg{i}", null, offset))] };
        List<ProbeValue> arguments = [];
        int next = 0;
        foreach (var parameter in known.Parameters)
        {
            if (parameter.IsVariadic) break;
            int words = Words(parameter.Type);
            arguments.Add(new(parameter.Name, parameter.Type, words == 1 && next < registers.Length ? registers[next] : -1));
            next += words;
        }
        return new() { Name = name, HasRegisters = true, Arguments = arguments };
    }

    /// <summary>The registers, as a probe at a function's return finds them.</summary>
    public static ProbeSignature Return(string name, BtfType? prototype) => new()
    {
        Name = name,
        HasRegisters = true,
        Arguments = [],
        IsUntyped = prototype is null,
        IsVoid = prototype is { Target.Kind: BtfKind.Void },
        Result = prototype is { Target.Kind: BtfKind.Void } ? null : new("result", prototype?.Target, ProbeRegisters.Result),
    };

    private static int Words(BtfType type) => (int)Math.Max(1, (type.Resolve().ByteSize + 7) / 8);
}

/// <summary>Where <c>struct pt_regs</c> (arm64: <c>user_pt_regs</c>) has what. Both are ABI.</summary>
internal static class ProbeRegisters
{
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    // rdi, rsi, rdx, rcx, r8, r9; x0 to x7.
    public static readonly int[] Arguments = s_arm ? [0, 8, 16, 24, 32, 40, 48, 56] : [112, 104, 96, 88, 72, 64];

    public static readonly int Result = s_arm ? 0 : 80;

    public static readonly int InstructionPointer = s_arm ? 256 : 128;

    public static readonly int StackPointer = s_arm ? 248 : 152;

    public static readonly int Size = s_arm ? 272 : 168;
}
