using System.Text;
using Hornet.Tracing;

namespace Hornet.Script.Probes;

/// <summary>An attach point that cannot be; the message is for the script's author.</summary>
internal sealed class AttachPointException(string message, string? hint = null) : Exception(message)
{
    public string? Hint { get; } = hint;
}

/// <summary>What attach points depend on besides their text.</summary>
/// <param name="Positional">Parameters of the script, which stand in attach points as <c>$1</c>.</param>
/// <param name="Process">Option -p: the file of a user probe may be left out.</param>
/// <param name="IsUnsafe">Option --unsafe: probing by address.</param>
internal sealed record AttachPointContext(IReadOnlyList<string> Positional, int? Process = null, bool IsUnsafe = false);

/// <summary>From the text of an attach point to its parts. Looks at nothing but the text, so that listing, formatting and tests need no kernel.</summary>
internal sealed class AttachPointParser(AttachPointContext context)
{
    private List<string> _parts = [];
    private AttachPoint _point = null!;

    /// <summary>
    /// The attach points that a text means: several when its kind is a pattern; none when it is empty (behind a comma) or, from a
    /// pattern of kinds, does not fit.
    /// </summary>
    /// <exception cref="AttachPointException">It is malformed.</exception>
    public IReadOnlyList<AttachPoint> Parse(string text) => Parse(text.Trim(), ignoresInvalid: false);

    private List<AttachPoint> Parse(string text, bool ignoresInvalid)
    {
        _parts = Split(text);
        string front = _parts[0];
        if (front.Length == 0) return [];
        string? name = null;
        int equals = front.IndexOf('=');
        if (equals >= 0 && equals != front.Length - 1)
        {
            name = front[..equals].Trim();
            front = _parts[0] = front[(equals + 1)..].Trim();
        }
        if (Wildcard.Is(front)) return Kinds(text, front);
        var provider = ProbeNames.Find(front) ?? throw new AttachPointException($"Invalid probe type: {front.ToLowerInvariant()}", Similar(front));
        _point = new AttachPoint(provider.Type) { UserName = name, IgnoresInvalid = ignoresInvalid };
        try
        {
            return One() is { } point ? [point] : [];
        }
        catch (AttachPointException e) when (e.Hint is null)
        {
            throw new AttachPointException(e.Message, $"It is written so: {provider.Form}");
        }
    }

