using System.Runtime.CompilerServices;

namespace Hornet.Btf;

/// <summary>How types are written as C.</summary>
public sealed record BtfCOptions
{
    /// <summary>
    /// Whether struct accesses through the header are to be CO-RE relocated: the pragma that <c>vmlinux.h</c> has. Off when the
    /// user defines <c>BPF_NO_PRESERVE_ACCESS_INDEX</c>.
    /// </summary>
    public bool PreserveAccessIndex { get; init; } = true;

    /// <summary>Whether type tags (<c>__user</c>, <c>__rcu</c>) are written as clang attributes.</summary>
    public bool TypeTags { get; init; } = true;
}

/// <summary>
/// Writes types as C that a compiler lays out the same way: in order of dependency, with forward declarations, explicit
/// padding, and packed and mode attributes where only they explain the recorded sizes and offsets.
/// </summary>
public sealed partial class BtfCFormatter
{
    private readonly TextWriter _writer;
    private readonly BtfCOptions _options;
    private readonly CNames _names = new();
    private readonly BtfLayout _layout = new();
    private readonly Dictionary<BtfType, State> _states = [];

    private readonly HashSet<BtfType> _announced = [];

    // Forward: a typedef of something announced, or a pointer to it. Whole: its size is known.
    private enum State { Nothing, Forward, Busy, Whole }

    private BtfCFormatter(TextWriter writer, BtfCOptions options)
    {
        _writer = writer;
        _options = options;
    }

    /// <summary>Writes all types of a set, and of its base, as a header like <c>vmlinux.h</c>.</summary>
    /// <exception cref="BpfFormatException">The types are malformed.</exception>
    public static void WriteHeader(BtfSpec spec, TextWriter writer, BtfCOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(writer);
        options ??= new BtfCOptions();
        writer.Write("#ifndef __VMLINUX_H__\n#define __VMLINUX_H__\n\n");
        if (options.PreserveAccessIndex)
            writer.Write("#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)\n#endif\n\n");
        Write(spec.Types, writer, options);
        if (options.PreserveAccessIndex)
            writer.Write("#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n#pragma clang attribute pop\n#endif\n\n");
        writer.Write("#endif /* __VMLINUX_H__ */\n");
    }

    /// <summary>Writes types and everything they need.</summary>
    /// <exception cref="BpfFormatException">The types are malformed.</exception>
    public static void Write(IEnumerable<BtfType> roots, TextWriter writer, BtfCOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentNullException.ThrowIfNull(writer);
        BtfCFormatter formatter = new(writer, options ?? new BtfCOptions());
        List<BtfType> list = [.. roots];
        HashSet<BtfType> inlined = FindInlined(list);
        foreach (var type in list)
        {
            bool composite = type.IsComposite || type.IsEnum || type.Kind is BtfKind.Typedef or BtfKind.Forward;
            if (!composite) continue;
            // Nameless types are written where they are used. A nameless enum that nobody uses still has its values.
            if (type.IsAnonymous && (type.IsComposite || inlined.Contains(type))) continue;
            formatter.Require(type, whole: true);
        }
    }

    /// <summary>A type as C writes it without a name: <c>const struct file *</c>, <c>int (*)(void *)</c>.</summary>
    public static string TypeName(BtfType type) => Declaration(type, "");

    /// <summary>The declaration of a variable or member: <c>char comm[16]</c>, <c>int (*next)(struct node *)</c>. Nameless structs are written out.</summary>
    public static string Declaration(BtfType type, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using StringWriter writer = new();
        return new BtfCFormatter(writer, new BtfCOptions { TypeTags = false }).Declare(type, name, 0).TrimEnd();
    }

    /// <summary>A function's declaration: <c>ssize_t vfs_read(struct file *file, char *buf, size_t count, loff_t *pos)</c>.</summary>
    public static string FunctionDeclaration(BtfType function)
    {
        if (function.Kind != BtfKind.Function) throw new ArgumentException($"{function} is no function.", nameof(function));
        return Declaration(function.Target, CNames.Identifier(function.Name));
    }

    /// <summary>One type's own definition, as <c>bpftool btf dump</c> shows it, without what it needs: <c>struct s { … }</c>.</summary>
    public static string Definition(BtfType type)
    {
        using StringWriter writer = new();
        BtfCFormatter formatter = new(writer, new BtfCOptions { TypeTags = false });
        return type.Kind switch
        {
            BtfKind.Struct or BtfKind.Union => formatter.Composite(type, 0),
            BtfKind.Enum or BtfKind.Enum64 => formatter.Enumeration(type, 0),
            BtfKind.Typedef => "typedef " + formatter.Declare(type.Target, CNames.Identifier(type.Name), 0),
            BtfKind.Function => FunctionDeclaration(type),
            BtfKind.Variable => Declaration(type.Target, CNames.Identifier(type.Name)),
            _ => formatter.Declare(type, "", 0).TrimEnd(),
        };
    }

