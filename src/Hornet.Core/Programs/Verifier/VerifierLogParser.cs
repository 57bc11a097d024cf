using System.Globalization;
using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>Reads a verifier log line by line, in one pass, whatever its size.</summary>
internal sealed class VerifierLogParser(string log, IReadOnlyList<Instruction>? program)
{
    private const int MaxErrorLines = 16;
    private const int MaxReportLines = 400;

    private readonly Dictionary<int, string> _instructions = [];
    private readonly Dictionary<int, SourceLine> _sources = [];
    private readonly List<string> _errors = [];
    private readonly RegisterStates _registers = new();
    private SourceLine? _source;
    private VerifierStatistics? _statistics;
    private VerifierReport? _report;
    private string _section = "";
    private readonly List<string> _reason = [], _at = [], _path = [], _suggestion = [];
    private int? _index;
    private bool _inLiveTable;

    // The last instruction, until the log says what it left in the registers. Kernels before 5.18 do not.
    private int? _unstated;

    public VerifierLog Parse()
    {
        var rest = log.AsSpan();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            Line(line.TrimEnd());
        }
        if (_report is not null)
            _report = _report with { Reason = Join(_reason), At = _at, CausalPath = _path, Suggestion = Join(_suggestion) };
        if (program is not null) TakeFromProgram(program);
        return new VerifierLog(log, _errors, _index, _instructions, _sources, _registers.Known, _statistics, _report);
    }

    private void Line(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty) return;
        if (line.IndexOf("processed ") is var counts and > 0 && line.IndexOf(" insns (limit ") > counts)
        {
            // Some messages lack their line feed ("expected prog array map for tail call").
            Line(line[..counts].TrimEnd());
            line = line[counts..];
        }
        if (VerifierStatistics.TryRead(line, ref _statistics))
        {
            _section = "";
            return;
        }
        if (_report is not null && _section.Length > 0 && ReportLine(line)) return;
        if (line.StartsWith("Verification failed: "))
        {
            BeginReport(line["Verification failed: ".Length..]);
            return;
        }
        if (line.StartsWith("Live regs before insn:"))
        {
            _inLiveTable = true;
            return;
        }
        if (_inLiveTable && line[0] == ' ' && line.IndexOf('(') > 0) return;
        _inLiveTable = false;

        if (line[0] == ';') TakeSource(line[1..].Trim());
        else if (TryInstruction(line) || TryState(line) || IsNoise(line)) return;
        else if (_errors.Count < MaxErrorLines) _errors.Add(line.Trim().ToString());
    }

    // "12: (b7) r1 = 5                     ; R1_w=5", and before 5.12 without the state behind.
    private bool TryInstruction(ReadOnlySpan<char> line)
    {
        if (!TryPrefix(line, out int index, out var rest)) return false;
        if (rest.Length < 5 || rest[0] != '(' || rest[3] != ')' || !char.IsAsciiHexDigit(rest[1]) || !char.IsAsciiHexDigit(rest[2])) return false;
        rest = rest[4..].TrimStart();
        int remark = rest.IndexOf(';');
        var state = remark >= 0 ? rest[(remark + 1)..] : default;
        if (remark >= 0) rest = rest[..remark];
        _instructions.TryAdd(index, rest.TrimEnd().ToString());
        if (_source is not null) _sources.TryAdd(index, _source);
        _index = index;
        _errors.Clear(); // what looked like an error was passed: notes on the way
        if (_unstated is { } before) _registers.Forget(_instructions[before]);
        _unstated = remark < 0 ? index : null;
        _registers.Update(state);
        return true;
    }

    // "12: R0=… R1=…", "from 3 to 12: R0=…", "R0=…" alone, " frame1: R0=…".
    private bool TryState(ReadOnlySpan<char> line)
    {
        var rest = line;
        bool isPath = line.StartsWith("from ") && line.IndexOf(" to ") > 0;
        if (isPath || TryPrefix(line, out _, out rest))
        {
            if (isPath)
            {
                int colon = line.IndexOf(':');
                rest = colon < 0 ? default : line[(colon + 1)..];
            }
            if (rest.StartsWith("safe") || rest.Trim() is "safe") return true;
            if (rest.TrimStart() is var state && !state.IsEmpty && !RegisterStates.LooksLikeState(state)) return isPath;
            _registers.Replace(state);
            _unstated = null;
            if (isPath) _errors.Clear();
            return true;
        }
        rest = line.TrimStart();
        if (!RegisterStates.LooksLikeState(rest) || rest.StartsWith("refs=")) return rest.StartsWith("refs=");
        if (_errors.Count > 0) return true;
        _registers.Replace(rest);
        _unstated = null;
        return true;
    }

    private static bool TryPrefix(ReadOnlySpan<char> line, out int index, out ReadOnlySpan<char> rest)
    {
        index = 0;
        rest = line;
        int digits = line.IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > 9 || line[digits] != ':') return false;
        index = int.Parse(line[..digits], CultureInfo.InvariantCulture);
        rest = line[(digits + 1)..].TrimStart();
        return true;
    }

    // What the verifier says of its work, not of the program. "arg#0" and the like are not noise: errors begin so.
    private static bool IsNoise(ReadOnlySpan<char> line)
    {
        // Indented lines are tables and lists; "(0) frame 0 insn 4 +live -8" is the analysis of live stack slots (6.18).
        if (line[0] is ' ' or '\t' || (line[0] == '(' && line.Length > 1 && (char.IsAsciiDigit(line[1]) || line[1] == 'd'))) return true;
        foreach (string start in NoiseStarts)
            if (line.StartsWith(start)) return true;
        if (line.StartsWith("frame ") && line.Length > 6 && char.IsAsciiDigit(line[6])) return true;
        return line.StartsWith("func#") && line.IndexOf(" @") is > 0 and < 16;
    }

    private static readonly string[] NoiseStarts =
    [
        "mark_precise:", "regs=", "last_idx ", "parent ", "frame0:", "caller:", "callee:", "returning from callee:", "to caller at ",
        "propagating ", "cur state:", "old state:", "Validating ", "from ", "Func#", "mark_reg_", "SCC ", "subprog#", "stack use/def ", "topo_order[",
        "arg JOIN insn", "BPF program load log", "-- BEGIN PROG LOAD LOG", "-- END PROG LOAD LOG", "returning from ",
    ];

    private void TakeSource(ReadOnlySpan<char> text)
    {
        // "text @ file.c:12" since 6.9; before only the text, "text @ file.c:12:4" in some builds.
        // Without a text the line begins with the mark.
        int at = text.StartsWith("@ ") ? -1 : text.LastIndexOf(" @ ");
        if ((at >= 0 || text.StartsWith("@ ")) && text[(at < 0 ? 2 : at + 3)..] is var place && place.LastIndexOf(':') is var colon and > 0 && VerifierLog.ParseIndex(place[(colon + 1)..]) is { } line)
            _source = new SourceLine(place[..colon].ToString(), line, 0, at < 0 ? "" : text[..at].ToString());
        else
            _source = new SourceLine("", 0, 0, text.ToString());
    }

    private void BeginReport(ReadOnlySpan<char> heading)
    {
        int colon = heading.IndexOf(": ");
        _report = new VerifierReport
        {
            Category = (colon < 0 ? heading : heading[..colon]).Trim().ToString(),
            Title = colon < 0 ? "" : heading[(colon + 2)..].Trim().ToString(),
        };
        _section = "Heading";
    }

    private bool ReportLine(ReadOnlySpan<char> line)
    {
        if (line is "Reason:" or "At:" or "Causal path:" or "Suggestion:")
        {
            _section = line.ToString();
            return true;
        }
        if (line[0] != ' ')
        {
            // A section may be of a kind we do not know, with its lines indented like the others'.
            if (line[^1] != ':') return false;
            _section = line.ToString();
            return true;
        }
        var target = _section switch { "Reason:" => _reason, "At:" => _at, "Causal path:" => _path, "Suggestion:" => _suggestion, _ => null };
        if (target is not null && target.Count < MaxReportLines) target.Add((target == _reason || target == _suggestion ? line.Trim() : line).ToString());
        return true;
    }

    private static string Join(List<string> lines) => string.Join(' ', lines);

    // A program of ours knows its lines even where the kernel was not told, and its names instead of numbers.
    private void TakeFromProgram(IReadOnlyList<Instruction> code)
    {
        int slot = 0;
        SourceLine? line = null;
        foreach (var i in code)
        {
            if (i.Metadata?.Source is { } own) _sources[slot] = line = own;
            // A line goes on until the next, and kernels before 6.9 write its text without file and number.
            else if (line is not null && (!_sources.TryGetValue(slot, out var told) || told.File.Length == 0)) _sources[slot] = line;
            _instructions.TryAdd(slot, i.ToString());
            slot += i.Slots;
        }
    }
}