    private List<AttachPoint> Kinds(string text, string pattern)
    {
        // A process or a path behind the kind: probes of programs. A name alone: all kinds.
        bool user = context.Process is not null || (_parts.Count >= 2 && _parts[1].Contains('/'));
        var kind = Wildcard.Of(_parts.Count == 1 ? "*" : pattern);
        string rest = _parts.Count > 1 ? text[(text.IndexOf(':') + 1)..] : text;
        var kinds = ProbeNames.All.Where(p => (user ? p.IsUserList : p.IsKernelList) && kind.Matches(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
        return kinds.Count == 0
            ? throw new AttachPointException($"No probe type matched for {pattern}")
            : [.. kinds.SelectMany(p => Parse($"{p.Name}:{rest}", ignoresInvalid: kinds.Count > 1))];
    }

    private AttachPoint? One() => _point.Type switch
    {
        ProbeType.Begin or ProbeType.End => Special(),
        ProbeType.Self => _parts.Count == 3 ? Self() : throw Count(2),
        ProbeType.Test or ProbeType.Bench => _parts.Count != 2 ? throw Count(1)
            : _parts[1].Length == 0 ? throw new AttachPointException($"{ProbeNames.NameOf(_point.Type)} probes must have a name") : _point with { Target = _parts[1] },
        ProbeType.Kprobe => Kprobe(allowsOffset: true),
        ProbeType.Kretprobe => Kprobe(allowsOffset: false),
        ProbeType.Uprobe => Uprobe(isReturn: false),
        ProbeType.Uretprobe => Uprobe(isReturn: true),
        ProbeType.Usdt => Usdt(),
        ProbeType.Tracepoint => Tracepoint(),
        ProbeType.RawTracepoint => RawTracepoint(),
        ProbeType.Profile or ProbeType.Interval => Timer(),
        ProbeType.Software or ProbeType.Hardware => Counter(CounterEvents.Of(_point.Type)),
        ProbeType.Watchpoint => Watchpoint(),
        ProbeType.Fentry or ProbeType.Fexit => Fentry(),
        ProbeType.Iter => Iter(),
        ProbeType.Xdp => Network(1, "xdp:INTERFACE"),
        ProbeType.Tc => Direction(),
        ProbeType.Cgroup => Cgroup(),
        ProbeType.Lsm => _parts.Count == 2 && _parts[1].Length > 0 ? _point with { Function = _parts[1] } : throw Count(1),
        _ => throw new AttachPointException($"Invalid provider: '{_parts[0]}'"),
    };

    // Colons and at signs separate, quotes protect, $n is a parameter of the script.
    private List<string> Split(string text)
    {
        List<string> parts = [];
        StringBuilder part = new();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is ':' or '@' && !quoted)
            {
                parts.Add(part.ToString());
                part.Clear();
                if (c == '@') parts.Add("@");
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (quoted && c == '\\' && i + 1 < text.Length)
            {
                part.Append(text[++i]);
            }
            else if (!quoted && c == '$')
            {
                int end = i + 1;
                while (end < text.Length && char.IsAsciiDigit(text[end]) && !(end == i + 1 && text[end] == '0')) end++;
                if (end == i + 1 && end < text.Length)
                    throw new AttachPointException($"invalid trailing character for positional param: {text[end]}. Try quoting this entire part if this is intentional e.g. \"${text[end]}\".");
                if (!AttachNumber.TryParse(text[(i + 1)..end], out ulong number, out string error)) throw new AttachPointException($"positional parameter is not valid: {error}");
                string value = number >= 1 && number <= (ulong)context.Positional.Count ? context.Positional[(int)number - 1] : "";
                text = text[..i] + value + text[end..];
                i--;
            }
            else
            {
                part.Append(c);
            }
        }
        parts.Add(part.ToString());
        return parts;
    }

    private AttachPoint Special()
    {
        if (_parts.Count == 2 && _parts[1] == "*") _parts.RemoveAt(1);
        return _parts.Count == 1 ? _point : throw Count(0);
    }

    private AttachPoint Self() => _parts[1] != "signal" ? throw new AttachPointException($"{_parts[1]} is not a supported trigger")
        : _parts[2] != "SIGUSR1" ? throw new AttachPointException($"{_parts[2]} is not a supported signal")
        : _point with { Target = _parts[1], Function = _parts[2] };

    private AttachPoint? Kprobe(bool allowsOffset)
    {
        if (_parts.Count is not (2 or 3)) return Wrong(1, 2);
        string module = _parts.Count == 3 ? _parts[1] : "", function = _parts[^1];
        if (function.Contains('+')) return FunctionOffset(_point with { Target = module }, function, allowsOffset);
        if (AttachNumber.TryParse(function, out ulong address, out _))
        {
            if (!context.IsUnsafe) throw new AttachPointException("Probing by address requires --unsafe");
            return address == 0 ? throw new AttachPointException("kprobes should be attached to a function or an address") : _point with { Target = module, Address = address };
        }
        return function.Length == 0 ? throw new AttachPointException("kprobes should be attached to a function or an address") : _point with { Target = module, Function = function };
    }

    private static AttachPoint FunctionOffset(AttachPoint point, string text, bool allowed)
    {
        if (!allowed) throw new AttachPointException("Offset not allowed");
        string[] pieces = text.Split('+');
        if (pieces.Length != 2) throw new AttachPointException("Cannot take more than one offset");
        if (pieces[0].Length == 0 || pieces[1].Length == 0) throw new AttachPointException("Invalid offset");
        return AttachNumber.TryParse(pieces[1], out ulong offset, out string error)
            ? point with { Function = pieces[0], Offset = offset }
            : throw new AttachPointException($"Invalid offset: {error}");
    }

    private AttachPoint? Uprobe(bool isReturn)
    {
        string kind = ProbeNames.NameOf(_point.Type);
        if (context.Process is not null && (_parts.Count == 2 || (_parts.Count == 3 && _parts[1] == "cpp"))) _parts.Insert(1, "");
        if (_parts.Count > 2 && _parts[2] == "@") return SourceLocation(isReturn);
        if (_parts.Count is not (3 or 4)) return Wrong(2, 3);
        string language = _parts.Count == 4 ? _parts[2] : "";
        var point = _point with { Target = _parts[1], Language = language };
        if (_parts[1].Length == 0 && context.Process is null) throw new AttachPointException($"{kind} should have a target");
        if (language is not ("" or "cpp")) throw new AttachPointException($"unsupported language type: {language}");
        string function = _parts[^1];
        // Operators of C++ have a plus in their names; an offset is a number.
        if (function.Contains('+') && !(language == "cpp" && function.Contains("operator", StringComparison.Ordinal))) return FunctionOffset(point, function, !isReturn);
        if (AttachNumber.TryParse(function, out ulong address, out _))
        {
            if (Wildcard.Is(point.Target)) throw new AttachPointException("Cannot use wildcards with absolute address");
            if (address == 0 && !context.IsUnsafe) throw NoFunction(kind);
            return point with { Address = address };
        }
        return function.Length == 0 && !context.IsUnsafe ? throw NoFunction(kind) : point with { Function = function };
    }

    private static AttachPointException NoFunction(string kind) => new($"{kind} should be attached to a function, address, or source file and line (using DWARF)");

    private AttachPoint SourceLocation(bool isReturn)
    {
        if (isReturn) throw new AttachPointException("Source code location not allowed");
        if (Wildcard.Is(_parts[1])) throw new AttachPointException("Cannot use wildcards with source code location");
        if (_parts.Count is not (5 or 6) || _parts[3].Length == 0 || _parts[4].Length == 0)
            throw new AttachPointException("Invalid uprobe arguments, expected format: uprobe:TARGET@FILE:LINE[:COL]");
        if (!AttachNumber.TryParse(_parts[4], out ulong line, out string error)) throw new AttachPointException($"Invalid line number: {error}");
        ulong column = 0;
        if (_parts.Count == 6 && !AttachNumber.TryParse(_parts[5], out column, out error)) throw new AttachPointException($"Invalid column number: {error}");
        return _point with { Target = _parts[1], SourceFile = _parts[3], Line = (int)Math.Min(line, int.MaxValue), Column = (int)Math.Min(column, int.MaxValue) };
    }

    private AttachPoint? Usdt()
    {
        if (context.Process is not null && _parts.Count == 2) _parts.Insert(1, "");
        if (_parts.Count is not (3 or 4)) return Wrong(2, 3);
        string function = _parts[^1];
        if (function.Length == 0) throw new AttachPointException("usdt probe must have a target function or wildcard");
        if (_parts[1].Length == 0 && context.Process is null)
            throw new AttachPointException("usdt probe must specify at least path or pid to probe. To target all paths/pids set the path to '*'.");
        return _point with { Target = _parts[1], Namespace = _parts.Count == 4 ? _parts[2] : "", Function = function };
    }

    private AttachPoint? Tracepoint()
    {
        // tracepoint:*open*: who writes that looks for an event and does not know the group.
        if (_parts.Count == 2 && Wildcard.Is(_parts[1])) _parts.Insert(1, "*");
        if (_parts.Count != 3) return _point.IgnoresInvalid ? null : throw Count(2);
        return _parts[1].Length == 0 || _parts[2].Length == 0
            ? throw new AttachPointException("tracepoint probe must have a target")
            : _point with { Target = _parts[1], Function = _parts[2] };
    }

    private AttachPoint? RawTracepoint()
    {
        if (_parts.Count is not (2 or 3)) return Wrong(2, 1);
        return _parts[^1].Length == 0
            ? throw new AttachPointException("rawtracepoint should be attached to a function")
            : _point with { Target = _parts.Count == 3 ? _parts[1] : "*", Function = _parts[^1] };
    }

    private AttachPoint Timer()
    {
        string kind = ProbeNames.NameOf(_point.Type);
        if (_parts.Count == 2)
        {
            if (Wildcard.Is(_parts[1])) return _point with { Target = _parts[1] };
            if (!AttachNumber.TryParse(_parts[1], out ulong time, out string wrong)) throw new AttachPointException($"Invalid rate of {kind} probe: {wrong}");
            return time < 1000
                ? throw new AttachPointException($"Invalid rate of {kind} probe. Minimum is 1000 or 1us. Found: {time} nanoseconds")
                : _point with { Target = "us", Frequency = time / 1000 };
        }
        if (_parts.Count != 3) throw Count(1, 2);
        if (!AttachNumber.TryParse(_parts[2], out ulong value, out string error)) throw new AttachPointException($"Invalid rate of {kind} probe: {error}");
        if (_parts[1].Length == 0) throw new AttachPointException($"{kind} probe must have unit of time");
        if (_parts[1] is not ("hz" or "s" or "ms" or "us") && !Wildcard.Is(_parts[1])) throw new AttachPointException($"{_parts[1]} is not an accepted unit of time");
        return value is 0 or > int.MaxValue
            ? throw new AttachPointException($"{kind} frequency should be a positive integer")
            : _point with { Target = _parts[1], Frequency = value };
    }

    private AttachPoint? Counter(IReadOnlyList<CounterProbe> events)
    {
        string kind = ProbeNames.NameOf(_point.Type);
        if (_parts.Count is not (2 or 3)) return Wrong(1, 2);
        string name = _parts[1];
        ulong count = 0;
        if (_parts.Count == 3 && _parts[2] != "*" && !AttachNumber.TryParse(_parts[2], out count, out string error)) throw new AttachPointException($"Invalid count for {kind} probe: {error}");
        if (name.Length == 0) throw new AttachPointException($"{kind} probe must have a {kind} event name");
        if (Wildcard.Is(name)) return _point.IgnoresInvalid ? _point with { Target = name } : throw new AttachPointException($"wildcards are not allowed for {kind} probe type");
        if (CounterEvents.Find(events, name) is null)
        {
            if (_point.IgnoresInvalid) return null;
            throw new AttachPointException($"{name} is not a {kind} probe", Kernel.CloseNames.Suggest(name, CounterEvents.Names(events)));
        }
        return count > int.MaxValue
            ? throw new AttachPointException(kind == "software" ? "software count should be a positive integer" : "hardware frequency should be a positive integer")
            : _point with { Target = name, Frequency = count };
    }

    private AttachPoint Watchpoint()
    {
        if (_parts.Count != 4) throw Count(3);
        if (!AttachNumber.TryParse(_parts[1], out ulong address, out string error)) throw new AttachPointException($"Invalid function/address argument: {error}");
        if (!AttachNumber.TryParse(_parts[2], out ulong length, out error)) throw new AttachPointException($"Invalid length argument: {error}");
        if (address == 0) throw new AttachPointException("watchpoint must be attached to a non-zero address");
        if (length is not (1 or 2 or 4 or 8)) throw new AttachPointException("watchpoint length must be one of (1,2,4,8)");
        string mode = string.Concat(_parts[3].Order());
        if (mode.Length == 0 || mode.AsSpan().ContainsAnyExcept("rwx")) throw new AttachPointException("watchpoint mode must be combination of (r,w,x)");
        if (mode.Distinct().Count() != mode.Length) throw new AttachPointException("watchpoint modes may not be duplicated");
        return mode is "rw" or "w" or "x"
            ? _point with { Address = address, Length = length, Mode = mode }
            : throw new AttachPointException($"invalid watchpoint mode: {mode}", "supported modes: rw,w,x");
    }

    private AttachPoint? Fentry()
    {
        if (_parts.Count is not (2 or 3 or 4)) return Wrong(1, 3);
        if (_parts[1] == "bpf")
        {
            if (_parts.Count == 2) throw new AttachPointException("the 'bpf' variant of this probe requires a bpf program name and optional bpf program id");
            ulong id = 0;
            if (_parts.Count == 4 && _parts[2] != "*" && !AttachNumber.TryParse(_parts[2], out id, out _)) throw new AttachPointException("bpf program id must be a number or '*'");
            return _point with { Target = "bpf", Function = _parts[^1], BpfProgram = (uint)Math.Min(id, uint.MaxValue) };
        }
        if (_parts.Count == 4) throw new AttachPointException("Only the 'bpf' variant of this probe supports 4 arguments");
        if (_parts[^1].Length == 0) throw new AttachPointException("fentry/fexit should specify a function");
        return _parts.Count == 3 ? _point with { Target = _parts[1], Function = _parts[2] }
            : _point with { Target = Wildcard.Is(_parts[1]) ? "*" : "", Function = _parts[1] };
    }

    private AttachPoint? Iter()
    {
        if (_parts.Count is not (2 or 3)) return _point.IgnoresInvalid ? null : throw new AttachPointException("iter probe type takes 2 arguments (1 optional)");
        if (_parts.Skip(1).Any(Wildcard.Is) && !_point.IgnoresInvalid) throw new AttachPointException("iter probe type does not support wildcards");
        return _parts[1].Length == 0 ? throw new AttachPointException("iter should specify a iterator's name")
            : _point with { Function = _parts[1], Pin = _parts.Count == 3 ? _parts[2] : "" };
    }

    private AttachPoint Network(int count, string form) => _parts.Count == count + 1 && _parts[1].Length > 0
        ? _point with { Target = _parts[1] }
        : throw new AttachPointException($"expected format: {form}");

    private AttachPoint Direction() => _parts.Count == 3 && _parts[1].Length > 0 && _parts[2] is "ingress" or "egress"
        ? _point with { Target = _parts[1], Function = _parts[2] }
        : throw new AttachPointException("expected format: tc:INTERFACE:ingress or tc:INTERFACE:egress");

    private AttachPoint Cgroup() => _parts.Count == 3 && _parts[1].Length > 0 && CgroupTarget.Hooks.ContainsKey(_parts[2])
        ? _point with { Target = _parts[1], Function = _parts[2] }
        : throw new AttachPointException($"expected format: cgroup:PATH:HOOK, a hook being one of {string.Join(", ", CgroupTarget.Hooks.Keys)}");

    private AttachPoint? Wrong(int count, int? other = null) => _point.IgnoresInvalid ? null : throw Count(count, other);

    private AttachPointException Count(int count, int? other = null) =>
        new($"{ProbeNames.NameOf(_point.Type)} probe type requires {count}{(other is { } second ? $" or {second}" : "")} arguments, found {_parts.Count - 1}");

    private static string? Similar(string name) => Kernel.CloseNames.Suggest(name.ToLowerInvariant(), ProbeNames.All.SelectMany(p => p.Aliases.Prepend(p.Name)).Where(n => n.Length > 2));
}