    /// <summary>Writes what must come before a use of the type.</summary>
    /// <param name="type">The type used.</param>
    /// <param name="whole">Whether its size is needed; behind a pointer it is not.</param>
    private void Require(BtfType type, bool whole)
    {
        // Real types nest a few dozen levels; the depth of hostile ones is bounded by the stack there is.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw type.Spec.Malformed($"type {type.Id} is nested too deeply");
        switch (type.Kind)
        {
            case BtfKind.Pointer:
                if (Enter(type, State.Forward, out _)) Require(type.Target, whole: false);
                break;
            case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag:
                Require(type.Target, whole);
                break;
            case BtfKind.Array:
                if (Enter(type, State.Whole, out _)) Require(type.Target, whole: true);
                break;
            case BtfKind.FunctionPrototype:
                if (!Enter(type, State.Whole, out _)) break;
                Require(type.Target, whole: false);
                foreach (var parameter in type.Parameters) Require(parameter.Type, whole: false);
                break;
            case BtfKind.Typedef:
                RequireTypedef(type, whole);
                break;
            case BtfKind.Forward:
                if (Enter(type, State.Whole, out _)) _writer.Write($"{CNames.Keyword(type)} {_names.Of(type)};\n\n");
                break;
            case BtfKind.Enum or BtfKind.Enum64:
                // A nameless one is written inside whatever uses it, but for the top level.
                if (Enter(type, State.Whole, out _)) _writer.Write(Enumeration(type, 0) + ";\n\n");
                break;
            case BtfKind.Struct or BtfKind.Union:
                RequireComposite(type, whole);
                break;
        }
    }

    private void RequireTypedef(BtfType type, bool whole)
    {
        if (!Enter(type, whole ? State.Whole : State.Forward, out State before)) return;
        BtfType target = type.Target;
        if (before == State.Nothing)
        {
            // Written before the struct it names is: the struct's members may use the typedef.
            RequireInside(target, whole: false);
            _writer.Write($"typedef {Declare(target, _names.Of(type), 0)};\n\n");
        }
        if (whole) RequireInside(target, whole: true);
    }

    private void RequireComposite(BtfType type, bool whole)
    {
        if (type.IsAnonymous)
        {
            if (Enter(type, State.Whole, out _)) RequireMembers(type);
            return;
        }
        State state = _states.GetValueOrDefault(type);
        if (!whole)
        {
            if (state == State.Whole || !_announced.Add(type)) return;
            _writer.Write($"{CNames.Keyword(type)} {_names.Of(type)};\n\n");
            return;
        }
        if (state == State.Whole) return;
        if (state == State.Busy) throw type.Spec.Malformed($"type {type.Id} contains itself");
        _states[type] = State.Busy;
        // Claimed before its members', so that the first of a name keeps it.
        _names.Of(type);
        RequireMembers(type);
        _states[type] = State.Whole;
        _writer.Write(Composite(type, 0) + ";\n\n");
    }

    private void RequireMembers(BtfType type)
    {
        foreach (var member in type.Members) RequireInside(member.Type, whole: true);
    }

    /// <summary>What a type needs when it is written in place: a nameless enum is written out there, and needs nothing.</summary>
    private void RequireInside(BtfType type, bool whole)
    {
        BtfType inner = type;
        for (int depth = 0; depth < BtfSpec.MaxDepth && (inner.IsModifier || inner.Kind is BtfKind.Pointer or BtfKind.Array); depth++) inner = inner.Target;
        if (inner.IsEnum && inner.IsAnonymous) return;
        Require(type, whole);
    }

    // Whether there is more to do for a type than was done before.
    private bool Enter(BtfType type, State wanted, out State before)
    {
        before = _states.GetValueOrDefault(type);
        if (before >= wanted) return false;
        _states[type] = wanted;
        return true;
    }

    private static HashSet<BtfType> FindInlined(List<BtfType> types)
    {
        HashSet<BtfType> inlined = [];
        foreach (var type in types)
        {
            foreach (var member in type.Members) Add(member.Type);
            if (type.Kind is BtfKind.Typedef or BtfKind.Pointer or BtfKind.Array or BtfKind.Variable || type.IsModifier) Add(type.Target);
        }
        return inlined;

        void Add(BtfType type)
        {
            if (type.IsEnum && type.IsAnonymous) inlined.Add(type);
        }
    }
}
